"""Describing values in the target and matching them on the host, as properties over values."""

from __future__ import annotations

import io
import json
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.agent.describing import Describer
from imp_conformance.agent.wire import to_json
from imp_conformance.catalogue.expression import Expression
from imp_conformance.portable.difference import Difference
from imp_conformance.portable.observation import decode, describe
from imp_conformance.portable.protocol import LIMITS
from imp_conformance.portable.values import Bindings, compare

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
FACTS: dict[str, Any] = {"cwd": "/work", "sep": "/", "tag": "cpython-38", "magic": b"U\r\r\n", "source_suffixes": [".py"]}


def seen(value: object) -> dict[str, Any]:
    """Send a value the way that it takes from a target to the host."""
    return dict(json.loads(to_json(Describer(LIMITS).describe(value))))


def difference(expected: str, value: object, facts: dict[str, Any] = FACTS) -> Difference | None:
    tree = seen(value)
    return compare(Expression.parse(expected).evaluate(facts), tree, Bindings.of(tree, facts), ("value",))


def where(expected: str, value: object) -> tuple[tuple[int | str, ...], str]:
    found = difference(expected, value)
    assert found is not None
    return found.where, found.kind


class Text(str):
    """A str of a derived class."""


class PathLike:
    """Something that says what path it is."""

    def __init__(self, path: object) -> None:
        """Keep it."""
        self.path = path

    def __fspath__(self) -> object:
        """Say it."""
        return self.path


def canonical(value: object) -> object:
    """Make values comparable with their types, which == does not look at."""
    if isinstance(value, list | tuple):
        return type(value).__name__, [canonical(item) for item in value]
    if isinstance(value, dict):
        return "dict", sorted((repr(key), canonical(item)) for key, item in value.items())
    return type(value).__name__, repr(value)


@given(values)
def test_a_value_matches_itself_as_written(value: object) -> None:
    assert difference(repr(value), value) is None


@given(values, values)
def test_values_match_exactly_when_they_and_their_types_are_equal(expected: object, value: object) -> None:
    tree = seen(value)
    same = compare(expected, tree, Bindings.of(tree, FACTS), ("value",)) is None
    assert same == (canonical(expected) == canonical(value))


@given(st.recursive(scalars.filter(lambda value: not isinstance(value, float)), lambda inner: st.lists(inner, max_size=4)))
def test_plain_values_are_decoded_as_they_were(value: object) -> None:
    assert canonical(decode(seen(value))) == canonical(value)


@given(values)
def test_every_value_can_be_told(value: object) -> None:
    describe(seen(value)).encode("utf-8")


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("1", True),
        ("True", 1),
        ("(1, 2)", [1, 2]),
        ("'a'", b"a"),
        ("None", 0),
        ("None", ""),
        ("1", 1.0),
        ("(1,)", (1, 2)),
        ("[]", None),
        ("{'a': 1}", {"a": True}),
        ("{1, 2}", {1, 3}),
        ('module("sys")', types.SimpleNamespace(__name__="sys")),
        ('module("sys")', types.ModuleType("other")),
        ('class_("Path")', Path()),
        ('instance("OSError")', ValueError()),
        ('exactly("OSError")', FileNotFoundError()),
        ('matches("a+")', "aab"),
        ("facts.tag", "cpython-39"),
        ('f"{facts.cwd}/m.py"', "m.py"),
        ('same_path("a/m.py")', "/a/m.py"),
        ('same_path("a/m.py")', "m.py"),
        ('same_path("a/m.py")', b"a/m.py"),
        ('same_path(".")', ""),
        ('same_path("m")', "m" + "/." * 50_000),
        ('same_path("a/m.py")', Path("m.py")),
        ('same_path("a/m.py")', Text("m.py")),
        ('same_path("a/m.py")', PathLike(b"a/m.py")),
        ('same_path("a/m.py")', PathLike(None)),
        ('path("a/m.py")', Path("a/m.py")),
        ('path("a/m.py")', Text("a/m.py")),
    ],
)
def test_what_does_not_match(expected: str, value: object) -> None:
    assert difference(expected, value) is not None


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("...", object()),
        ('module("m")', types.ModuleType("m")),
        ('class_("Path")', Path),
        ('instance("OSError")', FileNotFoundError()),
        ('exactly("FileNotFoundError")', FileNotFoundError()),
        ('matches("a+b")', "aab"),
        ("facts.magic", b"U\r\r\n"),
        ('f"{facts.cwd}/m.{facts.tag}.pyc"', "/work/m.cpython-38.pyc"),
        ("[(suffix, 'r', 1) for suffix in facts.source_suffixes] + [...]", [(".py", "r", 1), 0]),
        ("{'a': (None, ...)}", {"a": (None, 5)}),
        ("{1, 2}", {2, 1}),
        ("'\\udc80'", "\udc80"),
        ("-1 if facts.tag else 1", -1),
        ('same_path("a/m.py")', "a/m.py"),
        ('same_path("a/m.py")', "./b/..//a/./m.py"),
        ('same_path("a/m.py")', "/work/a/m.py"),
        ('same_path("a/m.py")', "../work/a/m.py"),
        ('same_path("./a/")', "a"),
        ('same_path(f"{facts.cwd}/m.py")', "m.py"),
        ('same_path("/lib/m.py")', "//lib/m.py"),
        ('same_path("a/m.py")', Path("a/m.py")),
        ('same_path("a/m.py")', Text("./a/m.py")),
        ('same_path("a/m.py")', PathLike("/work/a/m.py")),
    ],
)
def test_what_matches(expected: str, value: object) -> None:
    assert difference(expected, value) is None


