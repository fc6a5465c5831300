"""The matrix as numbers: how many cases of each name and level each target passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.errors import InvalidResults
from imp_conformance.results.files import TargetResults
from imp_conformance.results.folders import contradiction
from imp_conformance.results.judge import Verdict


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


@dataclass(frozen=True, slots=True)
class Matrix:
    """Scores by level, name and target id."""

    columns: tuple[TargetResults, ...]
    stale: tuple[TargetResults, ...]
    """What was left out, because it was made with other cases than those of the catalogue."""
    names: tuple[str, ...]
    scores: Mapping[tuple[Level, str, str], Score]
    totals: Mapping[tuple[Level, str], Score]

    def name_total(self, name: str, column: str) -> Score:
        """Return the score of a name on a target, all levels together."""
        return _total(self.scores[level, name, column] for level in Level)

    def rows(self, level: Level) -> list[tuple[str, list[Score]]]:
        """Return the names that have cases at a level, each with a score a column."""
        found = []
        for name in self.names:
            row = [self.scores[level, name, column.id] for column in self.columns]
            if any(score.asked for score in row):
                found.append((name, row))
        return found


def build_matrix(catalogue: Catalogue, columns: Sequence[TargetResults]) -> Matrix:
    """Count what is of this catalogue's cases; what is not is left out, and named.

    Raises:
        InvalidResults: where nothing is of this catalogue's cases, or what says that it is contradicts them.
    """
    stale = tuple(column for column in columns if column.suite["digest"] != catalogue.digest)
    columns = [column for column in columns if column not in stale]
    if stale and not columns:
        raise InvalidResults(
            f"{stale[0].id}: its results are of another state of the cases ({stale[0].suite['digest'][:19]}…), and so are all others: "
            "make them anew with imp-conformance run --results"
        )
    for column in columns:
        what = contradiction(catalogue, column)
        if what is not None:
            raise InvalidResults(f"{column.id}: {what}: make it anew with imp-conformance run --results")
    names = tuple(dict.fromkeys(case.subject for case in catalogue.cases.values()))
    asked: Counter[tuple[Level, str, str]] = Counter()
    passed: Counter[tuple[Level, str, str]] = Counter()
    for column in columns:
        for case_id, result in column.results.items():
            case = catalogue.cases[case_id]
            key = (catalogue.level(case), case.subject, column.id)
            asked[key] += result["verdict"] != Verdict.NOT_APPLICABLE
            passed[key] += result["verdict"] == Verdict.PASS
    scores = {
        (level, name, column.id): Score(passed[level, name, column.id], asked[level, name, column.id])
        for level in Level
        for name in names
        for column in columns
    }
    totals = {(level, column.id): _total(scores[level, name, column.id] for name in names) for level in Level for column in columns}
    return Matrix(tuple(columns), stale, names, scores, totals)


def _total(scores: Iterable[Score]) -> Score:
    found = list(scores)
    return Score(sum(score.passed for score in found), sum(score.asked for score in found))
