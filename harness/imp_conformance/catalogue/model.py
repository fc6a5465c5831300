"""The catalogue as values: clauses, cases, and what each case expects of which release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.versions import ChangePoint, Range, Release
from imp_conformance.portable.comparison import on_platform


class Level(StrEnum):
    """How binding a promise is, the most binding first."""

    DOCUMENTED = "documented"
    DOCSTRING = "docstring"
    OBSERVED = "observed"
    INCIDENTAL = "incidental"

    def binds_like(self, other: Level) -> bool:
        """Whether it is as binding as another level, or more."""
        order = list(Level)
        return order.index(self) <= order.index(other)


def least_binding(levels: Iterable[Level]) -> Level:
    """Return the least binding of one or more levels."""
    return max(levels, key=list(Level).index)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a promise stands: a document and a place in it."""

    document: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Erratum:
    """A sentence of a document that the genuine interpreters contradict."""

    document: str
    versions: Range | None
    says: str
    fact: str


def holds_text(versions: Range, platforms: Sequence[str]) -> str:
    """Say of which releases, and on which platforms, something holds."""
    return f"{versions} on {', '.join(platforms)}" if platforms else str(versions)


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise of imp."""

    id: str
    text: str
    level: Level
    versions: Range
    sources: tuple[Source, ...]
    errata: tuple[Erratum, ...]
    file: str
    line: int
    platforms: tuple[str, ...] = ()
    """Where it holds, as sys.platform names it, or posix; empty for everywhere."""

    @property
    def holds(self) -> str:
        """Of which releases it holds, and on which platforms, in words."""
        return holds_text(self.versions, self.platforms)


@dataclass(frozen=True, slots=True)
class Change:
    """A point at which the expectation changed, and the one at which that was taken back, if it was."""

    since: ChangePoint
    why: str
    expect: Expectation
    until: ChangePoint | None = None
    """The first releases of each series that do not have the change any more."""
    platforms: tuple[str, ...] = ()
    """Where it changed, as sys.platform names it; empty for everywhere."""

    def holds(self, release: Release, platform: str = "") -> bool:
        """Say whether a release has the change on a platform."""
        taken_back = self.until is not None and self.until.reached(release)
        return self.since.reached(release) and not taken_back and (not self.platforms or platform in self.platforms)

    def __str__(self) -> str:
        return f"{self.since} on {', '.join(self.platforms)}" if self.platforms else str(self.since)


_WATCHED = {
    "warnings": ("warnings",),
    "modules": ("modules",),
    "files": ("files",),
    "open_files": ("open_files",),
    "output": ("stdout", "stderr"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to run, and what is expected of it."""

    id: str
    title: str
    clauses: tuple[str, ...]
    edition: int
    """The edition of the catalogue that brought the case."""
    split_from: str | None
    """The case that this one was a part of."""
    versions: Range
    needs: tuple[str, ...]
    process: str
    """The kind of process that it runs in: warm, own or program."""
    options: tuple[str, ...]
    """Of the interpreter that runs a program."""
    limit: float
    files: tuple[Mapping[str, Any], ...]
    given: str | None
    code: str
    expect: Expectation
    changes: tuple[Change, ...]
    names: frozenset[str]
    """The attributes of imp without which the snippet cannot do what it is for."""
    file: str
    line: int
    uses: Mapping[str, str] = field(default_factory=dict)
    """Those of the names that are of none of the case's subjects, each with the reason why it cannot do without."""
    platforms: tuple[str, ...] = ()
    """Where it is asked, as sys.platform names it, or posix; empty for everywhere."""

    @property
    def subject(self) -> str:
        """The part of the id before the slash, which is also the name of the file."""
        return self.id.partition("/")[0]

    @property
    def holds(self) -> str:
        """Of which releases it holds, and on which platforms, in words."""
        return holds_text(self.versions, self.platforms)

    def asked(self, release: Release, platform: str) -> bool:
        """Whether it holds for a release on a platform."""
        return release in self.versions and (not self.platforms or on_platform(self.platforms, platform))

    @property
    def watched(self) -> list[str]:
        """What a target must look at, beside the value or exception, for the expectations of all releases."""
        expectations = [self.expect, *(change.expect for change in self.changes)]
        return [name for name, fields in _WATCHED.items() if any(getattr(e, field) is not None for e in expectations for field in fields)]

    def expectation(self, release: Release, platform: str = "") -> Expectation:
        """Return what is expected of an imp that behaves as a release's.

        Args:
            release: the release.
            platform: of the target, as sys.platform names it; empty for one of which the case says nothing of its own.
        """
        expected = self.expect
        for change in self.changes:
            if change.holds(release, platform):
                expected = expected.changed(change.expect)
        return expected


@dataclass(frozen=True, slots=True)
class Use:
    """How much each function of imp is used, as a sample of callers says."""

    source: str = ""
    """What was counted, in words."""
    callers: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    """By subject: the percentage of the callers that use it."""

    def share(self, subject: str) -> int:
        """Return the percentage of callers that use a subject; 0 for what few or none use."""
        return self.shares.get(subject, 0)


@dataclass(frozen=True)
class Catalogue:
    """All clauses and cases, by id, in the order in which they are written."""

    clauses: Mapping[str, Clause]
    cases: Mapping[str, Case]
    summaries: Mapping[str, str]
    retired: frozenset[str]
    texts: Mapping[str, str] = field(repr=False)
    """The cases as they are written, in YAML."""
    digest: str
    """What identifies the cases' content, whatever their order, prose and layout: ``sha256:`` and hex digits."""
    about: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By subject: the attributes of imp that it is about."""
    use: Use = Use()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every attribute of imp that any snippet uses."""
        return tuple(sorted(frozenset().union(*(case.names for case in self.cases.values()))))

    @cached_property
    def edition(self) -> int:
        """The highest edition of a case."""
        return max(case.edition for case in self.cases.values())

    def public(self, release: Release) -> frozenset[str]:
        """Return the names of imp in a release: those that clauses are about and that a case of that release uses."""
        about = frozenset().union(*self.about.values())
        return frozenset(name for case in self.cases.values() if release in case.versions for name in case.names & about)

    def subjects(self, case: Case) -> tuple[str, ...]:
        """Return what a case is about: its own subject, and those of its clauses."""
        return tuple(dict.fromkeys([case.subject, *(clause.partition(".")[0] for clause in case.clauses)]))

    def strangers(self, case: Case) -> frozenset[str]:
        """Return the names that a case uses and that are of none of its subjects; what every module has is none of these."""
        known = frozenset().union(*(self.about.get(subject, frozenset()) for subject in self.subjects(case)))
        return frozenset(name for name in case.names - known if not name.startswith("__"))

    def level(self, case: Case) -> Level:
        """Return the least binding level among a case's clauses: all that its failure can prove."""
        return least_binding(self.clauses[clause].level for clause in case.clauses)
