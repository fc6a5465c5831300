"""The known differences of an imp, as values: which cases or names, on which targets, of what kind, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from imp_conformance.baseline.kinds import kind_of, takes_in
from imp_conformance.catalogue.model import Level
from imp_conformance.errors import InvalidBaseline, Problem
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.targets.names import exactness, former_id, pattern_fits

Found = Mapping[str, Mapping[str, Result]]
"""What was found: the result of each gated case that was run, by target id and case id."""

NO_REASON = "TODO"
"""What a reason begins with that nobody has written yet."""

_UNRANKED = -1
"""The rank of what is neither more nor less exact than another entry: beside it any other is a contradiction."""

_FORMER = 100
"""What is added to the rank of a name that was a target's in edition 1: any other is more exact."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known difference, or several of one reason; its lines are counted from 1."""

    cases: tuple[str, ...]
    """Ids and patterns of cases; none where the entry is about names that are missing."""
    targets: tuple[str, ...] | None
    """Ids, names of series and patterns of targets; None is every target."""
    verdict: Verdict | None
    """What comes of the cases, where the entry says no more than that."""
    kinds: tuple[tuple[str, int | None], ...]
    """How the cases differ, and how many of a pattern's cases differ so on each target; None for any number."""
    missing: tuple[str, ...]
    """The names of imp that the candidate does not have."""
    reason: str
    link: str | None = None
    line: int = 0
    targets_line: int = 0
    kind_line: int = 0

    @property
    def by_pattern(self) -> bool:
        """Whether it is about all cases that differ in its way, not about cases each of which must."""
        return any(map(is_pattern, self.cases))

    def rank(self, target: str) -> int | None:
        """Say how exactly the entry is about a target: 0 by its id, more by a name that takes in others, None where not at all.

        A pattern, and an entry about every target, have a rank of their own, below 0.
        """
        if self.targets is None:
            return _UNRANKED
        ranks = [_UNRANKED if is_pattern(name) and pattern_fits(name, target) else exactness(name, target) for name in self.targets]
        return min((rank for rank in ranks if rank is not None), default=None)

    def names(self, target: str) -> bool:
        """Whether the entry is about a target by its very id, not by a series or a pattern."""
        return self.targets is not None and target in self.targets

    def allows(self, result: Result) -> bool:
        """Whether a result differs in the way that is listed."""
        if self.verdict is not None:
            return result.verdict is self.verdict
        return not result.conforms and any(takes_in(listed, kind_of(result)) for listed, _ in self.kinds)

    def alike(self, other: Entry) -> bool:
        """Whether two entries list the same, on whichever targets, and either can name more targets."""
        same = (self.cases, self.verdict, dict(self.kinds), self.missing) == (other.cases, other.verdict, dict(other.kinds), other.missing)
        return same and self.targets is not None and other.targets is not None

    @property
    def listed(self) -> str:
        """How its cases differ, in words."""
        return str(self.verdict) if self.verdict is not None else " or ".join(kind for kind, _ in self.kinds)

    @property
    def said(self) -> str:
        """How its cases differ, with the numbers that are listed, in words."""
        counted = [kind if count is None else f"{count} {kind}" for kind, count in self.kinds]
        return ", ".join(counted) if self.by_pattern and counted else self.listed

    @property
    def what(self) -> str:
        """What it is about, in words."""
        return f"missing {', '.join(self.missing)}" if self.missing else ", ".join(self.cases)

    @property
    def why(self) -> str:
        """The reason, on one line, and the link where there is one."""
        reason = " ".join(self.reason.split())
        return reason if self.link is None else f"{reason} ({self.link})"


