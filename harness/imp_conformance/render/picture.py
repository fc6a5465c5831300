"""The matrix as a picture for a README: names by targets, in SVG that follows the reader's light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.columns import Column, columns_of
from imp_conformance.render.legend import case_levels
from imp_conformance.render.merged import cell, flawless, series
from imp_conformance.render.plain import cut
from imp_conformance.render.template import environment
from imp_conformance.results.scores import Matrix

_LINE_LENGTH = 20
_TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class _Bar:
    """A column of the picture: a target, or all releases of a series that have nothing wrong."""

    lines: tuple[str, ...]
    note: str
    title: str
    columns: tuple[Column, ...]


def picture(catalogue: Catalogue, matrix: Matrix) -> str:
    """Return the SVG; whatever a candidate put into its results is shown as text."""
    bars = _bars(matrix, columns_of(matrix))
    levels = case_levels(catalogue)
    rows = [
        (str(level), True, [cell(matrix.totals[level, column.results.id] for column in bar.columns) for bar in bars]) for level in levels
    ]
    rows += [
        (name, False, [cell(matrix.name_total(name, column.results.id) for column in bar.columns) for bar in bars]) for name in matrix.names
    ]
    templates = environment(markup=True, trim=True)
    return templates.get_template("matrix.svg.j2").render(bars=bars, rows=rows, targets=len(matrix.columns), levels=len(levels))


def _bars(matrix: Matrix, columns: Sequence[Column]) -> list[_Bar]:
    bars = [_bar(column) for column in columns if not flawless(matrix, column)]
    by_series: dict[tuple[str, tuple[str, ...]], list[Column]] = {}
    for column in columns:
        if flawless(matrix, column):
            by_series.setdefault((series(column), tuple(column.remarks)), []).append(column)
    return bars + [_series_bar(name, remarks, tuple(members)) for (name, remarks), members in by_series.items()]


def _series_bar(name: str, remarks: Sequence[str], members: tuple[Column, ...]) -> _Bar:
    one = len(members) == 1
    notes = ["" if one else f"{len(members)} releases", *remarks]
    title = ", ".join(column.label for column in members)
    return _Bar((f"CPython {members[0].emulates if one else name}",), ", ".join(filter(None, notes)), title, members)


def _bar(column: Column) -> _Bar:
    interpreter, plus, candidate = column.label.partition("+")
    lines = tuple(cut(text, _LINE_LENGTH) for text in (interpreter, plus + candidate) if text)
    title = ": ".join(cut(text, _TITLE_LENGTH) for text in (column.label, column.notice) if text)
    return _Bar(lines, ", ".join(filter(None, (column.notice.partition(":")[0], *column.remarks))), title, (column,))
