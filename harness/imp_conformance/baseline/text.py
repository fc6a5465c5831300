"""An entry as it is written in a file and in advice: one line of YAML, or a few where it is long."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable

from imp_conformance.baseline.model import Entry

WIDTH = 160
"""Characters of a line of an entry, its indentation apart."""

_HELD = "\0"
_IN_ITEM = re.compile(r"(?<!,) ")
_PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off|y|n|~)\Z)[A-Za-z_][\w./+*-]*(?: [A-Za-z_][\w./+-]*)*", re.ASCII | re.IGNORECASE)


def entry_text(entry: Entry) -> str:
    """Return an entry as a mapping in braces, on one line."""
    parts = []
    if entry.missing:
        parts.append(f"missing: {_list(entry.missing)}")
    else:
        parts.append(f"case: {scalar(entry.cases[0]) if len(entry.cases) == 1 else _list(entry.cases)}")
    if entry.targets is not None:
        parts.append(f"targets: {_list(entry.targets)}")
    if entry.verdict is not None:
        parts.append(f"verdict: {entry.verdict}")
    elif entry.kinds:
        parts.append(f"differs: {_kinds(entry.kinds)}")
    parts.append(f"reason: {scalar(entry.reason)}")
    if entry.link is not None:
        parts.append(f"link: {scalar(entry.link)}")
    return f"{{{', '.join(parts)}}}"


def entry_lines(entry: Entry) -> list[str]:
    """Return an entry as it is written below a dash: lines end after a comma, and a text is not broken."""
    text = _IN_ITEM.sub(_HELD, entry_text(entry))
    lines = textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [line.replace(_HELD, " ") for line in lines]


def scalar(text: str) -> str:
    """Return a text as it is written: in quotes where it is not plain words."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(scalar, texts))}]"


def _kinds(kinds: tuple[tuple[str, int | None], ...]) -> str:
    if any(count is not None for _, count in kinds):
        return f"{{{', '.join(f'{scalar(kind)}: {count}' for kind, count in kinds)}}}"
    return scalar(kinds[0][0]) if len(kinds) == 1 else _list(kind for kind, _ in kinds)
