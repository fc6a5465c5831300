"""Results as a short Markdown summary for the page of a CI's job."""

from __future__ import annotations

from collections.abc import Iterable

from imp_conformance.catalogue import Catalogue, Level
from imp_conformance.judge import Verdict
from imp_conformance.matrix import Matrix
from imp_conformance.render.markdown import escape_cell
from imp_conformance.render.terminal import results_note
from imp_conformance.results import TargetResults

SIZE_LIMIT = 1_000_000
"""Bytes: GitHub shows nothing of a step's summary beyond 1 MiB, and other commands of the step may write to it too."""

_WRONG = [verdict for verdict in Verdict if verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE)]
_TEXT_SHOWN = 400
_NOTE_SIZE = 250


def summary_page(catalogue: Catalogue, matrix: Matrix, limit: int = SIZE_LIMIT) -> str:
    """Return a table of scores, and for each target a folded list of what differs, in at most that many bytes of UTF-8."""
    lines = _scores(matrix)
    room = limit - _NOTE_SIZE - _size(lines)
    left_out = 0
    for column in matrix.columns:
        rows = _differences(catalogue, column)
        if not rows:
            continue
        opening = [
            "<details>",
            f"<summary>{_cell(column.id)}: {len(rows)} of {len(column.results)} cases differ</summary>",
            "",
            "| case | shows | verdict | expected | observed | reason |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        closing = ["", "</details>", ""]
        room -= _size(opening) + _size(closing)
        fitting = 0
        while fitting < len(rows) and room >= _size(rows[fitting : fitting + 1]):
            room -= _size(rows[fitting : fitting + 1])
            fitting += 1
        left_out += len(rows) - fitting
        if fitting:
            lines += [*opening, *rows[:fitting], *closing]
    if left_out:
        lines.append(f"**{left_out} more differences are left out here**, because a summary may have 1 MiB: the result files have all.")
    return "\n".join(lines).rstrip("\n") + "\n"


def _scores(matrix: Matrix) -> list[str]:
    lines = [
        "## imp-conformance",
        "",
        escape_cell(results_note(matrix.columns)) + ".",
        "",
        f"| target | judged as | {' | '.join(Level)} | not passed |",
        f"| --- | --- |{' ---: |' * len(Level)} --- |",
    ]
    for column in matrix.columns:
        scores = " | ".join(str(matrix.totals[level, column.id]) for level in Level)
        lines.append(f"| {_cell(column.id)} | {_cell(str(column.target['emulates']))} | {scores} | {_not_passed(column)} |")
    lines += [
        f"| {_cell(column.id)} |{' |' * (len(Level) + 1)} **left out: made with other cases than these** |" for column in matrix.stale
    ]
    return [*lines, ""]


def _not_passed(column: TargetResults) -> str:
    if column.unavailable is not None:
        return f"**unavailable:** {_cell(column.unavailable)}"
    counts = ", ".join(f"{column.count(verdict)} {verdict}" for verdict in _WRONG if column.count(verdict))
    part = "" if column.complete else "only a part was run"
    return "; ".join(text for text in (counts, part) if text)


def _differences(catalogue: Catalogue, column: TargetResults) -> list[str]:
    rows = []
    for case, result in sorted(column.results.items()):
        if result["verdict"] in _WRONG:
            texts = (
                case,
                catalogue.cases[case].title,
                result["verdict"],
                *(result.get(key, "") for key in ("expected", "observed", "reason")),
            )
            rows.append("| " + " | ".join(map(_cell, texts)) + " |")
    return rows


def _cell(text: str) -> str:
    return escape_cell(text if len(text) <= _TEXT_SHOWN else text[:_TEXT_SHOWN] + "…")


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8")) + 1 for line in lines)
