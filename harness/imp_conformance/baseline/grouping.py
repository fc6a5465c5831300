"""Put differences that no baseline lists into few entries: names that are missing, then what differs a subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from imp_conformance.baseline.kinds import coarse, kind_of
from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import NO_REASON, Entry, Found, fits
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.scope import missing_names
from imp_conformance.targets.names import series_of

FEW = 4
"""How many cases of a subject are named by their ids; more are a pattern, whose kinds are counted."""


def new_entries(known: Known, catalogue: Catalogue, unheld: Found, found: Found) -> list[Entry]:
    """Return the entries that would hold what no entry holds, in the order of the catalogue.

    Args:
        known: the baseline.
        catalogue: the cases.
        unheld: what differs and is not held.
        found: all results, which tell whether a series can stand for a target.
    """
    entries = _missing(known, catalogue, unheld, found)
    places = {case: number for number, case in enumerate(catalogue.cases)}
    subjects: dict[str, dict[str, dict[str, str]]] = {}
    for target, cases in unheld.items():
        for case in sorted(cases, key=lambda case: (places.get(case, len(places)), case)):
            if not missing_names(cases[case]):
                subjects.setdefault(case.partition("/")[0], {}).setdefault(target, {})[case] = kind_of(cases[case])
    order = {subject: number for number, subject in enumerate(dict.fromkeys(case.partition("/")[0] for case in catalogue.cases))}
    for subject in sorted(subjects, key=lambda subject: (order.get(subject, len(order)), subject)):
        targets = subjects[subject]
        entries += _counted(subject, {target: cases for target, cases in targets.items() if len(cases) > FEW}, found)
        entries += _named({target: cases for target, cases in targets.items() if len(cases) <= FEW}, found)
    return entries


def target_names(cases: Iterable[str], targets: Sequence[str], found: Found) -> tuple[str, ...]:
    """Return names for targets: of their series where each release of it that was asked the cases is one of them, else their ids.

    So an entry stays good when the next patch release comes.
    """
    asked = set(cases)
    names = []
    for target in targets:
        series = series_of(target)
        others = [other for other, results in found.items() if other not in targets and fits(series, other) and asked & results.keys()]
        names.append(target if others else series)
    return tuple(dict.fromkeys(names))


def _missing(known: Known, catalogue: Catalogue, unheld: Found, found: Found) -> list[Entry]:
    """Return an entry for each group of names that the same targets lack."""
    lacking: dict[str, dict[str, None]] = {}
    for target, results in unheld.items():
        for result in results.values():
            for name in sorted(missing_names(result) - known.missing(target).keys()):
                lacking.setdefault(name, {})[target] = None
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(lacking):
        groups.setdefault(tuple(lacking[name]), []).append(name)
    entries = []
    for targets, names in groups.items():
        cases = [case.id for case in catalogue.cases.values() if not case.names.isdisjoint(names)]
        entries.append(Entry((), target_names(cases, targets, found), None, (), tuple(names), NO_REASON))
    return entries


def _counted(subject: str, targets: Mapping[str, Mapping[str, str]], found: Found) -> list[Entry]:
    groups: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for target, cases in targets.items():
        groups.setdefault(tuple(_by_kind(cases.values()).items()), []).append(target)
    return [
        Entry((f"{subject}/*",), target_names({*targets[ids[0]]}, ids, found), None, kinds, (), NO_REASON) for kinds, ids in groups.items()
    ]


def _by_kind(kinds: Iterable[str]) -> dict[str, int]:
    """Count coarse kinds, the most frequent first; exceptions that are rare count together, unless there is one alone."""
    counts = Counter(map(coarse, kinds))
    rare = [kind for kind, count in counts.items() if kind.startswith("raises ") and count <= FEW]
    for kind in rare if len(rare) > 1 else ():
        counts["raises"] += counts.pop(kind)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _named(targets: Mapping[str, Mapping[str, str]], found: Found) -> list[Entry]:
    """Return an entry for each group of cases that differ on the same targets in the same way."""
    where: dict[tuple[str, str], dict[str, str]] = {}
    for target, cases in targets.items():
        for case, kind in cases.items():
            where.setdefault((case, coarse(kind)), {})[target] = kind
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for (case, shared), kinds in where.items():
        exact = set(kinds.values())
        groups.setdefault(tuple(kinds), {})[case] = exact.pop() if len(exact) == 1 else shared
    entries = []
    for ids, cases in groups.items():
        words = list(dict.fromkeys(cases.values()))
        if len(words) > 1:  # of which of the cases a word is, no entry says
            words = list(dict.fromkeys(map(coarse, words)))
        listed = tuple((word, None) for word in words)
        entries.append(Entry(tuple(cases), target_names(cases, ids, found), None, listed, (), NO_REASON))
    return entries
