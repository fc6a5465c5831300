"""A difference is a value: where it is, of what kind; a sentence is made of it, and plain data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.agent.describing import Describer
from imp_conformance.portable.comparison import decide, find_missing
from imp_conformance.portable.difference import Difference, describe_difference
from imp_conformance.portable.observation import Observation
from imp_conformance.portable.protocol import LIMITS
from imp_conformance.results.judge import Result, Verdict

EXCEPTION = ("exception",)
RAISED = Describer(LIMITS).describe_exception(FileNotFoundError(2, "gone"))
GIVEN = "try:\n    imp.one()\nexcept KeyError: pass\n\nimp.two() is True\n"
WARNED = [{"category": "UserWarning", "message": "m", "file": "imp.py"}]


def decided(wanted: dict[str, Any], snippet: str = GIVEN, **answer: Any) -> tuple[str, str, Difference | None]:
    """Decide on an answer of a process that ended well."""
    output = {"stdout": "a\n", "stderr": ""}
    seen = Observation("exit", 0, "", output, "/work", "/", {"raised": None, **answer})
    return decide(wanted, seen, {"cwd": "/work", "sep": "/", "tag": "t"}, 2.0, snippet)


def value(of: object) -> dict[str, Any]:
    return Describer(LIMITS).describe(of)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], Difference, str]] = {
    "a value": (
        {"value": (1, {"a": [None]})},
        {"value": value((1, {"a": [5]}))},
        Difference(("value", 1, "'a'", 0), "value", "None", "5"),
        "value[1]['a'][0]: expected None, observed 5",
    ),
    "an exception": (
        {"value": ...},
        {"raised": RAISED},
        Difference(EXCEPTION, "raised", "", "FileNotFoundError: [Errno 2] gone"),
        "raised FileNotFoundError: [Errno 2] gone",
    ),
    "no exception": (
        {"raises": {"type": "TypeError", "message": "no {facts.tag}"}},
        {"value": value(None)},
        Difference(EXCEPTION, "returned", "TypeError: no t", "None"),
        "expected TypeError: no t, observed the value None",
    ),
    "a derived exception": (
        {"raises": {"type": "OSError"}},
        {"raised": RAISED},
        Difference(EXCEPTION, "class", "OSError", "FileNotFoundError: [Errno 2] gone"),
        "expected OSError, observed FileNotFoundError: [Errno 2] gone",
    ),
    "a message": (
        {"raises": {"kind_of": "OSError", "message": "gone"}},
        {"raised": RAISED},
        Difference(("message",), "text", "'gone'", "'[Errno 2] gone'"),
        "message: expected 'gone', observed '[Errno 2] gone'",
    ),
    "a pattern": (
        {"raises": {"kind_of": "OSError", "pattern": "gone"}},
        {"raised": RAISED},
        Difference(("message",), "text", "text matching 'gone'", "'[Errno 2] gone'"),
        "message: expected text matching 'gone', observed '[Errno 2] gone'",
    ),
    "an attribute": (
        {"raises": {"kind_of": "OSError", "attributes": {"args": (2, "here")}}},
        {"raised": RAISED},
        Difference(("attribute", "args", 1), "value", "'here'", "'gone'"),
        "exception.args[1]: expected 'here', observed 'gone'",
    ),
    "no attribute": (
        {"raises": {"kind_of": "OSError", "attributes": {"path": None}}},
        {"raised": RAISED},
        Difference(("attribute", "path"), "absent", "None", ""),
        "exception.path: expected None, observed no such attribute",
    ),
    "the number of warnings": (
        {"warnings": []},
        {"value": value(None), "warnings": WARNED},
        Difference(("warnings",), "count", "none", "UserWarning: m"),
        "warnings: expected none, observed UserWarning: m",
    ),
    "the class of a warning": (
        {"warnings": [{"category": "ImportWarning"}]},
        {"value": value(None), "warnings": WARNED},
        Difference(("warnings", 0), "class", "ImportWarning", "UserWarning: m"),
        "warnings[0]: expected ImportWarning, observed UserWarning: m",
    ),
    "the text of a warning": (
        {"warnings": [{"category": "UserWarning", "message": "n"}]},
        {"value": value(None), "warnings": WARNED},
        Difference(("warnings", 0, "message"), "text", "'n'", "'m'"),
        "warnings[0].message: expected 'n', observed 'm'",
    ),
    "the place of a warning": (
        {"warnings": [{"category": "UserWarning", "file": "snippet.py"}]},
        {"value": value(None), "warnings": WARNED},
        Difference(("warnings", 0), "place", "snippet.py", "imp.py"),
        "warnings[0] points to imp.py, expected to snippet.py",
    ),
    "modules": (
        {"modules": {"added": ["b", "a"]}},
        {"value": value(None), "modules": {"added": ["a"]}},
        Difference(("modules", "added"), "names", "['a', 'b']", "['a']"),
        "modules added: expected ['a', 'b'], observed ['a']",
    ),
    "open files": (
        {"open_files": []},
        {"value": value(None), "open_files": ["m.py"]},
        Difference(("open_files",), "names", "[]", "['m.py']"),
        "files left open: expected [], observed ['m.py']",
    ),
    "output": (
        {"stdout": "b"},
        {"value": value(None)},
        Difference(("stdout",), "text", "'b'", "'a\\n'"),
        "stdout: expected 'b', observed 'a\\n'",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_difference_says_where_it_is_and_of_what_kind(name: str) -> None:
    wanted, answer, difference, sentence = CASES[name]
    verdict, _, found = decided(wanted, **answer)
    assert (verdict, found) == ("fail", difference)
    assert describe_difference(difference) == sentence


def test_what_conforms_has_no_difference() -> None:
    assert decided({"value": 1}, value=value(1)) == ("pass", "", None)


def test_what_was_given_and_does_not_hold_is_told_and_nothing_else() -> None:
    verdict, observed, difference = decided({"raises": {"type": "OSError"}}, raised=RAISED, given=False)
    assert (verdict, observed) == ("fail", "what is given does not hold")
    assert difference == Difference(("given",), "given", GIVEN.strip(), "")
    assert describe_difference(difference) == ("what is given does not hold: try: imp.one(); except KeyError: pass; imp.two() is True")


def test_a_comment_at_the_beginning_of_what_is_given_is_told_in_place_of_the_code() -> None:
    given = "# reload loads a module again.\n" + GIVEN
    _, _, difference = decided({"raises": {"type": "OSError"}}, raised=RAISED, given=False, snippet=given)
    assert difference is not None
    assert describe_difference(difference) == "what is given does not hold: reload loads a module again."


def test_of_a_derived_type_the_type_is_told() -> None:
    seen = {"kind": "object", "type": "m.Kind", "bases": ["m.Kind", "int", "object"], "id": 0}
    _, _, difference = decided({"value": 1}, value=seen)
    assert difference == Difference(("value",), "type", "1, exactly of type int", "<m.Kind object>")


def test_names_that_imp_lacks_are_a_difference_before_anything_is_run() -> None:
    difference = find_missing(["two", "three", "one"], ["three"])
    assert difference == Difference(("names",), "missing", "one, two", "")
    assert describe_difference(difference) == "imp has no one, two"
    assert find_missing(["one"], ["two", "one"]) is None


@pytest.mark.parametrize(
    ("how", "number", "verdict", "sentence"),
    [
        ("timeout", None, "timeout", "no answer within 2 s"),
        ("signal", 11, "crash", "ended by signal 11 (SIGSEGV)"),
        ("exit", 3, "crash", "ended with exit status 3 before it answered"),
    ],
)
def test_how_a_process_ended_is_a_difference_too(how: str, number: int | None, verdict: str, sentence: str) -> None:
    found = decide({}, Observation(how, number, "", {}, "/", "/", None), {"cwd": "/", "sep": "/"}, 2.0, None)
    assert (found[0], found[2]) == (verdict, Difference(("process",), verdict, "", sentence))


def test_an_exact_class_is_the_class_itself_whatever_its_bases_claim() -> None:
    class Odd(type):
        def mro(cls) -> list[type]:
            return [*type.mro(cls)[1:-1], cls, object]  # the class that it is derived from comes first

    class Derived(OSError, metaclass=Odd):
        pass

    raised = Describer(LIMITS).describe_exception(Derived("m"))
    assert decided({"raises": {"type": "OSError"}}, raised=raised)[0] == "fail"
    assert decided({"raises": {"kind_of": "OSError"}}, raised=raised)[0] == "pass"


texts = st.text(max_size=5)
differences = st.builds(
    Difference,
    st.tuples(st.sampled_from(["value", "attribute", "exception"]), st.integers(0, 9) | texts, texts),
    st.sampled_from(["value", "raised", "text", "given"]),
    texts,
    texts,
)


@given(differences, differences)
def test_differences_are_compared_by_their_fields(one: Difference, other: Difference) -> None:
    again = Difference.from_json(one.to_json())
    assert (again, hash(again), repr(again)) == (one, hash(one), repr(one))
    assert (one == other) == (one.to_json() == other.to_json())
    assert one.changed(str) == one
    assert isinstance(describe_difference(one), str)


@pytest.mark.parametrize(
    ("result", "entry"),
    [
        (Result("a/one", Verdict.PASS), "pass"),
        (Result("a/one", Verdict.NOT_APPLICABLE, unasked="holds for >=3.5"), {"verdict": "not-applicable", "reason": "holds for >=3.5"}),
        (
            Result("a/one", Verdict.FAIL, "(1,)", "(2,)", Difference(("value", 0), "value", "1", "2")),
            {
                "verdict": "fail",
                "expected": "(1,)",
                "observed": "(2,)",
                "difference": {"where": ["value", 0], "kind": "value", "expected": "1", "observed": "2"},
            },
        ),
    ],
)
def test_a_result_is_the_entry_of_a_result_file(result: Result, entry: object) -> None:
    assert result.to_json() == entry
    assert Result.from_json("a/one", result.to_json()) == result
