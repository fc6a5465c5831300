"""Comparing an expected value with an observed one, and the matchers for what Python has no literal of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from imp_conformance.observed import Tree, ascii_repr, describe, nodes

_UNSET: Any = object()


@dataclass(slots=True)
class Bindings:
    """What one comparison remembers: the containers met before, and which object each label stands for."""

    containers: dict[int, Tree] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree) -> Bindings:
        """Collect the containers of an observed value by their identity."""
        found = (node for node in nodes(tree) if node.get("again") is False)
        return cls({node["id"]: node for node in found})

    def whole(self, tree: Tree) -> Tree:
        """Return the container itself where the tree only says that it was met before."""
        return self.containers.get(tree["id"], tree) if tree.get("again") else tree


@runtime_checkable
class Matcher(Protocol):
    """Something that stands in an expected value for many observed ones."""

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        """Say what is wrong with an observed value, or None."""
        ...


def compare(expected: Any, tree: Tree, bindings: Bindings, place: str) -> str | None:
    """Return the first difference between an expected and an observed value in words, or None.

    Types are compared exactly: True is not 1, a tuple is not a list, and a subclass of int is not an int.
    """
    if isinstance(expected, Matcher):
        return expected.mismatch(tree, bindings, place)
    if expected is ...:
        return None
    tree = bindings.whole(tree)
    kind = tree["kind"]
    if expected is None:
        same = kind == "none"
    elif isinstance(expected, bool):
        same = kind == "bool" and tree["value"] == expected
    elif isinstance(expected, int):
        same = kind == "int" and int(tree["value"], 0) == expected
    elif isinstance(expected, float):
        same = kind == "float" and tree["value"] == repr(expected)
    elif isinstance(expected, str):
        same = kind == "str" and tree["length"] == len(expected) and expected.startswith(tree["value"])
    elif isinstance(expected, bytes):
        same = kind == "bytes" and tree["length"] == len(expected) and expected.startswith(bytes.fromhex(tree["hex"]))
    elif isinstance(expected, tuple | list):
        if kind == type(expected).__name__ and _whole_of_length(tree, len(expected)):
            return _first(compare(item, seen, bindings, f"{place}[{index}]") for index, (item, seen) in _pairs(expected, tree))
        same = False
    elif isinstance(expected, dict):
        return _compare_dict(expected, tree, bindings, place)
    elif isinstance(expected, set):
        return _compare_set(expected, tree, bindings, place)
    else:
        raise TypeError(f"no observed value can be compared with {expected!r}")
    return None if same else f"{place}: expected {show(expected)}, observed {describe(tree)}"


def show(expected: Any) -> str:
    """Say an expected value as it is written in a case."""
    if expected is ...:
        return "anything"
    if isinstance(expected, str):
        return ascii_repr(expected)
    if isinstance(expected, tuple):
        return "(" + ", ".join(show(item) for item in expected) + ("," if len(expected) == 1 else "") + ")"
    if isinstance(expected, list):
        return "[" + ", ".join(show(item) for item in expected) + "]"
    if isinstance(expected, dict):
        return "{" + ", ".join(f"{show(key)}: {show(item)}" for key, item in expected.items()) + "}"
    if isinstance(expected, set):
        return "{" + ", ".join(sorted(show(item) for item in expected)) + "}" if expected else "set()"
    return repr(expected)


def _whole_of_length(tree: Tree, length: int) -> bool:
    """Say whether a container has so many items and all of them were sent."""
    return len(tree["items"]) == length and bool(tree["length"] == length)


def _pairs(expected: tuple[Any, ...] | list[Any], tree: Tree) -> Any:
    return enumerate(zip(expected, tree["items"], strict=True))


def _first(differences: Any) -> str | None:
    return next((difference for difference in differences if difference is not None), None)


def _compare_dict(expected: dict[Any, Any], tree: Tree, bindings: Bindings, place: str) -> str | None:
    if tree["kind"] == "dict" and _whole_of_length(tree, len(expected)):
        for key, item in expected.items():
            found = [value for name, value in tree["items"] if compare(key, name, bindings, place) is None]
            if not found:
                break
            difference = compare(item, found[0], bindings, f"{place}[{show(key)}]")
            if difference is not None:
                return difference
        else:
            return None
    return f"{place}: expected {show(expected)}, observed {describe(tree)}"


def _compare_set(expected: set[Any], tree: Tree, bindings: Bindings, place: str) -> str | None:
    if tree["kind"] == "set" and _whole_of_length(tree, len(expected)):
        left = list(tree["items"])
        for item in expected:
            hit = next((seen for seen in left if compare(item, seen, bindings, place) is None), None)
            if hit is None:
                break
            left.remove(hit)
        else:
            return None
    return f"{place}: expected {show(expected)}, observed {describe(tree)}"


def _differs(matcher: object, tree: Tree, place: str) -> str:
    return f"{place}: expected {matcher!r}, observed {describe(tree)}"


@dataclass(frozen=True, slots=True)
class Module:
    """``module("name")``: an object of exactly the module type, whose ``__name__`` is name."""

    name: str

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        return None if tree["kind"] == "module" and tree["name"] == self.name else _differs(self, tree, place)

    def __repr__(self) -> str:
        return f"<module {self.name!r}>"


@dataclass(frozen=True, slots=True)
class Instance:
    """``instance("Name")``: an object of a class of that name, or of a class derived from one.

    A name without dots is compared with the last part of a class's name, because the module in which an import class
    lives is not the same in all releases.
    """

    name: str
    exact: bool = False

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        bases = tree["bases"] if tree["kind"] == "object" else [tree.get("type", tree["kind"])]
        for base in bases[:1] if self.exact else bases:
            if base == self.name or ("." not in self.name and base.rpartition(".")[2] == self.name):
                return None
        return _differs(self, tree, place)

    def __repr__(self) -> str:
        return f"<{'exactly ' if self.exact else ''}{self.name} object>"


def exactly(name: str) -> Instance:
    """``exactly("Name")``: an object of a class of that name, not of one derived from it."""
    return Instance(name, exact=True)


@dataclass(frozen=True, slots=True)
class Class:
    """``class_("Name")``: a class of that name."""

    name: str

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        same = tree["kind"] == "class" and self.name in (tree["name"], tree["name"].rpartition(".")[2])
        return None if same else _differs(self, tree, place)

    def __repr__(self) -> str:
        return f"<class {self.name!r}>"


class OpenFile:
    """``open_file(...)``: a file object; what is named must be so.

    Keywords: name and mode (as the file object says them), encoding, closed (False unless said), position (bytes from
    the beginning), type ("TextIOWrapper", "BufferedReader", ...).
    """

    def __init__(
        self,
        *,
        name: Any = _UNSET,
        mode: Any = _UNSET,
        encoding: Any = _UNSET,
        closed: bool = False,
        position: Any = _UNSET,
        type: Any = _UNSET,
    ) -> None:
        given = {"name": name, "mode": mode, "encoding": encoding, "closed": closed, "position": position, "type": type}
        self.wanted: Mapping[str, Any] = {key: value for key, value in given.items() if value is not _UNSET}

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        if tree["kind"] != "file":
            return _differs(self, tree, place)
        for key, value in self.wanted.items():
            if type(tree[key]) is not type(value) or tree[key] != value:
                return f"{place}.{key}: expected {show(value)}, observed {tree[key]!r} of {describe(tree)}"
        return None

    def __repr__(self) -> str:
        return "open_file(" + ", ".join(f"{key}={show(value)}" for key, value in self.wanted.items()) + ")"


@dataclass(frozen=True, slots=True)
class Matches:
    """``matches(r"...")``: a str that the regular expression describes from end to end."""

    pattern: str

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        same = tree["kind"] == "str" and re.fullmatch(self.pattern, tree["value"], re.DOTALL)
        return None if same else _differs(self, tree, place)

    def __repr__(self) -> str:
        return f"text matching {self.pattern!r}"


@dataclass(frozen=True, slots=True)
class Same:
    """``same("label")`` or ``same("label", value)``: wherever the label stands, the very same object."""

    label: str
    value: Any = ...

    def mismatch(self, tree: Tree, bindings: Bindings, place: str) -> str | None:
        if "id" not in tree:
            return f"{place}: expected an object with an identity, observed {describe(tree)}"
        known = bindings.labels.setdefault(self.label, tree["id"])
        if known != tree["id"]:
            return f"{place}: expected the same object as the first {self.label!r}, observed another: {describe(tree)}"
        return compare(self.value, tree, bindings, place)

    def __repr__(self) -> str:
        return f"same({self.label!r}" + ("" if self.value is ... else f", {show(self.value)}") + ")"


MATCHERS: Mapping[str, Any] = {
    "module": Module,
    "instance": Instance,
    "exactly": exactly,
    "class_": Class,
    "open_file": OpenFile,
    "matches": Matches,
    "same": Same,
}
"""The names that an expected value may call."""
