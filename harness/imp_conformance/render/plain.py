"""Text of a candidate as one line that a terminal shows and never obeys."""

from __future__ import annotations

LONGEST = 300
"""Characters after which a text is cut short."""


def plain(text: str) -> str:
    """Return the text on one line, with escapes for what is not printable, and cut short where it is very long."""
    line = " ".join(text.split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in line)
