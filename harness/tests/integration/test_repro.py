"""Scripts that show a case say what a run says, wherever they run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from test_agent import FORGETFUL
from test_leftovers import eventually
from test_run import HOLLOW

from conftest import SPECS, interpreter
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL, Release
from imp_conformance.repro.script import script
from imp_conformance.targets.candidate import OWN, find_candidate
from scripts_run import VERDICT, as_file, both, release_of, run_script, spread

BROKEN = (
    HOLLOW["any arguments"]
    + """
import builtins, json, os, signal, sys
def find_module(name, path=None): os._exit(3)
def load_source(*a, **k): os.kill(os.getpid(), signal.SIGSEGV)
def load_package(*a): sys.exit(0)
def load_compiled(*a, **k): os.kill(os.getppid(), signal.SIGKILL)
def reload(module): os.killpg(0, signal.SIGKILL)
def is_builtin(name): raise KeyboardInterrupt
def is_frozen(name): return "1"
def get_tag(): os._exit(0)
def get_magic(): return bytearray(b"x")
def get_suffixes(): print("hello"); os.write(1, b"bytes"); return ([], {})
def new_module(name): return type(name, (), {"__name__": name})()
def cache_from_source(*a, **k): raise SystemError("boom \\udc80")
def source_from_cache(path): return path + "c"
def lock_held():
    builtins.len = json.loads = os.dup2 = sys.stdout = sys.exit = None
    return 1 / 0
del init_frozen, load_dynamic, NullImporter, PY_FROZEN
"""
)


@pytest.mark.parametrize(("series", "implementation"), [("3.4", "cpython"), ("3.6", "cpython"), ("3.8", "cpython"), ("3.9", "pypy")])
def test_a_script_comes_to_the_verdict_of_a_run(
    series: str, implementation: str, catalogue: Catalogue, tmp_path: Path, scratch: Path
) -> None:
    cases = spread(catalogue, int(series[-1]))
    found = both(catalogue, interpreter(series, implementation), as_file(BROKEN, tmp_path), cases, tmp_path)
    assert len({result.verdict for result, _, _ in found}) >= 2
    for result, verdict, status in found:
        assert (verdict, status) == (result.verdict, 0 if result.conforms else 1), result
    assert list(scratch.iterdir()) == []


def test_each_way_to_fail_is_reproduced(catalogue: Catalogue, tmp_path: Path) -> None:
    wanted = {
        "find_module/package": "crash",
        "load_source/returns-module": "crash",
        "load_compiled/returns-module": "crash",
        "reload/same-object": "crash",
        "get_tag/string": "crash",
        "is_frozen/frozen-true": "fail",
        "is_builtin/built-in-true": "fail",
        "init_frozen/unknown": "missing",
        "lock_held/free": "fail",
    }
    found = both(catalogue, interpreter("3.11"), as_file(BROKEN, tmp_path), list(wanted), tmp_path)
    assert [result.verdict for result, _, _ in found] == list(wanted.values())
    assert [verdict for _, verdict, _ in found] == list(wanted.values())


def test_a_script_imports_no_more_than_a_run(catalogue: Catalogue, python: str, tmp_path: Path) -> None:
    cases = ["get_tag/string", "get_tag/equals-cache-tag"]
    for result, verdict, _ in both(catalogue, python, as_file(FORGETFUL, tmp_path), cases, tmp_path):
        assert verdict == result.verdict


def test_genuine_interpreters_pass_their_scripts(catalogue: Catalogue, python: str, tmp_path: Path) -> None:
    for result, verdict, status in both(catalogue, python, OWN, spread(catalogue, release_of(python).minor)[:8], tmp_path):
        assert (result.verdict, verdict, status) in (("pass", "pass", 0), ("not-applicable", "not-applicable", 0))


LOOPS = """\
subject: thing
cases:
  - id: thing/loops
    title: It comes to an end.
    clauses: [thing.works]
    limit: 1
    run: |
      imp.thing()
    expect: {value: 1}
