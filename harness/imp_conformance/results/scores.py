"""The matrix as numbers: how many cases of each name and level each target passes, and what of it is gated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from imp_conformance.catalogue.model import Catalogue, Level, Use
from imp_conformance.errors import InvalidResults
from imp_conformance.results.fault import Fault, faults
from imp_conformance.results.folders import contradiction
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults, count_results
from imp_conformance.results.reading import ANEW
from imp_conformance.results.scope import scope_in_words


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the cases that a target had to answer it answered rightly."""

    passed: int
    asked: int

    def __str__(self) -> str:
        return f"{self.passed}/{self.asked}" if self.asked else "-"

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.passed == self.asked

    @property
    def percent(self) -> str:
        """The share in tenths of a percent, rounded down: 100% is said only of what is whole."""
        if not self.asked:
            return "-"
        tenths = 1000 * self.passed // self.asked
        return f"{tenths // 10}%" if tenths % 10 == 0 and (self.whole or not self.passed) else f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Scores by level, name and target id."""

    columns: tuple[TargetResults, ...]
    marks: Mapping[str, str]
    """By target id: what TargetResults.mark says of it, "" for results of the catalogue's cases as they are."""
    scopes: Mapping[str, str]
    """By target id: what scope_in_words() says of it, "" where all of imp was asked for."""
    names: tuple[str, ...]
    scores: Mapping[tuple[Level, str, str], Score]
    totals: Mapping[tuple[Level, str], Score]
    gate: Gate
    wrong: Mapping[str, Counter[Verdict]]
    """By target id: how many gated cases are of which verdict, those that do not conform."""
    ungated: Mapping[str, int]
    """By target id: how many cases do not conform and are not gated."""
    use: Use
    faults: Mapping[str, Fault]
    """By target id: whose its gated differences are, where another result tells."""

    @property
    def gated_levels(self) -> tuple[Level, ...]:
        """The levels that are gated."""
        return tuple(level for level in Level if level.binds_like(self.gate.level))

    def remarks(self, column: str) -> list[str]:
        """Return what stands beside a target's name: which cases its results are of, and of how much of imp."""
        return [text for text in (self.marks[column], self.scopes[column]) if text]

    def gated_results(self, catalogue: Catalogue) -> dict[str, dict[str, Result]]:
        """Return the results of the cases that are gated, by target id and case id."""
        return {column.id: self.gate.gated(catalogue, column.results) for column in self.columns}

    def conforms(self, column: TargetResults) -> bool:
        """Whether nothing that is gated is wrong on a target."""
        return not self.wrong[column.id]

    def name_total(self, name: str, column: str) -> Score:
        """Return the score of a name on a target, the gated levels together."""
        return _total(self.scores[level, name, column] for level in self.gated_levels)

    def by_use(self, column: str) -> Score:
        """Return a target's score where each name counts as much as callers use it; only its percentage has a meaning."""
        return _weighted([(self.name_total(name, column), self.use.share(name)) for name in self.names])

    def total(self, column: str) -> Score:
        """Return the score of a target, the gated levels together."""
        return _total(self.totals[level, column] for level in self.gated_levels)

    def rows(self, level: Level) -> list[tuple[str, list[Score]]]:
        """Return the names that have cases at a level, each with a score a column."""
        found = []
        for name in self.names:
            row = [self.scores[level, name, column.id] for column in self.columns]
            if any(score.asked for score in row):
                found.append((name, row))
        return found


def build_matrix(
    catalogue: Catalogue, columns: Sequence[TargetResults], gate: Gate | None = None, beside: Iterable[TargetResults] = ()
) -> Matrix:
    """Count the results of the catalogue's cases; results of cases that it does not have any more are left out.

    Args:
        catalogue: the cases.
        columns: the results of each target.
        gate: what is gated; each level has its scores all the same, without the cases of editions that are not.
        beside: results that get no column, and help to tell whose the differences of a candidate are.

    Raises:
        InvalidResults: where results that say they are of this catalogue's cases contradict them.
    """
    for column in columns:
        what = contradiction(catalogue, column) if column.current(catalogue) else None
        if what is not None:
            raise InvalidResults(f"{column.id}: {what}: {ANEW}")
    marks = {column.id: column.mark(catalogue) for column in columns}
    scopes = {column.id: scope_in_words(catalogue, column) for column in columns}
    columns = [_known(catalogue, column) for column in columns]
    gate = gate or Gate()
    names = tuple(dict.fromkeys(case.subject for case in catalogue.cases.values()))
    asked: Counter[tuple[Level, str, str]] = Counter()
    passed: Counter[tuple[Level, str, str]] = Counter()
    for column in columns:
        for case_id, result in column.results.items():
            case = catalogue.cases[case_id]
            if not gate.takes_in(case):
                continue
            key = (catalogue.level(case), case.subject, column.id)
            asked[key] += result.verdict != Verdict.NOT_APPLICABLE
            passed[key] += result.verdict == Verdict.PASS
    scores = {
        (level, name, column.id): Score(passed[level, name, column.id], asked[level, name, column.id])
        for level in Level
        for name in names
        for column in columns
    }
    totals = {(level, column.id): _total(scores[level, name, column.id] for name in names) for level in Level for column in columns}
    wrong: dict[str, Counter[Verdict]] = {}
    ungated = {}
    gated_cases: dict[str, Mapping[str, Verdict]] = {}
    for column in columns:
        differing = {case: result.verdict for case, result in column.results.items() if not result.conforms}
        gated = gated_cases[column.id] = gate.gated(catalogue, differing)
        wrong[column.id] = Counter(gated.values())
        ungated[column.id] = len(differing) - len(gated)
    told = faults(columns, gated_cases, beside)
    return Matrix(tuple(columns), marks, scopes, names, scores, totals, gate, wrong, ungated, catalogue.use, told)


def _known(catalogue: Catalogue, column: TargetResults) -> TargetResults:
    """Return a target's results of cases that the catalogue has."""
    if all(case in catalogue.cases for case in column.results):
        return column
    results = {case: result for case, result in column.results.items() if case in catalogue.cases}
    return replace(column, results=results, counts=count_results(catalogue, results))


def _weighted(scores: Sequence[tuple[Score, int]]) -> Score:
    """Return the mean of scores, each with its weight; nothing is asked where no score with a weight asks anything."""
    counted = [(Fraction(score.passed, score.asked), weight) for score, weight in scores if score.asked and weight]
    if not counted:
        return Score(0, 0)
    mean = sum((share * weight for share, weight in counted), Fraction()) / sum(weight for _, weight in counted)
    return Score(mean.numerator, mean.denominator)


def _total(scores: Iterable[Score]) -> Score:
    found = list(scores)
    return Score(sum(score.passed for score in found), sum(score.asked for score in found))
