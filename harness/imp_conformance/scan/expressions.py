"""What expressions stand for, and the uses of imp in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from imp_conformance.scan.collecting import OLD, Collected, Context, Lookup, UseDraft, literal_text, same_name
from imp_conformance.scan.model import COMPUTED, MODULE, Kind
from imp_conformance.scan.scopes import bound_by, parameters
from imp_conformance.scan.values import NOTHING, OTHER, ROOTS, Decided, Environment, Known, Literal, Made, Other, Values, names_of_imp

_DEEPEST = 60
"""Steps of a chain such as a.b().c after which nobody knows what it gives."""

_FUNCTIONS = frozenset({"__import__", "getattr", "hasattr"})
_STAR = "*"
"""The name in an environment that stands for all that ``from imp import *`` has bound."""


class Expressions:
    """The expressions of one file."""

    def __init__(self, tree: ast.Module, public: frozenset[str], tested: frozenset[str], found: Collected) -> None:
        self.parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        self._bound = frozenset(name for node in ast.walk(tree) for name in bound_by(node))
        self._public = public
        self._tested = tested
        self._found = found
        self._looked: set[ast.AST] = set()

    def resolve(self, node: ast.expr, environment: Environment, context: Context, depth: int = 0) -> Values:
        """Return what an expression may stand for, as far as that is of interest."""
        if depth > _DEEPEST:
            return NOTHING
        match node:
            case ast.Name(id=name):
                return self._named(name, environment)
            case ast.Constant(value=str() | int() | None):
                return frozenset({Literal(node.value)})
            case ast.Attribute(value=owner, attr=attribute):
                owners = self.resolve(owner, environment, context, depth + 1)
                known = frozenset(Known(f"{value.name}.{attribute}", value.origin) for value in owners if isinstance(value, Known))
                return known | (owners & OTHER) if known else NOTHING
            case ast.Call():
                return self._called(node, environment, context, depth)
            case ast.Subscript(value=owner, slice=index):
                return self._item(node, self.resolve(owner, environment, context, depth + 1), index, environment, context)
            case ast.IfExp(body=body, orelse=other):
                return self.resolve(body, environment, context, depth + 1) | self.resolve(other, environment, context, depth + 1)
            case ast.BoolOp(values=parts):
                return frozenset().union(*(self.resolve(part, environment, context, depth + 1) for part in parts))
            case ast.NamedExpr(value=value):
                return self.resolve(value, environment, context, depth + 1)
        return NOTHING

    def _named(self, name: str, environment: Environment) -> Values:
        if name in environment:
            return environment[name]
        if name in _FUNCTIONS and name not in self._bound:
            return frozenset({Known(f"builtins.{name}")})
        if _STAR in environment and name in self._public and name not in self._bound:
            return frozenset(Known(f"imp.{name}", value.origin) for value in names_of_imp(environment[_STAR]))
        return NOTHING

    def _called(self, node: ast.Call, environment: Environment, context: Context, depth: int) -> Values:
        found: set[Known | Made] = set()
        for value in self.resolve(node.func, environment, context, depth + 1):
            if not isinstance(value, Known):
                continue
            first = literal_text(self.resolve(node.args[0], environment, context, depth + 1)) if node.args else None
            if value.name in ("builtins.__import__", "importlib.import_module", "importlib.__import__"):
                if first == "imp":
                    found.add(Known("imp", self._found.imported(node, 0, ast.unparse(node), context)))
                elif first is not None and first.partition(".")[0] in ROOTS:
                    found.add(Known(first if value.name == "importlib.import_module" else first.partition(".")[0]))
            elif value.name in ("sys.modules.get", "sys.modules.pop") and first == "imp":
                found.add(Known("imp", self._found.imported(node, 0, ast.unparse(node), context)))
            elif value.name == "sys.modules.setdefault" and first == "imp" and context.guard != OLD:
                self._found.shim(node, "sys.modules.setdefault('imp', …)")
            elif value.name == "builtins.getattr" and len(node.args) > 1:
                owners = names_of_imp(self.resolve(node.args[0], environment, context, depth + 1))
                name = literal_text(self.resolve(node.args[1], environment, context, depth + 1))
                found.update(Known(f"{owner.name}.{COMPUTED if name is None else name}", owner.origin) for owner in owners)
            elif names_of_imp(frozenset({value})):
                use = self._found.use_index(node.func)
                found.update(set() if use is None else {Made(use)})
        return frozenset(found)

    def _item(self, node: ast.Subscript, owners: Values, index: ast.expr, environment: Environment, context: Context) -> Values:
        found: set[Known | Made] = set()
        key = self.resolve(index, environment, context)
        for owner in owners:
            if owner == Known("sys.modules") and literal_text(key) == "imp" and isinstance(node.ctx, ast.Load):
                found.add(Known("imp", self._found.imported(node, 0, ast.unparse(node), context)))
            elif isinstance(owner, Made) and owner.item is None:
                found.update(
                    Made(owner.use, number.value) for number in key if isinstance(number, Literal) and isinstance(number.value, int)
                )
            elif isinstance(owner, Known) and owner.name == "imp.__dict__":
                name = literal_text(key)
                found.add(Known(f"imp.{COMPUTED if name is None else name}", owner.origin))
        return frozenset(found)

    def visit(self, root: ast.expr, environment: Environment, context: Context) -> None:
        """Take in the uses of imp in an expression, however deep it is."""
        waiting = [(root, environment)]
        while waiting:
            node, names = waiting.pop()
            match node:
                case ast.Lambda(args=arguments, body=body):
                    waiting += [(default, names) for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None]
                    waiting.append((body, _without(names, parameters(arguments))))
                    continue
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    waiting += self._comprehension(node, names)
                    continue
                case ast.NamedExpr(target=target, value=value):
                    names[target.id] = self.resolve(value, names, context)
            self._take(node, names, context)
            # The last one is looked at first: what a call is given comes before the call itself, which is told by its function.
            waiting += [(child, names) for child in _parts(node)]

    def _comprehension(self, node: ast.expr, names: Environment) -> Iterator[tuple[ast.expr, Environment]]:
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        inner = _without(names, frozenset(name for part in generators for target in ast.walk(part.target) for name in bound_by(target)))
        for number, part in enumerate(generators):
            yield part.iter, names if number == 0 else inner
            yield from ((test, inner) for test in part.ifs)
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]  # type: ignore[attr-defined]
        yield from ((element, inner) for element in elements)

    def _take(self, node: ast.expr, names: Environment, context: Context) -> None:
        self._look(node, names, context)
        if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript) or not isinstance(
            getattr(node, "ctx", ast.Load()), ast.Load
        ):
            return
        values = self.resolve(node, names, context)
        self._follow(node, values)
        for value in names_of_imp(values):
            self._found.imports[value.origin].used |= not self._only_bound(node)
            name = value.name.removeprefix("imp").removeprefix(".")
            if "." in name or (name.startswith("__") and name != COMPUTED):
                continue
            if name:
                self._use(node, name, self._guard(value, values, context), names, context)
            elif self._passed_on(node):
                self._found.use(node, MODULE, Kind.REFERENCE, self._guard(value, values, context), context)

    def _use(self, node: ast.expr, name: str, guard: str, names: Environment, context: Context) -> None:
        parent = self.parents.get(node)
        if self._is_test(node) or self._only_bound(node):
            return
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        use = self._found.use(node, name, Kind.REFERENCE if call is None else Kind.CALL, guard, context)
        if call is not None and use.call is None:
            use.call = call
            self._arguments(use, call, names, context)

    def _arguments(self, use: UseDraft, call: ast.Call, names: Environment, context: Context) -> None:
        for number, argument in enumerate(call.args):
            if isinstance(argument, ast.Starred):
                use.arguments["*"] = self.resolve(argument.value, names, context)
            else:
                use.arguments[str(number)] = self.resolve(argument, names, context)
        for keyword in call.keywords:
            use.arguments[keyword.arg or "**"] = self.resolve(keyword.value, names, context)

    def _follow(self, node: ast.expr, values: Values) -> None:
        """Note what becomes of what a function of imp gave."""
        parent = self.parents.get(node)
        if isinstance(node, ast.Call) or self._only_bound(node):  # what a call gives is noted where it stands
            return
        for value in values:
            if not isinstance(value, Made):
                continue
            use = self._found.uses[value.use]
            use.note("result-used" if value.item is None else f"item-{value.item}")
            if isinstance(parent, ast.Attribute):
                use.note(f"reads {parent.attr}" if value.item is None else f"item-{value.item} {parent.attr}", parent.lineno)

    def _guard(self, value: Known, values: Values, context: Context) -> str:
        """Say why a use does no harm where there is no imp; empty where it does."""
        entry = self._found.imports[value.origin]
        if context.guard:
            return context.guard
        if entry.guard:
            return entry.guard
        if entry.tries & context.tries:
            return "in a try statement that goes on without imp"
        if entry.tries and any(isinstance(other, Other) for other in values):
            return "something else takes its place where there is no imp"
        if entry.tries and not self._tested.isdisjoint(entry.names):
            return "the program tests whether imp is there"
        return ""

    def _is_test(self, node: ast.expr) -> bool:
        """Whether an expression is only looked at: whether it is there, or what it is."""
        parent = self.parents.get(node)
        match parent:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                return test is node
            case ast.UnaryOp(op=ast.Not()):
                return True
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                return True
            case ast.Expr():
                return True
            case ast.BoolOp(values=parts):
                return parts[-1] is not node or self._is_test(parent)
            case ast.NamedExpr():
                return self._is_test(parent)
            case ast.Call(func=ast.Name(id="hasattr")):
                return True
        return False

    def _only_bound(self, node: ast.expr) -> bool:
        """Whether an expression gives a plain name a value, which is followed, and nothing else."""
        parent = self.parents.get(node)
        if isinstance(parent, ast.IfExp | ast.BoolOp):
            return self._only_bound(parent)
        if isinstance(parent, ast.Assign):
            return parent.value is node and all(isinstance(target, ast.Name) for target in parent.targets)
        return isinstance(parent, ast.AnnAssign) and isinstance(parent.target, ast.Name)

    def _passed_on(self, node: ast.expr) -> bool:
        """Whether imp as a whole goes where it is not followed."""
        parent = self.parents.get(node)
        if isinstance(parent, ast.Attribute) or self._is_test(node) or self._only_bound(node):
            return False
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "getattr":
            return parent.args[0] is not node
        return True

    def _look(self, node: ast.expr, names: Environment, context: Context) -> None:
        """Take in a place that takes a module by its name."""
        match node:
            case ast.Subscript(value=owner, slice=key, ctx=ast.Load()):
                what = "later-lookup" if Known("sys.modules") in self.resolve(owner, names, context) else ""
            case ast.Call(func=function, args=[key, *_]):
                called = {value.name for value in self.resolve(function, names, context) if isinstance(value, Known)}
                what = "later-lookup" if "sys.modules.get" in called else ""
                what = "later-import" if called & {"builtins.__import__", "importlib.import_module"} else what
            case _:
                return
        if what and node not in self._looked:
            self._looked.add(node)
            self._found.lookups.append(Lookup(node.lineno, what, same_name(key, self.resolve(key, names, context))))


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    """Give the expressions that an expression holds."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.keyword):
            yield child.value


def _without(names: Environment, hidden: frozenset[str]) -> Environment:
    return {name: values for name, values in names.items() if name not in hidden}


def decided(value: bool | None) -> Values:
    """Return the values of a name that says which Python it is."""
    return NOTHING if value is None else frozenset({Decided(value)})
