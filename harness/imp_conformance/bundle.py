"""Join what a function needs of several modules into one source text, as it is written there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imp_conformance.resources import package_text

PACKAGE = "imp_conformance."


@dataclass(eq=False, slots=True)
class _Part:
    """A statement at the top level of a module."""

    text: str
    binds: frozenset[str]
    uses: frozenset[str]


@dataclass(eq=False, slots=True)
class _Module:
    """What a module binds, and what it takes from others of this package."""

    name: str
    parts: list[_Part] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    taken: dict[str, str] = field(default_factory=dict)


def carried(modules: Sequence[str], root: str) -> str:
    """Return the source of a function of the last module and of all that it needs, in the order of the modules.

    Args:
        modules: names of modules of this package; each needs nothing but the standard library and the others.
        root: the name of the function.

    Raises:
        ValueError: where what is needed is in none of the modules, or two that are needed have one name.
    """
    read = {name: _read(name) for name in modules}
    kept: set[_Part] = set()
    homes: dict[str, str] = {}
    wanted = [(modules[-1], root)]
    while wanted:
        module, name = wanted.pop()
        if homes.setdefault(name, module) != module:
            raise ValueError(f"{name} is needed of both {homes[name]}.py and {module}.py: give one of them another name")
        found = [part for part in read[module].parts if name in part.binds] if module in read else []
        if not found:
            raise ValueError(f"{module}.py has no {name}, or is none of {', '.join(modules)}")
        for part in found:
            if part not in kept:
                kept.add(part)
                wanted.extend(_needed(read[module], part))
    texts = ["\n".join(sorted(set().union(*(module.imports for module in read.values()))))]
    for module_ in read.values():
        mine = [part.text for part in module_.parts if part in kept]
        if mine:
            texts += [f"# ---- {module_.name}.py", *mine]
    return "\n\n\n".join(texts) + "\n"


def _needed(module: _Module, part: _Part) -> Iterator[tuple[str, str]]:
    """Return the module and name of each thing that a part uses, but for built-in ones and those of the standard library."""
    own = frozenset().union(*(part.binds for part in module.parts))
    for name in part.uses:
        if name in own:
            yield module.name, name
        elif name in module.taken:
            yield module.taken[name], name


def _read(name: str) -> _Module:
    """Split a module into what it binds, leaving out docstrings and what only type checkers read."""
    text = package_text(f"{name.replace('.', '/')}.py")
    lines = text.splitlines()
    module = _Module(name)
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            module.imports.add(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            module.taken.update({alias.name: (node.module or "").removeprefix(PACKAGE) for alias in node.names})
        elif not isinstance(node, ast.Expr | ast.ImportFrom | ast.If):
            first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))]) - 1
            while first and lines[first - 1].startswith("# ") and not lines[first - 1].startswith("# -----"):
                first -= 1
            module.parts.append(_Part("\n".join(lines[first : node.end_lineno]), frozenset(_bound(node)), _names(node)))
    return module


def _bound(node: ast.stmt) -> Iterator[str]:
    """Return the names that a statement binds in its module."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
        return
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.alias):
            yield child.asname or child.name


def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(child.id for child in ast.walk(node) if isinstance(child, ast.Name))
