"""Plan an update of a baseline: which entries stay, change, go and come, so that it agrees with what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from imp_conformance.baseline.checking import present
from imp_conformance.baseline.counting import asked, counted, listed_counts, seen_whole
from imp_conformance.baseline.grouping import new_entries, target_names
from imp_conformance.baseline.kinds import coarse, kind_of
from imp_conformance.baseline.known import Known, about, unheld
from imp_conformance.baseline.model import Baseline, Entry, Found
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.judge import Result, Verdict


@dataclass(frozen=True, slots=True)
class Update:
    """A baseline as it should be."""

    changed: tuple[Entry | None, ...]
    """For each entry of the baseline what it becomes; None where it goes."""
    added: tuple[Entry, ...]
    edition: int
    """The last edition whose cases it gates from now on."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries afterwards, in the order of the file."""
        return (*(entry for entry in self.changed if entry is not None), *self.added)


def plan_update(baseline: Baseline, catalogue: Catalogue, found: Found) -> Update:
    """Plan the least that makes a baseline agree with what was found.

    An entry keeps every target that is named by its id and was not run, and every target on which its cases were not run. A
    pattern, and an entry without targets, stand for the targets that were run: where one of these does not differ as
    listed any more, the ids of those that do take the pattern's place. A target on which the same differs as an entry lists is
    added to its targets. Other differences that are new come at the end, with a reason to be written.

    Args:
        baseline: as it is to be gated, in which edition too, without overlaps on the targets that were run.
        catalogue: the cases.
        found: the results.
    """
    changed: list[Entry | None] = list(baseline.entries)
    added: list[Entry] = []
    # Where the entry for one release goes, that for its series may come to be about that release, and has to be looked at again.
    for _ in range(2 * len(changed) + 2):
        plan = _Plan(replace(baseline, entries=tuple(entry for entry in (*changed, *added) if entry is not None)), catalogue, found)
        following = [None if entry is None else plan.updated(entry) for entry in changed]
        apart = [entry for entry in map(plan.updated, added) if entry is not None] + plan.apart
        if (following, apart) == (changed, added):
            break
        changed, added = following, apart
    after = Known(replace(baseline, entries=tuple(entry for entry in (*changed, *added) if entry is not None)))
    for entry in new_entries(after, catalogue, unheld(after, found), found):
        place = next((number for number, old in enumerate(changed) if old is not None and old.alike(entry)), None)
        if place is None:
            added.append(_with_reason(entry, baseline))
        else:
            changed[place] = _with_targets(changed[place], entry)
    return Update(tuple(changed), tuple(added), baseline.edition)


def _with_targets(old: Entry | None, entry: Entry) -> Entry:
    """Return an entry with the targets of another that lists the same."""
    assert old is not None
    assert old.targets is not None
    assert entry.targets is not None
    return replace(old, targets=tuple(dict.fromkeys((*old.targets, *entry.targets))))


def _with_reason(entry: Entry, baseline: Baseline) -> Entry:
    """Give a new entry by pattern the reason of one that listed the same cases in these ways, on other targets."""
    kinds = {kind for kind, _ in entry.kinds}
    for old in baseline.entries if entry.by_pattern else ():
        if old.cases == entry.cases and kinds <= {kind for kind, _ in old.kinds}:
            return replace(entry, reason=old.reason, link=old.link)
    return entry


