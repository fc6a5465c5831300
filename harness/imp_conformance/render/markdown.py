"""The matrix as a Markdown page: one table, and what differs by target and cause."""

from __future__ import annotations

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.columns import columns_of
from imp_conformance.render.legend import LEVELS, case_levels
from imp_conformance.render.merged import cell, heading, merged
from imp_conformance.render.printable import printable
from imp_conformance.render.template import environment
from imp_conformance.results.scores import Matrix

_MARKUP = frozenset("&<>|`*_[]\\~#!:")


def markdown_page(catalogue: Catalogue, matrix: Matrix) -> str:
    """Return the page; whatever a candidate put into its results is shown as text."""
    columns = columns_of(matrix)
    groups = merged(matrix, columns)
    templates = environment(markup=False, trim=True)  # Markdown: the cell filter escapes
    templates.filters["cell"] = escape_cell
    levels = case_levels(catalogue)
    rows = [(str(level), [cell(matrix.totals[level, column.results.id] for column in group) for group in groups]) for level in levels]
    rows += [(name, [cell(matrix.name_total(name, column.results.id) for column in group) for group in groups]) for name in matrix.names]
    return templates.get_template("matrix.md.j2").render(
        matrix=matrix,
        groups=[(heading(group), group) for group in groups],
        rows=rows,
        levels={level: LEVELS[level] for level in levels},
        notices=[column for column in columns if column.notice],
    )


def escape_cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table, in which nothing of it may be markup."""
    return "".join(f"&#{ord(char)};" if char in _MARKUP else char for char in printable(text))
