"""Whose fault a difference is: told from the same candidate on CPython of the same version, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import results_made as made
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.difference import Difference
from imp_conformance.render.html import html_page
from imp_conformance.render.markdown import markdown_page
from imp_conformance.render.summary import summary_page
from imp_conformance.render.terminal import fault_lines
from imp_conformance.results.fault import faults
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults, count_results
from imp_conformance.results.scores import Matrix, build_matrix
from sample_matrix import sample_catalogue

P, F, C, N = Verdict.PASS, Verdict.FAIL, Verdict.CRASH, Verdict.NOT_APPLICABLE
SHIM = {"kind": "pypi", "name": "zombie-imp", "version": "0.0.4"}
CATALOGUE = sample_catalogue(12, 3)


def target(
    name: str, verdicts: str, implementation: str = "cpython", python: str = "3.12.1", release: str = "", **changes: Any
) -> TargetResults:
    """Return results: the first cases have the verdicts of these letters, a blank is for one that was not run, the rest pass."""
    about = made.about(name, implementation=implementation, python=python, release=release or python, emulates="3.11", candidate=SHIM)
    letters = {"p": P, "f": F, "c": C, "n": N}
    results: dict[str, Result] = {}
    for letter, case in zip(verdicts.ljust(len(CATALOGUE.cases), "p"), CATALOGUE.cases, strict=True):
        if letter != " ":
            difference = Difference.told_as("x") if letter in "fc" else None
            results[case] = Result(case, letters[letter], "1", "2", difference, "why" if letter == "n" else "")
    complete = " " not in verdicts
    return TargetResults(made.suite(CATALOGUE), {**about, **changes}, count_results(CATALOGUE, results), results, complete)


GRAAL = target("graalpy-25.0.1+zombie-imp", "ffffcf", "graalpy", "3.12.8", "25.0.1")
THERE = target("cpython-3.12.1+zombie-imp", "pfcn ")
WORDS = "also on CPython 3.12: 2, only on GraalPy 25.0: 2, not asked on CPython 3.12: 2"


def matrix(*columns: TargetResults, beside: tuple[TargetResults, ...] = ()) -> Matrix:
    return build_matrix(CATALOGUE, columns, beside=beside)


def test_the_cases_are_told_apart() -> None:
    (fault,) = matrix(GRAAL, THERE).faults.values()
    cases = list(CATALOGUE.cases)
    assert (fault.also, fault.only, fault.unknown) == (tuple(cases[1:3]), tuple(sorted((cases[0], cases[5]))), tuple(cases[3:5]))
    assert str(fault) == WORDS
    assert str(matrix(GRAAL, beside=(THERE,)).faults[GRAAL.id]) == WORDS


@pytest.mark.parametrize(
    "other",
    [
        target("cpython-3.12.1", "", candidate={"kind": "own"}),
        target("cpython-3.12.1+zombie-imp", "", candidate={**SHIM, "version": "0.0.3"}),
        target("cpython-3.12.1+other", "", candidate={"kind": "module", "name": "other"}),
        target("cpython-3.13.0+zombie-imp", "", python="3.13.0"),
        target("cpython-3.12.1+zombie-imp-as-3.8", "", emulates="3.8"),
        target("pypy3.12-8.0.0+zombie-imp", "", "pypy"),
        replace(THERE, suite={**THERE.suite, "digest": "sha256:" + "1" * 64}),
        replace(THERE, results={}, counts={}, complete=False, unavailable="it is not there"),
    ],
    ids=lambda found: f"{found.id} {found.unavailable or ''}",
)
def test_nothing_is_said_without_the_same_on_cpython(other: TargetResults) -> None:
    assert GRAAL.id not in matrix(GRAAL, other).faults


def test_nothing_is_said_of_cpython_of_an_own_imp_and_of_what_does_not_differ() -> None:
    own = target("graalpy-24.2.2", "ff", "graalpy", "3.12.8", "24.2.2", candidate={"kind": "own"})
    right = target("graalpy-25.0.1+zombie-imp", "", "graalpy", "3.12.8", "25.0.1")
    assert matrix(own, right, THERE, target("cpython-3.12.1-s390x+zombie-imp", "f", platform="linux-s390x")).faults == {}


def test_the_best_counterpart_is_taken_whatever_the_order() -> None:
    others = [
        target("cpython-3.12.9+zombie-imp", " "),
        target("cpython-3.12.8-debug+zombie-imp", "", python="3.12.8", build="debug"),
        target("cpython-3.12.8-s390x+zombie-imp", "", python="3.12.8", platform="linux-s390x"),
        target("cpython-3.12.4+zombie-imp", "", python="3.12.4"),
        target("cpython-3.12.10+zombie-imp", "", python="3.12.10"),
    ]
    for beside in (others, others[::-1]):
        assert matrix(GRAAL, beside=tuple(beside)).faults[GRAAL.id].reference == "cpython-3.12.10+zombie-imp"


def test_what_is_not_gated_is_not_counted() -> None:
    assert faults([GRAAL], {GRAAL.id: []}, [THERE]) == {}
    assert str(faults([GRAAL], {GRAAL.id: [next(iter(CATALOGUE.cases))]}, [THERE])[GRAAL.id]) == (
        "also on CPython 3.12: 0, only on GraalPy 25.0: 1"
    )


def test_it_is_told_in_every_report(catalogue: Catalogue) -> None:
    both, alone = matrix(GRAAL, THERE), matrix(GRAAL)
    assert list(fault_lines(both)) == [f"\n{GRAAL.id}: {WORDS}"]
    shown = WORDS.replace(",", "")
    for page in (markdown_page, html_page, summary_page):
        assert shown in page(CATALOGUE, both).replace(",", "").replace("&#58;", ":"), page
        assert "only on GraalPy" not in page(CATALOGUE, alone)
