"""What the source of a snippet says about its use of imp."""

from __future__ import annotations

import ast


def uses_imp(code: str) -> bool:
    """Say whether a snippet uses or imports imp at all."""
    for node in ast.walk(ast.parse(code)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if (
            (isinstance(node, ast.Name) and node.id == "imp")
            or (isinstance(node, ast.ImportFrom) and node.module == "imp")
            or "imp" in names
        ):
            return True
    return False


def names_used(code: str) -> frozenset[str]:
    """Return the attributes of imp that a snippet uses.

    Raises:
        ValueError: where it is not Python.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise ValueError(f"the snippet is not Python ({error.msg}, its line {error.lineno}): mend it") from None
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "imp":
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "imp":
            found.update(alias.name for alias in node.names if alias.name != "*")
    return frozenset(found)
