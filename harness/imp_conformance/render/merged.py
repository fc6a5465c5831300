"""Targets that a narrow table shows as one column: what it is called, and what its cells say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Level
from imp_conformance.catalogue.versions import Release
from imp_conformance.render.columns import Column
from imp_conformance.results.scores import Matrix, Score

_EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and its kind: ``whole``, ``lacking`` or ``void``."""

    text: str
    kind: str


def cell(scores: Iterable[Score]) -> Cell:
    """Say the score of one target, or of several that all pass everything or all have equal scores.

    The text is ``48/56`` where something is lacking, the number of cases where all pass (the least and the most of several
    targets), and a dash where nothing is asked.
    """
    found = list(scores)
    asked = sorted(score.asked for score in found)
    if not asked[-1]:
        return Cell(_EN_DASH, "void")
    if all(score.whole for score in found):
        return Cell(str(asked[0]) if asked[0] == asked[-1] else f"{asked[0]}{_EN_DASH}{asked[-1]}", "whole")
    return Cell(str(found[0]), "lacking")


def percentage(scores: Iterable[Score]) -> Cell:
    """Say the score of one target, or the lowest of several, as a percentage."""
    least = min(scores, key=lambda score: score.passed / score.asked if score.asked else 1)
    return Cell(least.percent, "whole" if least.asked and least.whole else "lacking") if least.asked else Cell(_EN_DASH, "void")


def flawless(matrix: Matrix, column: Column) -> bool:
    """Say whether a column is a genuine interpreter on which everything was run and nothing that is gated differs."""
    return column.genuine and matrix.conforms(column.results) and column.results.complete


def series(column: Column) -> str:
    """Return the release series by which a column is judged, such as ``3.8``."""
    try:
        return "{}.{}".format(*Release.parse(column.emulates).series)
    except ValueError:
        return column.emulates


def merged(matrix: Matrix, columns: Sequence[Column]) -> list[list[Column]]:
    """Return the columns in their order, together with the first of them those that a narrow table shows as one.

    These are the flawless ones, whatever each of them was asked, and those with equal scores at each level of each name.
    What is marked otherwise (unavailable, partial, of other cases) is not shown as one.
    """
    groups: dict[object, list[Column]] = {}
    for column in columns:
        target = column.results.id
        scores = None if flawless(matrix, column) else [matrix.scores[level, name, target] for name in matrix.names for level in Level]
        key = (column.notice, column.mark, column.scope, column.emulates if scores else "", tuple(scores or ()))
        groups.setdefault(key, []).append(column)
    return list(groups.values())


def heading(matrix: Matrix, members: Sequence[Column]) -> str:
    """Name columns that are shown as one: ``CPython 3.4 to 3.11, 28 builds``, or what they have in common and where."""
    if len(members) == 1:
        return members[0].label
    if all(flawless(matrix, column) for column in members):
        spanned = list(dict.fromkeys(series(column) for column in members))
        span = spanned[0] if len(spanned) == 1 else f"{spanned[0]} to {spanned[-1]}"
        return f"CPython {span}, {len(members)} builds"
    parts = [column.label.partition("+") for column in members]
    interpreters, candidates = [part[0] for part in parts], {part[2] for part in parts}
    if len(candidates) == 1 and "" not in candidates:
        return f"{candidates.pop()} on {', '.join(interpreters)}"
    return ", ".join(column.label for column in members)
