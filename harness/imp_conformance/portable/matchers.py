"""Comparing an expected value with an observed one, and the matchers for what Python has no literal of.

The scripts of `imp-conformance repro` carry this file, so it is standard library only, CPython 3.4 syntax.
"""

import posixpath
import re

from imp_conformance.portable.observation import ascii_repr, describe, nodes

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterable  # novm
    from typing import Any  # novm

    from imp_conformance.portable.observation import Tree

_CONTAINERS = ("tuple", "list", "set", "frozenset", "dict")


class Bindings:
    """What one comparison knows: the containers met before, which object each label stands for, and the case's directory."""

    def __init__(self, containers: "dict[int, Tree]", cwd: str) -> None:
        """Begin with the containers by their identity, and the directory that relative paths start from."""
        self.containers, self.cwd = containers, cwd
        self.labels = {}  # type: dict[str, int]

    @classmethod
    def of(cls, tree: "Tree", cwd: str) -> "Bindings":
        """Collect the containers of an observed value by their identity."""
        if tree["kind"] not in _CONTAINERS:
            return cls({}, cwd)
        return cls({node["id"]: node for node in nodes(tree) if node.get("again") is False}, cwd)

    def whole(self, tree: "Tree") -> "Tree":
        """Return the container itself where the tree only says that it was met before."""
        return self.containers.get(tree["id"], tree) if tree.get("again") else tree


class Matcher:
    """Something that stands in an expected value for many observed ones."""

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        """Say what is wrong with an observed value, or None."""
        raise NotImplementedError


def compare(expected: "Any", tree: "Tree", bindings: Bindings, place: str) -> "str | None":
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
    elif isinstance(expected, (tuple, list)):
        if kind == type(expected).__name__ and _whole_of_length(tree, len(expected)):
            for index, item in enumerate(expected):
                difference = compare(item, tree["items"][index], bindings, "{}[{}]".format(place, index))
                if difference is not None:
                    return difference
            return None
        same = False
    elif isinstance(expected, dict):
        return _compare_dict(expected, tree, bindings, place)
    elif isinstance(expected, set):
        return _compare_set(expected, tree, bindings, place)
    else:
        raise TypeError("no observed value can be compared with {!r}".format(expected))
    return None if same else "{}: expected {}, observed {}".format(place, show(expected), describe(tree))


def show(expected: "Any") -> str:
    """Say an expected value as it is written in a case."""
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
    """Say whether a container has so many items and all of them were sent."""
    return len(tree["items"]) == length and bool(tree["length"] == length)


def _compare_dict(expected: "dict[Any, Any]", tree: "Tree", bindings: Bindings, place: str) -> "str | None":
    if tree["kind"] == "dict" and _whole_of_length(tree, len(expected)):
        for key, item in expected.items():
            found = [value for name, value in tree["items"] if compare(key, name, bindings, place) is None]
            if not found:
                break
            difference = compare(item, found[0], bindings, "{}[{}]".format(place, show(key)))
            if difference is not None:
                return difference
        else:
            return None
    return "{}: expected {}, observed {}".format(place, show(expected), describe(tree))


def _compare_set(expected: "set[Any]", tree: "Tree", bindings: Bindings, place: str) -> "str | None":
    if tree["kind"] == "set" and _whole_of_length(tree, len(expected)):
        left = list(tree["items"])
        for item in expected:
            hit = next((seen for seen in left if compare(item, seen, bindings, place) is None), None)
            if hit is None:
                break
            left.remove(hit)
        else:
            return None
    return "{}: expected {}, observed {}".format(place, show(expected), describe(tree))


def _differs(matcher: Matcher, tree: "Tree", place: str) -> str:
    return "{}: expected {!r}, observed {}".format(place, matcher, describe(tree))


