"""Text of a candidate as one line that a terminal shows and never obeys."""

from __future__ import annotations

from imp_conformance.portable.printable import printable

LONGEST = 300
"""Characters after which a text is cut short."""


def plain(text: str) -> str:
    """Return the text on one line, with escapes for what is not printable, and cut short where it is very long."""
    line = " ".join(text.split())
    return printable(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…")
