"""Runs from end to end, on real interpreters: what is genuine conforms, and what does nothing passes nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Cli, id_of, interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL, FIRST
from imp_conformance.results.folders import read_result_set
from imp_conformance.targets.discovery import found_interpreters
from results_made import verdict_of

CONSTANTS = """\
PY_SOURCE = PY_COMPILED = C_EXTENSION = PY_RESOURCE = PKG_DIRECTORY = C_BUILTIN = PY_FROZEN = PY_CODERESOURCE = None
SEARCH_ERROR = IMP_HOOK = None
"""
SIGNATURES = {
    **dict.fromkeys(("get_magic", "get_suffixes", "get_tag", "lock_held", "acquire_lock", "release_lock"), ""),
    **dict.fromkeys(("new_module", "init_builtin", "init_frozen", "is_builtin", "is_frozen", "is_frozen_package"), "name"),
    **dict.fromkeys(("load_source", "load_compiled"), "name, pathname, file=None"),
    "find_module": "name, path=None",
    "load_module": "name, file, filename, details",
    "load_package": "name, path",
    "load_dynamic": "name, path, file=None",
    "create_dynamic": "spec, file=None",
    "get_frozen_object": "name, data=None",
    "reload": "module",
    "cache_from_source": "path, debug_override=None",
    "source_from_cache": "path",
}


def hollow(any_arguments: bool, keep_signatures: bool = False, is_class: bool = True) -> str:
    """Write a module that has all the names and does nothing."""
    lines = [CONSTANTS]
    for name, signature in SIGNATURES.items():
        lines.append(f"def {name}({'*a, **k' if any_arguments else signature if keep_signatures else ''}): pass")
    given = "self, *a, **k" if any_arguments else "self, path" if keep_signatures else "self"
    method = given.replace("path", "fullname")
    if is_class:
        lines.append(f"class NullImporter:\n    def __init__({given}): pass\n    def find_module({method}): pass")
    else:
        lines.append("def NullImporter(*a, **k): pass")
    return "\n".join(lines) + "\n"


HOLLOW = {
    "any arguments": hollow(True),
    "a function for the class": hollow(True, is_class=False),
    "its signatures": hollow(False, keep_signatures=True),
    "no arguments": hollow(False),
}

PUBLISHED = Path(__file__).parents[3] / "reports" / "results"

GENUINE = [item for item in found_interpreters() if item.implementation == "cpython" and FIRST.series <= item.version[:2] <= FINAL.series]


def results(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.name: json.loads(path.read_text(encoding="ascii")) for path in folder.glob("*.json")}


def verdicts(folder: Path) -> dict[str, str]:
    (found,) = results(folder).values()
    return {case: verdict_of(result) for case, result in found["results"].items()}


def assert_published(folder: Path) -> None:
    """Check that what is published of a target is what a run gives now, where anything is published of it."""
    published = read_result_set(PUBLISHED).targets if PUBLISHED.is_dir() else {}
    for target, found in read_result_set(folder).targets.items():
        if target in published:
            assert found == published[target], f"what reports/results says of {target} is not what a run gives: make it anew"


@pytest.mark.parametrize("python", GENUINE, ids=lambda item: item.version_text)
def test_every_genuine_interpreter_conforms(python: Any, cli: Cli, tmp_path: Path, scratch: Path) -> None:
    done = cli("run", "-q", "--python", python.path, "--results", tmp_path / "out")
    assert done.returncode == 0, done.stdout
    (found,) = results(tmp_path / "out").values()
    assert found["complete"] is True
    assert found["targets"][0]["python"] == python.version_text
    assert_published(tmp_path / "out")
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("options", [["-O"], ["-OO"], ["-B"], ["-E", "-s"]], ids=" ".join)
def test_conformance_does_not_depend_on_options(options: list[str], cli: Cli) -> None:
    done = cli("run", "-q", "--python", f"cmd:{interpreter('3.8')} {' '.join(options)}")
    assert done.returncode == 0, done.stdout


def test_series_that_are_not_here_are_told() -> None:
    missing = [f"3.{minor}" for minor in range(4, 12) if (3, minor) not in {item.version[:2] for item in GENUINE}]
    if missing:
        pytest.skip(f"not on this machine: CPython {', '.join(missing)}")


@pytest.mark.parametrize(
    ("kind", "series"),
    [(kind, series) for kind in HOLLOW for series in (("3.6", "3.11", "3.12") if kind == "any arguments" else ("3.11",))],
)
def test_a_module_that_does_nothing_passes_nothing(kind: str, series: str, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "hollow.py"
    path.write_text(HOLLOW[kind], encoding="ascii")
    done = cli("run", "-q", "--tb=no", "--python", series, "--candidate", path, "--results", tmp_path / "out")
    assert done.returncode == 1
    assert [case for case, verdict in verdicts(tmp_path / "out").items() if verdict == "pass"] == []


@pytest.mark.parametrize("release", ["3.4", "3.11"])
def test_an_empty_module_misses_every_name_and_fails_only_in_its_import(
    release: str, catalogue: Catalogue, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "imp.py").write_bytes(b"")
    done = cli("run", "-q", "--tb=no", "--python", "3.8", "--emulates", release, "--candidate", "imp.py", "--results", tmp_path / "out")
    assert done.returncode == 1, done.stdout
    found = verdicts(tmp_path / "out")
    assert set(found) == set(catalogue.cases)
    assert set(found.values()) <= {"missing", "fail", "not-applicable"}
    assert {catalogue.cases[case].subject for case, verdict in found.items() if verdict == "fail"} == {"module"}
    for case, verdict in found.items():
        if verdict == "fail":
            assert re.search(r"^ *(import imp|from imp import)\b", catalogue.cases[case].code, re.MULTILINE), case


def genuine_file(python: str) -> str:
    code = "import imp; print(imp.__file__)"
    return subprocess.run([python, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("series", ["3.6", "3.8", "3.11"])
def test_a_copy_under_another_name_passes_all(series: str, cli: Cli, tmp_path: Path) -> None:
    python = interpreter(series)
    where = genuine_file(python)
    shutil.copy(where, tmp_path / "vendored.py")
    done = cli("run", "-q", "--python", python, "--candidate", tmp_path / "vendored.py")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("form", ["module", "directory"])
def test_a_copy_can_be_a_module_or_a_directory(form: str, cli: Cli, tmp_path: Path) -> None:
    python = interpreter("3.8")
    where = genuine_file(python)
    (tmp_path / "shim").mkdir()
    shutil.copy(where, tmp_path / "shim" / ("imp.py" if form == "directory" else "vendored.py"))
    done = cli("run", "-q", "--python", python, "--candidate", "shim" if form == "directory" else "shim.vendored", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_pypy_runs_to_the_end(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "-q", "--tb=no", "--python", interpreter("3.9", "pypy"), "--results", tmp_path / "out")
    assert done.returncode in (0, 1), done.stdout
    (found,) = results(tmp_path / "out").values()
    assert found["complete"] is True
    assert found["targets"][0]["implementation"] == "pypy"
    assert_published(tmp_path / "out")


@pytest.mark.parametrize("series", ["3.12", "3.13"])
def test_a_shim_from_pypi(series: str, cli: Cli, tmp_path: Path) -> None:
    python = interpreter(series)
    done = cli("run", "-q", "--tb=no", "--python", python, "--candidate", "pypi:zombie-imp==0.0.4", "--results", tmp_path / "out")
    assert done.returncode in (0, 1), done.stdout
    assert [name.partition("+")[2] for name in results(tmp_path / "out")] == ["zombie-imp-0.0.4.json"]
    assert_published(tmp_path / "out")
    (found,) = results(tmp_path / "out").values()
    assert found["targets"][0]["candidate"] == {"kind": "pypi", "name": "zombie-imp", "version": "0.0.4"}
    assert found["targets"][0]["emulates"] == "3.11"
    assert set(verdicts(tmp_path / "out").values()) <= {"pass", "fail", "not-applicable"}


def test_results_are_the_same_bytes_with_and_without_workers(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "hollow.py"
    path.write_text(HOLLOW["any arguments"], encoding="ascii")
    for name, more in (("one", []), ("two", ["-n", "2"])):
        for options in (["--python", "3.8"], ["--python", "3.8", "--candidate", path]):
            cli("run", "-q", "--tb=no", *options, "--results", tmp_path / name, *more)
    found = {name: {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")}
    assert set(found["one"]) == {f"{id_of('3.8')}.json", f"{id_of('3.8')}+hollow.json"}
    assert found["one"] == found["two"]
    for data in found["one"].values():
        assert str(tmp_path).encode() not in data
        assert os.fsencode(Path(sys.prefix)) not in data


def test_a_part_of_the_cases_never_replaces_the_whole(cli: Cli, tmp_path: Path) -> None:
    target = id_of("3.8")
    options = ["run", "-q", "--python", "3.8", "--results", tmp_path / "out"]
    cli(*options, "new_module/not-registered")
    assert results(tmp_path / "out")[f"{target}.json"]["complete"] is False
    cli(*options)
    whole = (tmp_path / "out" / f"{target}.json").read_bytes()
    done = cli(*options, "new_module/not-registered")
    assert f"{target}.partial.json" in done.stdout
    assert (tmp_path / "out" / f"{target}.json").read_bytes() == whole
    assert set(results(tmp_path / "out")) == {f"{target}.json", f"{target}.partial.json"}
    cli(*options)
    assert set(results(tmp_path / "out")) == {f"{target}.json"}


def test_emulating_another_release(cli: Cli, tmp_path: Path) -> None:
    cli("run", "-q", "--tb=no", "--python", "3.8", "--emulates", "3.4", "--results", "out", "new_module")
    (found,) = results(tmp_path / "out").values()
    assert found["targets"][0]["emulates"] == "3.4"
    assert found["targets"][0]["id"] == f"{id_of('3.8')}-as-3.4"
