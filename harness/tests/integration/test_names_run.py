"""Runs of real interpreters: one id by every route, an id for each build, and whose fault a difference is."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from baseline_made import ONE, SHIM
from conftest import Cli, id_of, interpreter
from imp_conformance.targets.target import Target, find_interpreters, open_targets


def ids(folder: Path) -> list[str]:
    """Return the ids in a folder of results, each of which names its file."""
    found = []
    for path in sorted(folder.glob("*.json")):
        (target,) = json.loads(path.read_text(encoding="ascii"))["targets"]
        assert path.name == f"{target['id']}.json"
        found.append(target["id"])
    return found


def about(folder: Path) -> dict[str, Any]:
    (path,) = folder.glob("*.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))["targets"][0]
    return found


ROUTES = ("3.8", "{version}", "{link}", "cmd:{path} -O", ">={version},<={version}")


@pytest.mark.parametrize("route", ROUTES)
def test_an_interpreter_has_one_id_by_every_route(route: str, cli: Cli, tmp_path: Path) -> None:
    path, target = interpreter("3.8"), id_of("3.8")
    (tmp_path / "some-name").symlink_to(path)
    python = route.format(version=target.partition("-")[2], path=path, link=tmp_path / "some-name")
    done = cli("run", "-q", "--python", python, ONE, "--results", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ids(tmp_path / "out") == [target]
    data = (tmp_path / "out" / f"{target}.json").read_text(encoding="ascii")
    assert str(Path(path).parent) not in data
    assert about(tmp_path / "out")["python"] == target.partition("-")[2]


def other_build(tmp_path: Path, code: str) -> str:
    """Return a command that runs an interpreter which says other things of itself."""
    folder = tmp_path / f"build-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"import sys\n{code}\n", encoding="ascii")
    return f"cmd:env PYTHONPATH={folder} {interpreter('3.8')}"


MACOS = "import platform; platform.machine = lambda: 'arm64'; sys.platform = sys.implementation._multiarch = 'darwin'"


@pytest.mark.parametrize(
    ("code", "suffix"),
    [
        ("sys.gettotalrefcount = lambda: 0", "-debug"),
        ("sys.abiflags = 'td'", "-freethreaded-debug"),
        ("import _imp; _imp.extension_suffixes = lambda: []", "-nodynload"),
        ("sys.implementation._multiarch = 's390x-linux-gnu'", "-s390x"),
        ("sys.implementation._multiarch = 'arm-linux-gnueabihf'", "-armhf"),
        ("sys.implementation._multiarch = 'i386-linux-gnu'; sys.maxsize = 2**31 - 1", "-i386"),
        ("sys.implementation._multiarch = ''; sys.maxsize = 2**31 - 1", "-i386"),
        ("sys.implementation._multiarch = 'x86_64-linux-musl'", "-musl"),
        ("sys.version = sys.version.replace(' ', '+ ', 1)", "-dev"),
        (MACOS, "-macos-arm64"),
    ],
)
def test_a_build_says_what_is_unusual_about_it(code: str, suffix: str, tmp_path: Path) -> None:
    target = opened(other_build(tmp_path, code))
    assert (target.id, target.unavailable) == (id_of("3.8") + suffix, None)


def opened(python: str) -> Target:
    """Start an interpreter, and return what it is."""
    ((target, session),) = open_targets(find_interpreters(python), None, None, ())
    if session is not None:
        session.close()
    return target


def test_two_builds_that_agree_in_all_else_have_an_id_each(cli: Cli, tmp_path: Path) -> None:
    other = other_build(tmp_path, "sys.version = sys.version.replace('GCC', 'Clang')")
    plain = interpreter("3.8")
    found = []
    for number, order in enumerate(((plain, other), (other, plain))):
        done = cli("run", "-q", "--python", order[0], "--python", order[1], ONE, "--results", f"out-{number}")
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(ids(tmp_path / f"out-{number}"))
    assert found[0] == found[1]
    assert len(set(found[0])) == 2
    assert all(re.fullmatch(rf"{re.escape(id_of('3.8'))}-[0-9a-f]{{6}}", name) for name in found[0])
    twice = cli("run", "-q", "--python", plain, "--python", plain, ONE)
    assert (twice.returncode, "are one target" in twice.stderr) == (2, True), twice.stderr


def test_an_id_can_be_given_to_one_target(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "-q", "--python", "3.8", "--id", "gate", ONE, "--results", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ids(tmp_path / "out") == ["gate"]
    (tmp_path / "pyproject.toml").write_text('[tool.imp-conformance]\npython = "3.8"\nid = "mine"\n', encoding="ascii")
    cli("run", "-q", ONE, "--results", "out")
    assert ids(tmp_path / "out") == ["gate", "mine"]
    for options in (["--python", "3.8", "--python", "3.11"], ["--id", "a/b"]):
        wrong = cli("run", "-q", ONE, *options, cwd=tmp_path)
        assert (wrong.returncode, "--id" in wrong.stderr, "Traceback" in wrong.stderr) == (2, True, False), wrong.stderr


@pytest.mark.parametrize(
    ("said", "option", "expected"),
    [
        ("sys.implementation.version = (25, 0, 1, 'final', 0)", "", "graalpy-25.0.1"),
        ("sys.implementation.version = (25, 1, 0, 'alpha', 2)", "", "graalpy-25.1.0a2"),
        ("sys.version += '[RustPython 0.5.0 with rustc 1.90]'", "RustPython 0.4.0", "rustpython-0.5.0"),
        ("", "RustPython 0.4.0", "rustpython-0.4.0"),
        ("", "Python 3.8", "rustpython-{python}"),
        ("", "", "other-{python}"),
    ],
)
def test_an_implementation_has_its_own_release(said: str, option: str, expected: str, tmp_path: Path) -> None:
    name = expected.partition("-")[0]
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.implementation.name = {name!r}\n{said}\n", encoding="ascii")
    launcher = tmp_path / "interpreter"
    line = f'[ "$1" = --version ] && echo {shlex.quote(option)} && exit\nPYTHONPATH={tmp_path} exec {interpreter("3.8")} "$@"\n'
    launcher.write_text(f"#!/bin/sh\n{line}", encoding="ascii")
    launcher.chmod(0o755)
    target = opened(str(launcher))
    python = id_of("3.8").partition("-")[2]
    assert (target.id, target.about["python"]) == (expected.format(python=python), python)


@pytest.mark.parametrize("name", ["graalpy", "rustpython"])
def test_it_is_found_on_path_by_its_name(name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    code = f"import builtins, sys, types\nsys.implementation.name = {name!r}\nsys.executable = {str(folder / name)!r}\n"
    if name == "graalpy":
        code += "own = types.SimpleNamespace(get_graalvm_version=lambda: '24.2.9')\n"
        code += "builtins.__graalpython__ = sys.modules['__graalpython__'] = own\n"
    launcher = folder / name
    (folder / "sitecustomize.py").write_text(code, encoding="ascii")
    # -S would leave sitecustomize out: the wrapper drops what findpython and we ask with.
    text = (
        f"#!{sys.executable}\nimport os, sys\nwords = [word for word in sys.argv[1:] if word not in ('-I', '-S')]\n"
        f"os.execve({interpreter('3.8')!r}, ['python', *words], {{**os.environ, 'PYTHONPATH': {str(folder)!r}}})\n"
    )
    launcher.write_text(text, encoding="ascii")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    done = cli("targets", "--python", name)
    assert re.search(rf"^{name}-\S+ +3\.8\.\d+ .*{re.escape(str(folder / name))}", done.stdout.replace("\n  ", ""), re.MULTILINE), (
        done.stdout
    )
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    gone = cli("targets", "--offline", "--python", name)
    if gone.returncode:
        assert {"graalpy": "--offline forbids to fetch it", "rustpython": "no rustpython on this machine"}[name] in gone.stderr


def test_a_baseline_of_a_series_holds_for_each_release(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    options = ["run", "-q", "--python", "3.8", "--candidate", "shim.py", "--baseline", "known.yaml", ONE]
    for name, status in (("cpython-3.8+shim", 0), (f"{id_of('3.8')}+shim", 0), ("cpython-3.9+shim", 1), ("cpython-3.8", 1)):
        text = f"differences:\n  - {{case: {ONE}, targets: ['{name}'], verdict: fail, reason: r}}\n"
        (tmp_path / "known.yaml").write_text(text, encoding="ascii")
        done = cli(*options)
        assert done.returncode == status, (name, done.stdout)


# ---------------------------------------------------------------------------------------------------------------------
# Whose fault.

WRONG_ON_PYPY = SHIM.replace("    return sys.implementation.cache_tag\n", "    return 'cpython-39'\n")
"""What registers a module everywhere, and knows CPython's tag alone."""


