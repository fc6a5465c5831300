"""What has to change is told from the difference alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imp_conformance.catalogue.model import Case
from imp_conformance.portable.difference import Difference
from imp_conformance.render.advice import advice
from imp_conformance.results.judge import Result, Verdict

CODE = 'found = imp.find("a")\n(found, imp.size(found), [1, 2])'
ADVICE = [
    (Difference(("names",), "missing", "find, size", ""), "Add find, size to the module."),
    (
        Difference(("process",), "crash", "", "ended with exit status 3"),
        "The process must live on and answer (WANTED); it ended with exit status 3.",
    ),
    (Difference(("process",), "timeout", "", "no answer within 10 s"), "The call must come to an end within 10 s."),
    (Difference(("value", 1), "value", "1", "2"), "imp.size(found) must return 1, not 2."),
    (Difference(("value", 2, 1), "value", "5", "2"), "2 must be 5, not 2."),
    (
        Difference(("value", 0, 3, "'a'", "mode"), "value", "'r'", "'rb'"),
        "found must have 'r' as its mode of the item 'a' of item 4, not 'rb'.",
    ),
    (Difference(("value",), "value", "1", "None"), "(found, imp.size(found), [1, 2]) must be 1, not None."),
    (
        Difference(("given",), "given", "imp.works()\nimp.works() is True", ""),
        "First make what is given hold: imp.works(); imp.works() is True. A refusal counts only where the function works.",
    ),
    (Difference(("exception",), "returned", "TypeError", "5"), "The snippet must raise TypeError; it gives 5."),
    (Difference(("exception",), "class", "TypeError", "ImportError: no"), "The snippet must raise TypeError, not ImportError: no."),
    (Difference(("exception",), "raised", "", "ImportError: no"), "The snippet must not raise ImportError: no; expected: WANTED."),
    (Difference(("message",), "text", "'a: b, observed c'", "'b'"), "The exception's message must be 'a: b, observed c', not 'b'."),
    (Difference(("attribute", "path"), "absent", "None", ""), "The exception must have the attribute path: None."),
    (Difference(("attribute", "path"), "value", "None", "'a'"), "The exception's path must be None, not 'a'."),
    (Difference(("attribute", "args", 1), "value", "2", "3"), "Item 2 of the exception's args must be 2, not 3."),
    (Difference(("warnings",), "count", "none", "ImportWarning: x"), "The warnings must be: none. There are: ImportWarning: x."),
    (Difference(("warnings", 0), "class", "UserWarning", "ImportWarning: x"), "The warning must be UserWarning, not ImportWarning: x."),
    (
        Difference(("warnings", 0), "place", "snippet.py", "imp.py"),
        "The warning must point to its caller, snippet.py, not to imp.py: fix its stacklevel.",
    ),
    (Difference(("warnings", 0, "message"), "text", "'a'", "'b'"), "The warning's text must be 'a', not 'b'."),
    (Difference(("modules", "added"), "names", "['m']", "[]"), "The modules that are added must be ['m']; they are []."),
    (Difference(("open_files",), "names", "[]", "['m']"), "The files left open must be []; they are ['m']."),
    (Difference(("stdout",), "text", "'a'", "''"), "On stdout there must be 'a', not ''."),
    (Difference(("reason",), "value", "", "value: expected 1, observed 2"), ""),
    (None, ""),
]


@pytest.mark.parametrize(("difference", "text"), ADVICE)
def test_advice(difference: Difference | None, text: str, one_case: Callable[..., Case]) -> None:
    assert advice(one_case(CODE), Result("thing/one", Verdict.FAIL, "WANTED", "SEEN", difference)) == text


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("data.startswith(imp.get())", "data.startswith(imp.get()) must raise"),  # code is not capitalised
        ("found = imp.find('a')\nimp.size(found)", "The snippet must raise"),  # either of the two may have to
        (f"imp.find({'a' * 200})", "The snippet must raise"),
    ],
)
def test_advice_names_a_call_that_is_all_of_the_snippet(code: str, call: str, one_case: Callable[..., Case]) -> None:
    result = Result("thing/one", Verdict.FAIL, "TypeError", "5", Difference(("exception",), "returned", "TypeError", "5"))
    assert advice(one_case(code), result).startswith(call)


def test_an_item_of_a_long_expression_is_named_from_its_whole(one_case: Callable[..., Case]) -> None:
    result = Result("thing/one", Verdict.FAIL, "1", "2", Difference(("value", 0), "value", "1", "2"))
    assert advice(one_case(f"(imp.find({'a' * 200}), 1)"), result) == "What the snippet comes to must have 1 as item 1, not 2."
