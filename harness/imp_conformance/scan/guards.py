"""Tests and handlers by which a program says that code does not run where there is no imp."""

from __future__ import annotations

import ast
import operator
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from imp_conformance.scan.values import Decided, Known, Values

WITHOUT_IMP = (3, 12, 0, "final", 0)
"""The first release that has no imp: a test that is false there and later guards."""

_FALSE = re.compile(r"(?!python2$)_*(?:(?:is|running|on)_?)?(?i:py|python)_?2(?:_?\d)?_*(?i:only)?|_*IS_(?:PY|PYTHON)_?2")
_TRUE = re.compile(r"(?!python3$)_*(?:(?:is|running|on)_?)?(?i:py|python)_?3(?i:k)?_*(?i:plus)?|_*IS_(?:PY|PYTHON)_?3")
"""What programs call a constant that says which Python it is, wherever they define it; python3 is as often the path of one."""

_KNOWN: dict[str, Any] = {
    "sys.version_info": WITHOUT_IMP,
    "sys.version_info.major": 3,
    "sys.version_info.minor": 12,
    "sys.hexversion": 0x030C00F0,
    "sys.version": "3.12.0",
    "six.PY2": False,
    "six.PY3": True,
    "six.PY34": True,
    "typing.TYPE_CHECKING": False,
}

_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda value, group: value in group,
    ast.NotIn: lambda value, group: value not in group,
}

Resolve = Callable[[ast.expr], Values]


class _Unknown(Exception):
    """A value that is known only when the program runs."""


def truth(test: ast.expr, resolve: Resolve) -> bool | None:
    """Say how a test ends on 3.12 and later; None where that is not seen.

    Args:
        test: the test.
        resolve: what says for a name or attribute what it may stand for.
    """
    try:
        return bool(_value(test, resolve))
    except (_Unknown, TypeError, ValueError, IndexError, RecursionError):
        return None


def _value(node: ast.expr, resolve: Resolve) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, resolve)
        case ast.BoolOp():
            decides = isinstance(node.op, ast.Or)
            parts = [truth(part, resolve) for part in node.values]
            if decides in parts:
                return decides
            if None in parts:
                raise _Unknown
            return not decides
        case ast.Compare(ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _compared(_OPERATORS[type(op)], _value(node.left, resolve), _value(right, resolve))
        case ast.Tuple() | ast.List() | ast.Set():
            return tuple(_value(element, resolve) for element in node.elts)
        case ast.Subscript():
            return _value(node.value, resolve)[_index(node.slice, resolve)]
        case ast.Call(func=ast.Name(id="tuple" | "int" | "bool"), args=[argument], keywords=[]):
            value = _value(argument, resolve)
            return int(value) if isinstance(value, str) else value
        case ast.Name() | ast.Attribute():
            return _named(node, resolve)
    raise _Unknown


def _compared(compare: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if isinstance(left, tuple) and isinstance(right, tuple) and compare in (operator.eq, operator.ne):
        return compare(left[: len(right)], right)
    return compare(left, right)


def _index(node: ast.expr, resolve: Resolve) -> Any:
    if isinstance(node, ast.Slice):
        return slice(*(None if part is None else _value(part, resolve) for part in (node.lower, node.upper, node.step)))
    return _value(node, resolve)


def _named(node: ast.Name | ast.Attribute, resolve: Resolve) -> Any:
    values = resolve(node)
    if len(values) == 1:
        (value,) = values
        if isinstance(value, Decided):
            return value.value
        if isinstance(value, Known) and value.name in _KNOWN:
            return _KNOWN[value.name]
    name = node.id if isinstance(node, ast.Name) else node.attr
    if name == "TYPE_CHECKING" or _FALSE.fullmatch(name):
        return False
    if _TRUE.fullmatch(name):
        return True
    raise _Unknown


_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_STANDARD = sys.stdlib_module_names - {"imp", "builtins", "distutils", "asynchat", "asyncore", "smtpd"}


def caught(handler: ast.ExceptHandler) -> frozenset[str]:
    """Return the names of the exceptions that a handler catches, without the modules that they are in."""
    match handler.type:
        case None:
            return frozenset({"BaseException"})
        case ast.Tuple(elts=elements):
            return frozenset(name for element in elements if (name := _last_name(element)))
        case single:
            return frozenset({_last_name(single)})


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def catches_import(names: frozenset[str]) -> bool:
    """Whether a handler of these exceptions runs where imp cannot be imported."""
    return not names.isdisjoint(_IMPORT_ERRORS)


def suppresses(statement: ast.With | ast.AsyncWith) -> bool:
    """Whether a with statement goes on behind it where imp cannot be imported."""
    return any(
        isinstance(item.context_expr, ast.Call)
        and _last_name(item.context_expr.func) == "suppress"
        and catches_import(frozenset(map(_last_name, item.context_expr.args)))
        for item in statement.items
    )


def fails(body: Sequence[ast.stmt]) -> bool:
    """Whether a handler ends the program, or hands the error on, so that it guards nothing."""
    match body[-1]:
        case ast.Raise(exc=exception):
            return "Skip" not in ("" if exception is None else ast.unparse(exception))
        case ast.Expr(value=ast.Call(func=called)):
            return _last_name(called) in {"exit", "_exit", "abort"}
    return False


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether what stands behind a block does not run after it."""
    match body[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(value=ast.Call(func=called)):
            return _last_name(called) in {"exit", "_exit", "abort"}
        case ast.If(body=then, orelse=other):
            return bool(other) and leaves(then) and leaves(other)
    return False


def works_without(body: Sequence[ast.stmt], handler: frozenset[str]) -> bool:
    """Whether what a try statement does first works on 3.12, so that what its handler does is not needed there."""
    if not catches_import(handler) and "AttributeError" not in handler:
        return False
    modules: list[str] = []
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            modules += [statement.module or "." if not statement.level else "."]
        elif isinstance(statement, ast.Import):
            modules += [alias.name for alias in statement.names]
        else:
            modules += [
                node.value.id for node in ast.walk(statement) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            ]
    return bool(modules) and all(name.partition(".")[0] in _STANDARD or name.partition(".")[0] == "six" for name in modules)
