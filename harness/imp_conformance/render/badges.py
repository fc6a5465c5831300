"""A badge a target: as JSON for the endpoint of shields.io, and as an SVG that needs nobody."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from imp_conformance.catalogue.model import Level
from imp_conformance.portable.printable import printable
from imp_conformance.render.template import environment
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scores import Matrix, Score

_COLORS = {
    "brightgreen": "#2a7f0b",
    "green": "#567300",
    "yellow": "#8a6500",
    "red": "#b8321f",
    "lightgrey": "#666666",
}
"""The names that shields.io knows, and a colour of that kind on which white text has a contrast of 4.5 and more."""

_CHARACTER, _MARGIN = 6.6, 10
"""Pixels: what a character of 11 px takes at most on average, and what is beside a text."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says, and in which of the colours that shields.io has."""

    label: str
    message: str
    color: str


def badge_files(matrix: Matrix) -> Iterator[tuple[str, str]]:
    """Give the name and the text of each file, for every target of the matrix."""
    for column in matrix.columns:
        badge = make_badge(matrix, column)
        endpoint = {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.color}
        yield f"{column.id}.json", json.dumps(endpoint, indent=1, ensure_ascii=True) + "\n"
        yield f"{column.id}.svg", svg(badge, printable(column.id))


def make_badge(matrix: Matrix, column: TargetResults) -> Badge:
    """Return the badge of a target: its share of documented cases, and of all that are gated, and of which part of imp that is.

    Green is for the documented and docstring levels without a fault, bright green for all that is gated.
    """
    label = f"imp {printable(str(column.target['emulates']))}"
    if column.unavailable is not None:
        return Badge(label, "unavailable", "lightgrey")
    if matrix.marks[column.id]:
        return Badge(label, "out of date", "lightgrey")
    if not column.complete:
        return Badge(label, "only a part was run", "lightgrey")
    scores = {level: matrix.totals[level, column.id] for level in Level}
    total = matrix.total(column.id)
    scope = f"{matrix.scopes[column.id]}: " if matrix.scopes[column.id] else ""
    message = f"{scope}{scores[Level.DOCUMENTED].percent} documented, {total.percent} all"
    return Badge(label, message, _color(scores, total))


def _color(scores: dict[Level, Score], total: Score) -> str:
    if not total.asked:
        return "lightgrey"
    if total.whole:
        return "brightgreen"
    if not scores[Level.DOCUMENTED].whole:
        return "red"
    return "green" if scores[Level.DOCSTRING].whole else "yellow"


def svg(badge: Badge, target: str) -> str:
    """Draw a badge, with its text and the target's id for those who do not see it."""
    templates = environment(markup=True, trim=False)
    left, right = _width(badge.label), _width(badge.message)
    return templates.get_template("badge.svg.j2").render(
        badge=badge, target=target, fill=_COLORS[badge.color], left=left, right=right, margin=_MARGIN
    )


def _width(text: str) -> int:
    """Return the pixels for a text; the drawing stretches or squeezes it to fit, whatever the font."""
    cells = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return round(cells * _CHARACTER) + _MARGIN
