"""What kind of difference a baseline holds: a few words that people can read and write, the same on each release and machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Result, Verdict

_CLASS = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_SHORT = re.compile(r"[ -.0-\[\]-z|~]{1,30}")
"""An observed text that may stand in a kind: one short line, without a path, a brace or anything that is not plain to see."""
_ADDRESS = "0x"


def kind_of(result: Result) -> str:
    """Say how a result differs, such as ``raises TypeError``, ``returns None``, ``value 3``, ``files`` or ``crash``.

    The first word says what differs: an exception is raised, or is not (``returns``), or else the part of what was observed
    that is another one. What follows says it more exactly, where that can be said in a few signs.
    """
    if result.verdict is not Verdict.FAIL or result.difference is None:
        return str(result.verdict)
    difference = result.difference
    part = str(difference.where[0])
    if difference.kind in ("raised", "class") and part == "exception":
        name = _CLASS.match(difference.observed)
        return "raises" if name is None else f"raises {name[0]}"
    if difference.kind == "returned":
        return _exactly("returns", difference)
    if part != "value":
        return part
    return _exactly(part, difference)


def coarse(kind: str) -> str:
    """Return a kind without what was observed, so that many cases share it; which exception was raised stays."""
    return kind if kind.startswith("raises ") else kind.partition(" ")[0]


def takes_in(listed: str, kind: str) -> bool:
    """Whether a kind is the listed one, or that said more exactly."""
    return kind == listed or kind.startswith(f"{listed} ")


def listed_as(kind: str, listed: Iterable[str]) -> str | None:
    """Return which of the listed kinds takes a kind in: the one that says the most; None where none does."""
    return max((one for one in listed if takes_in(one, kind)), key=len, default=None)


def _exactly(word: str, difference: Difference) -> str:
    observed = difference.observed
    return f"{word} {observed}" if _SHORT.fullmatch(observed) and _ADDRESS not in observed else word
