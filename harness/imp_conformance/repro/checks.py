"""Conditions that say whether a value is what a case expects, as a person would write them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Any

from imp_conformance.catalogue.expression import PATH
from imp_conformance.repro.inline import FACTS, Facts
from imp_conformance.repro.literal import old_expression, quoted

_FEW = 16
"""Items up to which a display is compared item by item."""
_BASIC = ("int", "str", "bytes", "float")


class TooRich(Exception):
    """An expected value for which there is no short condition."""


class Checks:
    """Conditions of one script; what they need of the script is gathered while they are made."""

    def __init__(self, facts: Facts, sep: str) -> None:
        self.modules: set[str] = set()
        """What the conditions import."""
        self.spells_paths = False
        """Whether they call same_path()."""
        self._facts, self._sep = facts, sep
        self._labels: dict[str, str] = {}

    def value(self, source: str, place: str) -> list[str]:
        """Return the conditions under which a value is the expected one.

        Args:
            source: the expected value, as a case writes it.
            place: what reaches the value in the script.

        Raises:
            TooRich: where there is no short condition.
        """
        self._labels = {}
        return self._conditions(ast.parse(f"({source.strip()}\n)", mode="eval").body, place)

    def _conditions(self, node: ast.expr, place: str) -> list[str]:
        match node:
            case ast.Constant(value=value) if value is ...:
                return []
            case ast.Constant(value=None | True | False as value):
                return [f"{place} is {value}"]
            case ast.Constant(value=value):
                return self._typed(type(value).__name__, place, quoted(value) if isinstance(value, str | bytes) else ascii(value))
            case ast.UnaryOp(operand=ast.Constant(value=value)):
                return self._typed(type(value).__name__, place, ast.unparse(node))
            case ast.JoinedStr():
                return self._typed("str", place, self._text(node))
            case ast.IfExp(test=test, body=body, orelse=other):
                return self._conditions(body if self._facts.value(test) else other, place)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self._items(node, items, place)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                return self._matcher(name, arguments, {item.arg or "": item.value for item in keywords}, place)
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, place)
            case ast.Set(elts=items) if all(isinstance(item, ast.Constant) for item in items):
                return [f"type({place}) is set", f"{place} == {self._text(node)}"]
        if any(isinstance(part, ast.Call) and not _is_path(part) for part in ast.walk(node)):
            raise TooRich(ast.unparse(node))
        kind = type(self._facts.value(node)).__name__
        return self._typed(kind, place, self._text(node)) if kind in _BASIC else self._repr(node, place)

    def _repr(self, node: ast.expr, place: str) -> list[str]:
        return [f"repr({place}) == repr({self._text(node)})"]  # which tells True from 1, and a tuple from a list

    def _typed(self, kind: str, place: str, text: str) -> list[str]:
        if kind not in _BASIC:
            raise TooRich(text)
        return [f"type({place}) is {kind}", f"{place} == {text}"]

    def _items(self, node: ast.expr, items: list[ast.expr], place: str) -> list[str]:
        plain = not any(isinstance(part, ast.Call) or (isinstance(part, ast.Constant) and part.value is ...) for part in ast.walk(node))
        if plain and sum(isinstance(part, ast.Constant) for part in ast.walk(node)) > _FEW:
            return self._repr(node, place)
        kind = "tuple" if isinstance(node, ast.Tuple) else "list"
        found = [f"type({place}) is {kind}", f"len({place}) == {len(items)}"]
        if not items:
            return [f"type({place}) is {kind}", f"not {place}"]
        if len(items) > 2 and _singletons(items):
            (value,) = {ast.unparse(item) for item in items}
            return [*found, f"all(item is {value} for item in {place})"]
        for index, item in enumerate(items):
            found += self._conditions(item, f"{place}[{index}]")
        return found

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr], place: str) -> list[str]:
        if not all(isinstance(key, ast.Constant) for key in keys):
            raise TooRich("a dict whose keys are no constants")
        texts = [ascii(key.value) for key in keys if isinstance(key, ast.Constant)]
        found = [f"type({place}) is dict", f"set({place}) == {{{', '.join(texts)}}}" if texts else f"not {place}"]
        for text, value in zip(texts, values, strict=True):
            found += self._conditions(value, f"{place}[{text}]")
        return found

    def _matcher(self, name: str, arguments: list[ast.expr], keywords: Mapping[str, ast.expr], place: str) -> list[str]:
        first = self._text(arguments[0]) if arguments else ""
        match name:
            case "module":
                self.modules.add("types")
                return [f"type({place}) is types.ModuleType", f"{place}.__name__ == {first}"]
            case "instance":
                return [f"{first} in [kind.__name__ for kind in type({place}).__mro__]"]
            case "exactly":
                return [f"type({place}).__name__ == {first}"]
            case "class_":
                return [f"isinstance({place}, type)", f"{place}.__name__ == {first}"]
            case "matches":
                self.modules.add("re")
                return [f"type({place}) is str", f"re.fullmatch({first}, {place}, re.DOTALL)"]
            case "same_path":
                self.spells_paths = True
                return [f"same_path({place}, {first})"]
            case "same":
                return self._same(first, arguments[1:], place)
            case "open_file":
                return self._file(keywords, place)
            case "path":
                return self._typed("str", place, self._text(ast.Call(ast.Name(PATH, ast.Load()), arguments, [])))
        raise TooRich(name)

    def _same(self, label: str, value: list[ast.expr], place: str) -> list[str]:
        found = []
        if label in self._labels:
            found.append(f"{place} is {self._labels[label]}")
        else:
            self._labels[label] = place
            if not value:
                found.append(f"type({place}) not in (type(None), bool, int, float, str, bytes)")
        return found + (self._conditions(value[0], place) if value else [])

    def _file(self, keywords: Mapping[str, ast.expr], place: str) -> list[str]:
        found = [f'type({place}).__module__ == "_io"']
        wanted = {"closed": ast.Constant(False), **keywords}
        for key, value in wanted.items():
            reached = {"position": f"{place}.tell()", "type": f"type({place}).__name__"}.get(key, f"{place}.{key}")
            if key == "encoding":
                reached = f'getattr({place}, "encoding", None)'
            found += self._conditions(value, reached)
        return found

    def _text(self, node: ast.expr) -> str:
        """Return an expression as the script can evaluate it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return quoted(node.value)
        tree = _Plain(self._facts, self._sep).visit(ast.parse(ast.unparse(node), mode="eval"))
        return old_expression(ast.unparse(ast.fix_missing_locations(tree)))


