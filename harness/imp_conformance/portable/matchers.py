"""The matchers: what an expected value has where Python has no literal.

Repro scripts bundle this file: it uses CPython 3.4's syntax and the standard library alone.
"""

import ntpath
import posixpath
import re

from imp_conformance.portable.difference import Difference
from imp_conformance.portable.observation import ascii_repr, describe
from imp_conformance.portable.values import Matcher, compare, differs, show

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

    from imp_conformance.portable.observation import Tree
    from imp_conformance.portable.values import Bindings, Where


class Module(Matcher):
    """``module("name")``: an object of exactly the module type, whose ``__name__`` is name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        if tree["kind"] != "module":
            return differs(self, tree, where, "type")
        return None if tree["name"] == self.name else differs(self, tree, where, "value")

    def __repr__(self) -> str:
        return "<module {!r}>".format(self.name)


class Instance(Matcher):
    """``instance("Name")``: an object of a class of that name, or of a class derived from one.

    A name without dots is compared with the last part of a class's name, because the module in which an import class
    lives is not the same in all releases.
    """

    def __init__(self, name: str, exact: bool = False) -> None:
        self.name, self.exact = name, exact

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        own = tree.get("type", tree["kind"])
        for name in [own] if self.exact or tree["kind"] != "object" else tree["bases"]:
            if _has_name(name, self.name):
                return None
        return differs(self, tree, where, "type")

    def __repr__(self) -> str:
        return "<{}{} object>".format("exactly " if self.exact else "", self.name)


def _has_name(qualified: str, name: str) -> bool:
    """Return whether a class has a name; a name without dots is compared with the last part alone."""
    return qualified == name or ("." not in name and qualified.rpartition(".")[2] == name)


def exactly(name: str) -> Instance:
    """``exactly("Name")``: an object of a class of that name, not of one derived from it."""
    return Instance(name, exact=True)


class Class(Matcher):
    """``class_("Name")``: a class of that name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        if tree["kind"] != "class":
            return differs(self, tree, where, "type")
        return None if _has_name(tree["name"], self.name) else differs(self, tree, where, "value")

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

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        if tree["kind"] != "file":
            return differs(self, tree, where, "type")
        for key, value in self.wanted:
            if type(tree[key]) is not type(value) or tree[key] != value:
                return Difference(where + (key,), "value", show(value), "{!r} of {}".format(tree[key], describe(tree)))
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

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        if tree["kind"] != "str":
            return differs(self, tree, where, "type")
        return None if re.fullmatch(self.pattern, tree["value"], re.DOTALL) else differs(self, tree, where, "value")

    def __repr__(self) -> str:
        return "text matching {!r}".format(self.pattern)


class SamePath(Matcher):
    """``same_path("a/m.py")``: what names this file, absolute or relative to the case's directory, however it is spelt.

    That is a str, or what os.fspath() makes one of: the documents speak of paths, and promise no type.

    Paths are compared as text, by the rules of the target's platform: on Windows either slash separates, and letters keep
    their case, as they do where a path is passed on. Links are not resolved, and no file need exist.
    """

    def __init__(self, path: str) -> None:
        if not isinstance(path, str) or not path:
            raise ValueError("a path is a str that is not empty")
        self.path = path

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        text = tree.get("path", tree)
        if text["kind"] != "str":
            return Difference(where, "type", "{!r}, as a str or a path-like object".format(self), describe(tree))
        # An empty str names no file, although joining it with a directory gives that directory.
        whole = 0 < text["length"] == len(text["value"])
        same = whole and _normal(text["value"], bindings) == _normal(self.path, bindings)
        return None if same else differs(self, tree, where, "value")

    def __repr__(self) -> str:
        return "a path of {}".format(ascii_repr(self.path))


def _normal(path: str, bindings: "Bindings") -> str:
    if bindings.sep == ntpath.sep:
        return ntpath.normpath(ntpath.join(bindings.cwd, path))
    normal = posixpath.normpath(posixpath.join(bindings.cwd, path))
    return normal[1:] if normal.startswith("//") else normal  # POSIX leaves two slashes to the system; no target gives them a meaning


class Same(Matcher):
    """``same("label")`` or ``same("label", value)``: wherever the label stands, the very same object."""

    def __init__(self, label: str, value: "Any" = ...) -> None:
        self.label, self.value = label, value

    def mismatch(self, tree: "Tree", bindings: "Bindings", where: "Where") -> "Difference | None":
        if "id" not in tree:
            return Difference(where, "type", "an object with an identity", describe(tree))
        known = bindings.labels.setdefault(self.label, tree["id"])
        if known != tree["id"]:
            return Difference(where, "identity", "the same object as the first {!r}".format(self.label), "another: " + describe(tree))
        return compare(self.value, tree, bindings, where)

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
