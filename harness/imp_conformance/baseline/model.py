"""The known differences of an imp: read from a file, and compared with what a run found."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.source import YamlSource, read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidBaseline, InvalidCatalogue, Problem
from imp_conformance.results.judge import Verdict
from imp_conformance.targets.names import exactness, former_id, pattern_fits, series_of

Verdicts = Mapping[str, Mapping[str, Verdict]]
"""What was found: the verdict of each case that was run, by target id and case id."""

TODO = "TODO"
"""What a reason begins with that nobody has written yet."""

_UNRANKED = -1
"""The rank of what is neither more nor less exact than another entry: beside it any other is a contradiction."""

_FORMER = 100
"""What is added to the rank of a name that was a target's in edition 1: any other is more exact."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known difference; its lines are counted from 1."""

    case: str
    targets: tuple[str, ...] | None
    """Ids, names of series and patterns of targets; None is every target."""
    verdict: Verdict
    reason: str
    link: str | None
    line: int
    targets_line: int
    verdict_line: int

    def matches(self, target: str) -> bool:
        """Whether the entry is about a target."""
        return self.rank(target) is not None

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
    former: Mapping[str, str] = field(default_factory=dict)
    """By the id of a target: what edition 1 called it, where that was after the folder or file of its candidate."""
    provides: tuple[str, ...] | None = None
    """The names of imp that may not be lost; None where it does not say."""
    provides_line: int = 1

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
        entries = [{**asdict(entry), "verdict": entry.verdict.value} for entry in self.entries]
        return {"file": self.file, "entries": entries, "end": self.end, "edition": self.edition, "former": dict(self.former)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Baseline:
        """Undo to_json."""
        entries = []
        for item in data["entries"]:
            targets = None if item["targets"] is None else tuple(item["targets"])
            entries.append(Entry(**{**item, "targets": targets, "verdict": Verdict(item["verdict"])}))
        return cls(data["file"], tuple(entries), data["end"], data["edition"], data["former"])

    def entry(self, case: str, target: str) -> Entry | None:
        """Return the entry about a case on a target, if there is one: that which names it most exactly."""
        ranked = [(rank, entry) for entry in self.entries if entry.case == case and (rank := self.rank(entry, target)) is not None]
        return min(ranked, key=lambda found: found[0])[1] if ranked else None

    def check_targets(self, targets: Iterable[str]) -> None:
        """Check that no two entries are about the same case on the same one of these targets, and name it equally exactly.

        Raises:
            InvalidBaseline: where two do.
        """
        _refuse_overlaps(self, tuple(targets))

    def problem(self, case: str, target: str, verdict: Verdict) -> Problem | None:
        """Return how an entry disagrees with the verdict of a case on a target, and which line to change; None where it agrees."""
        entry = self.entry(case, target)
        if entry is None:
            return None if verdict.conforms else self._unlisted(case, target, verdict)
        if verdict is entry.verdict:
            return None
        others = entry.targets is None or entry.targets != (target,)
        if verdict is Verdict.PASS:
            todo = f"delete the entry, or name under targets those of its targets that do not pass ({target} passes)"
            if entry.names(target) or not others:
                todo = f"take {target} out of its targets" if others else "delete the entry"
            return Problem(self.file, entry.line, f"{case} on {target} passes, and is listed as {entry.verdict}", todo)
        if verdict is Verdict.NOT_APPLICABLE:
            if not entry.names(target):
                return None  # A pattern may well take in targets that are not asked.
            todo = f"take {target} out of its targets" if others else "delete the entry"
            return Problem(self.file, entry.line, f"{case} is not applicable to {target}, and is listed as {entry.verdict}", todo)
        todo = f"fix it, or write verdict: {verdict}"
        if others:
            todo += f" (in an entry for {target} alone, where the others still are {entry.verdict})"
        return Problem(self.file, entry.verdict_line, f"{case} on {target} is {verdict}, and is listed as {entry.verdict}", todo)

    def _unlisted(self, case: str, target: str, verdict: Verdict) -> Problem:
        what = f"{case} on {target} is {verdict}, and is not listed"
        for entry in self.entries:
            if entry.case == case and entry.verdict is verdict:
                return Problem(self.file, entry.targets_line, what, f"fix it, or add {series_of(target)} to these targets")
        entry_text = f"{{case: {case}, targets: [{series_of(target)}], verdict: {verdict}, reason: WHY}}"
        todo = f"fix it, or add - {entry_text}"
        if not self.entries:  # an item below the brackets of an empty list would be no YAML
            todo = f"fix it, or write differences: [{entry_text}]; imp-conformance baseline update writes all"
        return Problem(self.file, self.end, what, todo)


def fits(name: str, target: str) -> bool:
    """Whether an item of targets stands for a target: its id, its series, a pattern, or the item itself."""
    return exactness(name, target) is not None or (is_pattern(name) and pattern_fits(name, target))


def is_pattern(text: str) -> bool:
    """Whether an item of targets can stand for several."""
    return re.search(r"[*?\[]", text) is not None


def find_problems(baseline: Baseline, catalogue: Catalogue, found: Verdicts) -> list[Problem]:
    """Return every disagreement between a baseline and what was found, both ways, in the order of the lines.

    What was not run is no disagreement: an entry's target and case need not be among what was found. An id that the catalogue
    does not have always is one.
    """
    problems = list(_unknown_cases(baseline, catalogue))
    for target, verdicts in found.items():
        for case, verdict in verdicts.items():
            problem = baseline.problem(case, target, verdict)
            if problem is not None:
                problems.append(problem)
    return sorted(problems, key=lambda problem: (problem.line, problem.what))


def held(baseline: Baseline, found: Verdicts) -> int:
    """Count the cases on targets that differ exactly as the baseline says."""
    wrong = [(case, target, verdict) for target, cases in found.items() for case, verdict in cases.items() if not verdict.conforms]
    entries = [(baseline.entry(case, target), verdict) for case, target, verdict in wrong]
    return sum(entry is not None and entry.verdict is verdict for entry, verdict in entries)


def summary_lines(baseline: Baseline, found: Verdicts, problems: int) -> list[str]:
    """Say how much of a baseline holds, and which of its entries were not checked or have no reason."""
    count = held(baseline, found)
    known = "1 known difference holds" if count == 1 else f"{count} known differences hold"
    lines = [f"baseline: {known}, {problems} problem{'' if problems == 1 else 's'}"]
    named = {name for entry in baseline.entries for name in entry.targets or () if not is_pattern(name)}
    elsewhere = {name for name in named if not any(baseline.takes_in(name, target) for target in found)}
    if elsewhere:
        lines.append(f"baseline: its entries for targets that were not run were not checked: {', '.join(sorted(elsewhere))}")
    unsaid = [entry for entry in baseline.entries if entry.reason.startswith(TODO)]
    if unsaid:
        lines.append(f"baseline: {len(unsaid)} without a reason (TODO), the first at {baseline.file}:{unsaid[0].line}")
    return lines


def _unknown_cases(baseline: Baseline, catalogue: Catalogue) -> Iterator[Problem]:
    for entry in baseline.entries:
        if entry.case in catalogue.retired:
            yield Problem(baseline.file, entry.line, f"the case {entry.case} is retired", "delete the entry (cases/retired.yaml says why)")
        elif entry.case not in catalogue.cases:
            close = difflib.get_close_matches(entry.case, catalogue.cases, n=3)
            todo = f"did you mean {' or '.join(close)}?" if close else "imp-conformance list shows all; delete the entry or fix it"
            yield Problem(baseline.file, entry.line, f"there is no case {entry.case!r}", todo)


def load_baseline(path: Path, name: str | None = None) -> Baseline:
    """Read a baseline; name is what messages call it, its path where left out.

    Raises:
        InvalidBaseline: where it is not there or breaks a rule of the format, with every mistake found.
    """
    name = name or shown(path)
    source = _read_source(path, name)
    problems: list[Problem] = []
    entries, edition, provides = [], 1, None
    if source.data not in (None, ""):
        if isinstance(source.data, dict) and source.data.get("differences") == "":
            source.data["differences"] = []
        if checked_source(source, "baseline", problems) is None:
            raise InvalidBaseline(problems)
        entries = [_entry(source, index) for index in range(len(source.data["differences"]))]
        edition = int(source.data.get("edition", edition))
        provides = tuple(source.data["provides"]) if "provides" in source.data else None
    found = Baseline(name, tuple(entries), max(1, len(source.lines)), edition, {}, provides, source.line(("provides",)))
    found.check_targets({target for entry in entries for target in entry.targets or ()})
    return found


def _read_source(path: Path, name: str) -> YamlSource:
    """Read the file of a baseline as YAML.

    Raises:
        InvalidBaseline: where it is not there or is not YAML.
    """
    if not path.is_file():
        todo = "name another, or begin one that has the line differences: [] in it"
        what = "a folder, not a file" if path.is_dir() else "no such file"
        raise InvalidBaseline([Problem(name, 1, what, todo)])
    try:
        return read_yaml(path, name)
    except InvalidCatalogue as error:
        raise InvalidBaseline(error.problems) from None


def shown(path: Path) -> str:
    """Return a path as short as it can be from here."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def _entry(source: YamlSource, index: int) -> Entry:
    item = source.data["differences"][index]
    place = ("differences", index)
    return Entry(
        case=item["case"],
        targets=tuple(item["targets"]) if "targets" in item else None,
        verdict=Verdict(item["verdict"]),
        reason=item["reason"],
        link=item.get("link"),
        line=source.line(place),
        targets_line=source.line((*place, "targets")),
        verdict_line=source.line((*place, "verdict")),
    )


def _refuse_overlaps(baseline: Baseline, targets: tuple[str, ...]) -> None:
    """Refuse entries of which none is the more exact about the same case on the same one of these targets, or on all targets."""
    problems = []
    first: dict[str, list[Entry]] = {}
    for entry in baseline.entries:
        for other in first.setdefault(entry.case, []):
            both = next((target for target in targets if _contradict(baseline.rank(entry, target), baseline.rank(other, target))), None)
            if both is not None or entry.targets is None or other.targets is None:
                what = f"{entry.case} on {both or 'every target'} is listed at line {other.line} already"
                problems.append(Problem(baseline.file, entry.line, what, "name different targets in the two, or delete one"))
        first[entry.case].append(entry)
    if problems:
        raise InvalidBaseline(problems)


def _contradict(rank: int | None, other: int | None) -> bool:
    return rank is not None and other is not None and (rank == other or _UNRANKED in (rank, other))
