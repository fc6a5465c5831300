"""Walks through the statements of a file and keeps account of what its names may stand for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from imp_conformance.scan import guards
from imp_conformance.scan.binding import Names
from imp_conformance.scan.collecting import GOES_ON, OLD, Collected, Context, Scope
from imp_conformance.scan.expressions import Expressions
from imp_conformance.scan.scopes import Function, bound_by, declared_global, local_names
from imp_conformance.scan.values import NOTHING, Environment, joined

_FALLBACK = "runs only where what is tried first is not there"


@dataclass(frozen=True, slots=True)
class _Later:
    """A function whose body is looked at when what is around it has been."""

    node: Function
    environment: Environment
    since: int
    """How much its scope had bound where it is defined: it may find that, and what comes later."""
    context: Context


class Finder:
    """The statements of one file."""

    def __init__(self, expressions: Expressions, watched: frozenset[str], found: Collected) -> None:
        self._expressions = expressions
        self._names = Names(expressions, watched, found)
        self._found = found
        self._later: list[_Later] = []

    def run(self, tree: ast.Module) -> None:
        """Look at a whole file; where a function binds names of the module, call it once more."""
        module = Scope()
        environment: Environment = {}
        self._block(tree.body, environment, Context(module))
        while self._later:
            later = self._later.pop(0)
            names = joined([later.environment, *({name: values} for name, values in later.context.scope.bound[later.since :])])
            names = joined([names, self._found.late])
            for name in local_names(later.node):
                names.pop(name, None)
            self._names.globals = declared_global(later.node)
            self._block(later.node.body, names, replace(later.context, scope=Scope()))

    def _block(self, body: Sequence[ast.stmt], names: Environment, context: Context) -> None:
        for statement in body:
            guard = self._statement(statement, names, context)
            if guard and not context.guard:
                context = replace(context, guard=guard)

    def _statement(self, node: ast.stmt, names: Environment, context: Context) -> str:
        """Look at a statement, and say why what stands behind it in its block does not run without imp; mostly empty."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self._names.imported(node, names, context)
            case ast.Assign(targets=targets, value=value):
                self._names.assign(targets, value, names, context)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._names.assign([target], value, names, context)
            case ast.AugAssign(target=changed, value=value):
                self._expressions.visit(value, names, context)
                self._names.bind(changed, NOTHING, names, context)
            case ast.Delete(targets=targets):
                for gone in targets:
                    self._names.delete(gone, names, context)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, names, context)
            case ast.ClassDef():
                self._class(node, names, context)
            case ast.If():
                return self._if(node, names, context)
            case ast.Try():
                return self._try(node, names, context)
            case _ if type(node).__name__ == "TryStar":
                return self._try(node, names, context)  # type: ignore[arg-type]  # it has the same fields
            case _:
                self._others(node, names, context)
        return ""

    def _others(self, node: ast.stmt, names: Environment, context: Context) -> None:
        """Look at a statement whose blocks may run or not, or that has none."""
        blocks = []
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                if field == "target":
                    self._names.bind(value, NOTHING, names, context)
                self._expressions.visit(value, names, context)
                continue
            for item in value if isinstance(value, list) else []:
                if isinstance(item, ast.withitem):
                    self._expressions.visit(item.context_expr, names, context)
                    if item.optional_vars is not None:
                        self._names.bind(item.optional_vars, NOTHING, names, context)
                elif isinstance(item, ast.match_case):
                    for name in [name for part in ast.walk(item.pattern) for name in bound_by(part)]:
                        self._names.name(name, NOTHING, names, context)
                    if item.guard is not None:
                        self._expressions.visit(item.guard, names, context)
                    blocks.append(item.body)
                elif isinstance(item, ast.expr):
                    self._expressions.visit(item, names, context)
            if field in ("body", "orelse") and value:
                blocks.append(value)
        always = isinstance(node, ast.With | ast.AsyncWith) and not guards.suppresses(node)
        if isinstance(node, ast.With | ast.AsyncWith) and not always:
            context = replace(context, tries=context.tries | {node.lineno})
        after = [] if always else [dict(names)]
        for block in blocks:
            inside = dict(names)
            self._block(block, inside, context)
            after.append(inside)
        if blocks:
            _become(names, after)

    def _function(self, node: Function, names: Environment, context: Context) -> None:
        arguments = node.args
        written = [*node.decorator_list, *arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]
        everyone = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        written += [argument.annotation for argument in everyone if argument is not None and argument.annotation is not None]
        for expression in [*written, *([] if node.returns is None else [node.returns])]:
            self._expressions.visit(expression, names, context)
        self._names.name(node.name, NOTHING, names, context)
        outside = dict(names if context.closure is None else context.closure)
        self._later.append(_Later(node, outside, len(context.scope.bound), replace(context, caught=frozenset(), closure=None)))

    def _class(self, node: ast.ClassDef, names: Environment, context: Context) -> None:
        for expression in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self._expressions.visit(expression, names, context)
        outside = names if context.closure is None else context.closure
        self._block(node.body, dict(names), replace(context, closure=outside))
        self._names.name(node.name, NOTHING, names, context)

    def _if(self, node: ast.If, names: Environment, context: Context) -> str:
        after: list[Environment] = []
        behind = ""
        while True:
            self._expressions.visit(node.test, names, context)
            ends = guards.truth(node.test, partial(self._expressions.resolve, environment=names, context=context))
            then, other = dict(names), dict(names)
            self._block(node.body, then, _when(ends is False, context))
            if not guards.leaves(node.body):
                after.append(then)
            elif ends is True:
                behind = OLD
            context = _when(ends is True, context)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            self._block(node.orelse, other, context)
            if not node.orelse or not guards.leaves(node.orelse):
                after.append(other)
            elif ends is False:
                behind = OLD
            _become(names, after or [other])
            return behind

    def _try(self, node: ast.Try, names: Environment, context: Context) -> str:
        catches = [guards.caught(handler) for handler in node.handlers]
        goes_on = any(
            guards.catches_import(kinds) and not guards.fails(handler.body) for handler, kinds in zip(node.handlers, catches, strict=True)
        )
        inside = replace(
            context,
            tries=context.tries | {node.lineno} if goes_on else context.tries,
            caught=context.caught.union(*catches),
        )
        body = dict(names)
        before = len(self._found.imports)
        self._block(node.body, body, inside)
        tried = self._found.imports[before:]
        self._block(node.orelse, body, replace(inside, caught=context.caught))
        after = [body] if not guards.leaves(node.orelse or node.body) else []
        behind = ""
        for handler, kinds in zip(node.handlers, catches, strict=True):
            there = dict(names) if guards.catches_import(kinds) else joined([names, body])
            fallback = not tried and guards.works_without(node.body, kinds)
            if handler.type is not None:
                self._expressions.visit(handler.type, names, context)
            if handler.name is not None:
                self._names.name(handler.name, NOTHING, there, context)
            self._block(handler.body, there, replace(context, guard=context.guard or _FALLBACK) if fallback else context)
            if not guards.leaves(handler.body):
                after.append(there)
            elif tried and guards.catches_import(kinds) and not guards.fails(handler.body):
                behind = GOES_ON
            if tried and guards.catches_import(kinds):
                for entry in tried:
                    entry.names |= _flags(handler.body)
        _become(names, after or [body])
        self._block(node.finalbody, names, context)
        return behind


def _when(dead: bool, context: Context) -> Context:
    return replace(context, guard=OLD) if dead and not context.guard else context


def _become(names: Environment, after: list[Environment]) -> None:
    """Let names stand for what they may stand for at the ends of the ways that meet."""
    found = joined(after)
    names.clear()
    names.update(found)


def _flags(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that a handler gives a false value: what the program looks at later to see whether imp is there."""
    return {
        target.id
        for statement in body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant) and not statement.value.value
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
