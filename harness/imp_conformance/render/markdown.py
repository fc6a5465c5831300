"""The matrix as a Markdown page: one table, and what differs by target and cause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.printable import printable
from imp_conformance.render.columns import Column, columns_of
from imp_conformance.render.legend import LEVELS, case_levels, use_in_words
from imp_conformance.render.merged import cell, heading, merged, percentage
from imp_conformance.render.template import environment
from imp_conformance.results.causes import Cause, causes, importance
from imp_conformance.results.scores import Matrix

# An underscore inside a word is no emphasis, and a colon before a space begins no link and no emoji: both are frequent.
_MARKUP = re.compile(r"[&<>|`*\[\]\\~#]|(?<![^\W_])_|_(?![^\W_])|:(?! |$)")

SHOWN = 100
"""How many causes of one section the table has, so that it can be read; the page has them all."""


def markdown_page(catalogue: Catalogue, matrix: Matrix) -> str:
    """Return the page; whatever a candidate put into its results is shown as text."""
    columns = columns_of(matrix)
    groups = merged(matrix, columns)
    levels = case_levels(catalogue)
    rows = [(str(level), [cell(matrix.totals[level, column.results.id] for column in group) for group in groups]) for level in levels]
    if catalogue.use.shares:
        rows.append(("by use", [percentage(matrix.by_use(column.results.id) for column in group) for group in groups]))
    rows += [(name, [cell(matrix.name_total(name, column.results.id) for column in group) for group in groups]) for name in matrix.names]
    templates = environment(markup=False, trim=True)  # Markdown: the cell filter escapes
    templates.filters["cell"] = escape_cell
    return templates.get_template("matrix.md.j2").render(
        groups=[(heading(matrix, group), group) for group in groups],
        rows=rows,
        levels={f"{level}{'' if level in matrix.gated_levels else ' (not gated)'}": LEVELS[level] for level in levels},
        use=use_in_words(catalogue.use),
        notices=[column for column in columns if column.notice],
        sections=_sections(catalogue, matrix, columns),
        shown=SHOWN,
    )


@dataclass(frozen=True, slots=True)
class _Section:
    """What differs on one target, or on all targets of one candidate."""

    heading: str
    counts: list[str]
    """What differs on which targets, in numbers of cases."""
    causes: list[tuple[Cause, str]]
    """Each with the interpreters that have it, or "" where all of the section do."""


def _sections(catalogue: Catalogue, matrix: Matrix, columns: Sequence[Column]) -> list[_Section]:
    by_candidate: dict[str, list[tuple[Column, list[Cause]]]] = {}
    for column in columns:
        found = causes(catalogue, column.results.results)
        if found:
            by_candidate.setdefault(column.label.partition("+")[2] or column.label, []).append((column, found))
    return [_section(catalogue, matrix, found) for found in by_candidate.values()]


def _section(catalogue: Catalogue, matrix: Matrix, found: Sequence[tuple[Column, list[Cause]]]) -> _Section:
    where: dict[Cause, list[Column]] = {}
    counts: dict[str, list[Column]] = {}
    for column, own in found:
        for cause in own:
            where.setdefault(cause, []).append(column)
        target = column.results.id
        ungated = f", and {matrix.ungated[target]} that are not gated" if matrix.ungated[target] else ""
        whose = f" ({matrix.faults[target]})" if target in matrix.faults else ""
        counts.setdefault(f"{matrix.wrong[target].total()} of {matrix.total(target).asked} cases{whose}{ungated}", []).append(column)
    listed = sorted(where, key=lambda cause: importance(catalogue, cause))
    return _Section(
        heading=heading(matrix, [column for column, _ in found]),
        counts=[number if len(counts) == 1 else f"{number} on {_interpreters(members)}" for number, members in counts.items()],
        causes=[(cause, "" if len(where[cause]) == len(found) else _interpreters(where[cause])) for cause in listed],
    )


def _interpreters(columns: Sequence[Column]) -> str:
    return ", ".join(column.label.partition("+")[0] for column in columns)


def escape_cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table, in which nothing of it may be markup."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", printable(text))