@dataclass(frozen=True, slots=True)
class Baseline:
    """All known differences, in the order of their file."""

    file: str
    """What messages call it."""
    entries: tuple[Entry, ...]
    end: int
    """The number of its last line."""
    edition: int = 1
    """The last edition of the catalogue whose cases it gates."""
    level: Level = Level.OBSERVED
    """The least binding level of the cases that it counts."""
    former: Mapping[str, str] = field(default_factory=dict)
    """By the id of a target: what edition 1 called it, where that was after the folder or file of its candidate."""
    provides: tuple[str, ...] | None = None
    """The names of imp that may not be lost; None where it does not say."""
    provides_line: int = 1
    edition_line: int = 1

    def knowing(self, targets: Iterable[Mapping[str, Any]]) -> Baseline:
        """Return the baseline with what edition 1 called these targets, of which each is what a result file says of it."""
        return replace(self, former={str(about["id"]): old for about in targets if (old := former_id(about)) is not None})

    def rank(self, entry: Entry, target: str) -> int | None:
        """Say how exactly an entry is about a target, as Entry.rank() does; a name of edition 1 is the least exact."""
        rank = entry.rank(target)
        if rank is not None or target not in self.former:
            return rank
        old = entry.rank(self.former[target])
        return old if old is None or old == _UNRANKED else old + _FORMER

    def takes_in(self, name: str, target: str) -> bool:
        """Whether an item of targets stands for a target."""
        return fits(name, target) or (target in self.former and fits(name, self.former[target]))

    def to_json(self) -> dict[str, Any]:
        """Return plain data that from_json takes, for a worker on another process or machine."""
        entries = [{**asdict(entry), "verdict": None if entry.verdict is None else entry.verdict.value} for entry in self.entries]
        return {
            "file": self.file,
            "entries": entries,
            "end": self.end,
            "edition": self.edition,
            "level": self.level.value,
            "former": dict(self.former),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Baseline:
        """Undo to_json."""
        entries = []
        for item in data["entries"]:
            changed = {
                "cases": tuple(item["cases"]),
                "targets": None if item["targets"] is None else tuple(item["targets"]),
                "verdict": None if item["verdict"] is None else Verdict(item["verdict"]),
                "kinds": tuple((kind, count) for kind, count in item["kinds"]),
                "missing": tuple(item["missing"]),
            }
            entries.append(Entry(**{**item, **changed}))
        return cls(data["file"], tuple(entries), data["end"], data["edition"], Level(data["level"]), data["former"])

    def check_edition(self, newest: int) -> None:
        """Check that the catalogue has its edition.

        Raises:
            InvalidBaseline: where the newest one is an earlier one.
        """
        if self.edition > newest:
            what = f"edition {self.edition}: this imp-conformance has editions up to {newest}"
            raise InvalidBaseline([Problem(self.file, self.edition_line, what, "write one of them, or upgrade it")])

    def check_targets(self, targets: Iterable[str]) -> None:
        """Check that no two entries name the same case on the same one of these targets, and name it equally exactly.

        Entries by pattern may meet: the first that fits counts.

        Raises:
            InvalidBaseline: where two do.
        """
        found = tuple(targets)
        problems = []
        first: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for case in () if entry.by_pattern else entry.cases:
                for other in first.setdefault(case, []):
                    both = next((target for target in found if _contradict(self.rank(entry, target), self.rank(other, target))), None)
                    if both is not None or entry.targets is None or other.targets is None:
                        what = f"{case} on {both or 'every target'} is listed at line {other.line} already"
                        problems.append(Problem(self.file, entry.line, what, "name different targets in the two, or delete one"))
                first[case].append(entry)
        if problems:
            raise InvalidBaseline(problems)


def fits(name: str, target: str) -> bool:
    """Whether an item of targets stands for a target: its id, its series, a pattern, or the item itself."""
    return exactness(name, target) is not None or (is_pattern(name) and pattern_fits(name, target))


def is_pattern(text: str) -> bool:
    """Whether a name of targets, or of cases, can stand for several."""
    return re.search(r"[*?\[]", text) is not None


def _contradict(rank: int | None, other: int | None) -> bool:
    return rank is not None and other is not None and (rank == other or _UNRANKED in (rank, other))
