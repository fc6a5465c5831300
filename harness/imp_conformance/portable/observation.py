"""What the agent saw of a case: decode it, and describe it in words.

Repro scripts bundle this file: it uses CPython 3.4's syntax and the standard library alone.
"""

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterator, Mapping  # novm
    from typing import Any  # novm

    Tree = Mapping[str, Any]  # a value as the agent's Describer gives it: a kind, and what that kind has

_BRACKETS = {"tuple": "()", "list": "[]", "set": "{}"}
_TEXT_SHOWN = 300


class Observation:
    """What came of one case on one target.

    how is ``exit``, ``signal``, ``timeout``, ``forkserver-lost``, ``not-run`` or ``lost``; number is the exit status or
    the signal; root is the directory that everything of the target lies in, and cwd the case's own.
    """

    __slots__ = ("answer", "cwd", "detail", "how", "number", "output", "root")

    def __init__(
        self,
        how: str,
        number: "int | None",
        detail: str,
        output: "Mapping[str, str]",
        cwd: str,
        root: str,
        answer: "Mapping[str, Any] | None",
    ) -> None:
        """Keep what is given."""
        self.how, self.number, self.detail = how, number, detail
        self.output, self.cwd, self.root, self.answer = output, cwd, root, answer


def decode(tree: "Tree") -> "Any":
    """Return the Python value that a tree of plain values describes.

    Raises:
        ValueError: for a tree that describes an object of another kind.
    """
    kind = tree["kind"]
    if kind == "none":
        return None
    if kind == "bool":
        return bool(tree["value"])
    if kind == "int":
        return int(tree["value"], 0)
    if kind == "str":
        return str(tree["value"])
    if kind == "bytes":
        return bytes.fromhex(tree["hex"])
    if kind == "list":
        return [decode(item) for item in tree["items"]]
    if kind == "tuple":
        return tuple(decode(item) for item in tree["items"])
    raise ValueError("a value of kind {!r} cannot be decoded".format(kind))


def nodes(tree: "Tree") -> "Iterator[Tree]":
    """Walk a tree, each node before those inside it."""
    yield tree
    for item in tree.get("items", ()):
        for child in item if isinstance(item, list) else (item,):
            yield from nodes(child)


def describe(tree: "Tree") -> str:
    """Describe an observed value as Python would show it."""
    kind = tree["kind"]
    if kind == "none":
        return "None"
    if kind in ("bool", "int", "float", "complex"):
        return str(tree["value"])
    if kind == "str":
        return _shown(ascii_repr(tree["value"]), tree["length"] > len(tree["value"]))
    if kind in ("bytes", "bytearray"):
        text = repr(bytes.fromhex(tree["hex"]))
        return _shown(text if kind == "bytes" else "bytearray({})".format(text), tree["length"] * 2 > len(tree["hex"]))
    if kind == "constant":
        return str(tree["name"])
    if kind in ("tuple", "list", "set", "frozenset", "dict"):
        return _describe_container(kind, tree)
    if kind in ("module", "class"):
        return "<{} {!r}>".format(kind, tree["name"])
    if kind == "file":
        state = "closed" if tree["closed"] else "open at {}".format(tree["position"])
        encoding = ", encoding={!r}".format(tree["encoding"]) if tree["encoding"] else ""
        return "<{} {!r}, mode={!r}{}, {}>".format(tree["type"], tree["name"], tree["mode"], encoding, state)
    if kind == "unknown":
        return "<a value that no variable can hold>"
    if kind == "object":
        path = ": " + describe(tree["path"]) if "path" in tree else ""
        return "<{} object{}>".format(tree["type"], path)
    return "<{} left out: too large or too deep>".format(tree["type"])


def _describe_container(kind: str, tree: "Tree") -> str:
    if tree["again"]:
        return "<the same {} again>".format(kind)
    if kind == "dict":
        return "{" + ", ".join("{}: {}".format(describe(key), describe(item)) for key, item in tree["items"]) + "}"
    items = ", ".join(describe(item) for item in tree["items"])
    if kind == "frozenset":
        return "frozenset({" + items + "})"
    comma = "," if kind == "tuple" and len(tree["items"]) == 1 else ""
    return _BRACKETS[kind][0] + items + comma + _BRACKETS[kind][1]


def describe_exception(seen: "Mapping[str, Any]") -> str:
    """Describe an observed exception as the last line of a traceback does."""
    return "{}: {}".format(seen["type"], _shown(ascii_repr(seen["message"])[1:-1], False)) if seen["message"] else str(seen["type"])


def ascii_repr(text: str) -> str:
    """Show a string as Python would, with lone surrogates and control characters escaped."""
    return repr(text).encode("utf-8", "backslashreplace").decode("utf-8")


def _shown(text: str, cut: bool) -> str:
    if len(text) > _TEXT_SHOWN:
        return text[:_TEXT_SHOWN] + "\u2026 ({} characters)".format(len(text))
    return text + "\u2026" if cut else text
