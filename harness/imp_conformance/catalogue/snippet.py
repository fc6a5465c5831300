"""What the source of a snippet says about its use of imp."""

from __future__ import annotations

import ast

from imp_conformance.errors import Malformed


def parse_snippet(code: str) -> ast.Module:
    """Read a snippet.

    Raises:
        Malformed: where it is not Python.
    """
    try:
        return ast.parse(code)
    except SyntaxError as error:
        raise Malformed(f"the snippet is not Python ({error.msg}, its line {error.lineno})", "fix it") from None
    except ValueError as error:  # a null character, up to 3.11.3
        raise Malformed(f"the snippet is not Python ({error})", "fix it") from None


def uses_imp(tree: ast.Module) -> bool:
    """Say whether a snippet uses or imports imp at all."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if (
            (isinstance(node, ast.Name) and node.id == "imp")
            or (isinstance(node, ast.ImportFrom) and node.module == "imp")
            or "imp" in names
        ):
            return True
    return False


def names_used(tree: ast.Module) -> frozenset[str]:
    """Return the attributes of imp that a snippet uses."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "imp":
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "imp":
            found.update(alias.name for alias in node.names if alias.name != "*")
    return frozenset(found)