WINDOWS: dict[str, Any] = {**FACTS, "cwd": "C:\\work", "sep": "\\"}


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ('path("./a/m.py")', ".\\a\\m.py"),
        ('path(f"{facts.cwd}/a/m.py")', "C:\\work\\a\\m.py"),
        ('f"./a{facts.sep}m.py"', "./a\\m.py"),
        ('(path("a/m.py"), ["a/m.py"])', ("a\\m.py", ["a/m.py"])),
        ('same_path("a/m.py")', "a\\m.py"),
        ('same_path("a/m.py")', ".\\b/..\\a/m.py"),
        ('same_path("a/m.py")', "C:\\work\\a\\m.py"),
        ('same_path("/lib/m.py")', "\\lib/m.py"),
        ('same_path("/lib/m.py")', "C:/lib/m.py"),
    ],
)
def test_what_matches_on_windows(expected: str, value: object) -> None:
    assert difference(expected, value, WINDOWS) is None


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ('path("./a/m.py")', "./a/m.py"),
        ('path("./a/m.py")', ".\\a/m.py"),
        ('path(f"{facts.cwd}/m.py")', "C:\\work/m.py"),
        ('"a/m.py"', "a\\m.py"),
        ('same_path("a/m.py")', "D:\\work\\a\\m.py"),
        ('same_path("a/m.py")', "C:a\\n.py"),
        ('same_path("a/m.py")', "a\\M.py"),
    ],
)
def test_what_does_not_match_on_windows(expected: str, value: object) -> None:
    assert difference(expected, value, WINDOWS) is not None


def test_a_backslash_separates_on_windows_alone() -> None:
    assert difference('path("./a/m.py")', "./a/m.py") is None
    assert difference('path("./a/m.py")', ".\\a\\m.py") is not None
    assert difference('same_path("a/m.py")', "a\\m.py") is not None


def test_identity_is_told_from_equality() -> None:
    one, two = [1], [1]
    assert difference('(same("a"), same("a"))', (one, one)) is None
    assert difference('(same("a"), same("a"))', (one, two)) == Difference(
        ("value", 1), "identity", "the same object as the first 'a'", "another: [1]"
    )
    assert difference('(same("a", [1]), [1])', (one, one)) is None, "a container met again is compared by its first items"
    module = types.ModuleType("m")
    assert difference('(same("m", module("m")), {"m": same("m")})', (module, {"m": module})) is None


def test_a_list_that_contains_itself_is_described() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert difference('same("a", [same("a")])', loop) is None


def test_files_are_told_by_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("x = 1\n", encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        assert difference(f'open_file(name={str(path)!r}, mode="r", encoding="utf-8", position=0)', file) is None
        assert where('open_file(encoding="latin-1")', file) == (("value", "encoding"), "value")
        assert where("[open_file(closed=True)]", [file]) == (("value", 0, "closed"), "value")
    assert where("open_file()", file) == (("value", "closed"), "value")
    assert where("open_file()", io.StringIO()) == (("value",), "type")


def test_nothing_of_the_described_object_is_called() -> None:
    class Hostile:
        __class__ = property(lambda self: 1 / 0)

        def __getattribute__(self, name: str) -> object:
            raise RuntimeError(name)

        def __repr__(self) -> str:
            raise RuntimeError

        __hash__ = None  # type: ignore[assignment]

    assert difference('instance("test_nothing_of_the_described_object_is_called.<locals>.Hostile")', Hostile()) is not None
    assert seen(Hostile())["kind"] == "object"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", "the name 'abc' means nothing here"),
        ("facts.nope", "facts.nope does not exist"),
        ("__import__('os')", "is no matcher"),
        ("facts.cwd.__class__", "only facts has attributes here"),
        ("lambda: 1", "cannot stand in an expected value"),
        ("1 +", "is no Python expression"),
        ("module()", "missing 1 required positional argument"),
        ("matches('(')", "no regular expression"),
        ("open_file(nam='x')", "unexpected keyword argument"),
        ("same_path('')", "a path is a str that is not empty"),
        ("path('a/m.py', 'b')", "is no path"),
        ("path(facts.tag)", "is no path"),
        ("path('m.py')", "has no / in it"),
    ],
)
def test_what_is_no_expected_value(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Expression.parse(text)
    assert message in str(caught.value)


def test_a_large_value_is_cut_not_sent_whole() -> None:
    tree = seen("x" * 10_000_000)
    assert len(json.dumps(tree)) < 100_000
    assert difference("'xxx'", "x" * 10_000_000) is not None
    assert len(json.dumps(seen([[0] * 5000] * 5000))) < 1_000_000
    assert difference("[0]", [0] * 10_000_000) is not None
