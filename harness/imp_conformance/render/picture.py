"""The matrix as a picture for a README: names by targets, in SVG that follows the reader's light or dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from imp_conformance.catalogue.model import Level
from imp_conformance.catalogue.versions import Release
from imp_conformance.render.columns import Column, columns_of
from imp_conformance.render.template import environment
from imp_conformance.results.scores import Matrix, Score

_LINE_LENGTH = 20
_TITLE_LENGTH = 200
_EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class _Bar:
    """A column of the picture: a target, or all releases of a series that have nothing wrong."""

    lines: tuple[str, ...]
    note: str
    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    kind: str
    """whole, lacking or void."""


def picture(matrix: Matrix) -> str:
    """Return the SVG; whatever a candidate put into its results is shown as text."""
    bars = _bars(columns_of(matrix))
    rows = [
        (str(level), True, [_cell(matrix.totals[level, column.results.id] for column in bar.columns) for bar in bars]) for level in Level
    ]
    rows += [
        (name, False, [_cell(matrix.name_total(name, column.results.id) for column in bar.columns) for bar in bars])
        for name in matrix.names
    ]
    templates = environment(markup=True, trim=True)
    return templates.get_template("matrix.svg.j2").render(bars=bars, rows=rows, targets=len(matrix.columns))


def _bars(columns: Sequence[Column]) -> list[_Bar]:
    bars = [_bar(column) for column in columns if not _flawless(column)]
    for series, members in groupby((column for column in columns if _flawless(column)), key=_series):
        found = tuple(members)
        title = ", ".join(column.label for column in found)
        one = len(found) == 1
        bars.append(_Bar((f"CPython {found[0].emulates if one else series}",), "" if one else f"{len(found)} releases", title, found))
    return bars


def _bar(column: Column) -> _Bar:
    interpreter, plus, candidate = column.label.partition("+")
    lines = tuple(_cut(text, _LINE_LENGTH) for text in (interpreter, plus + candidate) if text)
    title = ": ".join(_cut(text, _TITLE_LENGTH) for text in (column.label, column.notice) if text)
    return _Bar(lines, column.notice.partition(":")[0], title, (column,))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _flawless(column: Column) -> bool:
    return column.genuine and column.results.conforms and column.results.complete


def _series(column: Column) -> str:
    try:
        return "{}.{}".format(*Release.parse(column.emulates).series)
    except ValueError:
        return column.emulates


def _cell(scores: Iterable[Score]) -> _Cell:
    """Say one score, or of several that are all whole the least and the most that was asked."""
    found = list(scores)
    asked = sorted(score.asked for score in found)
    if not asked[-1]:
        return _Cell(_EN_DASH, "void")
    if all(score.whole for score in found):
        return _Cell(str(asked[0]) if asked[0] == asked[-1] else f"{asked[0]}{_EN_DASH}{asked[-1]}", "whole")
    return _Cell(str(found[0]), "lacking")
