"""Compare an expected value with an observed one.

Repro scripts bundle this file: it uses CPython 3.4's syntax and the standard library alone.
"""

from imp_conformance.portable.difference import Difference
from imp_conformance.portable.observation import ascii_repr, describe, nodes

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterable, Mapping  # novm
    from typing import Any  # novm

    from imp_conformance.portable.observation import Tree

    Where = tuple[int | str, ...]  # novm; the steps of a Difference

_CONTAINERS = ("tuple", "list", "set", "frozenset", "dict")


class Bindings:
    """What one comparison knows: the containers met before, which object each label stands for, and how paths are read."""

    def __init__(self, containers: "dict[int, Tree]", cwd: str, sep: str) -> None:
        """Begin.

        Args:
            containers: those of the observed value, by their identity.
            cwd: the case's directory, which relative paths start from.
            sep: what separates the parts of a path on the target's platform.
        """
        self.containers, self.cwd, self.sep = containers, cwd, sep
        self.labels = {}  # type: dict[str, int]

    @classmethod
    def of(cls, tree: "Tree", facts: "Mapping[str, Any]") -> "Bindings":
        """Collect the containers of an observed value by their identity; the facts are those of the target, with cwd."""
        found = {}  # type: dict[int, Tree]
        if tree["kind"] in _CONTAINERS:
            found = {node["id"]: node for node in nodes(tree) if node.get("again") is False}
        return cls(found, facts["cwd"], facts.get("sep", "/"))

    def whole(self, tree: "Tree") -> "Tree":
        """Return the container itself where the tree only says that it was met before."""
        return self.containers.get(tree["id"], tree) if tree.get("again") else tree


class Matcher:
    """Something that stands in an expected value for many observed ones."""

    def mismatch(self, tree: "Tree", bindings: Bindings, where: "Where") -> "Difference | None":
        """Return how an observed value differs, or None."""
        raise NotImplementedError


def compare(expected: "Any", tree: "Tree", bindings: Bindings, where: "Where") -> "Difference | None":
    """Return the first difference between an expected and an observed value, or None.

    Types are compared exactly: True is not 1, a tuple is not a list, and a subclass of int is not an int.
    """
    if isinstance(expected, Matcher):
        return expected.mismatch(tree, bindings, where)
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
    elif isinstance(expected, (tuple, list)):
        if kind == type(expected).__name__ and _whole_of_length(tree, len(expected)):
            for index, item in enumerate(expected):
                difference = compare(item, tree["items"][index], bindings, where + (index,))
                if difference is not None:
                    return difference
            return None
        same = False
    elif isinstance(expected, dict):
        return _compare_dict(expected, tree, bindings, where)
    elif isinstance(expected, set):
        return _compare_set(expected, tree, bindings, where)
    else:
        raise TypeError("no observed value can be compared with {!r}".format(expected))
    return None if same else differs(expected, tree, where, "value")


def show(expected: "Any") -> str:
    """Show an expected value as a case writes it."""
    if expected is ...:
        return "anything"
    if isinstance(expected, str):
        return ascii_repr(expected)
    if isinstance(expected, tuple):
        return "(" + _joined(expected) + ("," if len(expected) == 1 else "") + ")"
    if isinstance(expected, list):
        return "[" + _joined(expected) + "]"
    if isinstance(expected, dict):
        return "{" + ", ".join("{}: {}".format(show(key), show(item)) for key, item in expected.items()) + "}"
    if isinstance(expected, set):
        return "{" + ", ".join(sorted(show(item) for item in expected)) + "}" if expected else "set()"
    return repr(expected)


def _joined(items: "Iterable[Any]") -> str:
    return ", ".join(show(item) for item in items)


def _whole_of_length(tree: "Tree", length: int) -> bool:
    """Return whether a container has so many items and all of them were sent."""
    return len(tree["items"]) == length and bool(tree["length"] == length)


def _compare_dict(expected: "dict[Any, Any]", tree: "Tree", bindings: Bindings, where: "Where") -> "Difference | None":
    if tree["kind"] == "dict" and _whole_of_length(tree, len(expected)):
        for key, item in expected.items():
            found = [value for name, value in tree["items"] if compare(key, name, bindings, where) is None]
            if not found:
                break
            difference = compare(item, found[0], bindings, where + (show(key),))
            if difference is not None:
                return difference
        else:
            return None
    return differs(expected, tree, where, "value")


def _compare_set(expected: "set[Any]", tree: "Tree", bindings: Bindings, where: "Where") -> "Difference | None":
    if tree["kind"] == "set" and _whole_of_length(tree, len(expected)):
        left = list(tree["items"])
        for item in expected:
            hit = next((seen for seen in left if compare(item, seen, bindings, where) is None), None)
            if hit is None:
                break
            left.remove(hit)
        else:
            return None
    return differs(expected, tree, where, "value")


def differs(expected: "Any", tree: "Tree", where: "Where", kind: str) -> Difference:
    """Return the difference between an expected value and an observed one as a whole.

    An object of a derived class may equal what is expected: then its type is what differs, and the sentence names the one that is expected.
    """
    own = type(expected).__name__
    if kind == "value" and own in tree.get("bases", ()):
        return Difference(where, "type", "{}, exactly of type {}".format(show(expected), own), describe(tree))
    return Difference(where, kind, show(expected), describe(tree))
