"""The digest of what the cases ask: the same for two catalogues that ask the same, whatever their prose says."""

from __future__ import annotations

import hashlib
import io
import json
import tokenize
from collections.abc import Mapping
from typing import Any

from imp_conformance.catalogue.model import Clause, least_binding

_NOT_ASKED = ("title", "clauses", "edition", "split_from", "uses")
"""Keys of a case that say nothing of what is run and expected. Of its clauses only the level counts."""


def content_digest(cases: Mapping[str, Mapping[str, Any]], clauses: Mapping[str, Clause]) -> str:
    """Return ``sha256:`` and hex digits for the content of cases.

    Titles, comments and reasons of changes leave it as it is, and so do order and layout. Another level of a case changes it.

    Args:
        cases: the data of each case as its file has it, by id.
        clauses: the clauses that the cases name; a name that is none of them counts for nothing.
    """
    content = {name: {"level": _level(item, clauses), **_asked(item)} for name, item in cases.items()}
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _level(item: Mapping[str, Any], clauses: Mapping[str, Clause]) -> str | None:
    levels = [clauses[name].level for name in item["clauses"] if name in clauses]
    return least_binding(levels) if levels else None


def _asked(item: Mapping[str, Any]) -> dict[str, Any]:
    asked = {key: value for key, value in item.items() if key not in _NOT_ASKED}
    for key in {"run", "given"} & asked.keys():
        asked[key] = _without_comments(asked[key])
    if "changes" in asked:
        asked["changes"] = [{key: value for key, value in change.items() if key != "why"} for change in asked["changes"]]
    return asked


def _without_comments(code: str) -> str:
    """Return a snippet without its comments, and without the lines that hold nothing else."""
    if "#" not in code:
        return code
    lines: list[str | None] = [*code.split("\n")]
    for token in tokenize.generate_tokens(io.StringIO(code, newline="\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = token.line[:column].rstrip() or None
    return "\n".join(line for line in lines if line is not None)
