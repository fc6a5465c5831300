"""What the source of a snippet says about its use of imp."""

from __future__ import annotations

import ast
import builtins

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
    """Return the attributes of imp without which a snippet cannot do what it is for.

    These are the attributes that it reads or deletes (imp.x, also of imp under another name), those that it imports from imp,
    and those of getattr(imp, "x"). No use is what copes with a lack: hasattr, getattr with a default, and setting an attribute.
    """
    found = set()
    aliases = _aliases(tree)
    starred = False
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load() | ast.Del()) if name in aliases:
                found.add(attribute)
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=name), ast.Constant(value=str(attribute))]) if name in aliases:
                found.add(attribute)
            case ast.ImportFrom(module="imp", level=0, names=imported):
                found.update(alias.name for alias in imported if alias.name != "*")
                starred |= any(alias.name == "*" for alias in imported)
    return frozenset(found | _unbound(tree) if starred else found)


def _aliases(tree: ast.Module) -> frozenset[str]:
    """Return the names that a snippet has for imp: its own, those of import statements, and those of plain assignments."""
    found = {"imp"}
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.asname for alias in node.names if alias.name == "imp" and alias.asname is not None)
    for node in nodes:
        match node:
            case ast.Assign(value=ast.Name(id=name), targets=targets) if name in found:
                found.update(target.id for target in targets if isinstance(target, ast.Name))
    return frozenset(found)


def _unbound(tree: ast.Module) -> set[str]:
    """Return the names that a snippet reads and never binds, which a star import has to bind."""
    read, bound = set(), {*dir(builtins), "facts", "imp"}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                bound.update(alias.asname or alias.name.partition(".")[0] for alias in imported)
    return read - bound
