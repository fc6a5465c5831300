"""Matrices of any size, with texts as long as real ones, or as hostile as can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import results_made as made
from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.expression import Expression
from imp_conformance.catalogue.model import Case, Catalogue, Clause, Level, Source
from imp_conformance.catalogue.versions import EVERYWHERE
from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults, count_results
from imp_conformance.results.scores import Matrix, build_matrix

CODE = """\
import os, sys
file, pathname, (suffix, mode, kind) = imp.find_module("p{number}", ["a"])
(file, os.path.samefile(pathname, "a/p"), kind == imp.PKG_DIRECTORY, {number})
"""


def sample_catalogue(cases: int, names: int = 20) -> Catalogue:
    """Make a catalogue of names name_0 and on, each with clauses of two cases, at the three levels in turn."""
    clauses: dict[str, Clause] = {}
    made: dict[str, Case] = {}
    levels = list(Level)
    for number in range(cases):
        name = f"name_{number * names // cases}"
        clause = f"{name}.promise-of-some-length-{number // 2}"
        if clause not in clauses:
            text = f"Where a path is number {number // 2}, what is found is a module of that name, and nothing else is changed by it."
            level = levels[number // 2 % 3]
            clauses[clause] = Clause(clause, text, level, EVERYWHERE, (Source("library-3.10", "imp"),), (), "specs/x.yaml", 1)
        case = f"{name}/case-of-some-length-{number}"
        made[case] = _case(case, (clause,), number)
    summaries = {case.subject: f"What {case.subject} does." for case in made.values()}
    return Catalogue(clauses, made, summaries, frozenset(), texts={}, digest=f"sha256:{cases:064}")


def _case(case: str, clauses: tuple[str, ...], number: int) -> Case:
    return Case(
        id=case,
        title=f"A package is found as its directory, without a file object, number {number}.",
        clauses=clauses,
        edition=1,
        split_from=None,
        versions=EVERYWHERE,
        needs=(),
        process="warm",
        options=(),
        limit=10.0,
        files=({"path": "a/p/__init__.py", "data": ""},),
        given=None,
        code=CODE.format(number=number),
        expect=Expectation(value=Expression.parse(f"(None, True, True, {number})")),
        changes=(),
        names=frozenset({"find_module", "PKG_DIRECTORY"}),
        file="cases/x.yaml",
        line=number,
    )


def sample_target(
    catalogue: Catalogue,
    number: int,
    verdict: Callable[[int], Verdict | None],
    about: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    **state: Any,
) -> TargetResults:
    """Make the results of a target: what comes of each case, None where it is not run, and what is told of those that do not conform."""
    series = f"3.{number % 8 + 4}"
    release = f"{series}.{number}"
    target = made.about(f"cpython-{release}", release=release, python=release, emulates=series) | dict(about or {})
    results: dict[str, Result] = {}
    for place, case in enumerate(catalogue.cases.values()):
        found = verdict(place)
        if found is None:
            continue
        result = Result(case.id, found)
        if found is Verdict.NOT_APPLICABLE:
            result = Result(case.id, found, unasked="holds for >=3.5")
        elif found is not Verdict.PASS:
            expected, told = (
                f"(None, True, True, {place})",
                f"raises ImportError: cannot import name 'p{place}' from {{cwd}}/a/p/__init__.py",
            )
            told += f" on {target['id']}: no such file or directory"
            shown = {"expected": expected, "observed": told, "reason": f"expected {expected}, {told}"} | dict(texts or {})
            result = Result(case.id, found, shown["expected"], shown["observed"], Difference.told_as(shown["reason"]))
        results[case.id] = result
    state = {"complete": True, **state}
    return TargetResults(made.suite(catalogue), target, count_results(catalogue, results), results, **state)


def sample_matrix(cases: int, targets: int) -> tuple[Catalogue, Matrix]:
    """Make a matrix in which a tenth of all results does not conform, each with texts of its own."""
    catalogue = sample_catalogue(cases)
    bad = [Verdict.FAIL, Verdict.FAIL, Verdict.MISSING, Verdict.CRASH, Verdict.TIMEOUT]

    def verdict(target: int) -> Callable[[int], Verdict]:
        return lambda place: bad[place // 10 % 5] if (place + target) % 10 == 0 else Verdict.PASS

    return catalogue, build_matrix(catalogue, [sample_target(catalogue, number, verdict(number)) for number in range(targets)])
