"""What the page knows, packed for its script: every text once, a letter a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imp_conformance.catalogue.by_release import expectations, in_words, range_text
from imp_conformance.catalogue.model import Case, Catalogue, Clause, Expectation, Level
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.printable import visible
from imp_conformance.render.columns import Column
from imp_conformance.render.words import NOT_RUN_SIGN, VERDICTS
from imp_conformance.repro.script import candidate_text, case_head, runtime
from imp_conformance.results.judge import Verdict

LETTERS = {
    Verdict.PASS: "p",
    Verdict.FAIL: "f",
    Verdict.MISSING: "m",
    Verdict.CRASH: "c",
    Verdict.TIMEOUT: "t",
    Verdict.NOT_APPLICABLE: "n",
}
NOT_RUN = "."


def page_data(catalogue: Catalogue, columns: Sequence[Column]) -> dict[str, Any]:
    """Return plain data of lists, texts and numbers; templates/page/model.js says what stands where.

    Texts of candidates are in it as they can be shown. Scripts are in it exactly.
    """
    return _Packer(catalogue, columns).data()


class _Pool:
    """Texts by number, each kept once."""

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
        self._texts, self._lines = _Pool(), _Pool()
        self._levels = list(Level)
        self._clauses = {clause: number for number, clause in enumerate(catalogue.clauses)}
        self._names = {name: number for number, name in enumerate(dict.fromkeys(case.subject for case in catalogue.cases.values()))}
        releases = [_release(column) for column in columns]
        self._releases = list(dict.fromkeys(releases))
        self._release_of = [self._releases.index(release) for release in releases]

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
            "lines": list(self._lines),
            "runtime": runtime(),
        }

    def _target(self, number: int, column: Column) -> list[Any]:
        shown = [column.key, column.label, column.interpreter, column.candidate, column.emulates, column.notice]
        return [*shown, int(column.genuine), self._release_of[number], self._texts(candidate_text(column.imp)), column.how]

    def _clause(self, clause: Clause) -> list[Any]:
        sources = [self._texts(f"{source.document}, {source.anchor}") for source in clause.sources]
        errata = []
        for erratum in clause.errata:
            versions = f" ({erratum.versions})" if erratum.versions else ""
            errata.append(self._texts(f"{erratum.document}{versions} says: {erratum.says} In fact: {erratum.fact}"))
        return [clause.id, self._levels.index(clause.level), clause.text, self._texts(str(clause.versions)), sources, errata]

    def _case(self, case: Case) -> list[Any]:
        known = expectations(case)
        eras, heads = self._eras(case, [expected for _, expected in known])
        return [
            case.id.partition("/")[2],
            self._names[case.subject],
            case.title,
            self._levels.index(self._catalogue.level(case)),
            [self._clauses[clause] for clause in case.clauses],
            self._texts(str(case.versions)),
            "".join(self._letter(case, column) for column in self._columns),
            self._findings(case),
            [[self._texts(range_text(releases)), self._texts(in_words(expected))] for releases, expected in known],
            eras,
            heads,
        ]

    def _letter(self, case: Case, column: Column) -> str:
        result = column.results.results.get(case.id)
        return NOT_RUN if result is None else LETTERS[result.verdict]

    def _findings(self, case: Case) -> list[list[Any]]:
        """What is to be told beside the verdict, for all the columns of which the same is to be told."""
        found: dict[tuple[int, ...], list[int]] = {}
        for number, column in enumerate(self._columns):
            result = column.results.results.get(case.id)
            if result is not None and result.verdict is not Verdict.PASS:
                told = tuple(self._texts(visible(getattr(result, part))) for part in ("expected", "observed", "reason"))
                found.setdefault(told, []).append(number)
        return [[numbers, *told] for told, numbers in found.items()]

    def _eras(self, case: Case, known: Sequence[Expectation]) -> tuple[list[int], list[list[int]]]:
        """Return which of a case's answers each release is judged by, and the heads of the scripts that ask for them.

        Args:
            case: the case.
            known: what genuine releases answer.

        Returns:
            A number of an answer for each release of the columns, -1 where nothing is asked, or one number where it is the same
            for all; and for each answer the numbers of its head's lines, none where no column is judged by it.
        """
        heads: dict[int, list[int]] = {}
        eras = []
        for release in self._releases:
            era = known.index(case.expectation(release)) if release is not None and release in case.versions else -1
            if release is not None and era >= 0 and era not in heads:
                heads[era] = [self._lines(line) for line in case_head(self._catalogue, case, release).split("\n")]
            eras.append(era)
        return (eras if len(set(eras)) > 1 else eras[:1]), [heads.get(era, []) for era in range(len(known))]


def _release(column: Column) -> Release | None:
    try:
        return Release.parse(column.emulates)
    except ValueError:
        return None  # not of this project's making: such a column has no scripts
