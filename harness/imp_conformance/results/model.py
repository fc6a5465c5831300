"""What is known of one target: its identity, a result a case, and how they are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imp_conformance import __version__
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import UnknownTarget
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.targets.target import Target

Counts = Mapping[str, Mapping[str, int]]
"""Level → verdict → how many cases; only numbers that are not 0."""


@dataclass(frozen=True, slots=True)
class TargetResults:
    """What is known of one target."""

    suite: Mapping[str, Any]
    """The version of imp-conformance, and the edition and digest of the cases."""
    target: Mapping[str, Any]
    counts: Counts
    results: Mapping[str, Result]
    """By the id of the case."""
    complete: bool
    """Whether every case of the suite has a result."""
    scope: str | Sequence[str] = "all"
    """Which names of imp were asked for."""
    seed: int = 0
    """Which variation of the cases was asked; 0 is the cases as they are written."""
    unavailable: str | None = None
    """Why nothing could be run."""
    shard: Mapping[str, Any] | None = None
    """Which part of a run they are of, as Plan.about says it; None where they are of a whole one."""

    @property
    def id(self) -> str:
        """The target's id."""
        return str(self.target["id"])

    @property
    def edition(self) -> int:
        """The edition of the cases."""
        return int(self.suite["edition"])

    def current(self, catalogue: Catalogue) -> bool:
        """Whether the results are of this catalogue's cases as they are now."""
        return bool(self.suite["digest"] == catalogue.digest)

    def mark(self, catalogue: Catalogue) -> str:
        """What tables say beside the id: nothing of results of the catalogue's cases as they are, else which they are of."""
        if self.current(catalogue):
            return ""
        return "other cases" if self.edition == catalogue.edition else f"edition {self.edition}"

    def count(self, verdict: Verdict) -> int:
        """How many cases have a verdict, at all levels together."""
        return sum(counts.get(verdict, 0) for counts in self.counts.values())


def collect(catalogue: Catalogue, target: Target, results: Iterable[Result], scope: str | Sequence[str] = "all") -> TargetResults:
    """Put the results of a target's cases together."""
    found = {result.case: result for result in results}
    return TargetResults(
        suite={"version": __version__, "edition": catalogue.edition, "digest": catalogue.digest},
        target=target.about,
        counts=count_results(catalogue, found),
        results=found,
        complete=target.unavailable is None and found.keys() == catalogue.cases.keys(),
        scope=scope,
        unavailable=target.unavailable,
    )


def count_results(catalogue: Catalogue, results: Mapping[str, Result]) -> Counts:
    """Count results of the catalogue's cases by level and verdict."""
    found: dict[str, Counter[str]] = {}
    for case, result in results.items():
        found.setdefault(catalogue.level(catalogue.cases[case]).value, Counter())[result.verdict.value] += 1
    return {level: dict(counts) for level, counts in found.items()}


def named_target(found: list[TargetResults], name: str, place: object) -> list[TargetResults]:
    """Return the results of the target of a name, alone.

    Raises:
        UnknownTarget: where there are none.
    """
    hits = [results for results in found if results.id == name]
    if not hits:
        raise UnknownTarget(f"--target {name}: {place} has no results of it: name one of {', '.join(results.id for results in found)}")
    return hits


def column_order(results: TargetResults) -> tuple[bool, str, tuple[int, ...], str]:
    """Return what targets are sorted by: their own imp first, then implementation, version and id."""
    numbers = [part for part in str(results.target["python"]).split(".") if part.isdigit()]
    own = results.target["candidate"].get("kind") == "own"
    return not own, str(results.target["implementation"]), tuple(map(int, numbers)), results.id
