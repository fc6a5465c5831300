"""The matrix as one HTML page that needs nothing else: its style, its script and its data are in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from imp_conformance.catalogue.model import Catalogue, Clause
from imp_conformance.portable.printable import printable, visible
from imp_conformance.render.columns import Column, columns_of
from imp_conformance.render.page_data import page_data
from imp_conformance.render.template import environment
from imp_conformance.render.words import LEVELS, VERDICTS
from imp_conformance.resources import package_text
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import Matrix

_STYLES = ("base", "grid", "details", "print")
_SCRIPTS = ("model", "address", "rows", "element", "grid", "cells", "keys", "script", "details", "controls", "paper", "main")


def html_page(catalogue: Catalogue, matrix: Matrix) -> str:
    """Return the page; whatever a candidate put into its results is shown as text."""
    columns = columns_of(matrix)
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
        suite=matrix.columns[0].suite,
        levels=LEVELS,
        verdicts=VERDICTS,
        broken=_broken(catalogue, columns),
        unasked=[(column, _unasked(column)) for column in columns],
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=page_data(catalogue, columns),
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


@dataclass(frozen=True, slots=True)
class _Difference:
    """One finding that is no pass, and all the targets on which it is the same."""

    verdict: str
    expected: str
    observed: str
    reason: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Broken:
    """Cases of the same clauses, one after the other, that something does not conform to."""

    clauses: tuple[Clause, ...]
    cases: list[tuple[str, list[_Difference]]]


def _broken(catalogue: Catalogue, columns: Sequence[Column]) -> dict[str, list[_Broken]]:
    """Return by name what does not conform, clause by clause."""
    by_name: dict[str, list[_Broken]] = {}
    for case in catalogue.cases.values():
        found: dict[tuple[str, str, str, str], list[str]] = {}
        for column in columns:
            result = column.results.results.get(case.id)
            if result is not None and not result.conforms:
                told = (result.verdict, result.expected, result.observed, result.reason)
                found.setdefault(told, []).append(column.label)
        if found:
            entries = [_Difference(*told, targets=tuple(targets)) for told, targets in found.items()]
            clauses = tuple(catalogue.clauses[clause] for clause in case.clauses)
            before = by_name.setdefault(case.subject, [])
            if not before or before[-1].clauses != clauses:
                before.append(_Broken(clauses, []))
            before[-1].cases.append((case.id, entries))
    return by_name


def _unasked(column: Column) -> dict[str, list[str]]:
    """Return the cases that a target was not asked, by reason."""
    found: dict[str, list[str]] = {}
    for case, result in sorted(column.results.results.items()):
        if result.verdict is Verdict.NOT_APPLICABLE:
            found.setdefault(result.reason, []).append(case)
    return found
