"""Cuts a function out of a module, with all that it needs of it, so that it can be pasted elsewhere."""

from __future__ import annotations

import ast
import re

_Import = ast.Import | ast.ImportFrom


def cut(source: str, *names: str) -> str:
    """Return the definitions of names as a module has them, after the imports and with the other definitions that they need.

    Comments for a linter or a type checker are left out: they concern the place where the code is kept.

    Raises:
        KeyError: where the module does not bind one of them at its top.
    """
    module = ast.parse(source)
    binders = {bound: node for node in module.body for bound in _bound(node)}
    needed = set(names)
    waiting = [binders[name] for name in names]
    nodes: list[ast.stmt] = []
    while waiting:
        node = waiting.pop()
        if node in nodes:
            continue
        nodes.append(node)
        if not isinstance(node, _Import):
            used = {found.id for found in ast.walk(node) if isinstance(found, ast.Name)} & binders.keys()
            needed |= used
            waiting += [binders[other] for other in used]
    code = [node for node in module.body if node in nodes and not isinstance(node, _Import)]
    head = _imports(module, needed, "\n".join(ast.unparse(node) for node in code))
    if any(not isinstance(node, ast.Assign) for node in code):
        head = "from __future__ import annotations\n\n" + head
    lines = source.splitlines()
    text = head
    before: ast.stmt | None = None
    for node in code:
        text += _gap(before, node) + _written(lines, node)
        before = node
    return text.strip() + "\n"


def _bound(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [found.id for target in node.targets for found in ast.walk(target) if isinstance(found, ast.Name)]
        case ast.Import() | ast.ImportFrom():
            return [_binds(alias) for alias in node.names]
        case _:
            return []


def _binds(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _imports(module: ast.Module, needed: set[str], code: str) -> str:
    """Return the imports of a module that give the needed names, a line for each module that code uses of a package."""
    lines = []
    for node in module.body:
        if isinstance(node, ast.Import):
            lines += [f"import {alias.name}" for alias in node.names if _binds(alias) in needed and _uses(code, alias.name)]
        elif isinstance(node, ast.ImportFrom):
            names = [alias for alias in node.names if _binds(alias) in needed]
            lines += [ast.unparse(ast.ImportFrom(node.module, names, node.level))] if names else []
    return "\n".join(lines)


def _uses(code: str, name: str) -> bool:
    """Whether code uses a module itself, and not only modules in it that are imported for themselves."""
    return re.search(rf"\b{re.escape(name)}\b(?!\.(machinery|util)\b)", code) is not None


def _gap(before: ast.stmt | None, node: ast.stmt) -> str:
    if not isinstance(node, ast.Assign):
        return "\n\n\n"
    return "\n" if isinstance(before, ast.Assign) else "\n\n"


def _written(lines: list[str], node: ast.stmt) -> str:
    """Return a statement as it is written."""
    found = lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(re.sub(r"  # (noqa|type: ignore)\b.*", "", line) for line in found)
