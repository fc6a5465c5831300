"""The commands repro and explain."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from test_run import HOLLOW

import results_made as made
from conftest import Cli, id_of, interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import UnknownTarget
from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.single import Asked, single
from scripts_run import VERDICT, run_script


def test_the_script_that_a_failure_names_shows_it(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my shim.py").write_text(HOLLOW["any arguments"], encoding="ascii")
    done = cli("run", "--python", "3.8", "--candidate", "my shim.py", "--emulates", "3.6.2", "--results", "out", "find_module/package")
    line = re.search(r"^  script:   (.*)$", done.stdout, re.MULTILINE)
    assert line is not None, done.stdout
    words = shlex.split(line[1])
    assert words == [
        "imp-conformance",
        "repro",
        "find_module/package",
        "--python",
        "3.8",
        "--candidate",
        "my shim.py",
        "--emulates",
        "3.6.2",
    ]
    printed = cli(*words[1:])
    assert printed.returncode == 0, printed.stderr
    assert run_script(interpreter("3.8"), printed.stdout, tmp_path).returncode == 1
    full = run_script(interpreter("3.8"), cli(*words[1:], "--full").stdout, tmp_path)
    assert (VERDICT.findall(full.stdout), full.returncode) == (["fail"], 1)

    told = cli("explain", "find_module/package", "--results", "out")
    assert told.returncode == 0, told.stderr
    for text in (
        f"{id_of('3.8')}+my shim-as-3.6.2: fail",
        "  reason:",
        "  to do:    ",
        "find_module.package (documented",
        "3.4 to 3.11: ",
        "source: ",
    ):
        assert text in told.stdout, told.stdout
    (command,) = re.findall(r"^  script:   (.*)$", told.stdout, re.MULTILINE)
    words = shlex.split(command)
    assert words[-4:] == ["--candidate", "my shim.py", "--emulates", "3.6.2"]
    other = cli("explain", "find_module/list-searched", "--results", "out")
    assert "not asked" in other.stdout


def test_a_target_of_a_range_is_named_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("", encoding="ascii")
    python = interpreter("3.8")
    done = cli(
        "run",
        "--python",
        f"cmd:{python} -O",
        "--python",
        python,
        "--candidate",
        "empty.py",
        "find_module/package",
        "-v",
    )
    lines = [shlex.split(line)[4] for line in re.findall(r"^  script:   (.*)$", done.stdout, re.MULTILINE)]
    assert lines == [f"cmd:{python} -O", python]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["repro", "find_module/packag"], "did you mean find_module/package"),
        (["repro", "find_module/package", "--emulates", "3.3"], "imp is judged as of 3.4 to 3.11"),
        (["explain", "find_module/packag", "--results", "."], "did you mean find_module/package"),
        (["explain", "find_module/package", "--results", "."], "no result files there"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], text: str, cli: Cli) -> None:
    done = cli(*arguments)
    assert (done.returncode, text in done.stderr) == (2, True), done


def test_a_script_is_for_one_interpreter(catalogue: Catalogue) -> None:
    interpreter("3.8"), interpreter("3.11")
    with pytest.raises(UnknownTarget, match="interpreters are in that range: name one of them"):
        single(catalogue, catalogue.cases["find_module/package"], Asked(">=3.8"))


def test_a_case_of_another_release_has_no_script(catalogue: Catalogue, cli: Cli) -> None:
    case = next(case for case in catalogue.cases.values() if Release.parse("3.4.0") not in case.versions)
    done = cli("repro", case.id, "--emulates", "3.4.0")
    assert done.returncode == 2
    assert f"{case.id} holds for {case.versions}, and 3.4.0 is asked for" in done.stderr


def test_an_explanation_of_published_results(cli: Cli, catalogue: Catalogue, tmp_path: Path) -> None:
    crash = Result("find_module/package", Verdict.CRASH, "1", "x", Difference(("process",), "crash", "", "ended by signal 11 (SIGSEGV)"))
    data = made.data(catalogue, "", {crash.case: crash.to_json(), "find_module/list-searched": "pass"})
    shim = {"kind": "pypi", "name": "shim", "version": "1.0"}
    data["targets"] = [made.about("cpython-3.12.1+shim-1.0", release="3.12.1", python="3.12.1", emulates="3.11", candidate=shim)]
    path = made.write(tmp_path, data)
    told = cli("explain", "find_module/package", "--results", ".", "--target", "cpython-3.12.1+shim-1.0").stdout
    assert "ended by signal 11 (SIGSEGV)" in told
    assert "imp-conformance repro find_module/package --python 3.12.1 --candidate pypi:shim==1.0\n" in told
    assert "pass: cpython-3.12.1+shim-1.0" in cli("explain", "find_module/list-searched", "--results", ".").stdout
    unknown = cli("explain", "find_module/package", "--results", ".", "--target", "nope")
    assert (unknown.returncode, "name one of cpython-3.12.1+shim-1.0" in unknown.stderr) == (2, True)
    data["suite"]["digest"] = "sha256:" + "0" * 64
    path.write_text(json.dumps(data), encoding="ascii")
    assert "crash (of other cases than these: run it again)" in cli("explain", "find_module/package", "--results", ".").stdout
