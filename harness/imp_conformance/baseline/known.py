"""Which entry of a baseline holds which result, and how a result disagrees with the entry that is about it."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from imp_conformance.baseline.kinds import coarse, kind_of
from imp_conformance.baseline.model import NO_REASON, Baseline, Entry, Found
from imp_conformance.baseline.text import entry_text
from imp_conformance.errors import Problem
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.scope import missing_names
from imp_conformance.targets.names import series_of


class Known:
    """A baseline, prepared for looking up.

    What names a case by its id counts before names that are missing, and these before patterns.
    """

    def __init__(self, baseline: Baseline, *, verbose: bool = True) -> None:
        """Prepare it; verbose is whether problems say the entry that would list what is not listed."""
        self.baseline = baseline
        self.verbose = verbose
        self._by_case: dict[str, list[Entry]] = {}
        self._by_target: dict[str, tuple[dict[str, Entry], list[Entry]]] = {}
        for entry in baseline.entries:
            for case in () if entry.by_pattern else entry.cases:
                self._by_case.setdefault(case, []).append(entry)

    def exact(self, case: str, target: str) -> Entry | None:
        """Return the entry that names a case by its id, and is about a target: that which names the target most exactly."""
        ranks = [(rank, entry) for entry in self._by_case.get(case, ()) if (rank := self.baseline.rank(entry, target)) is not None]
        return min(ranks, key=lambda found: found[0])[1] if ranks else None

    def missing(self, target: str) -> Mapping[str, Entry]:
        """Return the names that a target is known to lack, each with its entry."""
        return self._about(target)[0]

    def patterns(self, target: str) -> list[Entry]:
        """Return the entries by pattern that are about a target: the more exact ones first, then in the order of the file."""
        return self._about(target)[1]

    def _about(self, target: str) -> tuple[dict[str, Entry], list[Entry]]:
        if target not in self._by_target:
            ranked = [(rank, entry) for entry in self.baseline.entries if (rank := self.baseline.rank(entry, target)) is not None]
            names: dict[str, Entry] = {}
            for _, entry in ranked:
                for name in entry.missing:
                    names.setdefault(name, entry)
            patterns = [entry for _, entry in sorted(ranked, key=lambda found: found[0]) if entry.by_pattern]
            self._by_target[target] = names, patterns
        return self._by_target[target]

    def entry(self, case: str, target: str, result: Result) -> Entry | None:
        """Return the entry that holds a result as it is; None where none does, or nothing is wrong."""
        if result.conforms:
            return None
        exact = self.exact(case, target)
        if exact is not None:
            return exact if exact.allows(result) else None
        names = missing_names(result)
        listed = self.missing(target)
        if names and names <= listed.keys():
            return listed[min(names)]
        return next((entry for entry in self.patterns(target) if about(entry, case) and entry.allows(result)), None)

    def problem(self, case: str, target: str, result: Result) -> Problem | None:
        """Return how a result disagrees with what is listed, and which line to change; None where it agrees.

        That fewer or more cases of a pattern differ than are listed, only all results together show.
        """
        entry = self.exact(case, target)
        if entry is None:
            held = result.conforms or self.entry(case, target, result) is not None
            return None if held else self._unlisted(case, target, result)
        if entry.allows(result):
            return None
        file, todo = self.baseline.file, "delete the entry"
        alone = entry.targets == (target,)
        if len(entry.cases) > 1:
            todo = f"take {case} out of the entry" if alone else f"take {case} out of the entry, or write one for its targets that differ"
        elif entry.names(target) and not alone:
            todo = f"take {target} out of its targets"
        elif not alone:
            todo = f"delete the entry, or name under targets those of its targets that do not pass ({target} passes)"
        if result.verdict is Verdict.PASS:
            return Problem(file, entry.line, f"{case} on {target} passes, and is listed as {entry.listed}", todo)
        if result.verdict is Verdict.NOT_APPLICABLE:
            if not entry.names(target):
                return None  # A pattern may well take in targets that are not asked.
            return Problem(file, entry.line, f"{case} is not applicable to {target}, and is listed as {entry.listed}", todo)
        kind = str(result.verdict) if entry.verdict is not None else kind_of(result)
        key = "verdict" if entry.verdict is not None else "differs"
        todo = f"fix it, or write {key}: {kind}"
        if not alone:
            todo += f" (in an entry for {target} alone, where the others still are {entry.listed})"
        return Problem(file, entry.kind_line, f"{case} on {target} is {kind}, and is listed as {entry.listed}", todo)

    def _unlisted(self, case: str, target: str, result: Result) -> Problem:
        what = f"{case} on {target} is {result.verdict}, and is not listed"
        for entry in self._by_case.get(case, ()):
            if entry.allows(result) and entry.targets is not None:
                todo = f"fix it, or add {series_of(target)} to these targets"
                return Problem(self.baseline.file, entry.targets_line, what, todo)
        one = Entry((case,), (series_of(target),), None, ((coarse(kind_of(result)), None),), (), NO_REASON)
        names = missing_names(result) - self.missing(target).keys()
        if names:
            one = Entry((), one.targets, None, (), tuple(sorted(names)), NO_REASON)
        return self.to_add(what, one)

    def to_add(self, what: str, entry: Entry) -> Problem:
        """Return the problem that something is not listed, where all is told with the entry that would list it."""
        if not self.verbose:
            return Problem(self.baseline.file, self.baseline.end, what, "fix it, or let baseline update list it")
        text = entry_text(entry)
        todo = f"fix it, or add - {text}"
        if not self.baseline.entries:  # an item below the brackets of an empty list would be no YAML
            todo = f"fix it, or write differences: [{text}]; imp-conformance baseline update writes all"
        return Problem(self.baseline.file, self.baseline.end, what, todo)


def about(entry: Entry, case: str) -> bool:
    """Whether an entry by pattern is about a case."""
    return any(fnmatchcase(case, pattern) for pattern in entry.cases)


def number_held(known: Known, found: Found) -> int:
    """Count the cases on targets that differ as the baseline says."""
    return sum(known.entry(case, target, result) is not None for target, cases in found.items() for case, result in cases.items())


def unheld(known: Known, found: Found) -> dict[str, dict[str, Result]]:
    """Return what differs and is held by no entry, nor contradicts one that names the case."""
    return {
        target: {
            case: result
            for case, result in cases.items()
            if not result.conforms and known.exact(case, target) is None and known.entry(case, target, result) is None
        }
        for target, cases in found.items()
    }
