"""Text of a candidate as one line that a terminal shows and never obeys, and no longer than there is room."""

from __future__ import annotations

from imp_conformance.portable.printable import printable

LONGEST = 300
"""Characters after which a text is cut short."""


def plain(text: str) -> str:
    """Return the text on one line, with escapes for what is not printable, and cut short where it is very long."""
    return printable(cut(" ".join(text.split()), LONGEST))


def cut(text: str, length: int) -> str:
    """Return the text, or as much of it as fits into a length with an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"
