"""What commands show in a terminal, as rich renderables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from imp_conformance.catalogue import Level
from imp_conformance.judge import Verdict
from imp_conformance.matrix import Matrix, Score
from imp_conformance.results import TargetResults

_WRONG = (Verdict.FAIL, Verdict.MISSING, Verdict.CRASH, Verdict.TIMEOUT)
_NAME_WIDTH = 20
_COLUMN_GAP = 2


def matrix_view(matrix: Matrix, width: int) -> Group:
    """Show a matrix: the scores of each target, then the names in which any target differs, in as many columns as fit."""
    parts: list[RenderableType] = [summary_table(matrix)]
    parts.extend(name_tables(matrix, width))
    return Group(*parts)


def summary_table(matrix: Matrix) -> Table:
    """Show a line a target: its score a level, and what is wrong."""
    table = Table(title="imp conformance: passed/asked by target", title_justify="left", box=None, pad_edge=False)
    table.add_column("target", no_wrap=True)
    table.add_column("judged as", justify="right")
    for level in Level:
        table.add_column(level.value, justify="right")
    for verdict in (*_WRONG, Verdict.NOT_APPLICABLE):
        table.add_column(verdict.value, justify="right")
    for column in matrix.columns:
        scores = [_score(matrix.totals[level, column.id]) for level in Level]
        wrong = [_count(column, verdict) for verdict in _WRONG]
        table.add_row(
            Text(column.id), str(column.target["emulates"]), *scores, *wrong, str(column.count(Verdict.NOT_APPLICABLE)),
        )
        note = _note(column)
        if note:
            table.add_row(Text(f"  {note}", style="bold red"))
    return table


def name_tables(matrix: Matrix, width: int) -> Iterator[Table]:
    """Show a table a level, rows by name and columns by target, in slices that fit the width."""
    widest = max((len(column.id) for column in matrix.columns), default=1) + _COLUMN_GAP
    fitting = max(1, (width - _NAME_WIDTH) // widest)
    for level in Level:
        rows = matrix.rows(level)
        for start in range(0, len(matrix.columns) if rows else 0, fitting):
            part = matrix.columns[start : start + fitting]
            table = Table(title=f"\n{level.value}", title_justify="left", box=None, pad_edge=False)
            table.add_column("name", no_wrap=True, min_width=_NAME_WIDTH - _COLUMN_GAP)
            for column in part:
                table.add_column(Text(column.id), justify="right", no_wrap=True)
            for name, scores in rows:
                table.add_row(name, *(_score(score) for score in scores[start : start + fitting]))
            yield table


def _score(score: Score) -> Text:
    return Text(str(score), style="" if not score.asked else "green" if score.whole else "red")


def _count(column: TargetResults, verdict: Verdict) -> Text:
    number = column.count(verdict)
    return Text(str(number), style="red" if number else "dim")


def _note(column: TargetResults) -> str:
    if column.unavailable is not None:
        return f"unavailable: {column.unavailable}"
    return "" if column.complete else "only a part of the cases was run"


def results_note(columns: Sequence[TargetResults]) -> str:
    """Say in one line what a run came to."""
    wrong = [column.id for column in columns if not column.conforms]
    unavailable = [column.id for column in columns if column.unavailable is not None]
    parts = [f"{len(columns) - len(wrong) - len(unavailable)} of {len(columns)} targets conform"]
    if wrong:
        parts.append("differing: " + ", ".join(wrong))
    if unavailable:
        parts.append("unavailable: " + ", ".join(unavailable))
    return "; ".join(parts)
