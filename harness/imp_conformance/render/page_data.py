"""What the page knows, packed for its script: every text once, a letter a verdict, equal columns once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imp_conformance.catalogue.by_release import in_words, known_expectations
from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.model import Case, Catalogue, Clause, Level
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.printable import visible
from imp_conformance.render.columns import Column, distinct
from imp_conformance.render.legend import NOT_RUN_SIGN, VERDICTS
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Verdict
from imp_conformance.results.model import TargetResults

LETTERS = {
    Verdict.PASS: "p",
    Verdict.FAIL: "f",
    Verdict.MISSING: "m",
    Verdict.CRASH: "c",
    Verdict.TIMEOUT: "t",
    Verdict.NOT_APPLICABLE: "n",
}
NOT_RUN = "."


def page_data(catalogue: Catalogue, columns: Sequence[Column], gate: Gate) -> dict[str, Any]:
    """Return plain data of lists, texts and numbers; templates/page/model.js says what stands where.

    Texts of candidates are in it as they can be shown.
    """
    ungated = [number for number, case in enumerate(catalogue.cases) if gate.why_not(catalogue, case)]
    return {**_Packer(catalogue, columns).data(), "ungated": ungated}


class _Pool:
    """Texts by number, each stored once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def __iter__(self) -> Any:
        return iter(self._numbers)


class _Packer:
    def __init__(self, catalogue: Catalogue, columns: Sequence[Column]) -> None:
        self._catalogue = catalogue
        self._columns = columns
        self._texts = _Pool()
        self._levels = list(Level)
        self._clauses = {clause: number for number, clause in enumerate(catalogue.clauses)}
        self._names = {name: number for number, name in enumerate(dict.fromkeys(case.subject for case in catalogue.cases.values()))}
        releases = [(_release(column), str(column.results.target["platform"]).partition("-")[0]) for column in columns]
        self._releases = list(dict.fromkeys(releases))
        self._release_of = [self._releases.index(release) for release in releases]
        groups = distinct(catalogue, columns)
        self._distinct = [group[0].results for group in groups]
        self._data_of = {column.key: number for number, group in enumerate(groups) for column in group}

    def data(self) -> dict[str, Any]:
        names = [[name, self._catalogue.summaries[name]] for name in self._names]
        clauses = [self._clause(clause) for clause in self._catalogue.clauses.values()]
        cases = [self._case(case) for case in self._catalogue.cases.values()]
        return {
            "levels": [level.value for level in Level],
            "verdicts": [[LETTERS[verdict], verdict.value, sign] for verdict, (sign, _) in VERDICTS.items()]
            + [[NOT_RUN, "not run", NOT_RUN_SIGN]],
            "targets": [self._target(number, column) for number, column in enumerate(self._columns)],
            "names": names,
            "clauses": clauses,
            "cases": cases,
            "texts": list(self._texts),
        }

    def _target(self, number: int, column: Column) -> list[Any]:
        shown = [column.key, column.label, column.interpreter, column.candidate, column.emulates, column.notice, column.mark]
        places = [int(column.genuine), self._release_of[number], self._data_of[column.key]]
        return [*shown, *places, column.options, column.python, column.reference, column.scope]

    def _clause(self, clause: Clause) -> list[Any]:
        sources = [self._texts(f"{source.document}, {source.anchor}") for source in clause.sources]
        errata = []
        for erratum in clause.errata:
            versions = f" ({erratum.versions})" if erratum.versions else ""
            errata.append(self._texts(f"{erratum.document}{versions} says: {erratum.says} In fact: {erratum.fact}"))
        return [clause.id, self._levels.index(clause.level), clause.text, self._texts(clause.holds), sources, errata]

    def _case(self, case: Case) -> list[Any]:
        known = known_expectations(case)
        return [
            case.id.partition("/")[2],
            self._names[case.subject],
            case.title,
            self._levels.index(self._catalogue.level(case)),
            [self._clauses[clause] for clause in case.clauses],
            self._texts(case.holds),
            "".join(self._letter(case, results) for results in self._distinct),
            self._findings(case),
            [[self._texts(where), self._texts(in_words(expected))] for where, expected in known],
            self._eras(case, [expected for _, expected in known]),
        ]

    def _letter(self, case: Case, results: TargetResults) -> str:
        found = results.results.get(case.id)
        return NOT_RUN if found is None else LETTERS[found.verdict]

    def _findings(self, case: Case) -> list[list[Any]]:
        """Return what there is to tell beside the verdict, each with the columns of data that it is told of."""
        told: dict[tuple[int, ...], list[int]] = {}
        for number, results in enumerate(self._distinct):
            found = results.results.get(case.id)
            if found is not None and found.verdict is not Verdict.PASS:
                texts = tuple(self._texts(visible(text)) for text in (found.expected, found.observed, found.reason))
                told.setdefault(texts, []).append(number)
        return [[numbers, *texts] for texts, numbers in told.items()]

    def _eras(self, case: Case, known: Sequence[Expectation]) -> list[int]:
        """Return by which of the known expectations each release and platform of the columns is judged.

        Returns:
            An index into the known expectations for each of them, -1 where nothing is asked of it; one index where all are the same.
        """
        eras = [
            known.index(case.expectation(release, platform)) if release is not None and case.asked(release, platform) else -1
            for release, platform in self._releases
        ]
        return eras if len(set(eras)) > 1 else eras[:1]


def _release(column: Column) -> Release | None:
    try:
        return Release.parse(column.emulates)
    except ValueError:
        return None  # a file that was edited: nothing is known of such a release