def test_a_difference_that_cpython_does_not_have_is_told_as_the_interpreters(cli: Cli, tmp_path: Path) -> None:
    for implementation in ("cpython", "pypy"):
        interpreter("3.9", implementation)
    (tmp_path / "shim.py").write_text(WRONG_ON_PYPY, encoding="ascii")
    options = ["run", "-q", "--tb=no", "--candidate", "shim.py", "get_tag", "new_module"]
    alone = cli(*options, "--python", "pypy3.9", "--results", "alone")
    assert alone.returncode == 1, alone.stdout
    assert "only on PyPy" not in alone.stdout
    cli(*options, "--python", "3.9", "--results", "both")
    run = cli(*options, "--python", "pypy3.9", "--results", "both")
    told = re.search(r"^pypy3\.9-\S+\+shim: (also on CPython 3\.9: (\d+), only on PyPy 7\.3: (\d+))$", run.stdout, re.MULTILINE)
    assert told is not None, run.stdout
    files = {path.name: json.loads(path.read_text(encoding="ascii"))["results"] for path in (tmp_path / "both").glob("*.json")}
    there, here = ({case for case, found in files[name].items() if found != "pass"} for name in sorted(files))
    assert (int(told[2]), int(told[3])) == (len(here & there), len(here - there))
    assert here & there, "a fault of the candidate"
    assert here - there, "a fault of the interpreter"
    report = cli("report", "--results", "both", "--output", "site")
    pages = [(tmp_path / "site" / name).read_text(encoding="utf-8") for name in ("matrix.md", "index.html", "summary.md")]
    for text in (report.stdout, *pages):
        assert told[1] in text.replace("&#58;", ":")
    for cases, words in (
        (here & there, "the candidate's: it differs on"),
        (here - there, "the interpreter's: the same candidate passes on"),
    ):
        explained = cli("explain", min(cases), "--results", "both", "--target", told[0].partition(":")[0])
        assert f"  whose:    {words} {id_of('3.9')}+shim" in explained.stdout
    (path,) = (tmp_path / "alone").iterdir()
    assert path.read_bytes() == (tmp_path / "both" / path.name).read_bytes(), "no file holds what another one tells"


