"""Scans one file: reads it, walks through it, and puts together what was found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from imp_conformance.errors import Problem
from imp_conformance.scan.collecting import Collected, ImportDraft
from imp_conformance.scan.expressions import Expressions
from imp_conformance.scan.features import features
from imp_conformance.scan.finder import Finder
from imp_conformance.scan.model import Import, Scanned, Shim, Use
from imp_conformance.scan.reading import Unreadable, parsed, read_data
from imp_conformance.scan.scopes import tested_names

_WORD = re.compile(rb"\bimp\b")
"""Without this in it, a file does not use imp, and the way through its tree can be saved."""


def scan_file(
    path: Path, shown: str, public: frozenset[str], *, own: bool = False, distribution: str = "", thorough: bool = True
) -> Scanned:
    """Find the uses of imp in a file.

    Args:
        path: the file.
        shown: what messages call it.
        public: the names that imp has had.
        own: whether ``import imp`` gives a module of the program's own there.
        distribution: what the file is of.
        thorough: whether a file that does not hold the word is parsed all the same, to say where it cannot be.
    """
    try:
        data = read_data(path, shown)
        named = _WORD.search(data) is not None
        if not named and not thorough:
            return Scanned(shown, distribution=distribution)
        tree = parsed(data, shown)
        if not named:
            return Scanned(shown, distribution=distribution)
        if own:
            return Scanned(shown, own=_imports_imp(tree), distribution=distribution)
        found = scan_tree(tree, public)
    except Unreadable as error:
        return Scanned(shown, problem=error.problem, distribution=distribution)
    except RecursionError:
        problem = Problem(shown, 1, "it is nested too deeply to be walked through", "look at it by hand")
        return Scanned(shown, problem=problem, distribution=distribution)
    imports, uses, shims = found
    return Scanned(shown, imports, uses, shims, distribution=distribution)


def scan_tree(tree: ast.Module, public: frozenset[str]) -> tuple[tuple[Import, ...], tuple[Use, ...], tuple[Shim, ...]]:
    """Find the uses of imp in a syntax tree."""
    watched = frozenset(_watched(tree))
    found = Collected()
    expressions = Expressions(tree, public, tested_names(tree), found)
    for _ in range(2):  # what functions bind to names of the module is known only after the first time
        Finder(expressions, watched, found).run(tree)
        if not found.late:
            break
    exported = _exported(tree)
    imports = [
        Import(entry.place, entry.text, entry.used or not exported.isdisjoint(entry.names), _import_guard(entry)) for entry in found.imports
    ]
    uses = []
    for draft in found.uses:
        of_it = features(draft, found, expressions.parents)
        reasons = {name: line for name, line in sorted(draft.reasons.items()) if name in of_it}
        uses.append(Use(draft.place, draft.name, draft.kind, of_it, reasons, draft.guard))
    return (
        tuple(sorted(imports, key=lambda entry: (entry.place, entry.text))),
        tuple(sorted(uses, key=lambda use: (use.place, use.name))),
        tuple(shim for _, shim in sorted(found.shims.items())),
    )


def _import_guard(entry: ImportDraft) -> str:
    return entry.guard or ("in a try statement that goes on without imp" if entry.tries else "")


def _imports_imp(tree: ast.Module) -> bool:
    return any(True for _ in _watched(tree))


def _watched(tree: ast.Module) -> Iterator[str]:
    """Give the names that imp, or something in it, is bound to anywhere."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.asname or "imp" for alias in aliases if alias.name == "imp")
            case ast.ImportFrom(module="imp", level=0, names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case ast.Assign(targets=targets, value=ast.Call(args=[ast.Constant(value="imp"), *_])):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _exported(tree: ast.Module) -> frozenset[str]:
    """Return what the module lists as its own in __all__."""
    return frozenset(
        node.value
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AugAssign) and "__all__" in ast.unparse(statement).partition("=")[0]
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
