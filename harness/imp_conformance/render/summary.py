"""Results as a short Markdown summary for the page of a CI's job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imp_conformance.baseline.checking import find_problems, holding
from imp_conformance.baseline.known import Known, number_held
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.scope import scope_problems
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.legend import case_levels
from imp_conformance.render.markdown import escape_cell
from imp_conformance.render.terminal import results_note, scope_lines
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scope import absent_names, public_names
from imp_conformance.results.scores import Matrix

SIZE_LIMIT = 1_000_000
"""Bytes: GitHub shows nothing of a step's summary beyond 1 MiB, and other commands of the step may write to it too."""

_TEXT_SHOWN = 400
_NOTE_SIZE = 250


def summary_page(catalogue: Catalogue, matrix: Matrix, baseline: Baseline | None = None, limit: int = SIZE_LIMIT) -> str:
    """Return a table of scores, and what differs in folded lists, in at most that many bytes of UTF-8 if the table has room in it.

    What a baseline lists is counted; where it does not hold, it is said why.
    """
    held = None if baseline is None else holding(baseline, catalogue, matrix.gated_results(catalogue), matrix.columns)
    lines = ["## imp-conformance", "", escape_cell(results_note(matrix, holding=held)) + ".", "", *_scores(catalogue, matrix), ""]
    lines += [line for text in scope_lines(catalogue, matrix) for line in (f"{escape_cell(text)}.", "")]
    room = limit - _NOTE_SIZE - _size(lines)
    left_out = 0
    for opening, rows in _sections(catalogue, matrix, baseline):
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
        lines.append(f"**{left_out} more lines are left out here**, because a summary may have 1 MiB: the result files have all.")
    return "\n".join(lines).rstrip("\n") + "\n"


def _scores(catalogue: Catalogue, matrix: Matrix) -> Iterator[str]:
    levels = case_levels(catalogue)
    heads = [str(level) if level in matrix.gated_levels else f"{level} (not gated)" for level in levels]
    yield f"| target | judged as | {' | '.join(heads)} | not passed |"
    yield f"| --- | --- |{' ---: |' * len(levels)} --- |"
    for column in matrix.columns:
        scores = " | ".join(str(matrix.totals[level, column.id]) for level in levels)
        remarks = matrix.remarks(column.id)
        mark = f" ({', '.join(remarks)})" if remarks else ""
        yield f"| {_cell(column.id)}{mark} | {_cell(str(column.target['emulates']))} | {scores} | {_not_passed(matrix, column)} |"


def _not_passed(matrix: Matrix, column: TargetResults) -> str:
    if column.unavailable is not None:
        return f"**unavailable:** {_cell(column.unavailable)}"
    wrong, ungated = matrix.wrong[column.id], matrix.ungated[column.id]
    parts = [f"{wrong[verdict]} {verdict}" for verdict in Verdict if wrong[verdict]]
    parts += [str(matrix.faults[column.id])] if column.id in matrix.faults else []
    parts += [f"{ungated} not gated"] if ungated else []
    return ", ".join(parts if column.complete else [*parts, "only a part was run"])


def _sections(catalogue: Catalogue, matrix: Matrix, baseline: Baseline | None) -> Iterator[tuple[list[str], list[str]]]:
    """Give the opening and the lines of each folded list."""
    if baseline is not None:
        found = matrix.gated_results(catalogue)
        problems = [*scope_problems(baseline, catalogue, matrix.columns), *find_problems(baseline, catalogue, found)]
        rows = [f"- {_cell(str(problem))}" for problem in problems] or ["The baseline holds."]
        count = number_held(Known(baseline), found)
        yield _opening(f"Known differences: {count} as the baseline says, {len(problems)} not", unfolded=bool(problems)), rows
    for column in matrix.columns:
        differing = _differing(catalogue, matrix, column, baseline)
        public = public_names(catalogue, column)  # of those that are lacking, a line below the table says so
        rows = [_row(catalogue, result) for result in differing if public.isdisjoint(absent_names([result]))]
        if differing:
            new = "" if baseline is None else " and are not in the baseline"
            lacking = len(differing) - len(rows)
            more = f", {lacking} of them for want of names (above)" if lacking else ""
            opening = _opening(f"{_cell(column.id)}: {len(differing)} of {len(column.results)} cases differ{new}{more}")
            heads = ["| case | shows | verdict | expected | observed | reason |", "| --- | --- | --- | --- | --- | --- |"]
            yield [*opening, *heads], rows


def _opening(summary: str, unfolded: bool = False) -> list[str]:
    return ["<details open>" if unfolded else "<details>", f"<summary>{summary}</summary>", ""]


def _differing(catalogue: Catalogue, matrix: Matrix, column: TargetResults, baseline: Baseline | None) -> list[Result]:
    """Return what does not conform, is gated, and is not in the baseline."""
    known = None if baseline is None else Known(baseline)
    gated = sorted(matrix.gate.gated(catalogue, column.results).items())
    return [result for case, result in gated if not result.conforms and (known is None or known.entry(case, column.id, result) is None)]


def _row(catalogue: Catalogue, result: Result) -> str:
    told = [catalogue.cases[result.case].title, result.verdict, result.expected, result.observed, result.reason]
    return f"| {result.case} | {' | '.join(map(_cell, told))} |"


def _cell(text: str) -> str:
    return escape_cell(text if len(text) <= _TEXT_SHOWN else text[:_TEXT_SHOWN] + "…")


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8")) + 1 for line in lines)
