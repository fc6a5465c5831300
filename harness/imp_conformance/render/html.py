"""The matrix as one HTML page that needs nothing else: its style, its script and its data are in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from imp_conformance.catalogue.model import Catalogue, Clause
from imp_conformance.portable.printable import printable, visible
from imp_conformance.render.columns import Column, columns_of, distinct
from imp_conformance.render.legend import LEVELS, VERDICTS, case_levels, use_in_words
from imp_conformance.render.page_data import page_data
from imp_conformance.render.template import environment
from imp_conformance.resources import package_text
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import Matrix

_STYLES = ("base", "grid", "details", "print")
_SCRIPTS = ("model", "address", "rows", "element", "grid", "cells", "keys", "details", "controls", "paper", "main")


def html_page(catalogue: Catalogue, matrix: Matrix) -> str:
    """Return the page; whatever a candidate put into its results is shown as text."""
    columns = columns_of(matrix)
    different = distinct(catalogue, columns)
    style = Markup("\n".join(package_text(f"render/templates/page/{name}.css") for name in _STYLES))
    script = Markup(
        '"use strict";\n(() => {\n' + "\n".join(package_text(f"render/templates/page/{name}.js") for name in _SCRIPTS) + "})();\n"
    )
    templates = environment(markup=True, trim=True)
    templates.filters["visible"] = visible
    templates.filters["printable"] = printable
    templates.filters["embedded"] = embedded
    return templates.get_template("page.html.j2").render(
        catalogue=catalogue,
        matrix=matrix,
        columns=columns,
        groups=[group for group in _groups(columns) if group[1]],
        distinct=different,
        levels={level: LEVELS[level] for level in case_levels(catalogue)},
        use=use_in_words(catalogue.use),
        verdicts=VERDICTS,
        broken=_broken(catalogue, different),
        unasked=[(same, _unasked(same[0])) for same in different],
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=page_data(catalogue, columns, matrix.gate),
    )


def embedded(data: Any) -> Markup:
    """Return data as JSON that an HTML script element can hold: nothing in it can end the element, or begin another."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _hash(source: str) -> str:
    """Return the name by which a content security policy lets a piece of source in."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")


def _groups(columns: Sequence[Column]) -> list[tuple[str, list[Column]]]:
    return [
        ("Stand-ins and other interpreters", [column for column in columns if not column.genuine]),
        ("CPython's own imp", [column for column in columns if column.genuine]),
    ]


class _Shown(NamedTuple):
    """What the page tells of a result: results that differ in nothing else are told as one."""

    verdict: Verdict
    expected: str
    observed: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Broken:
    """Cases of the same clauses, one after the other, that something does not conform to."""

    clauses: tuple[Clause, ...]
    cases: list[tuple[str, list[tuple[_Shown, list[str]]]]]
    """By case: each result, and the keys of the targets on which it was."""


def _broken(catalogue: Catalogue, distinct: Sequence[Sequence[Column]]) -> dict[str, list[_Broken]]:
    """Return by name what does not conform, clause by clause."""
    by_name: dict[str, list[_Broken]] = {}
    for case in catalogue.cases.values():
        told: dict[_Shown, list[str]] = {}
        for same in distinct:
            found = same[0].results.results.get(case.id)
            if found is not None and not found.conforms:
                shown = _Shown(found.verdict, found.expected, found.observed, found.reason)
                told.setdefault(shown, []).extend(column.key for column in same)
        if told:
            clauses = tuple(catalogue.clauses[clause] for clause in case.clauses)
            before = by_name.setdefault(case.subject, [])
            if not before or before[-1].clauses != clauses:
                before.append(_Broken(clauses, []))
            before[-1].cases.append((case.id, list(told.items())))
    return by_name


def _unasked(column: Column) -> dict[str, list[str]]:
    """Return the cases that a target was not asked, by reason."""
    by_reason: dict[str, list[str]] = {}
    for case, result in sorted(column.results.results.items()):
        if result.verdict is Verdict.NOT_APPLICABLE:
            by_reason.setdefault(result.reason, []).append(case)
    return by_reason
