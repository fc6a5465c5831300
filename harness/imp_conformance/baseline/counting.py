"""Count what entries by pattern hold on a target, a kind at a time, and say when a number is a final one."""

from __future__ import annotations

from collections.abc import Mapping

from imp_conformance.baseline.kinds import kind_of, listed_as
from imp_conformance.baseline.known import Known, about
from imp_conformance.baseline.model import Baseline, Entry
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.judge import Result, Verdict


def listed_counts(entry: Entry) -> tuple[tuple[str, int | None], ...]:
    """Return the kinds that an entry lists, each with its number; a verdict is a kind without a number."""
    return entry.kinds if entry.verdict is None else ((str(entry.verdict), None),)


def counted(known: Known, target: str, results: Mapping[str, Result]) -> dict[Entry, dict[str, list[str]]]:
    """Return the cases that each entry by pattern holds on a target, by the kind that it lists."""
    found: dict[Entry, dict[str, list[str]]] = {entry: {kind: [] for kind, _ in listed_counts(entry)} for entry in known.patterns(target)}
    for case, result in results.items() if found else ():
        entry = known.entry(case, target, result)
        if entry in found:
            found[entry][listed_as(kind_of(result), found[entry]) or str(entry.verdict)].append(case)
    return found


def asked(entry: Entry, results: Mapping[str, Result]) -> bool:
    """Whether a target was asked any of an entry's cases: where none is applicable, nothing can be said."""
    return any(result.verdict is not Verdict.NOT_APPLICABLE and about(entry, case) for case, result in results.items())


def seen_whole(baseline: Baseline, catalogue: Catalogue, entry: Entry, results: Mapping[str, Result]) -> bool:
    """Whether there are results of all cases that an entry by pattern counts, so that fewer are not only those that were not run."""
    return all(
        case.id in results
        for case in catalogue.cases.values()
        if about(entry, case.id) and case.edition <= baseline.edition and catalogue.level(case).binds_like(baseline.level)
    )
