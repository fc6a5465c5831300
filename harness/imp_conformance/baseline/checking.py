"""Hold a baseline against what was found: every disagreement, both ways."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from imp_conformance.baseline.counting import asked, counted, listed_counts, seen_whole
from imp_conformance.baseline.grouping import new_entries
from imp_conformance.baseline.known import Known, about, number_held, unheld
from imp_conformance.baseline.model import NO_REASON, Baseline, Entry, Found, is_pattern
from imp_conformance.baseline.reading import shown
from imp_conformance.baseline.scope import scope_problems
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import Problem
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults

_SHOWN = 8
"""How many cases of a kind a message names where not all is told."""


def find_problems(baseline: Baseline, catalogue: Catalogue, found: Found, *, verbose: bool = True) -> list[Problem]:
    """Return every disagreement between a baseline and what was found, both ways, in the order of the lines.

    A case, or a name, that the catalogue does not have always is one.

    Args:
        baseline: the known differences.
        catalogue: the cases.
        found: what was found.
        verbose: whether to say each entry that would list what is not listed, and every case of a number that is another.
    """
    known = Known(baseline, verbose=verbose)
    problems = [*entry_problems(known, catalogue, found), *_unlisted(known, catalogue, found)]
    for target, results in found.items():
        for case, result in results.items():
            if known.exact(case, target) is not None and (problem := known.problem(case, target, result)) is not None:
                problems.append(problem)
    return sorted(problems, key=lambda problem: (problem.line, problem.what))


def entry_problems(known: Known, catalogue: Catalogue, found: Found) -> Iterator[Problem]:
    """Yield what is wrong with entries as wholes: what they name is not there, or is there again, or their numbers are others."""
    baseline = known.baseline
    yield from _unknown(baseline, catalogue)
    for target, results in found.items():
        there = present(catalogue, results)
        for name, entry in known.missing(target).items():
            if name in there:
                what = f"{target} has {name}, and it is listed as missing"
                yield Problem(baseline.file, entry.kind_line, what, f"take {name} out of the list")
        for entry, kinds in counted(known, target, results).items():
            if asked(entry, results):
                yield from _miscounted(known, entry, kinds, target, whole=seen_whole(baseline, catalogue, entry, results))


def present(catalogue: Catalogue, results: Mapping[str, Result]) -> frozenset[str]:
    """Return the names that imp has on a target, as far as cases were run that cannot do without them."""
    ran = [case for case, result in results.items() if result.verdict not in (Verdict.MISSING, Verdict.NOT_APPLICABLE)]
    return frozenset().union(*(catalogue.cases[case].names for case in ran if case in catalogue.cases))


def _miscounted(known: Known, entry: Entry, kinds: Mapping[str, Sequence[str]], target: str, *, whole: bool) -> Iterator[Problem]:
    """Yield how the numbers of an entry by pattern disagree with those of a target; whole where all its cases were run there."""
    baseline = known.baseline
    if whole and not any(kinds.values()):
        todo = "delete the entry" if entry.targets == (target,) else f"delete the entry, or name its other targets ({target} has none)"
        yield Problem(baseline.file, entry.line, f"no case of {entry.what} on {target} differs as listed any more", todo)
        return
    for kind, count in listed_counts(entry):
        cases = kinds[kind]
        if count is None or len(cases) == count or (len(cases) < count and not whole):
            continue
        what = f"{entry.what} on {target}: {len(cases)} cases differ by {kind}, and {count} are listed"
        todo = f"write {len(cases)}" if cases else "take the kind out"
        if len(cases) > count:
            what += f" ({', '.join(cases) if known.verbose else _examples(cases)})"
            todo = f"fix what is new among these (imp-conformance compare tells where older results are kept), or {todo}"
        yield Problem(baseline.file, entry.kind_line, what, todo)


def _examples(cases: Sequence[str]) -> str:
    more = f" and {len(cases) - _SHOWN} more: -v names all" if len(cases) > _SHOWN else ""
    return ", ".join(cases[:_SHOWN]) + more


def _unlisted(known: Known, catalogue: Catalogue, found: Found) -> Iterator[Problem]:
    """Yield what is not listed: a case alone, or the entry that would list many at once."""
    rest = unheld(known, found)
    for entry in new_entries(known, catalogue, rest, found):
        on = ", ".join(entry.targets or ())
        alike = next((old for old in known.baseline.entries if old.alike(entry)), None)
        if alike is not None:
            what = f"{entry.what} on {on} {'is' if entry.missing else 'differ'} as listed for other targets"
            yield Problem(known.baseline.file, alike.targets_line, what, f"fix it, or add {on} to these targets")
            continue
        if entry.missing:
            yield known.to_add(f"imp has no {', '.join(entry.missing)} on {on}, and that is not listed", entry)
        elif entry.by_pattern:
            yield known.to_add(f"{entry.what} on {on}: cases differ that are not listed: {entry.said}", entry)
        elif len(entry.cases) > 1:
            yield known.to_add(f"{entry.what} on {on} differ by {entry.listed}, and are not listed", entry)
        else:
            (case,) = entry.cases
            for target, cases in rest.items():
                if case in cases and entry.rank(target) is not None:
                    problem = known.problem(case, target, cases[case])
                    assert problem is not None  # it is not held
                    yield problem


def _unknown(baseline: Baseline, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what an entry names and the catalogue does not have."""
    everything = "imp-conformance list shows all; delete the entry or fix it"
    for entry in baseline.entries:
        if entry.by_pattern:
            if not any(about(entry, case) for case in catalogue.cases):
                yield Problem(baseline.file, entry.line, f"there is no case like {entry.what}", everything)
            continue
        for case in entry.cases:
            if case in catalogue.retired:
                yield Problem(baseline.file, entry.line, f"the case {case} is retired", "delete the entry (cases/retired.yaml says why)")
            elif case not in catalogue.cases:
                yield Problem(baseline.file, entry.line, f"there is no case {case!r}", _like(case, catalogue.cases, everything))
        for name in entry.missing:
            if name not in catalogue.names:
                todo = _like(name, catalogue.names, "take it out: no case asks for it")
                yield Problem(baseline.file, entry.kind_line, f"imp has no name {name!r} to be missing", todo)