class _Plain(ast.NodeTransformer):
    """Puts variables in the place of facts, and paths as the platform spells them in that of ``path()``."""

    def __init__(self, facts: Facts, sep: str) -> None:
        self._facts, self._sep = facts, sep

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == FACTS:
            return ast.Name(self._facts.variable(node.attr), ast.Load())
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if _is_path(node) and self._sep == "/":
            spelt: ast.AST = self.visit(node.args[0])
            return spelt
        return self.generic_visit(node)


def _singletons(items: list[ast.expr]) -> bool:
    """Whether all items are the same one of None, True and False."""
    values = [item.value if isinstance(item, ast.Constant) else ... for item in items]
    return all(value is values[0] and (value is None or isinstance(value, bool)) for value in values)


def _is_path(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == PATH


def class_condition(raises: Mapping[str, Any], place: str) -> str:
    """Return the condition under which an exception is of the class that is expected."""
    name = str(raises.get("type") or raises["kind_of"])
    if not hasattr(builtins, name):
        raise TooRich(name)
    return f"type({place}) is {name}" if "type" in raises else f"isinstance({place}, {name})"


def text_conditions(wanted: Mapping[str, Any], place: str, facts: Facts, modules: set[str]) -> list[str]:
    """Return the condition under which a text is the one that is expected, or is matched by the pattern."""
    if "message" in wanted:
        return [f"{place} == {facts.in_text(wanted['message'])}"]
    if "pattern" in wanted:
        modules.add("re")
        return [f"re.fullmatch({quoted(wanted['pattern'])}, {place}, re.DOTALL)"]
    return []
