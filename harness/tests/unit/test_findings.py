"""What a run tells at its end: causes and not cases, the most important first, in no more than two screens."""

from __future__ import annotations

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.difference import Difference
from imp_conformance.render.findings import Differing, find_causes, findings
from imp_conformance.results.judge import Result, Verdict


def failed(case: str, observed: str, verdict: Verdict = Verdict.FAIL) -> Result:
    """A case that raises something, or that misses a name."""
    if verdict is Verdict.MISSING:
        return Result(case, verdict, "1", "not run", Difference(("names",), "missing", observed, ""))
    return Result(case, verdict, "1", observed, Difference(("value",), "raised", "1", observed))


def lines(catalogue: Catalogue, differing: Differing, *, verbose: bool = False, examples: bool = True) -> list[str]:
    """What is told; an example is nine lines."""

    def example(target: str, case: str) -> list[str]:
        return [f"{case} on {target}: fail", *(f"  line {number}" for number in range(7)), f"  script:   {'x' * 300}"]

    return list(findings(find_causes(catalogue, differing), len(differing), example, verbose=verbose, examples=examples))


def test_cases_of_one_cause_are_told_by_one_of_them(catalogue: Catalogue) -> None:
    cases = [case for case in catalogue.cases if case.startswith("load_source/")][:41]
    differing = {"a": {case: failed(case, "TypeError: load_source() takes 2 arguments") for case in cases}}
    told = lines(catalogue, differing)
    assert told[0].startswith("1. load_source raises TypeError: load_source() takes 2 arguments: 41 cases (")
    assert told[1] == f"{cases[0]} on a: fail"
    assert told[9] == f"  script:   {'x' * 300}", "what is to be copied is not cut"
    assert told[10:] == [""]


def test_the_most_binding_level_and_the_most_used_function_come_first(catalogue: Catalogue) -> None:
    cases = ["module/import-warns", "new_module/returns-module", "reload/reexecuted", "get_tag/silent"]
    differing = {"a": {case: failed(case, "KeyError: 1") for case in cases}}
    subjects = [line.split()[1] for line in lines(catalogue, differing, verbose=True)]
    assert [catalogue.level(catalogue.cases[case]).value for case in cases[1:3]] == ["documented", "documented"]
    assert subjects == ["reload", "new_module", "get_tag", "module"]


def test_what_several_targets_have_is_told_once(catalogue: Catalogue) -> None:
    one, two = "reload/reexecuted", "reload/same-object"
    shared = {one: failed(one, "KeyError: 1")}
    told = lines(catalogue, {"a": {**shared, two: failed(two, "KeyError: 1")}, "b": shared})
    assert told[0].startswith("1. reload raises KeyError: 1: 1 to 2 cases (")
    assert told[0].endswith(") on a, b")
    assert len(told) == 11
    many = lines(catalogue, dict.fromkeys("abcde", shared), verbose=True)
    assert many[0].endswith(f" on a, b and 3 more: {one}")


def test_names_that_imp_lacks_are_one_cause_and_the_last(catalogue: Catalogue) -> None:
    cases = list(catalogue.cases)[:300]
    lacking = {
        case: failed(case, "acquire_lock" if number % 2 else "get_tag, PY_SOURCE", Verdict.MISSING) for number, case in enumerate(cases)
    }
    differing = {"a": {**lacking, "reload/reexecuted": failed("reload/reexecuted", "KeyError: 1")}}
    told = lines(catalogue, differing, examples=False)
    assert told[0].startswith("1. reload raises KeyError: 1")
    assert told[1:] == [f"2. imp has no acquire_lock, get_tag, PY_SOURCE: 300 cases (documented): {cases[0]}"]


def test_many_causes_fit_two_screens_and_v_tells_all(catalogue: Catalogue) -> None:
    cases = list(catalogue.cases)[:80]
    differing = {"a": {case: failed(case, f"{'E' * (number + 1)}rror: {'text ' * 80}") for number, case in enumerate(cases)}}
    told = lines(catalogue, differing)
    assert len(told) <= 60
    assert told[-1].startswith("and ")
    assert told[-1].endswith(" cases: -v tells all")
    assert all(len(line) <= 118 for line in told[-10:-1])
    full = sum(line.endswith(": fail") for line in told)
    assert full >= 3, "and there is room for some examples"
    assert len(lines(catalogue, differing, verbose=True)) == len(cases)
    listed = len(told) - 11 * full - 1
    assert told[-1] == f"and {len(cases) - full - listed} more causes, of {len(cases) - full - listed} cases: -v tells all"


def test_nothing_that_a_candidate_says_controls_the_terminal(catalogue: Catalogue) -> None:
    case = "reload/reexecuted"
    told = lines(catalogue, {"a": {case: failed(case, "X: \x1b]0;t\x07 \u202e \r::set-output")}}, verbose=True)
    assert all(line.isprintable() for line in told), told
