"""What became of every case on every target, from one set of results to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from imp_conformance.errors import ExitStatus
from imp_conformance.portable.difference import UNTOLD
from imp_conformance.results.fault import faults
from imp_conformance.results.folders import ResultSet
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.pairs import paired
from imp_conformance.results.writing import PARTIAL


class Kind(StrEnum):
    """What became of a case on a target, what needs attention first."""

    REGRESSED = "regressed"
    CHANGED = "changed"
    FIXED = "fixed"
    ADDED = "added"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


def classify(old: Result | None, new: Result | None) -> Kind:
    """Say what became of a case; None stands for no result, and at least one of the two is given.

    Only a pass can regress, and only to a wrong answer. A case that is not applicable any more, or was not before, is
    ``changed``: nothing was asked on one side, so nothing can be said to be better or worse.
    """
    if old is None:
        return Kind.ADDED
    if new is None:
        return Kind.REMOVED
    if old.verdict is Verdict.PASS and not new.conforms:
        return Kind.REGRESSED
    if not old.conforms and new.verdict is Verdict.PASS:
        return Kind.FIXED
    return Kind.UNCHANGED if _same(old, new) else Kind.CHANGED


def _same(old: Result, new: Result) -> bool:
    """Whether two results say the same, as far as an old file can tell: of a difference it has only a sentence."""
    if any(result.difference is not None and result.difference.where == UNTOLD for result in (old, new)):
        return replace(old, difference=None) == replace(new, difference=None)
    return old == new


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case that is not what it was."""

    case: str
    kind: Kind
    old: Result | None
    new: Result | None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader must know of a target as a whole."""

    text: str
    incomplete: bool
    """Whether the comparison lacks something because of it."""


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """What became of one target."""

    id: str
    differences: tuple[CaseChange, ...]
    unchanged: int
    remarks: tuple[Remark, ...]
    one_sided: bool
    """Whether one side has no result of it at all, so that its cases need no list."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of all targets."""

    targets: tuple[TargetComparison, ...]

    @property
    def counts(self) -> Counter[Kind]:
        """How many pairs of a case and a target are of each kind."""
        found = Counter(difference.kind for target in self.targets for difference in target.differences)
        found[Kind.UNCHANGED] = sum(target.unchanged for target in self.targets)
        return found

    @property
    def incomplete(self) -> bool:
        """Whether something could not be compared that should have been."""
        return any(remark.incomplete for target in self.targets for remark in target.remarks)

    @property
    def exit_status(self) -> ExitStatus:
        """A regression is certain, whatever else is unknown."""
        if self.counts[Kind.REGRESSED]:
            return ExitStatus.DIFFERS
        return ExitStatus.INCOMPLETE if self.incomplete else ExitStatus.CONFORMS


def compare(old: ResultSet, new: ResultSet, ungated: Container[str] = (), *, files: bool = False) -> Comparison:
    """Compare two sets of results, target by target, the targets of the old one first.

    A target that the other side does not have is compared with another release of its interpreter, where there is one, and of
    two files with whatever the other file is about.

    Args:
        old: the results to compare with.
        new: the results to judge.
        ungated: cases that are not gated; these do not regress, they change.
        files: whether each of the two is a single file.
    """
    targets = tuple(_compare_target(before, after, old, new, ungated) for before, after in paired(old.targets, new.targets, files=files))
    worse = {
        target.id: [change.case for change in target.differences if change.new and not change.new.conforms and change.case not in ungated]
        for target in targets
        if not target.one_sided
    }
    whose = faults([new.targets[target] for target in worse], worse, new.targets.values())
    remarks = {target: (Remark(f"of the cases that differ now as they did not before: {fault}", False),) for target, fault in whose.items()}
    return Comparison(tuple(replace(target, remarks=(*target.remarks, *remarks.get(target.id, ()))) for target in targets))


def _compare_target(
    before: TargetResults | None, after: TargetResults | None, old: ResultSet, new: ResultSet, ungated: Container[str]
) -> TargetComparison:
    ids = tuple(dict.fromkeys(found.id for found in (after, before) if found is not None))
    old_cases = {} if before is None else before.results
    new_cases = {} if after is None else after.results
    found = []
    for case in sorted({*old_cases, *new_cases}):
        one, other = old_cases.get(case), new_cases.get(case)
        kind = classify(one, other)
        found.append(CaseChange(case, Kind.CHANGED if kind is Kind.REGRESSED and case in ungated else kind, one, other))
    differences = [difference for difference in found if difference.kind is not Kind.UNCHANGED]
    order = list(Kind)
    return TargetComparison(
        id=ids[0],
        differences=tuple(sorted(differences, key=lambda difference: order.index(difference.kind))),
        unchanged=len(found) - len(differences),
        remarks=(*_remarks(before, after), *(remark for name in ids for found in (old, new) for remark in _left_out(name, found))),
        one_sided=not (old_cases and new_cases),
    )


def _remarks(old: TargetResults | None, new: TargetResults | None) -> Iterator[Remark]:
    """Say what is odd about a target; to lack results that the other side has makes a comparison incomplete."""
    if new is None:
        assert old is not None
        yield Remark(f"GONE: not in NEW, so its {len(old.results)} results of OLD have nothing to be compared with", True)
    elif new.unavailable is not None:
        still = old is not None and old.unavailable is not None
        yield Remark(f"UNAVAILABLE in {'both' if still else 'NEW'}: {new.unavailable}", not still)
    elif not new.complete:
        yield Remark(f"PARTIAL: NEW has only a part of the cases ({len(new.results)}): run all of them", True)
    if old is not None and new is not None and old.id != new.id:
        yield Remark(f"compared with {old.id}, which is what OLD has of it", False)
    if old is None:
        assert new is not None
        wrong = sum(not result.conforms for result in new.results.values())
        yield Remark(f"new: not in OLD, {len(new.results)} results, {wrong} of them not passing", False)
    elif old.unavailable is not None:
        if new is not None and new.unavailable is None:
            yield Remark(f"was unavailable in OLD: {old.unavailable}", False)
    elif not old.complete:
        yield Remark(f"PARTIAL: OLD has only a part of the cases ({len(old.results)}): run all of them", True)


def _left_out(target: str, found: ResultSet) -> Iterator[Remark]:
    for path in found.left_out:
        if path.name == f"{target}{PARTIAL}":
            yield Remark(f"PARTIAL: {path} is of a run that did not end, and is left out: finish that run, or delete the file", True)
