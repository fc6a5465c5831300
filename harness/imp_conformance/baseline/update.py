"""Plan an update of a baseline: which entries stay, change, go and come, so that it agrees with what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imp_conformance.baseline.model import TODO, Baseline, Entry, Verdicts, fits
from imp_conformance.results.judge import Verdict
from imp_conformance.targets.names import series_of

NO_REASON = f"{TODO}: say why"


@dataclass(frozen=True, slots=True)
class Update:
    """The entries of a baseline as they should be."""

    changed: tuple[Entry | None, ...]
    """For each entry of the baseline what it becomes; None where it goes."""
    added: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries afterwards, in the order of the file."""
        return (*(entry for entry in self.changed if entry is not None), *self.added)


def plan_update(baseline: Baseline, found: Verdicts, order: Sequence[str]) -> Update:
    """Plan the least that makes a baseline agree with what was found.

    An entry keeps every target that is named by its id and was not run, and every target on which its case was not run. A
    pattern, and an entry without targets, stand for the targets that were run: where one of these does not differ as
    listed any more, the ids of those that do take the pattern's place. Differences that are new come at the end, with
    their targets by id and a reason to be written.

    Args:
        baseline: as it is, without overlaps on the targets that were run.
        found: the verdicts.
        order: the case ids, in the order in which new entries are to stand.
    """
    changed: list[Entry | None] = list(baseline.entries)
    # Where the entry for one release goes, that for its series may come to be about that release, and has to be looked at again.
    for _ in range(len(changed) + 1):
        now = replace(baseline, entries=tuple(entry for entry in changed if entry is not None))
        following = [None if entry is None else _updated(entry, now, found) for entry in changed]
        if following == changed:
            break
        changed = following
    after = [entry for entry in changed if entry is not None]
    places = {case: number for number, case in enumerate(order)}
    new: dict[tuple[str, Verdict], list[str]] = {}
    for target, cases in found.items():
        for case, verdict in cases.items():
            if not verdict.conforms and not any(entry.case == case and baseline.rank(entry, target) is not None for entry in after):
                new.setdefault((case, verdict), []).append(target)
    keys = sorted(new, key=lambda key: (places.get(key[0], len(places)), key))
    added = tuple(Entry(case, _by_series(case, new[case, verdict], found), verdict, NO_REASON, None, 0, 0, 0) for case, verdict in keys)
    return Update(tuple(changed), added)


def _by_series(case: str, targets: Sequence[str], found: Verdicts) -> tuple[str, ...]:
    """Return names for targets: of their series where each release of it that was asked the case is one of them, else their ids.

    So an entry stays good when the next patch release comes.
    """
    names = []
    for target in targets:
        series = series_of(target)
        others = [other for other, cases in found.items() if case in cases and fits(series, other) and other not in targets]
        names.append(target if others else series)
    return tuple(dict.fromkeys(names))


def _updated(entry: Entry, baseline: Baseline, found: Verdicts) -> Entry | None:
    """Return what an entry of a baseline becomes, or None where nothing is left of it."""
    met = {target: cases.get(entry.case) for target, cases in found.items() if baseline.entry(entry.case, target) is entry}
    gone = {target for target, verdict in met.items() if _disagrees(entry, target, verdict)}
    if not gone:
        return entry
    kept: list[str] = []
    for name in entry.targets or ("*",):
        hits = [target for target in met if baseline.takes_in(name, target)]
        if not gone.intersection(hits):
            kept.append(name)
        else:
            kept += [target for target in hits if met[target] in (entry.verdict, None)]
    if kept:
        return replace(entry, targets=tuple(dict.fromkeys(kept)))
    # No target is left to which the entry applies as it is: where it differs in another way now, that is what it becomes.
    others = {target: verdict for target, verdict in met.items() if verdict is not None and not verdict.conforms}
    if not others:
        return None
    verdict = next(iter(others.values()))
    same = tuple(target for target in others if others[target] is verdict)
    return replace(entry, verdict=verdict, targets=entry.targets if len(same) == len(gone) else same)


def _disagrees(entry: Entry, target: str, verdict: Verdict | None) -> bool:
    if verdict is None or verdict is entry.verdict:
        return False
    return verdict is not Verdict.NOT_APPLICABLE or entry.names(target)
