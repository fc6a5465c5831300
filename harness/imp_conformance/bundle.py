"""Join modules of this package into one program in one namespace, for a Python that has nothing of it installed.

Whole modules are joined, each after those that it imports from. Their imports of one another are left out, those of the
standard library stand once at the top, and no two modules may bind one name. A line keeps its number within its module, so
that each module can be compiled under its own name and a traceback names both.
"""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imp_conformance import sealed
from imp_conformance.resources import package_text

ENTRIES = 16
"""How many of the newest joined programs stay cached: less than 100 KB each."""

PIECE = "# ---- "
"""What the line begins with that stands before each module of a program; the name of its file follows."""

_PACKAGE = Path(__file__).resolve().parent
_PREFIX = "imp_conformance."
_ONLY_TYPES = "MYPY"
"""The constant that is False, below which a module imports what only type checkers need."""


class NotJoinable(Exception):
    """Modules that cannot be joined; the text says which, where and why. It is a fault of this package, not of its user."""


LEAN = {"agent.main": "agent.embedded"}
"""The modules whose program can do with a part of itself, and the module that makes up that part."""


@dataclass(frozen=True, slots=True)
class _Module:
    """A module as a part of a program."""

    file: str
    text: str
    imports: frozenset[str]
    """Its import statements of the standard library."""
    needs: tuple[str, ...]
    """The modules of this package that it imports from."""
    binds: dict[str, int]
    """The names that it binds, and the line of each."""
    uses: frozenset[tuple[str, str]]
    """The modules of the standard library, and their attributes that it cannot do without: it takes others by getattr."""


@cache
def joined(root: str) -> str:
    """Return the program that a module makes up with all that it imports of this package.

    It is ASCII. Joining takes longer than a target takes to start, so the program is cached from one process to the next.

    Args:
        root: the module's name within this package, such as ``agent.main``.

    Raises:
        NotJoinable: as join() does.
    """
    folders = (_PACKAGE / "portable", (_PACKAGE / root.replace(".", "/")).parent)
    sources = sealed.contents(_PACKAGE, [Path(__file__), *(file for folder in folders for file in folder.glob("*.py"))])
    name = sealed.entry_name("program", [("python", sys.version.encode()), ("root", root.encode()), *sources])
    found = next(sealed.read(name), None)
    if isinstance(found, str):
        return found
    text = join(root)
    sealed.write("program", name, [text], ENTRIES)
    return text


def join(root: str) -> str:
    """Do what joined() does, from the sources.

    Raises:
        NotJoinable: where two modules bind one name, or one is written in a way that has no meaning in one namespace.
    """
    modules = list(_with_needed(root, {}, ()).values())
    homes: dict[str, str] = {}
    for module in modules:
        for name, line in module.binds.items():
            place = f"{module.file}:{line}"
            if name in homes:
                raise NotJoinable(f"{name} is bound at {homes[name]} and at {place}: give one of them another name")
            homes[name] = place
    imports = sorted({statement for module in modules for statement in module.imports}, key=lambda text: (text.startswith("from"), text))
    for statement in imports:
        for name in _names_of(ast.parse(statement).body[0]):
            if homes.setdefault(name, repr(statement)) != repr(statement):
                raise NotJoinable(f"{name} is bound at {homes[name]} and by {statement!r} elsewhere: give one of them another name")
    pieces = [f"{PIECE}imports", *imports, "", *(module.text for module in modules)]
    if root in LEAN:
        pieces.insert(0, f"{PIECE}needs\nAGENT_NEEDS = {used_names(LEAN[root])!r}\n")
    return "\n".join(pieces)


def used_names(root: str) -> dict[str, list[str]]:
    """Return which attributes of modules of the standard library a module, and what it imports of this package, cannot do without.

    They are those that are written as attributes: what is taken by getattr can be done without.
    """
    found: dict[str, set[str]] = {}
    for module in _with_needed(root, {}, ()).values():
        for name, attribute in module.uses:
            found.setdefault(name, set()).add(attribute)
    return {name: sorted(attributes) for name, attributes in sorted(found.items())}


def _with_needed(name: str, found: dict[str, _Module], users: tuple[str, ...]) -> dict[str, _Module]:
    """Add a module to those found, after all that it needs."""
    if name in users:
        raise NotJoinable(f"{' needs '.join([*users[users.index(name) :], name])}: break the circle")
    if name not in found:
        module = _read(name)
        for needed in module.needs:
            _with_needed(needed, found, (*users, name))
        found[name] = module
    return found


def _read(name: str) -> _Module:
    """Read a module, and leave empty the lines that have no place in a program."""
    file = f"{name.replace('.', '/')}.py"
    source = package_text(file)
    if not source.isascii() or PIECE in source:
        raise NotJoinable(f"{file}: is not ASCII, or holds {PIECE!r}, which begins a module in a program")
    lines = source.splitlines()
    imports: set[str] = set()
    needs: list[str] = []
    kept = []
    for number, node in enumerate(ast.parse(source).body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PREFIX):
            if any(alias.asname for alias in node.names):
                raise NotJoinable(f"{file}:{node.lineno}: renames what it imports: a name is the same in all modules of a program")
            needs.append((node.module or "").removeprefix(_PREFIX))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.add(ast.unparse(node))
        elif not _is_docstring(node, number) and not _only_types(node):
            kept.append(node)
            continue
        lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    lines[0] = f"{PIECE}{file}"
    for inner in (inner for outer in kept for inner in ast.walk(outer)):
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith(_PREFIX):
            raise NotJoinable(f"{file}:{inner.lineno}: imports a module of this package elsewhere than at its top level")
    text = "\n".join([*lines, ""])
    return _Module(
        file, text, frozenset(imports), tuple(needs), dict(_bound(kept, "\n".join(lines), file)), frozenset(_uses(kept, imports))
    )


def _uses(kept: list[ast.stmt], imports: set[str]) -> Iterator[tuple[str, str]]:
    """Return the attributes of modules that statements read, with the modules."""
    modules = {text.removeprefix("import ") for text in imports if text.startswith("import ")}
    nodes = (inner for outer in kept for inner in ast.walk(outer))
    for node in (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)):
        if isinstance(node.value, ast.Name) and node.value.id in modules:
            yield node.value.id, node.attr


def _is_docstring(node: ast.stmt, number: int) -> bool:
    return number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _only_types(node: ast.stmt) -> bool:
    """Say whether a statement is for type checkers alone: the constant that is False, and what stands below it."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == _ONLY_TYPES
    return isinstance(node, ast.Assign) and _ONLY_TYPES in _names_of(node)


def _bound(kept: list[ast.stmt], text: str, file: str) -> Iterator[tuple[str, int]]:
    """Return the names that a module binds at its top level, with the first line of each."""
    table = symtable.symtable(text, file, "exec")
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    for node in kept:
        for name in _names_of(node):
            if name in names:
                names.discard(name)
                yield name, node.lineno


def _names_of(node: ast.stmt) -> Iterator[str]:
    """Return every name that a statement binds, in whatever scope."""
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield child.name
        elif isinstance(child, ast.alias):
            yield (child.asname or child.name).partition(".")[0]
