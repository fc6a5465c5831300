"""Statements that give names their values: imports, assignments and their like."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from imp_conformance.scan import guards
from imp_conformance.scan.collecting import GOES_ON, OLD, Collected, Context, Lookup, literal_text
from imp_conformance.scan.expressions import Expressions, decided
from imp_conformance.scan.model import Kind
from imp_conformance.scan.values import NOTHING, OTHER, ROOTS, Environment, Known, Made, Values, names_of_imp


class Names:
    """What the names of one file are given."""

    def __init__(self, expressions: Expressions, watched: frozenset[str], found: Collected) -> None:
        self._expressions = expressions
        self._watched = watched
        """The names that stand for imp, or something in it, anywhere in the file."""
        self._found = found
        self.globals: frozenset[str] = frozenset()
        """Those that the function which is looked at declares to be the module's."""

    def imported(self, node: ast.Import | ast.ImportFrom, names: Environment, context: Context) -> None:
        """Look at an import statement, and give its names what it imports."""
        shim = self._found.shim_line
        if 0 < shim < node.lineno and not context.guard:
            context = replace(context, guard=f"gets the shim of line {shim}")
        if isinstance(node, ast.Import):
            for number, alias in enumerate(node.names):
                bound = alias.asname or alias.name.partition(".")[0]
                what = alias.name if alias.asname else bound
                self._look(alias.name, node.lineno)
                if alias.name == "imp":
                    self._imp(self._found.imported(node, number, f"import imp{_alias(alias)}", context), bound, "imp", names, context)
                else:
                    self.name(bound, frozenset({Known(what)}) if what.partition(".")[0] in ROOTS - {"imp"} else NOTHING, names, context)
            return
        if not node.level and node.module:
            self._look(node.module, node.lineno)
        for number, alias in enumerate(node.names):
            bound = alias.asname or alias.name
            if node.module == "imp" and not node.level:
                what = "imp" if alias.name == "*" else f"imp.{alias.name}"
                self._imp(
                    self._found.imported(node, number, f"from imp import {alias.name}{_alias(alias)}", context), bound, what, names, context
                )
            elif not node.level and node.module and node.module.partition(".")[0] in ROOTS:
                self.name(bound, frozenset({Known(f"{node.module}.{alias.name}")}), names, context)
            elif alias.name != "*":
                self.name(bound, NOTHING, names, context)

    def _imp(self, index: int, bound: str, what: str, names: Environment, context: Context) -> None:
        self._found.imports[index].names.add(bound)
        self.name(bound, frozenset({Known(what, index)}), names, context)

    def _look(self, module: str, line: int) -> None:
        found = Lookup(line, "later-import", repr(module))
        if found not in self._found.lookups:
            self._found.lookups.append(found)

    def assign(self, targets: Sequence[ast.expr], value: ast.expr, names: Environment, context: Context) -> None:
        """Give targets the value of an expression."""
        self._expressions.visit(value, names, context)
        values = self._expressions.resolve(value, names, context)
        if isinstance(value, ast.Compare | ast.BoolOp | ast.UnaryOp):
            values |= decided(guards.truth(value, lambda node: self._expressions.resolve(node, names, context)))
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
                pairs = [
                    (part, self._expressions.resolve(item, names, context)) for part, item in zip(target.elts, value.elts, strict=True)
                ]
                for part, found in pairs:
                    self.bind(part, found, names, context)
            else:
                self.bind(target, values, names, context)

    def bind(self, target: ast.expr, values: Values, names: Environment, context: Context) -> None:
        """Give a target its values; those of an unknown object are empty."""
        match target:
            case ast.Name(id=name):
                self.name(name, values, names, context)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for number, part in enumerate(parts):
                    items = {Made(value.use, number) for value in values if isinstance(value, Made) and value.item is None}
                    self.bind(part, frozenset(items), names, context)
            case ast.Starred(value=rest):
                self.bind(rest, NOTHING, names, context)
            case ast.Attribute(value=owner, attr=attribute):
                self._expressions.visit(owner, names, context)
                for changed in names_of_imp(self._expressions.resolve(owner, names, context)):
                    if changed.name == "imp" and not attribute.startswith("__"):
                        self._found.use(target, attribute, Kind.REPLACED, self._guard(changed.origin, context), context)
                        self._found.imports[changed.origin].used = True
            case ast.Subscript(value=owner, slice=key):
                self._expressions.visit(owner, names, context)
                self._expressions.visit(key, names, context)
                owners = self._expressions.resolve(owner, names, context)
                if Known("sys.modules") in owners and literal_text(self._expressions.resolve(key, names, context)) == "imp":
                    self._shim(target, names_of_imp(values) != [], context)

    def _guard(self, origin: int, context: Context) -> str:
        entry = self._found.imports[origin]
        return context.guard or entry.guard or (GOES_ON if entry.tries & context.tries else "")

    def _shim(self, target: ast.expr, itself: bool, context: Context) -> None:
        if not itself and context.guard != OLD:
            self._found.shim(target, f"{ast.unparse(target)} = …")

    def name(self, name: str, values: Values, names: Environment, context: Context) -> None:
        """Give a name its values."""
        if not values and name in self._watched:
            values = OTHER
        if values:
            names[name] = values
        else:
            names.pop(name, None)
        if context.closure is None:
            context.scope.bound.append((name, values))
            if name in self.globals and values:
                self._found.late[name] = self._found.late.get(name, NOTHING) | values

    def delete(self, target: ast.expr, names: Environment, context: Context) -> None:
        """Take a name away, or look at what else is deleted."""
        if isinstance(target, ast.Name):
            names.pop(target.id, None)
        else:
            for part in ast.iter_child_nodes(target):
                if isinstance(part, ast.expr):
                    self._expressions.visit(part, names, context)


def _alias(alias: ast.alias) -> str:
    return f" as {alias.asname}" if alias.asname else ""