class _Plan:
    """One step: what each entry becomes, where the others are as they are."""

    def __init__(self, baseline: Baseline, catalogue: Catalogue, found: Found) -> None:
        self.baseline, self.catalogue, self.found = baseline, catalogue, found
        self.known = Known(baseline)
        self.counts = {target: counted(self.known, target, results) for target, results in found.items()}
        self.apart: list[Entry] = []
        """What becomes of cases that an entry lists with others, and that do not agree with it on every target."""
        self.present = {target: present(catalogue, results) for target, results in found.items()}

    def updated(self, entry: Entry) -> Entry | None:
        """Return what an entry becomes, or None where nothing is left of it."""
        if entry.missing:
            back = {name for target, names in self.present.items() if self.baseline.rank(entry, target) is not None for name in names}
            missing = tuple(name for name in entry.missing if name not in back)
            return replace(entry, missing=missing) if missing else None
        if entry.by_pattern:
            return self._recounted(entry)
        if len(entry.cases) > 1:
            agreeing = []
            for case in entry.cases:
                met = self._met(entry, case)
                if not self._gone(entry, met):
                    agreeing.append(case)
                elif (alone := self._narrowed(replace(entry, cases=(case,)), met)) is not None:
                    self.apart.append(alone)
            return replace(entry, cases=tuple(agreeing)) if agreeing else None
        return self._narrowed(entry, self._met(entry, entry.cases[0]))

    def _met(self, entry: Entry, case: str) -> dict[str, Result | None]:
        """Return the results of a case on the targets for which an entry counts."""
        return {target: cases.get(case) for target, cases in self.found.items() if self.known.exact(case, target) is entry}

    def _gone(self, entry: Entry, met: Mapping[str, Result | None]) -> set[str]:
        return {target for target, result in met.items() if _disagrees(entry, target, result)}

    def _narrowed(self, entry: Entry, met: Mapping[str, Result | None]) -> Entry | None:
        gone = self._gone(entry, met)
        if not gone:
            return entry
        kept: list[str] = []
        for name in entry.targets or ("*",):
            hits = [target for target in met if self.baseline.takes_in(name, target)]
            if not gone.intersection(hits):
                kept.append(name)
            else:
                kept += [target for target in hits if (result := met[target]) is None or entry.allows(result)]
        if kept:
            return replace(entry, targets=tuple(dict.fromkeys(kept)))
        # No target is left to which the entry applies as it is: where it differs in another way now, that is what it becomes.
        others = {target: result for target, result in met.items() if result is not None and not result.conforms}
        if not others:
            return None
        now = next(iter(others.values()))
        entry = replace(entry, verdict=now.verdict) if entry.verdict is not None else replace(entry, kinds=((coarse(kind_of(now)), None),))
        same = tuple(target for target, result in others.items() if entry.allows(result))
        return entry if len(same) == len(gone) else replace(entry, targets=same)

    def _recounted(self, entry: Entry) -> Entry | None:
        """Return an entry by pattern with the numbers of the most targets; the others are left to new entries."""
        counts: dict[str, tuple[tuple[str, int | None], ...]] = {}
        for target, found in self.counts.items():
            if entry in found and asked(entry, self.found[target]):
                whole = seen_whole(self.baseline, self.catalogue, entry, self.found[target])
                counts[target] = _numbers(entry, {kind: len(cases) for kind, cases in found[entry].items()}, whole)
        if not counts:
            return entry
        groups = list(counts.values())
        numbers = max(dict.fromkeys(groups), key=lambda one: (bool(one), groups.count(one)))
        same = [target for target, one in counts.items() if one == numbers]
        kept: list[str] = []
        for name in entry.targets or ("*",):
            hits = [target for target in counts if self.baseline.takes_in(name, target)]
            if (set(hits) <= set(same) and numbers) or not hits:
                kept.append(name)
            elif numbers:
                cases = [case for target in hits for case in self.found[target] if about(entry, case)]
                kept += target_names(cases, [target for target in hits if target in same], self.found)
        if not kept:
            return None
        targets = None if entry.targets is None and kept == ["*"] else tuple(dict.fromkeys(kept))
        return replace(entry, targets=targets, kinds=numbers if entry.verdict is None and numbers else entry.kinds)


def _numbers(entry: Entry, counts: Mapping[str, int], whole: bool) -> tuple[tuple[str, int | None], ...]:
    """Return the kinds that are left of an entry, with their numbers; of cases that were not all run, no number gets less."""
    found: list[tuple[str, int | None]] = []
    for kind, listed in listed_counts(entry):
        count = counts[kind]
        if count or not whole:
            found.append((kind, None if listed is None else count if whole else max(count, listed)))
    return tuple(found)


def _disagrees(entry: Entry, target: str, result: Result | None) -> bool:
    if result is None or entry.allows(result):
        return False
    return result.verdict is not Verdict.NOT_APPLICABLE or entry.names(target)
