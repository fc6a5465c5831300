"""The matrix as a Markdown page."""

from __future__ import annotations

from imp_conformance.catalogue.model import Level
from imp_conformance.portable.printable import printable
from imp_conformance.render.template import environment
from imp_conformance.render.words import LEVELS
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import Matrix, Score

_MARKUP = frozenset("&<>|`*_[]\\~#!:")


def markdown_page(matrix: Matrix) -> str:
    """Return the page; whatever a candidate put into its results is shown as text."""
    templates = environment(markup=False, trim=False)  # Markdown: the cell filter escapes
    templates.filters["cell"] = escape_cell
    templates.filters["mark"] = _mark
    return templates.get_template("matrix.md.j2").render(
        matrix=matrix,
        suite=matrix.columns[0].suite,
        levels=list(Level),
        verdicts=list(Verdict)[1:],
        meanings=LEVELS,
    )


def escape_cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table, in which nothing of it may be markup."""
    return "".join(f"&#{ord(char)};" if char in _MARKUP else char for char in printable(text))


def _mark(text: str, score: Score) -> str:
    return text if score.whole else f"**{text}**"
