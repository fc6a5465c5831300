"""From uses to the clauses that they need, by what specs/needs.yaml says of their features."""

from __future__ import annotations

from collections.abc import Iterable

from imp_conformance.catalogue.needs import Needs
from imp_conformance.scan.model import Import, Kind, Scanned, Use


def clauses_of(needs: Needs, finding: Import | Use) -> tuple[str, ...]:
    """Return the clauses that a finding needs, sorted; nothing is known of names that imp never had."""
    if isinstance(finding, Import):
        return tuple(sorted(needs.module))
    if finding.name not in needs.names:
        return tuple(sorted(needs.module))
    relied = needs.names[finding.name]
    found = set() if finding.kind is Kind.REPLACED else {*relied.always}
    for feature in finding.features:
        found.update(relied.when.get(feature, ()))
    return tuple(sorted(found or needs.module))


def reasons(needs: Needs, use: Import | Use, clause: str) -> list[str]:
    """Say what of a use needs a clause, with the line that shows it; nothing where every use of its name does."""
    if isinstance(use, Import) or use.name not in needs.names or clause in needs.names[use.name].always:
        return []
    told = []
    for feature in sorted(use.features):
        if clause in needs.names[use.name].when.get(feature, ()):
            line = use.reasons.get(feature)
            told.append(needs.features[feature] + (f" in line {line}" if line else ""))
    return told


def all_clauses(needs: Needs, scanned: Iterable[Scanned]) -> list[str]:
    """Return every clause that a program needs, sorted."""
    found: set[str] = set()
    for file in scanned:
        for use in file.uses:
            if not use.guard:
                found.update(clauses_of(needs, use))
        for entry in file.imports:
            if not entry.guard:
                found.update(needs.module)
    return sorted(found)
