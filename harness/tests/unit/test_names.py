"""What targets are called, and which shorter and older names stand for an id."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.apart import given_id, told_apart
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.names import RENAMED, current_id, exactness, interpreter_id, names_of, pattern_fits, series_of
from imp_conformance.targets.target import Request, Target

USUAL = {"implementation": "cpython", "release": "3.11.2", "python": "3.11.2", "platform": "linux-x86_64", "build": ""}
PYPY = {**USUAL, "implementation": "pypy", "release": "7.3.11", "python": "3.9.16"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "cpython-3.11.2"),
        ({"release": "3.14.0rc1", "python": "3.14.0rc1"}, "cpython-3.14.0rc1"),
        ({"release": "3.9.1+", "python": "3.9.1+", "build": "dev"}, "cpython-3.9.1-dev"),
        ({"platform": "linux-s390x"}, "cpython-3.11.2-s390x"),
        ({"platform": "linux-aarch64"}, "cpython-3.11.2-arm64"),
        ({"platform": "linux-armhf"}, "cpython-3.11.2-armhf"),
        ({"platform": "linux-i386"}, "cpython-3.11.2-i386"),
        ({"platform": "win32-AMD64"}, "cpython-3.11.2-windows"),
        ({"platform": "win32-ARM64"}, "cpython-3.11.2-windows-arm64"),
        ({"platform": "darwin-arm64"}, "cpython-3.11.2-macos-arm64"),
        ({"platform": "darwin-x86_64"}, "cpython-3.11.2-macos-x86_64"),
        ({"platform": "wasi-wasm32"}, "cpython-3.11.2-wasi"),
        ({"platform": "linux-s390x", "build": "freethreaded-debug"}, "cpython-3.11.2-s390x-freethreaded-debug"),
        (PYPY, "pypy3.9-7.3.11"),
        ({"implementation": "graalpy", "release": "24.2.2", "python": "3.11.7"}, "graalpy-24.2.2"),
        ({"implementation": "rustpython", "release": "0.4.0", "python": "3.12.0alpha"}, "rustpython-0.4.0"),
        ({"implementation": "pyodide", "release": "0.25.1", "platform": "emscripten-wasm32"}, "pyodide-0.25.1"),
        ({"implementation": "x/../y", "release": "1 2"}, "x-..-y-1-2"),
    ],
)
def test_an_id_says_what_the_interpreter_is(changes: dict[str, str], expected: str) -> None:
    assert interpreter_id({**USUAL, **changes}) == expected


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("cpython-3.12.1+shim", ["cpython-3.12.1+shim", "cpython-3.12+shim"]),
        ("cpython-3.12.1-s390x", ["cpython-3.12.1-s390x", "cpython-3.12-s390x", "cpython-3.12.1", "cpython-3.12"]),
        ("pypy3.9-7.3.11", ["pypy3.9-7.3.11", "pypy3.9"]),
        ("graalpy-24.2.2+a+b-as-3.7", ["graalpy-24.2.2+a+b-as-3.7", "graalpy-24.2+a+b-as-3.7"]),
        ("cpython-3.14.0rc1", ["cpython-3.14.0rc1", "cpython-3.14"]),
        ("gate", ["gate"]),
        ("my-shim+x", ["my-shim+x"]),
    ],
)
def test_the_names_that_stand_for_an_id(target: str, names: list[str]) -> None:
    assert names_of(target) == names
    assert [exactness(name, target) for name in names] == list(range(len(names)))
    assert series_of(target) == names[min(1, len(names) - 1)]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("cpython-3.1", "cpython-3.12.1"),
        ("cpython-3.12", "cpython-3.12.1+shim"),
        ("cpython-3.12+shim", "cpython-3.12.1"),
        ("cpython-3.12+shim", "cpython-3.12.1+shim-as-3.7"),
        ("cpython-3.12-s390x", "cpython-3.12.1"),
        ("cpython-3.12.1", "cpython-3.12.10"),
        ("pypy3.9", "pypy3.10-7.3.12"),
        ("pypy-3.1", "pypy3.10-7.3.12"),
        ("graalpy-24.2", "graalpy-24.1.2"),
        ("graalpy-3.11", "graalpy-25.0.1"),
    ],
)
def test_a_name_stands_for_nothing_else(name: str, target: str) -> None:
    assert exactness(name, target) is None


@pytest.mark.parametrize(
    ("old", "target"),
    [
        ("pypy-3.9.16", "pypy3.9-7.3.11"),
        ("pypy-3.9", "pypy3.9-7.3.12"),
        ("pypy-3.10.14+shim", "pypy3.10-7.3.16+shim"),
        ("graalpy-3.11.7", "graalpy-24.1.2"),
        ("graalpy-3.11+zombie-imp", "graalpy-24.2.2+zombie-imp"),
        ("rustpython-3.12.0", "rustpython-0.4.0"),
    ],
)
def test_an_id_of_edition_1_stands_for_what_it_is_now(old: str, target: str) -> None:
    rank = exactness(old, target)
    assert rank is not None
    assert rank > max(filter(None, (exactness(name, target) for name in names_of(target))), default=0)
    assert all(
        name.partition("-")[0] == new.partition("-")[0].rstrip("0123456789.") for name, all_new in RENAMED.items() for new in all_new
    )


def test_a_pattern_matches_the_names_that_stand_for_an_id() -> None:
    for pattern in ("cpython-3.1[23]+*", "*shim", "cpython-3.12.?+shim", "*"):
        assert pattern_fits(pattern, "cpython-3.12.1+shim"), pattern
    for pattern in ("cpython-3.1[13]+*", "pypy*", "cpython-3.12"):
        assert not pattern_fits(pattern, "cpython-3.12.1+shim"), pattern
    assert pattern_fits("pypy-3*", "pypy3.9-7.3.11")
    assert pattern_fits("graalpy-3.1*+shim", "graalpy-24.2.2+shim")


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({**PYPY, "id": "pypy-3.9.16"}, "pypy3.9-7.3.11"),
        ({**PYPY, "id": "pypy-3.9+shim-as-3.7"}, "pypy3.9-7.3.11+shim-as-3.7"),
        ({**PYPY, "id": "pypy3.9-7.3.11+shim"}, "pypy3.9-7.3.11+shim"),
        ({**PYPY, "id": "gate"}, "gate"),
        ({**PYPY, "id": "pypy-3.9.1"}, "pypy-3.9.1"),
        ({**USUAL, "id": "cpython-3.11"}, "cpython-3.11"),
        ({**USUAL, "implementation": "graalpy", "release": "3.11.7", "python": "3.11.7", "id": "graalpy-3.11.7"}, "graalpy-3.11.7"),
    ],
)
def test_a_result_file_of_edition_1_has_the_id_of_today(about: dict[str, str], expected: str) -> None:
    assert current_id(about) == expected


def a_target(command: str, stamp: str = "", named: bool = True, **changes: Any) -> Target:
    identity = {**USUAL, **changes}
    return Target(f"{interpreter_id(identity)}+shim", (command,), OWN, "3.11", named, identity, asked=command, stamp=stamp)


@given(st.permutations([a_target("/a", "gcc"), a_target("/b", "clang"), a_target("/c", "gcc", build="debug")]))
def test_builds_that_agree_in_all_else_get_a_digest_each(targets: list[Target]) -> None:
    found = {target.command[0]: target for target in told_apart(targets) if target is not None}
    assert len(found) == 3
    assert found["/c"].id == "cpython-3.11.2-debug+shim"
    marks = [found[command].identity["build"] for command in ("/a", "/b")]
    assert [found["/a"].id, found["/b"].id] == [f"cpython-3.11.2-{mark}+shim" for mark in marks]
    assert marks == ["94f0fa", "ca8025"], "they do not depend on order, nor on the run"
    assert all(found[command].about["build"] == mark for command, mark in zip(("/a", "/b"), marks, strict=True))


@given(st.permutations([a_target("/a", "gcc", named=False), a_target("/b", "gcc", named=False), a_target("/0", "clang")]))
def test_a_range_has_a_build_once(targets: list[Target]) -> None:
    kept = [target for target in told_apart(targets) if target is not None]
    assert {target.command[0] for target in kept} == {"/a", "/0"}


def test_one_build_can_be_asked_for_by_two_commands_and_not_twice_by_one() -> None:
    plain, optimised = a_target("/a", "gcc"), a_target("/a -O", "gcc")
    one, two = told_apart([plain, optimised])
    other_two, other_one = told_apart([optimised, plain])
    assert one is not None and two is not None
    assert (one, two) == (other_one, other_two)
    assert one.id != two.id
    with pytest.raises(UnknownTarget, match=r"^--python /a and --python /a are one target, cpython-3.11.2\+shim: leave one of them out$"):
        told_apart([plain, a_target("/a", "gcc")])


def test_what_does_not_start_is_told_apart_too() -> None:
    gone = [
        Target("python3", (command,), OWN, "3.11", True, {}, "it is not there", asked=command) for command in ("/a/python3", "/b/python3")
    ]
    found = [target.id for target in told_apart(gone) if target is not None]
    assert len(set(found)) == 2
    assert all(name.startswith("python3-") for name in found)


@pytest.mark.parametrize("text", ["", "a/b", "-x", "é", "x" * 101, "x.partial", "x.shard-1-of-2", "a b"])
def test_an_id_that_cannot_name_a_file_is_refused(text: str) -> None:
    with pytest.raises(UnknownTarget, match="it names files"):
        given_id(text, [Request("3.8", ("python3.8",), named=True)])


def test_an_id_is_of_one_target() -> None:
    requests = [Request(text, (text,), named=True) for text in ("3.8", "3.9")]
    assert given_id("gate-1.0+x", requests[:1]) == "gate-1.0+x"
    with pytest.raises(UnknownTarget, match="there are 2 targets: give it with one --python"):
        given_id("gate", requests)
