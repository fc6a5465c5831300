"""A folder's own README.md, filled from its README.md.j2, so that no number in its text can go stale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.errors import InvalidReadme
from imp_conformance.render.columns import Column, columns_of
from imp_conformance.render.markdown import escape_cell
from imp_conformance.render.merged import heading, merged, series
from imp_conformance.resources import replacing
from imp_conformance.results.causes import Cause, causes
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import Matrix, Score

TEMPLATE = "README.md.j2"


@dataclass(frozen=True, slots=True)
class Told:
    """What a text can say of one target, or of several with equal scores."""

    label: str
    column: Column
    """The first of them."""
    documented: Score
    """Of the documented cases that were asked."""
    total: Score
    """Of all gated cases that were asked."""
    unasked: int
    """How many cases are not applicable."""
    clauses_unasked: int
    """How many documented clauses have no case that was asked."""
    names: dict[str, Score]
    """The gated levels together, by name of imp; those of which nothing is asked are left out."""
    causes: list[Cause]


@dataclass(frozen=True, slots=True)
class Series:
    """CPython's own imp in one release series."""

    name: str
    builds: list[Told]

    @property
    def conform(self) -> bool:
        """Whether every build passes everything that is gated."""
        return all(told.total.whole for told in self.builds)


def fill_readme(folder: Path, catalogue: Catalogue, matrix: Matrix) -> Path | None:
    """Write README.md into a folder that has a README.md.j2, and return its path; do nothing in another folder.

    The template gets ``catalogue``, ``matrix``, ``genuine`` (a Series each), ``others`` (the other targets, by their implementation
    or, where they have one, their candidate) and the filter ``text``, which escapes.

    Raises:
        InvalidReadme: the template cannot be read or filled.
    """
    source = folder / TEMPLATE
    if not source.is_file():
        return None
    templates = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    templates.filters["text"] = escape_cell
    columns = columns_of(matrix)
    try:
        template = templates.from_string(source.read_text(encoding="utf-8"))
        text = template.render(
            catalogue=catalogue, matrix=matrix, genuine=_genuine(catalogue, matrix, columns), others=_others(catalogue, matrix, columns)
        )
    except (jinja2.TemplateError, UnicodeDecodeError) as error:
        where = f":{error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise InvalidReadme(f"{source}{where}: {error}") from error
    path = folder / "README.md"
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")
    return path


def _genuine(catalogue: Catalogue, matrix: Matrix, columns: Sequence[Column]) -> list[Series]:
    found: dict[str, list[Told]] = {}
    for column in columns:
        if column.genuine:
            found.setdefault(series(column), []).append(_told(catalogue, matrix, [column]))
    return [Series(name, builds) for name, builds in found.items()]


def _others(catalogue: Catalogue, matrix: Matrix, columns: Sequence[Column]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for group in merged(matrix, [column for column in columns if not column.genuine]):
        _, _, candidate = group[0].label.partition("+")
        found.setdefault(candidate or str(group[0].results.target["implementation"]), []).append(_told(catalogue, matrix, group))
    return found


def _told(catalogue: Catalogue, matrix: Matrix, group: Sequence[Column]) -> Told:
    column = group[0]
    results = column.results.results
    asked = {case for case, result in results.items() if result.verdict != Verdict.NOT_APPLICABLE}
    answered = {clause for case in asked for clause in catalogue.cases[case].clauses}
    documented = [clause.id for clause in catalogue.clauses.values() if clause.level is Level.DOCUMENTED]
    target = column.results.id
    return Told(
        label=heading(matrix, group),
        column=column,
        documented=matrix.totals[Level.DOCUMENTED, target],
        total=matrix.total(target),
        unasked=len(results) - len(asked),
        clauses_unasked=sum(clause not in answered for clause in documented),
        names={name: score for name in matrix.names if (score := matrix.name_total(name, target)).asked},
        causes=causes(catalogue, results),
    )
