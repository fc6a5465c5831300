"""Entries about many cases: patterns with their numbers, lists, and names that are missing; each stays exact."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import results_made as made
from baseline_made import A, B, C, F, N, P, known, lacks, raises, small_catalogue
from imp_conformance.baseline.checking import find_problems, holding
from imp_conformance.baseline.kinds import coarse, kind_of
from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.newer import newer_lines
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.baseline.update import plan_update
from imp_conformance.baseline.writing import write_update
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidBaseline
from imp_conformance.portable.difference import Difference
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Result, Verdict

SIX = [f"reload/{number}" for number in range(6)]
CASES = small_catalogue(*SIX, "get_tag/a", "get_tag/b", "get_magic/a")
COUNTED = """\
edition: 1
differences:
  - {case: reload/*, targets: [cpython-3.12+shim], differs: {raises TypeError: 2, value: 1}, reason: r}
"""
MISSING = """\
differences:
  - missing: [get_tag, get_magic]
    reason: r
"""


def passing(**changes: Result) -> dict[str, Result]:
    """The results of a whole run, in which everything passes but what is given."""
    found = {case: made.result(case, P) for case in CASES.cases}
    return {**found, **{result.case: result for result in changes.values()}}


def of(*results: Result) -> dict[str, Result]:
    return passing(**{f"_{number}": result for number, result in enumerate(results)})


def told(tmp_path: Path, text: str, found: dict[str, dict[str, Result]]) -> list[str]:
    return [str(problem) for problem in find_problems(known(tmp_path, text), CASES, found)]


def value(case: str, observed: str = "3") -> Result:
    return Result(case, F, "1", observed, Difference(("value",), "value", "1", observed))


AS_LISTED = (raises(SIX[0], "TypeError"), raises(SIX[1], "TypeError"), value(SIX[2]))


def test_a_pattern_holds_what_differs_as_often_as_listed(tmp_path: Path) -> None:
    assert told(tmp_path, COUNTED, {A: of(*AS_LISTED)}) == []
    assert told(tmp_path, COUNTED, {"cpython-3.12.9+shim": of(*AS_LISTED)}) == [], "each release of the series"
    known_one = Known(known(tmp_path, COUNTED))
    assert known_one.entry(SIX[2], A, value(SIX[2])) is not None
    assert holding(known(tmp_path, COUNTED), CASES, {A: of(*AS_LISTED), B: of(value(SIX[0]))}, []) == {A}


@pytest.mark.parametrize(
    ("results", "message"),
    [
        (AS_LISTED[1:], r"reload/\* on A: 1 cases differ by raises TypeError, and 2 are listed: write 1"),
        (AS_LISTED[:2], r"reload/\* on A: 0 cases differ by value, and 1 are listed: take the kind out"),
        (
            (*AS_LISTED, value(SIX[3])),
            r"reload/\* on A: 2 cases differ by value, and 1 are listed \(reload/2, reload/3\).* or write 2",
        ),
        (
            (*AS_LISTED, made.result(SIX[3], C)),
            r"reload/3 on A is crash.* or add - {case: reload/3, targets: \[A\], differs: crash, ",
        ),
        (
            (*AS_LISTED, raises(SIX[3], "KeyError")),
            "reload/3 on A is fail, and is not listed: .* differs: raises KeyError,",
        ),
        ((), r"no case of reload/\* on A differs as listed any more: delete the entry"),
    ],
)
def test_a_pattern_holds_nothing_else(results: tuple[Result, ...], message: str, tmp_path: Path) -> None:
    (problem,) = told(tmp_path, COUNTED, {A: of(*results)})
    assert re.match(f"known.yaml:3: {message}", problem.replace(A, "A")), problem


def test_of_a_part_of_the_cases_only_more_than_listed_is_told(tmp_path: Path) -> None:
    part = {SIX[0]: AS_LISTED[0]}
    assert told(tmp_path, COUNTED, {A: part}) == []
    more = {result.case: result for result in (value(SIX[0]), value(SIX[1]))}
    (problem,) = told(tmp_path, COUNTED, {A: more})
    assert "2 cases differ by value, and 1 are listed" in problem


def test_a_pattern_says_nothing_where_its_cases_are_not_asked(tmp_path: Path) -> None:
    assert told(tmp_path, COUNTED, {A: of(*(made.result(case, N) for case in SIX))}) == []


def test_what_names_a_case_counts_before_a_pattern(tmp_path: Path) -> None:
    text = COUNTED.replace("value: 1", "value: 2") + f"  - {{case: {SIX[5]}, differs: value, reason: other}}\n"
    (problem,) = told(tmp_path, text, {A: of(*AS_LISTED, value(SIX[5]))})
    assert "1 cases differ by value, and 2 are listed" in problem
    (problem,) = told(tmp_path, text.replace("value: 2", "value: 1"), {A: of(*AS_LISTED)})
    assert problem.startswith(f"known.yaml:4: {SIX[5]} on {A} passes, and is listed as value")


def test_a_list_of_cases_is_strict_for_each(tmp_path: Path) -> None:
    text = f"differences:\n  - case: [{SIX[0]}, {SIX[1]}]\n    differs: [raises TypeError, value]\n    reason: r\n"
    assert told(tmp_path, text, {A: of(raises(SIX[0], "TypeError"), value(SIX[1]))}) == []
    (problem,) = told(tmp_path, text, {A: of(raises(SIX[0], "TypeError"))})
    assert problem.startswith(f"known.yaml:2: {SIX[1]} on {A} passes, and is listed as raises TypeError or value: take {SIX[1]} out")
    (problem,) = told(tmp_path, text, {A: of(raises(SIX[0], "KeyError"), value(SIX[1]))})
    assert problem.startswith(f"known.yaml:3: {SIX[0]} on {A} is raises KeyError, and is listed as raises TypeError or value: fix it, or")


def test_a_known_failure_that_becomes_another_is_told(tmp_path: Path) -> None:
    text = f'differences:\n  - {{case: {SIX[0]}, differs: "value 3", reason: r}}\n'
    assert told(tmp_path, text, {A: of(value(SIX[0], "3"))}) == []
    (problem,) = told(tmp_path, text, {A: of(value(SIX[0], "4"))})
    assert "is value 4, and is listed as value 3" in problem
    by_verdict = f"differences:\n  - {{case: {SIX[0]}, verdict: fail, reason: r}}\n"
    assert told(tmp_path, by_verdict, {A: of(value(SIX[0], "4"))}) == [], "as before, where no kind is given"


def test_a_name_that_is_missing_holds_every_case_that_wants_it(tmp_path: Path) -> None:
    gone = (lacks("get_tag/a", "get_tag"), lacks("get_tag/b", "get_magic", "get_tag"), lacks("get_magic/a", "get_magic"))
    assert told(tmp_path, MISSING, {A: of(*gone)}) == []
    (problem,) = told(tmp_path, MISSING.replace(", get_magic", ""), {A: of(*gone)})
    assert problem.startswith(
        f"known.yaml:3: imp has no get_magic on {A}, and that is not listed: fix it, or add - {{missing: [get_magic], "
    )
    (problem,) = told(tmp_path, MISSING, {A: of(*gone[:2])})
    assert problem == f"known.yaml:2: {A} has get_magic, and it is listed as missing: take get_magic out of the list"
    back = told(tmp_path, MISSING, {A: of(*gone[:2], value("get_magic/a"))})
    assert len(back) == 2 and "get_magic/a" in back[1], "it is back, and wrong"
    part = {"get_tag/a": gone[0]}
    assert told(tmp_path, MISSING, {A: part}) == [], "what was not run is not told"


def test_what_there_is_not_is_told(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, COUNTED.replace("reload/*", "relaod/*"), {})
    assert problem == "known.yaml:3: there is no case like relaod/*: imp-conformance list shows all; delete the entry or fix it"
    (problem,) = told(tmp_path, MISSING.replace("get_magic", "get_magik"), {})
    assert problem == "known.yaml:2: imp has no name 'get_magik' to be missing: did you mean get_magic or get_tag?"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "case: a/b, differs: valeu",
            "known.yaml:2: differences.0.differs: 'valeu' does not fit: it takes: what differs: raises EXCEPTION, returns, value, ",
        ),
        ("case: a/*, differs: {value: none}", "known.yaml:2: differences.0.differs.value: 'none' does not match"),
        ("case: a/b, differs: {value: 2}", "known.yaml:2: numbers are for patterns: list the kinds"),
        ("case: a/b, differs: value, verdict: fail", "known.yaml:2: an entry has differs and verdict: keep one"),
        ("case: a/b, missing: [x]", "known.yaml:2: an entry has missing and case: keep one"),
        ("differs: value", "known.yaml:2: an entry names no case: add case"),
    ],
)
def test_what_an_entry_cannot_say_is_told_with_its_line(entry: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidBaseline) as caught:
        known(tmp_path, f"differences:\n  - {{{entry}, reason: r}}\n")
    assert re.match(message, str(caught.value)), caught.value


@pytest.mark.parametrize(
    ("difference", "kind"),
    [
        (Difference(("exception",), "raised", "", "KeyError: 'x'"), "raises KeyError"),
        (Difference(("exception",), "class", "ImportError", "a.b.Odd: no"), "raises a.b.Odd"),
        (Difference(("exception",), "raised", "", "\x1b[31m: no"), "raises"),
        (Difference(("exception",), "returned", "ValueError", "None"), "returns None"),
        (Difference(("value", 0), "value", "1", "'x'"), "value 'x'"),
        (Difference(("value",), "value", "1", "{cwd}/m.py"), "value"),
        (Difference(("value",), "value", "1", "<object at 0x…>"), "value"),
        (Difference(("value",), "value", "1", "y" * 31), "value"),
        (Difference(("files", "added"), "names", "none", "m.pyc"), "files"),
        (Difference(("given",), "given", "x", ""), "given"),
    ],
)
def test_a_kind_is_a_few_plain_words(difference: Difference, kind: str) -> None:
    assert kind_of(Result("a/b", F, "", "", difference)) == kind
    assert coarse(kind) == (kind if kind.startswith("raises ") else kind.split(maxsplit=1)[0])


def updated(tmp_path: Path, found: dict[str, dict[str, Result]], text: str | None = None, catalogue: Catalogue = CASES) -> str:
    path = tmp_path / "known.yaml"
    baseline = Baseline("known.yaml", (), 1, 1) if text is None else known(tmp_path, text)
    write_update(path, baseline, plan_update(replace(baseline, edition=catalogue.edition), catalogue, found))
    gated = load_baseline(path)
    assert find_problems(gated, catalogue, found) == []
    return path.read_text(encoding="utf-8").partition("differences:\n")[2]


ALL_SIX = [raises(case, "TypeError") for case in SIX[:5]] + [value(SIX[5])]


def test_an_update_begins_with_an_entry_a_cause(tmp_path: Path) -> None:
    text = updated(tmp_path, {A: of(*ALL_SIX, lacks("get_tag/a", "get_tag"), lacks("get_tag/b", "get_tag"), value("get_magic/a"))})
    assert text == (
        f"  - {{missing: [get_tag], targets: [{A}], reason: TODO}}\n"
        f"  - {{case: reload/*, targets: [{A}], differs: {{raises TypeError: 5, value: 1}}, reason: TODO}}\n"
        f'  - {{case: get_magic/a, targets: [{A}], differs: "value 3", reason: TODO}}\n'
    )


def test_an_update_counts_again_and_keeps_the_reason(tmp_path: Path) -> None:
    text = updated(tmp_path, {A: of(*AS_LISTED[:2], raises(SIX[3], "TypeError"))}, COUNTED)
    assert text == COUNTED.partition("differences:\n")[2].replace("TypeError: 2, value: 1", "TypeError: 3")
    assert updated(tmp_path, {A: of()}, COUNTED) == ""


def test_an_update_adds_a_target_where_the_same_differs(tmp_path: Path) -> None:
    text = updated(tmp_path, {A: of(*AS_LISTED), B: of(*AS_LISTED)}, COUNTED.replace("value: 1", "value: 1"))
    assert f"targets: [{A}]" in text, "few cases are named"
    text = updated(tmp_path, {A: of(*ALL_SIX), B: of(*ALL_SIX)}, COUNTED.replace("2, value", "5, value"))
    assert text == COUNTED.partition("differences:\n")[2].replace("2, value", "5, value").replace(f"[{A}]", f"[{A}, {B}]")


def test_an_update_takes_a_name_out_that_is_there_again(tmp_path: Path) -> None:
    gone = (lacks("get_tag/a", "get_tag"), lacks("get_tag/b", "get_tag"))
    assert updated(tmp_path, {A: of(*gone)}, MISSING) == "  - missing: [get_tag]\n    reason: r\n"


def test_a_case_that_leaves_a_list_keeps_its_reason_on_the_targets_that_still_differ(tmp_path: Path) -> None:
    text = f"edition: 1\ndifferences:\n  - case: [{SIX[0]}, {SIX[1]}]\n    differs: value\n    reason: why\n"
    after = updated(tmp_path, {A: of(value(SIX[0]), value(SIX[1])), B: of(value(SIX[0]))}, text)
    assert after == (
        f"  - case: [{SIX[0]}]\n    differs: value\n    reason: why\n  - {{case: {SIX[1]}, targets: [{A}], differs: value, reason: why}}\n"
    )


def test_one_baseline_holds_for_an_interpreter_by_whatever_route(tmp_path: Path) -> None:
    first, other = "pypy3.9-7.3.16", "pypy3.9-7.3.11-debug"
    updated(tmp_path, {first: of(*ALL_SIX)})
    baseline = load_baseline(tmp_path / "known.yaml")
    assert [entry.targets for entry in baseline.entries] == [("pypy3.9",)]
    assert find_problems(baseline, CASES, {other: of(*ALL_SIX)}) == []
    assert find_problems(baseline, CASES, {other: of(*ALL_SIX[:5])}) != []


def grown(catalogue: Catalogue, count: int) -> tuple[Catalogue, dict[str, Result]]:
    """A catalogue with so many more cases of edition 3, and what comes of them: most fail, some want a name."""
    one = next(iter(catalogue.cases.values()))
    new = {f"reload/new-{number}": replace(one, id=f"reload/new-{number}", edition=3) for number in range(count)}
    results = {case: lacks(case, "get_tag") if number % 8 == 0 else value(case) for number, case in enumerate(new)}
    return replace(catalogue, cases={**catalogue.cases, **new}), results


def test_a_baseline_holds_when_the_catalogue_has_grown(tmp_path: Path) -> None:
    old = of(*ALL_SIX, lacks("get_tag/a", "get_tag"), lacks("get_tag/b", "get_tag"))
    updated(tmp_path, {A: old})
    baseline = load_baseline(tmp_path / "known.yaml")
    more, results = grown(CASES, 800)
    gate = Gate(edition=baseline.edition)
    whole = {A: {**old, **results}}
    gated = {target: gate.gated(more, cases) for target, cases in whole.items()}
    assert find_problems(baseline, more, gated) == []
    line = "700 new differences of edition 3, not gated: imp-conformance baseline update gates them"
    assert newer_lines(more, gate, whole, baseline) == [line], "what wants a name that is known to be missing is no news"
    worse = {A: {**whole[A], SIX[0]: made.result(SIX[0], Verdict.CRASH)}}
    assert len(find_problems(baseline, more, {A: gate.gated(more, worse[A])})) == 2, "an old regression gates as before"
    text = updated(tmp_path, whole, (tmp_path / "known.yaml").read_text(encoding="utf-8"), more)
    assert "differs: {raises TypeError: 5, value: 701}" in text
    assert load_baseline(tmp_path / "known.yaml").edition == 3
    assert newer_lines(more, Gate(edition=3), whole, load_baseline(tmp_path / "known.yaml")) == []
