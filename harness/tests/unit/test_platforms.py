"""Clauses, cases and changes that hold on some platforms only."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import SPECS
from imp_conformance.catalogue.by_release import expectation_by_release, releases_alike
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import InvalidCatalogue
from imp_conformance.portable.observation import Observation
from imp_conformance.repro.script import case_head
from imp_conformance.results.judge import Verdict, judge, missing, not_applicable

CASES = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: imp.thing()
    expect: {value: '1'}
"""
CHANGES = """\
    changes:
      - {since: 3.6, why: w, expect: {value: '2'}}
      - {platforms: [win32], since: 3.8, why: w, expect: {value: '3'}}
      - {platforms: [darwin], why: w, expect: {value: '4'}}
"""
OLD, NEW = Release.parse("3.5"), Release.parse("3.11")


def seen(number: int) -> Observation:
    return Observation("exit", 0, "", {}, "/c", "/", {"raised": None, "value": {"kind": "int", "value": str(number)}})


def test_an_expectation_can_depend_on_the_platform(make_catalogue: Callable[..., Path]) -> None:
    case = checked_catalogue(make_catalogue(CASES + CHANGES, SPECS)).cases["thing/one"]
    expected = {
        (release, platform): number
        for platform, numbers in {"linux": (1, 2), "win32": (1, 3), "darwin": (4, 4), "": (1, 2)}.items()
        for release, number in zip((OLD, NEW), numbers, strict=True)
    }
    for (release, platform), number in expected.items():
        assert judge(case, release, seen(number), {}, platform=platform).verdict is Verdict.PASS
        assert judge(case, release, seen(number + 1), {}, platform=platform).verdict is Verdict.FAIL
        lacking = missing(case, release, {}, frozenset(), platform=platform)
        assert lacking is not None and lacking.expected == str(number)
    assert expectation_by_release(case) == [
        ("3.4 to 3.5", "1"),
        ("since 3.6", "2"),
        ("since 3.8 on win32", "3"),
        ("3.4 to 3.11 on darwin", "4"),
    ]
    assert releases_alike(case, NEW, "win32") == "since 3.8"


def test_a_script_asks_for_the_platform_where_that_makes_a_difference(make_catalogue: Callable[..., Path]) -> None:
    catalogue = load_catalogue(make_catalogue(CASES + CHANGES, SPECS))
    head = case_head(catalogue, catalogue.cases["thing/one"], OLD)
    assert re.findall("platform == '(.*)'", head) == ["darwin"]
    assert re.findall("platform == '(.*)'", case_head(catalogue, catalogue.cases["thing/one"], NEW)) == ["win32", "darwin"]
    compile(head, "head", "exec")


def test_a_case_is_asked_on_its_platforms(make_catalogue: Callable[..., Path]) -> None:
    specs = SPECS + "    platforms: [win32, darwin]\n"
    catalogue = checked_catalogue(make_catalogue(CASES + "    platforms: [win32, darwin]\n", specs))
    case = catalogue.cases["thing/one"]
    assert not_applicable(case, NEW, {}, "win32") is None
    result = not_applicable(case, NEW, {}, "linux")
    assert result is not None and result.reason == "holds for >=3.4 on win32, darwin"
    assert catalogue.clauses["thing.works"].holds == ">=3.4 on win32, darwin"
    assert '"platforms": ["win32", "darwin"]' in case_head(catalogue, case, NEW).replace("'", '"').replace("(", "[").replace(")", "]")


def test_posix_is_everywhere_but_on_windows(make_catalogue: Callable[..., Path]) -> None:
    specs = SPECS + "    platforms: [posix]\n"
    catalogue = checked_catalogue(make_catalogue(CASES + "    platforms: [posix]\n", specs))
    (case,) = catalogue.cases.values()
    assert [case.asked(NEW, name) for name in ("linux", "darwin", "freebsd14", "", "win32")] == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("cases", "specs", "message"),
    [
        (CASES, SPECS + "    platforms: [win32]\n", "it runs where the clause thing.works does not hold, which holds on win32"),
        (CASES + "    platforms: [win32]\n", SPECS, "the clause thing.works has no case that is asked on every platform where it holds"),
        (CASES + "    platforms: [linux]\n" + CHANGES, SPECS, "the change of 3.8.0 on win32 is on a platform where the case is not asked"),
        (CASES + "    platforms: [os2]\n", SPECS, "cases/thing.yaml:8: cases.0.platforms.0: 'os2' is not one of"),
        (CASES + "    changes: [{why: w, expect: {value: '2'}}]\n", SPECS, "give at least one of since, platforms"),
    ],
)
def test_a_mistake_with_platforms_is_told(cases: str, specs: str, message: str, make_catalogue: Callable[..., Path]) -> None:
    with pytest.raises(InvalidCatalogue) as caught:
        checked_catalogue(make_catalogue(cases, specs))
    assert message in str(caught.value)