def _like(name: str, names: Mapping[str, object] | Sequence[str], otherwise: str) -> str:
    close = difflib.get_close_matches(name, names, n=3)
    return f"did you mean {' or '.join(close)}?" if close else otherwise


def summary_lines(baseline: Baseline, found: Found, problems: int) -> list[str]:
    """Say how much of a baseline holds, and which of its entries were not checked or have no reason."""
    count = number_held(Known(baseline), found)
    holds = "1 known difference holds" if count == 1 else f"{count} known differences hold"
    lines = [f"baseline: {holds}, {problems} problem{'' if problems == 1 else 's'}"]
    named = {name for entry in baseline.entries for name in entry.targets or () if not is_pattern(name)}
    elsewhere = {name for name in named if not any(baseline.takes_in(name, target) for target in found)}
    if elsewhere:
        lines.append(f"baseline: its entries for targets that were not run were not checked: {', '.join(sorted(elsewhere))}")
    unsaid = [entry for entry in baseline.entries if entry.reason.startswith(NO_REASON)]
    if unsaid:
        lines.append(f"baseline: {len(unsaid)} without a reason ({NO_REASON}), the first at {baseline.file}:{unsaid[0].line}")
    return lines


def settling(baseline: Baseline, folder: Path | None) -> str:
    """Say which command makes a baseline agree with results, which are in a folder or in none yet."""
    results = "DIR" if folder is None else shlex.quote(shown(folder))
    command = f"imp-conformance baseline update --results {results} --baseline {shlex.quote(baseline.file)}"
    first = "run again with --results DIR; then " if folder is None else ""
    return f"baseline: to settle it, fix what is new, or write down what is to stay: {first}{command}"


def holding(baseline: Baseline, catalogue: Catalogue, found: Found, columns: Iterable[TargetResults]) -> frozenset[str]:
    """Return the targets on which a baseline holds, with the names that it pins.

    Args:
        baseline: the known differences.
        catalogue: the cases.
        found: what was found.
        columns: the same targets, with all that is known of their results.
    """
    lost = {column.id for column in columns if scope_problems(baseline, catalogue, [column])}
    kept = {target: results for target, results in found.items() if target not in lost}
    return frozenset(target for target, results in kept.items() if not find_problems(baseline, catalogue, {target: results}))
