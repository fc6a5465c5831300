"""Differences of one cause are one group, and those of two causes are two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.portable.difference import Difference
from imp_conformance.results.causes import TEXT_SHOWN, causes, shape
from imp_conformance.results.judge import Result, Verdict

SPECS = """\
subject: thing
summary: A thing.
clauses:
  - {id: thing.works, text: It works., level: observed, sources: [{document: library-3.10, anchor: thing}]}
  - {id: thing.said, text: It says so., level: documented, sources: [{document: library-3.10, anchor: thing}]}
"""
CASES = "subject: thing\ncases:\n" + "".join(
    f"  - {{id: thing/{name}, title: One., clauses: [thing.{clause}], run: imp.thing(), expect: {{value: '1'}}}}\n"
    for name, clause in [("a", "works"), ("b", "works"), ("c", "works"), ("d", "said"), ("e", "works")]
)


@pytest.fixture
def things(make_catalogue: Callable[..., Path]) -> Catalogue:
    return load_catalogue(make_catalogue(CASES, SPECS))


def found(catalogue: Catalogue, **differences: Difference) -> list[tuple[str, str]]:
    """Return the heading and the names of the cases of each cause."""
    results = {f"thing/{name}": Result(f"thing/{name}", Verdict.FAIL, "", "", told) for name, told in differences.items()}
    return [(cause.heading, " ".join(case.removeprefix("thing/") for case in cause.cases)) for cause in causes(catalogue, results)]


def raised(text: str) -> Difference:
    return Difference(("exception",), "raised", "", text)


def value(expected: str, observed: str, *steps: int) -> Difference:
    return Difference(("value", *steps), "value", expected, observed)


def test_the_most_binding_level_comes_first_and_then_many_cases(things: Catalogue) -> None:
    results = {
        "thing/a": raised("KeyError: 1"),
        "thing/b": raised("TypeError: no"),
        "thing/c": raised("TypeError: no"),
        "thing/d": raised("ImportError: 'x'"),
        "thing/e": raised("ImportError: 'y z'"),
        "thing/gone": raised("KeyError: 1"),
    }
    told = causes(things, {case: Result(case, Verdict.FAIL, "", "", difference) for case, difference in results.items()})
    assert [(cause.subject, cause.heading, cause.cases, cause.level) for cause in told] == [
        ("thing", "thing raises ImportError: \N{HORIZONTAL ELLIPSIS}: 2 cases", ("thing/d", "thing/e"), Level.DOCUMENTED),
        ("thing", "thing raises TypeError: no: 2 cases", ("thing/b", "thing/c"), Level.OBSERVED),
        ("thing", "thing raises KeyError: 1: 1 case", ("thing/a",), Level.OBSERVED),
    ]


def test_what_conforms_has_no_cause(things: Catalogue) -> None:
    assert causes(things, {"thing/a": Result("thing/a", Verdict.PASS), "thing/b": Result("thing/b", Verdict.NOT_APPLICABLE)}) == []


def test_another_place_or_kind_is_another_cause(things: Catalogue) -> None:
    told = found(
        things,
        a=value("True", "False", 0),
        b=value("True", "False", 1),
        c=value("False", "True", 1),
        d=Difference(("value", 1), "type", "True", "False"),
        e=value("True", "False", 1),
    )
    assert [cases for _, cases in told] == ["d", "b e", "a", "c"]
    assert told[1][0] == "thing: value[1]: expected True, observed False: 2 cases"


def test_texts_that_differ_from_case_to_case_are_one_shape(things: Catalogue) -> None:
    told = found(things, a=value("'m.py'", "'n.py'"), b=value("'it\\'s'", '"it\'s"'), c=value("['a']", "[]"))
    assert told == [
        ("thing: value: expected 'm.py' or the like, observed 'n.py' or the like: 2 cases", "a b"),
        ("thing: value: expected ['a'], observed []: 1 case", "c"),
    ]


def test_names_that_are_missing_are_a_cause_whatever_lacks_them(things: Catalogue) -> None:
    def lacking(names: str) -> Difference:
        return Difference(("names",), "missing", names, "")

    told = found(things, a=lacking("lock"), b=lacking("lock, unlock"), c=lacking("lock"))
    assert told == [("imp has no lock: 2 cases", "a c"), ("imp has no lock, unlock: 1 case", "b")]


@pytest.mark.parametrize(
    ("difference", "heading"),
    [
        (Difference(("exception",), "returned", "TypeError", "0"), "thing gives 0 and must raise TypeError"),
        (Difference(("exception",), "class", "TypeError", "KeyError"), "thing raises KeyError and must raise TypeError"),
        (Difference(("warnings", 0), "class", "UserWarning", "X: y"), "thing: warnings[0]: expected UserWarning, observed X: y"),
        (Difference(("given",), "given", "imp.thing()", ""), "thing: what is given does not hold"),
        (Difference(("process",), "crash", "", "ended by signal 9 (SIGKILL)"), "thing: ended by signal 9 (SIGKILL)"),
    ],
)
def test_headings(difference: Difference, heading: str, things: Catalogue) -> None:
    assert found(things, a=difference) == [(f"{heading}: 1 case", "a")]


def test_a_heading_is_short_whatever_a_candidate_says(things: Catalogue) -> None:
    [(heading, _)] = found(things, a=value("'x'" * 1000, "(" * 1000))
    assert len(heading) < 3 * TEXT_SHOWN


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("f() takes 2 positional arguments but 3 were given", "f() takes 1 positional arguments but 12 were given"),
        ("ImportError: {cwd}/no_such.so: cannot open", "ImportError: /a/b.so: cannot open"),
        ("['a', 'b', 'c']", "['a', 'b']"),
        ("(1, b'x')", "(-2.5, b'')"),
    ],
)
def test_shapes_that_are_the_same(text: str, other: str) -> None:
    assert shape(text) == shape(other)


@pytest.mark.parametrize(
    ("text", "other"), [("True", "False"), ("None", "0"), ("'a'", "b'a'"), ("it isn't so", "it can't be so"), ("[]", "['a']")]
)
def test_shapes_that_are_not(text: str, other: str) -> None:
    assert shape(text) != shape(other)


def test_of_one_level_what_more_callers_use_comes_first(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, SPECS)
    for kind, text in (("specs", SPECS), ("cases", CASES)):
        (root / kind / "used.yaml").write_text(text.replace("thing", "used"), encoding="ascii")
    (root / "specs" / "use.yaml").write_text("source: A count.\ncallers: 10\nshares: {used: 40}\n", encoding="ascii")
    names = ["thing/a", "thing/b", "thing/d", "used/a"]
    results = {name: Result(name, Verdict.FAIL, "", "", raised("KeyError: 1")) for name in names}
    assert [cause.subject for cause in causes(load_catalogue(root), results)] == ["thing", "used"]
    del results["thing/d"]
    assert [cause.subject for cause in causes(load_catalogue(root), results)] == ["used", "thing"]
