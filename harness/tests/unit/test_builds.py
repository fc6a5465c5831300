"""What the catalogue knows of builds: by release, platform, implementation and what is unusual about one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imp_conformance.catalogue.builds import read_builds
from imp_conformance.catalogue.by_release import expectation_by_release
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.versions import JUDGED, Release
from imp_conformance.errors import InvalidCatalogue, Problem
from imp_conformance.portable.builds import BUILDS, known_build
from imp_conformance.portable.matchers import Matches
from imp_conformance.portable.observation import Observation
from imp_conformance.resources import catalogue_root
from imp_conformance.results.judge import Verdict, judge

CPYTHON = {
    "implementation": "cpython",
    "optimize": 0,
    "source_suffixes": [".own"],
    "bytecode_suffixes": [".own"],
    "extension_suffixes": [".own"],
}


def table() -> Any:
    problems: list[Problem] = []
    found = read_builds(catalogue_root() / "specs" / "builds.yaml", problems)
    assert not problems
    return found


def known(python: str, platform: str = "linux-x86_64", *build: str, **facts: Any) -> dict[str, Any]:
    stamp = "3.8 (tags) [MSC v.1900 64 bit (AMD64)]" if platform.startswith("win32") else "3.8 (tags) [GCC 12.2.0]"
    about = {"release": python, "platform": platform, "build": build, "stamp": facts.pop("stamp", stamp)}
    return known_build(table(), about, {**CPYTHON, **facts})


@pytest.mark.parametrize(
    ("python", "number"),
    [("3.4.0", 3310), ("3.5.2", 3350), ("3.5.3", 3351), ("3.5.10", 3351), ("3.8.1", 3413), ("3.11.7", 3495), ("3.13.0", 3571)],
)
def test_the_magic_number_is_that_of_the_release(python: str, number: int) -> None:
    assert known(python)["magic"] == number.to_bytes(2, "little") + b"\r\n"
    assert known(python)["tag"] == "cpython-" + "".join(python.split(".")[:2])


@pytest.mark.parametrize(
    ("python", "build"), [("3.15.0", ()), ("3.13.0rc1", ()), ("3.11.7+", ("dev",)), ("3.9.10", ("nogil",)), ("3.8.1", ("stackless",))]
)
def test_of_what_is_in_no_table_only_the_form_is_known(python: str, build: tuple[str, ...]) -> None:
    found = known(python, "linux-x86_64", *build)
    assert isinstance(found["magic"], Matches)
    assert isinstance(found["source_hash"], Matches)


def test_every_release_that_is_judged_is_in_the_table() -> None:
    for release in JUDGED:
        found = known(f"{release.major}.{release.minor}.{release.micro}")
        assert isinstance(found["magic"], bytes), release
        assert isinstance(found["source_hash"], bytes) is (release >= Release(3, 7, 0)), release
        assert all(isinstance(item, Matches) for item in found["extension_suffixes"]), release


SUFFIXES = {
    ("3.4.10", "linux-x86_64"): [".cpython-34m.so", ".abi3.so", ".so"],
    ("3.4.3", "linux-x86_64"): [".cpython-34m-x86_64-linux-gnu.so", ".abi3.so", ".so"],
    ("3.6.15", "linux-x86_64", "debug"): [".cpython-36dm-x86_64-linux-gnu.so", ".abi3.so", ".so"],
    ("3.6.15", "linux-x86_64", "nopymalloc"): [".cpython-36-x86_64-linux-gnu.so", ".abi3.so", ".so"],
    ("3.8.18", "linux-x86_64", "debug"): [".cpython-38d-x86_64-linux-gnu.so", ".abi3.so", ".so"],
    ("3.8.18", "linux-x86_64", "musl"): [".cpython-38-x86_64-linux-musl.so", ".abi3.so", ".so"],
    ("3.11.2", "linux-armhf"): [".cpython-311-arm-linux-gnueabihf.so", ".abi3.so", ".so"],
    ("3.11.2", "linux-i386"): [".cpython-311-i386-linux-gnu.so", ".abi3.so", ".so"],
    ("3.11.2", "linux-ppc64le"): [".cpython-311-powerpc64le-linux-gnu.so", ".abi3.so", ".so"],
    ("3.13.0", "linux-x86_64", "freethreaded"): [".cpython-313t-x86_64-linux-gnu.so", ".so"],
    ("3.9.6", "darwin-arm64"): [".cpython-39-darwin.so", ".abi3.so", ".so"],
    ("3.10.8", "win32-AMD64"): [".cp310-win_amd64.pyd", ".pyd"],
    ("3.7.9", "win32-x86", "debug"): ["_d.cp37-win32.pyd", "_d.pyd"],
    ("3.4.4", "win32-AMD64"): [".pyd"],
    ("3.11.3", "emscripten-wasm32"): [".cpython-311-wasm32-emscripten.so", ".abi3.so", ".so"],
    ("3.11.7", "linux-x86_64", "nodynload"): [],
    ("3.11.7", "freebsd13-amd64"): [".own"],
}


@pytest.mark.parametrize("about", SUFFIXES, ids="-".join)
def test_suffixes_of_extensions_are_those_of_the_build(about: tuple[str, ...], make_catalogue: Callable[..., Path], tmp_path: Path) -> None:
    python, platform, *build = about
    found = known(python, platform, *build)
    case = load_catalogue(make_catalogue(CASE.format("builds.extension_suffixes"))).cases["thing/one"]
    items = [{"kind": "str", "value": text, "length": len(text)} for text in SUFFIXES[about]]
    for seen, verdict in ((items, Verdict.PASS), ([*items, items[0]] if items else [{"kind": "none"}], Verdict.FAIL)):
        answer = {"value": {"kind": "list", "items": seen, "length": len(seen), "id": 1, "again": False}}
        observation = Observation("exit", 0, "", {}, "/cwd", "/root", answer)
        assert judge(case, Release.parse("3.8"), observation, {}, builds=found).verdict is verdict


def test_a_build_by_mingw_is_in_no_table() -> None:
    assert known("3.11.3", "win32-AMD64", stamp="3.11.3 [GCC 12.2.0 64 bit (AMD64)]")["extension_suffixes"] == [".own"]


def test_source_and_bytecode_files_have_the_suffixes_of_the_platform() -> None:
    assert known("3.11.3", "win32-AMD64")["source_suffixes"] == [".py", ".pyw"]
    assert known("3.11.3")["source_suffixes"] == [".py"]
    assert [known("3.4.0", optimize=level)["bytecode_suffixes"] for level in (0, 1)] == [[".pyc"], [".pyo"]]
    assert [known("3.5.0", optimize=level)["bytecode_suffixes"] for level in (0, 1)] == [[".pyc"], [".pyc"]]


def test_of_another_implementation_the_form_is_known_that_the_documents_ask_for() -> None:
    found = known("3.9.16 (PyPy 7.3.11)", implementation="pypy")
    assert isinstance(found["magic"], Matches) and isinstance(found["tag"], Matches)
    assert found["extension_suffixes"] == [".own"]
    assert found["builtin_names"] == ["builtins", "sys"]
    assert set(found) == set(BUILDS)


CASE = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: |
      imp.thing()
    expect:
      value: {}
"""


