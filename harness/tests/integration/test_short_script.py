"""The script for a bug report: short, plain, and with the verdict of a run; where it cannot have that, the isolating one."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from test_run import HOLLOW

from conftest import SPECS, Cli, interpreter
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.repro.choice import heed_verdict, try_out
from imp_conformance.repro.embedded import needed
from imp_conformance.repro.short import NeedsIsolation, short_script
from imp_conformance.repro.wanted import Wanted
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN, Candidate, find_candidate
from imp_conformance.targets.session import Session, start_loaded
from imp_conformance.targets.target import promised
from scripts_run import release_of, run_script

SHIM = """\
import importlib, os, sys, types
PY_SOURCE, PKG_DIRECTORY = 1, 5
class Text(str):
    pass
class Module(types.ModuleType):
    pass
def new_module(name): return Module(name)
def get_tag(): return Text(sys.implementation.cache_tag)
def get_magic(): return bytearray(b"x")
def get_suffixes(): return ((".py", "r", 1),)
def find_module(name, path=None):
    for entry in path or sys.path:
        place = os.path.join(entry, name)
        if os.path.isdir(place): return [None, Text(place), ("", "", 5)]
        if os.path.isfile(place + ".py"): return open(place + ".py", "rb"), place + ".py", (".py", "rb", True)
    raise LookupError(name)
KEPT = []
def load_source(name, pathname, file=None):
    print("loading")
    KEPT.append(open(pathname))
    open(pathname + "c", "w").close()
    module = sys.modules[name] = Module(name)
    exec(KEPT[-1].read(), module.__dict__)
    return module
def load_module(name, file, filename, details): return load_source(name, filename, file)
def load_compiled(name, pathname, file=None): raise SystemExit(1)
def is_builtin(name): return name in sys.builtin_module_names
def is_frozen(name): os._exit(0)
def reload(module): return importlib.reload(module)
def cache_from_source(path, debug_override=None): return importlib.util.cache_from_source(path)
def source_from_cache(path):
    if "__pycache__" not in path: raise KeyError(path)
    return path
def init_builtin(name):
    sys.modules.pop(name, None)
    return __import__(name)