class Module(Matcher):
    """``module("name")``: an object of exactly the module type, whose ``__name__`` is name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        return None if tree["kind"] == "module" and tree["name"] == self.name else _differs(self, tree, place)

    def __repr__(self) -> str:
        return "<module {!r}>".format(self.name)


class Instance(Matcher):
    """``instance("Name")``: an object of a class of that name, or of a class derived from one.

    A name without dots is compared with the last part of a class's name, because the module in which an import class
    lives is not the same in all releases.
    """

    def __init__(self, name: str, exact: bool = False) -> None:
        self.name, self.exact = name, exact

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        bases = tree["bases"] if tree["kind"] == "object" else [tree.get("type", tree["kind"])]
        for base in bases[:1] if self.exact else bases:
            if base == self.name or ("." not in self.name and base.rpartition(".")[2] == self.name):
                return None
        return _differs(self, tree, place)

    def __repr__(self) -> str:
        return "<{}{} object>".format("exactly " if self.exact else "", self.name)


def exactly(name: str) -> Instance:
    """``exactly("Name")``: an object of a class of that name, not of one derived from it."""
    return Instance(name, exact=True)


class Class(Matcher):
    """``class_("Name")``: a class of that name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        same = tree["kind"] == "class" and self.name in (tree["name"], tree["name"].rpartition(".")[2])
        return None if same else _differs(self, tree, place)

    def __repr__(self) -> str:
        return "<class {!r}>".format(self.name)


class OpenFile(Matcher):
    """``open_file(...)``: a file object; what is named must be so.

    Keywords: name and mode (as the file object says them), encoding, closed (False unless said), position (bytes from
    the beginning), type ("TextIOWrapper", "BufferedReader", ...).
    """

    KEYWORDS = ("name", "mode", "encoding", "closed", "position", "type")

    def __init__(self, **wanted: "Any") -> None:
        unknown = sorted(set(wanted) - set(self.KEYWORDS))
        if unknown:
            raise TypeError("open_file() got an unexpected keyword argument {!r}".format(unknown[0]))
        wanted.setdefault("closed", False)
        self.wanted = [(key, wanted[key]) for key in self.KEYWORDS if key in wanted]

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        if tree["kind"] != "file":
            return _differs(self, tree, place)
        for key, value in self.wanted:
            if type(tree[key]) is not type(value) or tree[key] != value:
                return "{}.{}: expected {}, observed {!r} of {}".format(place, key, show(value), tree[key], describe(tree))
        return None

    def __repr__(self) -> str:
        return "open_file(" + ", ".join("{}={}".format(key, show(value)) for key, value in self.wanted) + ")"


class Matches(Matcher):
    """``matches(r"...")``: a str that the regular expression describes from end to end."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError("no regular expression: {}".format(error)) from None

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        same = tree["kind"] == "str" and re.fullmatch(self.pattern, tree["value"], re.DOTALL)
        return None if same else _differs(self, tree, place)

    def __repr__(self) -> str:
        return "text matching {!r}".format(self.pattern)


class SamePath(Matcher):
    """``same_path("a/m.py")``: a str that names this file, absolute or relative to the case's directory, however it is spelt.

    Paths are compared as text: links are not resolved, and no file need exist.
    """

    def __init__(self, path: str) -> None:
        if not isinstance(path, str) or not path:
            raise ValueError("a path is a str that is not empty")
        self.path = path

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        # An empty str names no file, although joining it with a directory gives that directory.
        whole = tree["kind"] == "str" and 0 < tree["length"] == len(tree["value"])
        same = whole and _normal(tree["value"], bindings.cwd) == _normal(self.path, bindings.cwd)
        return None if same else _differs(self, tree, place)

    def __repr__(self) -> str:
        return "a path of {}".format(ascii_repr(self.path))


def _normal(path: str, cwd: str) -> str:
    normal = posixpath.normpath(posixpath.join(cwd, path))
    return normal[1:] if normal.startswith("//") else normal  # POSIX leaves two slashes to the system; no target gives them a meaning


class Same(Matcher):
    """``same("label")`` or ``same("label", value)``: wherever the label stands, the very same object."""

    def __init__(self, label: str, value: "Any" = ...) -> None:
        self.label, self.value = label, value

    def mismatch(self, tree: "Tree", bindings: Bindings, place: str) -> "str | None":
        if "id" not in tree:
            return "{}: expected an object with an identity, observed {}".format(place, describe(tree))
        known = bindings.labels.setdefault(self.label, tree["id"])
        if known != tree["id"]:
            return "{}: expected the same object as the first {!r}, observed another: {}".format(place, self.label, describe(tree))
        return compare(self.value, tree, bindings, place)

    def __repr__(self) -> str:
        return "same({!r}{})".format(self.label, "" if self.value is ... else ", " + show(self.value))


MATCHERS = {
    "module": Module,
    "instance": Instance,
    "exactly": exactly,
    "class_": Class,
    "open_file": OpenFile,
    "matches": Matches,
    "same": Same,
    "same_path": SamePath,
}
"""The names that an expected value may call."""
