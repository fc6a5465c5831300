"""Kinds of process in scripts of repro and in WebAssembly."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from test_processes import values

from conftest import pyodide_command
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.repro.script import script
from imp_conformance.results.judge import Verdict
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import find_candidate
from imp_conformance.targets.session import Session, start_loaded

MakeCatalogue = Callable[..., Path]
Opened = Callable[..., Session]

RELEASE = Release.parse("3.8")


@pytest.mark.parametrize("text", ["marker = 1\n", "import js\nheld = js.Object.new()\n"], ids=["put back", "not to be put back"])
def test_in_webassembly_the_state_from_before_the_import_is_put_back(text: str, case_of: Callable[..., Case], tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(text, encoding="ascii")
    own = case_of("import sys\nbefore = 'imp' in sys.modules\nimport imp\n(before,)", "own", "      value: ...\n")
    warm = case_of("import sys\n(sys.modules['imp'] is imp,)", "warm", "      value: ...\n")
    session = start_loaded(pyodide_command(), find_candidate(str(tmp_path / "shim.py"), "3.11"), ())
    try:
        assert [values(session.observe(item)) for item in (own, warm, own, own, warm)] == [[False], [True], [False], [False], [True]]
        result = ask(session, case_of("import imp", "program"), Release.parse("3.11"))
    finally:
        session.close()
    assert (result.verdict, result.reason) == (Verdict.NOT_APPLICABLE, "the platform has no processes: it is emscripten")


CANDIDATE_CASES = {
    "own": ("import imp\nimp.new_module('a').__name__", "      value: \"'a'\"\n"),
    "program": ("import sys, imp\nprint(imp.new_module('a').__name__)\nsys.exit(3)", '      stdout: "a\\n"\n      status: 3\n'),
}


@pytest.mark.parametrize("process", CANDIDATE_CASES)
def test_a_script_shows_each_kind(process: str, any_python: str, one_of: Callable[..., Catalogue], tmp_path: Path) -> None:
    code, expect = CANDIDATE_CASES[process]
    catalogue = one_of(code, process, expect)
    shim = tmp_path / "shim.py"
    for body, verdict in (
        ("import types\nnew_module = types.ModuleType\n", "pass"),
        ("def new_module(name): pass\n", "fail"),
        ("", "missing"),
    ):
        shim.write_text(body, encoding="ascii")
        text = script(catalogue, catalogue.cases["thing/one"], RELEASE, find_candidate(str(shim), "3.8"))
        path = tmp_path / "show.py"
        path.write_text(text, encoding="ascii")
        done = subprocess.run([any_python, path], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert f"verdict:  {verdict}\n" in done.stdout, done
