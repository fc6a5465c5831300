"""Which names are whose: the names that a function binds, and those that a file binds or tests anywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parameters(arguments: ast.arguments) -> frozenset[str]:
    """Return the names of a function's parameters."""
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    return frozenset(argument.arg for argument in found)


def local_names(function: Function) -> frozenset[str]:
    """Return the names that belong to a function: its parameters, and what it binds and does not declare as another's."""
    found = set(parameters(function.args))
    elsewhere: set[str] = set()
    for node in within(function.body):
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        found.update(bound_by(node))
    return frozenset(found - elsewhere)


def declared_global(function: Function) -> frozenset[str]:
    """Return the names that a function declares to be the module's."""
    return frozenset(name for node in within(function.body) if isinstance(node, ast.Global) for name in node.names)


def within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Give all nodes of a block that are no part of a scope of their own; of such a scope, the node alone."""
    waiting: list[ast.AST] = [*body]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, _COMPREHENSIONS):
            waiting += [walrus for walrus in ast.walk(node) if isinstance(walrus, ast.NamedExpr)]
            continue
        waiting += ast.iter_child_nodes(node)


def bound_by(node: ast.AST) -> Iterator[str]:
    """Give the names that a single node binds or deletes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.Import(names=aliases):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name for alias in aliases)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            yield name
        case ast.arg(arg=name):
            yield name


def tested_names(tree: ast.AST) -> frozenset[str]:
    """Return the names that decide something anywhere in a file, such as ``imp`` of ``if imp is None``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                decides = [test]
            case ast.BoolOp(values=decides):
                pass
            case ast.comprehension(ifs=decides):
                pass
            case _:
                continue
        found.update(name.id for part in decides for name in _bare_names(part))
    return frozenset(found)


def _bare_names(test: ast.expr) -> Iterator[ast.Name]:
    """Give the names in a test whose own value decides: imp of ``imp is None``, but not of ``imp.lock_held()``."""
    waiting: list[ast.expr] = [test]
    while waiting:
        match waiting.pop():
            case ast.Name() as name:
                yield name
            case ast.BoolOp(values=parts):
                waiting += parts
            case ast.UnaryOp(operand=operand):
                waiting.append(operand)
            case ast.Compare(left=left, comparators=right):
                waiting += [left, *right]
            case ast.Call(func=ast.Name(id="hasattr" | "callable" | "bool"), args=arguments):
                waiting += arguments
