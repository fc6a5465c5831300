"""What the agent saw, as the host holds it: decoding it, and saying it in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Tree = Mapping[str, Any]
"""A value as the agent's Describer gives it: a kind, and what that kind has."""

_BRACKETS = {"tuple": "()", "list": "[]", "set": "{}"}
_TEXT_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Observation:
    """What came of one case on one target."""

    how: str
    """``exit``, ``signal``, ``timeout``, ``nursery-lost``, ``not-run`` or ``lost``."""
    number: int | None
    detail: str
    output: Mapping[str, str]
    cwd: str
    root: str
    answer: Mapping[str, Any] | None


def decode(tree: Tree) -> Any:
    """Return the Python value that a tree of plain values describes.

    Raises:
        ValueError: for a tree that describes an object of another kind.
    """
    match tree["kind"]:
        case "none":
            return None
        case "bool":
            return bool(tree["value"])
        case "int":
            return int(tree["value"], 0)
        case "str":
            return str(tree["value"])
        case "bytes":
            return bytes.fromhex(tree["hex"])
        case "list":
            return [decode(item) for item in tree["items"]]
        case "tuple":
            return tuple(decode(item) for item in tree["items"])
    raise ValueError(f"a value of kind {tree['kind']!r} cannot be decoded")


def nodes(tree: Tree) -> Iterator[Tree]:
    """Walk a tree, each node before those inside it."""
    yield tree
    for item in tree.get("items", ()):
        for child in item if isinstance(item, list) else (item,):
            yield from nodes(child)


def describe(tree: Tree) -> str:
    """Say an observed value in the way in which Python would show it."""
    kind = tree["kind"]
    match kind:
        case "none":
            return "None"
        case "bool" | "int" | "float" | "complex":
            return str(tree["value"])
        case "str":
            return _shown(ascii_repr(tree["value"]), tree["length"] > len(tree["value"]))
        case "bytes" | "bytearray":
            text = repr(bytes.fromhex(tree["hex"]))
            return _shown(text if kind == "bytes" else f"bytearray({text})", tree["length"] * 2 > len(tree["hex"]))
        case "constant":
            return str(tree["name"])
        case "tuple" | "list" | "set" | "frozenset" if tree["again"]:
            return f"<the same {kind} again>"
        case "tuple" | "list" | "set":
            brackets = _BRACKETS[kind]
            comma = "," if kind == "tuple" and len(tree["items"]) == 1 else ""
            return brackets[0] + ", ".join(describe(item) for item in tree["items"]) + comma + brackets[1]
        case "frozenset":
            return "frozenset({" + ", ".join(describe(item) for item in tree["items"]) + "})"
        case "dict" if tree["again"]:
            return "<the same dict again>"
        case "dict":
            return "{" + ", ".join(f"{describe(key)}: {describe(item)}" for key, item in tree["items"]) + "}"
        case "module":
            return f"<module {tree['name']!r}>"
        case "class":
            return f"<class {tree['name']!r}>"
        case "file":
            state = "closed" if tree["closed"] else f"open at {tree['position']}"
            encoding = f", encoding={tree['encoding']!r}" if tree["encoding"] else ""
            return f"<{tree['type']} {tree['name']!r}, mode={tree['mode']!r}{encoding}, {state}>"
        case "object":
            return f"<{tree['type']} object>"
    return f"<{tree['type']} left out: too large or too deep>"


def describe_exception(seen: Mapping[str, Any]) -> str:
    """Say an observed exception in the way in which a traceback's last line does."""
    return f"{seen['type']}: {_shown(ascii_repr(seen['message'])[1:-1], False)}" if seen["message"] else str(seen["type"])


def ascii_repr(text: str) -> str:
    """Show a string as Python would, with lone surrogates and control characters escaped."""
    return repr(text).encode("utf-8", "backslashreplace").decode("utf-8")


def printable(text: str) -> str:
    """Escape what a terminal or another program could stumble over: control characters and lone surrogates."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _shown(text: str, cut: bool) -> str:
    if len(text) > _TEXT_SHOWN:
        return text[:_TEXT_SHOWN] + f"… ({len(text)} characters)"
    return text + "…" if cut else text
