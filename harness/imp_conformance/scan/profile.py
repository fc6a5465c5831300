"""A scan as data: the profile of a program, which --needs takes."""

from __future__ import annotations

from typing import Any

from imp_conformance import __version__
from imp_conformance.results.needs import SCHEMA
from imp_conformance.scan.model import Import, Scanned, Shim, Use
from imp_conformance.scan.report import Report


def profile(report: Report) -> dict[str, Any]:
    """Return the profile of what was scanned: the same program gives the same data, wherever it lies."""
    return {
        "schema": SCHEMA,
        "suite": {"version": __version__, "edition": report.catalogue.edition},
        "clauses": report.clauses,
        "uses": [_use(report, file, finding) for file in report.scanned for finding in file.uses if not finding.guard],
        "imports": [{**_place(file, entry), "used": entry.used} for file in report.scanned for entry in file.imports],
        "shims": [_place(file, shim) for file in report.scanned for shim in file.shims],
        "guarded": [_place(file, finding) for file in report.scanned for finding in file.guarded],
        "unreadable": [
            {"file": file.problem.file, "line": file.problem.line, "why": file.problem.what}
            for file in report.scanned
            if file.problem is not None
        ],
        "targets": {asked.id: _lost(report, asked.id) for asked in report.asked},
    }


def _lost(report: Report, target: str) -> dict[str, list[str]]:
    asked = next(asked for asked in report.asked if asked.id == target)
    found = report.held(asked, tuple(report.clauses))
    if found is None:
        return {clause: [] for clause in report.clauses}
    return {lost.clause: list(lost.cases) for lost in found.lost}


def _use(report: Report, file: Scanned, use: Use) -> dict[str, Any]:
    return {
        **_where(file, use),
        "name": use.name,
        "kind": use.kind.value,
        "features": {feature: use.reasons.get(feature, 0) for feature in sorted(use.features)},
        "clauses": list(report.needed(use)),
    }


def _place(file: Scanned, found: Import | Use | Shim) -> dict[str, Any]:
    guard = getattr(found, "guard", "")
    return {**_where(file, found), "text": found.text, **({"guard": guard} if guard else {})}


def _where(file: Scanned, found: Import | Use | Shim) -> dict[str, Any]:
    where: dict[str, Any] = {"file": file.file, "line": found.place.line, "column": found.place.column}
    return {**where, "distribution": file.distribution} if file.distribution else where