def test_a_case_compares_with_what_is_known(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASE.format("(builds.magic, builds.tag)"))
    (root / "specs" / "builds.yaml").write_bytes((catalogue_root() / "specs" / "builds.yaml").read_bytes())
    case = load_catalogue(root).cases["thing/one"]
    assert case.builds == table()
    assert expectation_by_release(case) == [("3.4 to 3.11", "(builds.magic, builds.tag)")] or "builds.magic" in str(
        expectation_by_release(case)
    )


WRONG = {
    "an unknown name": ("builds.nothing", "builds.nothing does not exist"),
    "a bare name": ("builds", "the name 'builds' means nothing here"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_known_of_no_build_is_refused(name: str, make_catalogue: Callable[..., Path]) -> None:
    value, message = WRONG[name]
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(make_catalogue(CASE.format(value)))
    assert message in str(caught.value)


WRONG_TABLES = {
    "no number": ("3310", "many", "magic.3.4.0"),
    "no release": ("  3.4.0: 3310", "  new: 3310", "magic"),
    "no pattern": (r"\.abi3\.so', '\.so']}", r"(']}", "is no regular expression"),
    "no YAML": ("magic:", "magic: a: b", "not YAML"),
}


@pytest.mark.parametrize("name", WRONG_TABLES)
def test_a_mistake_in_the_table_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    old, new, message = WRONG_TABLES[name]
    text = (catalogue_root() / "specs" / "builds.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "builds.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems: list[Problem] = []
    read_builds(path, problems)
    assert any(message in problem.what for problem in problems), problems
    assert all(problem.file == "specs/builds.yaml" and problem.line > 1 for problem in problems)
