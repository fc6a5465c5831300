"""Make text of a candidate fit to be shown: no character in it is invisible, a control or half of one, and no part of it a command.

The scripts of `imp-conformance repro` hold this file, so it is standard library only, CPython 3.4 syntax.
"""

import re

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # printable by Unicode's book, and nothing to be seen

_COMMAND = re.compile(r"#(?=#[A-Za-z.]*\[)|:(?=:[\w-]+(?: .*)?::)")
"""The beginning of what a CI takes for a command in a log: ##[error], ##vso[task.x], ##teamcity[x], ::error::."""


def printable(text: str) -> str:
    """Return a text in one line, with what cannot be printed as its escape; every XML parser takes the result."""
    return visible(" ".join(text.split()))


def visible(text: str) -> str:
    """Return a text with its line feeds, and with all else that cannot be printed as its escape."""
    if "##" in text or "::" in text:
        text = _COMMAND.sub(lambda found: "\\x{:02x}".format(ord(found.group())), text)
    if text.isprintable() and _BLANK.isdisjoint(text):
        return text
    return "".join([char if char == "\n" or (char.isprintable() and char not in _BLANK) else _escape(char) for char in text])


def in_a_line(text: str) -> str:
    """Return a text as visible() does, and its line feeds as their escapes."""
    return visible(text).replace("\n", "\\n")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