def acquire_lock(): pass
def release_lock(): pass
def lock_held(): return 0
"""


def wanted(catalogue: Catalogue, case: Case, session: Session, candidate: Candidate, path: str | None) -> Wanted:
    release = Release.parse(promised(session.identity.version))
    return Wanted(catalogue, case, release, candidate, path, session.identity.facts, session.identity.system)


def mismatches(catalogue: Catalogue, python: str, candidate: Candidate, path: str | None, cases: list[Case]) -> tuple[int, list[str]]:
    """Return how many cases have a short script, and those whose script comes to another verdict than the run."""
    release = release_of(python)
    session = start_loaded([python], candidate, catalogue.names)
    short, found = 0, []
    try:
        for case in cases:
            result = ask(session, case, release) if release in case.versions else None
            if result is None or result.verdict is Verdict.NOT_APPLICABLE:
                continue
            try:
                heed_verdict(result)
                text = short_script(wanted(catalogue, case, session, candidate, path))
            except NeedsIsolation:
                continue
            short += 1
            try:
                try_out(text, [python], case, result)
            except NeedsIsolation as error:
                found.append(f"{case.id}: {error}: {result.reason}")
    finally:
        session.close()
    return short, found


@pytest.mark.parametrize(("series", "first"), [("3.6", 0), ("3.8", 11), ("3.11", 22), ("3.13", 33)])
def test_a_short_script_comes_to_the_verdict_of_a_run(series: str, first: int, catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "shim.py"
    path.write_text(SHIM, encoding="ascii")
    cases = list(catalogue.cases.values())[first::43]
    short, found = mismatches(catalogue, interpreter(series), find_candidate(str(path), series), str(path), cases)
    assert (found, short > 20) == ([], True)


def test_genuine_interpreters_pass_their_short_scripts(catalogue: Catalogue, python: str) -> None:
    short, found = mismatches(catalogue, python, OWN, None, list(catalogue.cases.values())[5::97])
    assert (found, short > 10) == ([], True)


@pytest.mark.parametrize("series", ["3.6", "3.8", "3.11"])
def test_nine_of_ten_are_under_forty_lines_of_old_syntax(series: str, catalogue: Catalogue) -> None:
    python = interpreter(series)
    release = release_of(python)
    session = Session([python])
    session.close()
    cases = [case for case in list(catalogue.cases.values())[::3] if release in case.versions]
    lengths = []
    for case in cases:
        try:
            text = short_script(wanted(catalogue, case, session, OWN, None))
        except NeedsIsolation:
            continue
        ast.parse(text, feature_version=(3, 4))
        lengths.append(text.count("\n"))
    assert sum(length < 40 for length in lengths) >= 0.9 * len(cases)


def test_what_crashes_or_prints_gets_the_isolating_script(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    for case, why in (
        ("is_frozen/frozen-true", "what came of it is crash"),
        ("module/program-shows-warning", "what it prints is captured"),
    ):
        done = cli("repro", case, "--python", "3.8", "--candidate", "shim.py")
        assert (done.returncode, why in done.stderr, "AGENT = r'''" in done.stdout) == (0, True, True), done.stderr
        assert str(tmp_path / "shim.py") in done.stdout
        assert run_script(interpreter("3.8"), done.stdout, tmp_path).returncode == 1


@pytest.mark.parametrize("name", ["SystemExit(0)", "SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_an_exception_that_ends_a_program_is_shown_in_short(name: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(SHIM.replace("SystemExit(1)", name), encoding="ascii")
    for case in ("load_compiled/returns-module", "load_compiled/no-code-not-left-open"):
        done = cli("repro", case, "--python", "3.8", "--candidate", "shim.py")
        assert (done.returncode, done.stderr) == (0, ""), done
        shown = run_script(interpreter("3.8"), done.stdout, tmp_path)
        assert (shown.returncode, name.partition("(")[0] in shown.stderr) == (1, True), shown


def test_where_what_a_case_builds_on_fails_the_script_shows_that_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    done = cli("repro", "release_lock/none", "--python", "3.8", "--candidate", "shim.py")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "imp.release_lock(), imp.release_lock()" not in done.stdout
    shown = run_script(interpreter("3.8"), done.stdout, tmp_path)
    assert (shown.returncode, "expected: True, which the case builds on" in shown.stdout) == (1, True), shown


def test_a_short_script_says_all_and_runs_where_it_is_pasted(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my shim.py").write_text(SHIM, encoding="ascii")
    done = cli("repro", "get_tag/equals-cache-tag", "--python", "3.8", "--candidate", "my shim.py")
    assert (done.returncode, done.stderr) == (0, ""), done
    for text in ("get_tag/equals-cache-tag: ", "(observed): ", "Seen with CPython 3.8.", "import imp", 'print("expected:"', "my shim.py"):
        assert text in done.stdout
    shown = run_script(interpreter("3.8"), done.stdout, tmp_path)
    assert (shown.returncode, "expected:" in shown.stdout) == (1, True), shown
    (tmp_path / "my shim.py").unlink()
    assert "No such file" in run_script(interpreter("3.8"), done.stdout, tmp_path).stderr


def test_an_embedded_candidate_is_what_its_imp_needs(cli: Cli, tmp_path: Path) -> None:
    files = {
        "imp/__init__.py": "import helper\nfrom imp.late import get_tag\n",
        "imp/late.py": "import helper\nget_tag = helper.get_tag\n",
        "imp/LICENSE.txt": "all rights reserved",
        "helper.py": "def get_tag(): return 'caf\\xe9'\n",
        "setup.py": "secret_setup = 1\n",
        "results/cpython-3.8.json": '{"secret": "result"}',
        "docs/conf.py": "secret_docs = 1\n",
        "LICENSE": "secret licence",
    }
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = cli("repro", "get_tag/equals-cache-tag", "--python", "3.8", "--candidate", "project", "--embed")
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stdout
    assert "rights" not in done.stdout
    assert str(tmp_path) not in done.stdout
    shown = run_script(interpreter("3.8"), done.stdout, tmp_path)
    assert (shown.returncode, "caf" in shown.stdout) == (1, True), shown


def test_a_candidate_without_files_is_embedded_as_it_is() -> None:
    assert needed(OWN) is OWN


HOSTILE = """\
subject: thing
cases:
  - id: thing/texts
    title: It's a "title" with \\\\ and \\"\\"\\" in it.
    clauses: [thing.works]
    files: {"a/é.py": "x = 'é'\\n", b.py: "'''\\\\n'''\\n"}
    run: |
      found = imp.thing("{facts.cwd}")
      (found, {"key": 1})
    expect:
      value: |
        ("'\\\\\\"", {"key": 1})
"""


def test_odd_texts_stay_what_they_are(make_catalogue: Callable[..., Path], tmp_path: Path) -> None:
    catalogue = load_catalogue(make_catalogue(HOSTILE, SPECS))
    case = catalogue.cases["thing/texts"]
    path = tmp_path / "thing.py"
    path.write_text("def thing(text):\n    return open('b.py').read() and '\\'\\\\\"'\n", encoding="ascii")
    candidate = find_candidate(str(path), "3.8")
    python = interpreter("3.8")
    session = start_loaded([python], candidate, catalogue.names)
    try:
        result = ask(session, case, release_of(python))
        text = short_script(replace(wanted(catalogue, case, session, candidate, str(path)), seen='Seen: "no"'))
    finally:
        session.close()
    try_out(text, [python], case, result)
    other = Result(result.case, Verdict.FAIL if result.conforms else Verdict.PASS)
    with pytest.raises(NeedsIsolation, match="where the run says"):
        try_out(text, [python], case, other)


def test_a_short_script_that_would_lie_is_not_given(cli: Cli, tmp_path: Path) -> None:
    shim = "import atexit, os\natexit.register(os._exit, 0)\ndef get_tag(): return 'mine'\n"
    (tmp_path / "shim.py").write_text(shim, encoding="ascii")
    done = cli("repro", "get_tag/equals-cache-tag", "--python", "3.8", "--candidate", "shim.py")
    assert "ends with exit status 0, where the run says fail" in done.stderr
    assert run_script(interpreter("3.8"), done.stdout, tmp_path).returncode == 1


def test_a_hollow_module_fails_its_short_scripts(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "hollow.py"
    path.write_text(HOLLOW["any arguments"], encoding="ascii")
    cases = list(catalogue.cases.values())[7::89]
    short, found = mismatches(catalogue, interpreter("3.11"), find_candidate(str(path), "3.11"), str(path), cases)
    assert (found, short > 10) == ([], True)
