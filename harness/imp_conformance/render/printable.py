"""Text of a candidate made fit to be shown: one line, in which no character is invisible, a control or half of one."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return a text in one line, with what cannot be printed as its escape; every XML parser takes the result."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in line)
