"""What was found of a case on a target, and which targets have all findings in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.files import TargetResults
from imp_conformance.results.judge import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """A result as it is shown. Texts are "" where there is nothing to say; they are a candidate's, and not yet fit to be shown."""

    verdict: Verdict
    expected: str
    observed: str
    reason: str


def finding(results: TargetResults, case: str) -> Finding | None:
    """Return what was found of a case, None where it was not run."""
    result = results.results.get(case)
    if result is None:
        return None
    return Finding(Verdict(result["verdict"]), result.get("expected", ""), result.get("observed", ""), result.get("reason", ""))


def alike(catalogue: Catalogue, targets: Iterable[TargetResults]) -> list[list[int]]:
    """Return the positions of the targets, those with equal findings of every case together, in order of the first of each."""
    groups: dict[tuple[Finding | None, ...], list[int]] = {}
    for position, results in enumerate(targets):
        groups.setdefault(tuple(finding(results, case) for case in catalogue.cases), []).append(position)
    return list(groups.values())