"""


@pytest.fixture
def loops(make_catalogue: Callable[..., Path]) -> Catalogue:
    return load_catalogue(make_catalogue(LOOPS, SPECS))


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "import os; os.fork() or os.setsid()\n    while True: pass"],
    ids=["plain", "fled"],
)
def test_an_endless_loop_is_told_and_ended(body: str, loops: Catalogue, tmp_path: Path, scratch: Path) -> None:
    candidate = as_file(f"def thing():\n    {body}\n", tmp_path)
    assert both(loops, interpreter("3.8"), candidate, ["thing/loops"], tmp_path)[0][1:] == ("timeout", 1)
    assert list(scratch.iterdir()) == []
    eventually(
        lambda: not [process for process in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(process.info["cmdline"] or [])]
    )


def test_a_candidate_that_cannot_be_imported_is_unavailable(loops: Catalogue, tmp_path: Path) -> None:
    for body, why in (("1 / 0", "ZeroDivisionError"), ("import os; os._exit(5)", "importing it ends the process")):
        text = script(loops, loops.cases["thing/loops"], FINAL, as_file(body, tmp_path))
        done = run_script(interpreter("3.8"), text, tmp_path)
        assert (done.returncode, why in done.stdout) == (3, True), done


def test_a_script_judges_what_it_is_given_in_place_of_its_own(loops: Catalogue, tmp_path: Path) -> None:
    text = script(loops, loops.cases["thing/loops"], FINAL, as_file("def thing(): return 2\n", tmp_path))
    python = interpreter("3.8")
    assert "value: expected 1, observed 2" in run_script(python, text, tmp_path).stdout
    (tmp_path / "right" / "imp").mkdir(parents=True)
    (tmp_path / "right" / "imp" / "__init__.py").write_text("def thing(): return 1\n", encoding="ascii")
    assert run_script(python, text, tmp_path, str(tmp_path / "right")).returncode == 0
    assert run_script(python, text, tmp_path, str(tmp_path / "right" / "imp" / "__init__.py")).returncode == 0
    for arguments in (["nowhere"], [str(tmp_path / "right" / "imp")], ["a", "b"]):
        assert run_script(python, text, tmp_path, *arguments).returncode == 2
    assert "usage:" in run_script(python, text, tmp_path, "--help").stdout


def test_a_dotted_module_is_imported_where_the_script_is_run(loops: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim" / "other.py").write_text("def thing(): return 1\n", encoding="ascii")
    text = script(loops, loops.cases["thing/loops"], FINAL, find_candidate("shim.other", "3.8"))
    assert run_script(interpreter("3.8"), text, tmp_path).returncode == 0


def test_files_that_are_no_text_travel_in_a_script(loops: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "imp.py").write_bytes(b"# coding: latin-1\nimport os\ndef thing(): return len('\xe9')\n")
    text = script(loops, loops.cases["thing/loops"], FINAL, find_candidate(str(tmp_path), "3.8"))
    assert run_script(interpreter("3.8"), text, tmp_path / "..").returncode == 0


@pytest.mark.parametrize("way", ["standard input", "no processes"])
def test_a_script_runs_where_it_cannot_start_itself(way: str, catalogue: Catalogue, tmp_path: Path) -> None:
    python = interpreter("3.8")
    case = catalogue.cases["find_module/package"]
    prelude = "import sys; sys.platform = 'emscripten'\n" if way == "no processes" else ""
    for candidate, verdict, status in ((OWN, "pass", 0), (as_file(HOLLOW["any arguments"], tmp_path), "fail", 1)):
        text = prelude + script(catalogue, case, release_of(python), candidate)
        done = subprocess.run([python, "-"], input=text, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (VERDICT.findall(done.stdout), done.returncode, done.stderr) == ([verdict], status, "")


def test_what_the_interpreter_lacks_is_not_asked(catalogue: Catalogue, tmp_path: Path) -> None:
    case = next(case for case in catalogue.cases.values() if case.needs == ("threads",))
    text = "import sys; sys.platform = 'emscripten'\n" + script(catalogue, case, Release.parse("3.8"), OWN)
    done = run_script(interpreter("3.8"), text, tmp_path)
    assert (VERDICT.findall(done.stdout), done.returncode) == (["not-applicable"], 0)


def test_what_users_set_for_their_own_python_changes_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    case = next(case for case in catalogue.cases.values() if "facts.optimize" in (case.expect.value.source if case.expect.value else ""))
    text = script(catalogue, case, release_of(interpreter("3.8")), OWN)
    done = run_script(interpreter("3.8"), text, tmp_path, PYTHONOPTIMIZE="2", PYTHONPYCACHEPREFIX=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stdout
