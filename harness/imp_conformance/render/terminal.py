"""What commands show in a terminal, as rich renderables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.render.legend import case_levels
from imp_conformance.results.judge import Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scope import absent_names, listed, outside_names, public_names
from imp_conformance.results.scores import Matrix, Score

PLAIN_WIDTH = 160
"""Columns of what is written where there is no terminal, such as in the log of a CI."""

_NAME_WIDTH = 20
_COLUMN_GAP = 2
_NAMES_WIDTH = 60
"""Characters of names that a line tells."""


def matrix_view(catalogue: Catalogue, matrix: Matrix, width: int) -> Group:
    """Show a matrix: names by targets, in as many columns as fit into the width, and a line a target below."""
    remarks = {column: matrix.remarks(column) for column in matrix.marks}
    labels = {column: f"{column} ({', '.join(texts)})" if texts else column for column, texts in remarks.items()}
    parts: list[RenderableType] = [*name_tables(matrix, labels, width), summary_table(matrix, labels, case_levels(catalogue))]
    scopes = list(scope_lines(catalogue, matrix))
    parts += [Text("\n".join(["", *scopes]))] if scopes else []
    parts += [Text(line) for line in fault_lines(matrix)]
    older = [label for column, label in labels.items() if matrix.marks[column]]
    if older:
        parts.append(Text(f"\nmade with other cases than these: {', '.join(older)}; run them again", style="bold red"))
    return Group(*parts)


def scope_lines(catalogue: Catalogue, matrix: Matrix) -> Iterator[str]:
    """Say of each target of how much of imp its score is, and which names it lacks, a line each."""
    for column in matrix.columns:
        if matrix.scopes[column.id]:
            total = matrix.total(column.id)
            yield f"{column.id}: {matrix.scopes[column.id]}; of their {total.asked} cases {total.passed} pass"
        public = public_names(catalogue, column)
        absent = [name for name in absent_names(column.results.values()) if name in public]
        for what, names in (("not provided", absent), outside_names(catalogue, column)):
            if names:
                yield f"{column.id}: {what}: {listed(names, _NAMES_WIDTH)} ({len(names)} of {len(public)})"


def fault_lines(matrix: Matrix) -> Iterator[str]:
    """Say of each target with a candidate whose its differences are, where another result tells."""
    for target, fault in matrix.faults.items():
        yield f"\n{target}: {fault}"


def name_tables(matrix: Matrix, labels: Mapping[str, str], width: int) -> Iterator[Table]:
    """Show rows by name and columns by target, the gated levels together, in slices that fit the width."""
    shown = [column for column in matrix.columns if column.results]
    widest = max((len(labels[column.id]) for column in shown), default=1) + _COLUMN_GAP
    fitting = max(1, (width - _NAME_WIDTH) // widest)
    for start in range(0, len(shown), fitting):
        part = shown[start : start + fitting]
        table = _table("passed/asked by name")
        table.add_column("name", no_wrap=True, min_width=_NAME_WIDTH - _COLUMN_GAP)
        for column in part:
            table.add_column(Text(labels[column.id]), justify="right", no_wrap=True)
        absent = [_unprovided(column) for column in part]
        for name in matrix.names:
            scores = [matrix.name_total(name, column.id) for column in part]
            if any(score.asked for score in scores) and not all(name in lacking for lacking in absent):
                table.add_row(name, *(_score(score) for score in scores))
        if table.row_count:
            yield table


def _unprovided(column: TargetResults) -> set[str]:
    """Return the subjects of which every case that was asked is missing: a line below the tables says that for all of them."""
    asked: dict[str, set[Verdict]] = {}
    for case, result in column.results.items():
        if result.verdict is not Verdict.NOT_APPLICABLE:
            asked.setdefault(case.partition("/")[0], set()).add(result.verdict)
    return {subject for subject, verdicts in asked.items() if verdicts == {Verdict.MISSING}}


def summary_table(matrix: Matrix, labels: Mapping[str, str], levels: Sequence[Level]) -> Table:
    """Show a line a target: its score at each level, and what is wrong."""
    table = _table("passed/asked by target")
    table.add_column("target", overflow="fold")
    for level in levels:
        table.add_column(level.value if level in matrix.gated_levels else f"({level})", justify="right", no_wrap=True)
    if matrix.use.shares:
        table.add_column("by use", justify="right", no_wrap=True)
    table.add_column("not passed", overflow="fold")
    for column in matrix.columns:
        scores = [_score(matrix.totals[level, column.id]) for level in levels]
        if matrix.use.shares:
            by_use = matrix.by_use(column.id)
            scores.append(_colored(by_use.percent, by_use))
        table.add_row(Text(labels[column.id]), *scores, _wrong(matrix, column))
    return table


def _table(title: str) -> Table:
    return Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False)


def _score(score: Score) -> Text:
    return _colored(str(score), score)


def _colored(text: str, score: Score) -> Text:
    return Text(text, style="" if not score.asked else "green" if score.whole else "red")


def _wrong(matrix: Matrix, column: TargetResults) -> Text:
    if column.unavailable is not None:
        return Text("UNAVAILABLE", style="bold red")
    counts = {**matrix.wrong[column.id], Verdict.NOT_APPLICABLE: column.count(Verdict.NOT_APPLICABLE)}
    parts = [", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts.get(verdict))]
    if matrix.ungated[column.id]:
        parts.append(f"not gated: {matrix.ungated[column.id]}")
    if not column.complete:
        parts.append("only a part was run")
    return Text("; ".join(filter(None, parts)), style="" if matrix.conforms(column) else "red")


def results_note(matrix: Matrix, lost: Collection[str] = (), holding: Collection[str] | None = None) -> str:
    """Say in one line what a run came to.

    Args:
        matrix: the results.
        lost: the targets that stopped answering, which conform in nothing.
        holding: the targets on which the baseline holds; None where there is none.
    """
    columns = matrix.columns
    unavailable = [column.id for column in columns if column.unavailable is not None]
    wrong = [column.id for column in columns if not (matrix.conforms(column) if holding is None else column.id in holding)]
    gone = [column.id for column in columns if column.id in lost]
    right = len(columns) - len({*wrong, *unavailable, *gone})
    whole = all(column.complete for column in columns if column.unavailable is None)
    ungated = sum(matrix.ungated.values())
    said = f"{right} of {len(columns)} targets conform" if holding is None else f"the baseline holds for {right} of {len(columns)} targets"
    parts = [said + ("" if whole else " in the part that was run")]
    if wrong:
        parts.append("differing: " + ", ".join(wrong))
    if unavailable:
        parts.append("unavailable: " + ", ".join(unavailable))
    if gone:
        parts.append("lost: " + ", ".join(gone))
    if ungated:
        parts.append(f"not gated: {ungated} result{'s' if ungated > 1 else ''} that differ{'' if ungated > 1 else 's'}")
    return "; ".join(parts)