def test_compare_tells_whose_a_new_difference_is(cli: Cli, tmp_path: Path) -> None:
    interpreter("3.9", "pypy")
    for folder, text in (("old", WRONG_ON_PYPY.replace("'cpython-39'", "sys.implementation.cache_tag")), ("new", WRONG_ON_PYPY)):
        (tmp_path / "shim.py").write_text(text, encoding="ascii")
        for python in ("3.9", "pypy3.9"):
            cli("run", "-q", "--tb=no", "--candidate", "shim.py", "--python", python, "--results", folder, "get_tag")
    done = cli("compare", "old", "new")
    assert done.returncode == 1, done.stdout
    told = re.search(
        r"of the cases that differ now as they did not before: also on CPython 3\.9: (\d+), only on PyPy 7\.3: (\d+)$", done.stdout, re.M
    )
    assert told is not None, done.stdout
    fail = {
        name: {case for case, found in json.loads(path.read_text(encoding="ascii"))["results"].items() if found != "pass"}
        for path in (tmp_path / "new").iterdir()
        for name in [path.name.partition("-")[0]]
    }
    here, there = fail["pypy3.9"], fail["cpython"]
    assert (int(told[1]), int(told[2])) == (len(here & there), len(here - there)), "in OLD all of them pass"
    assert here - there
