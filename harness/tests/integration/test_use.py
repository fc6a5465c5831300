"""How a user calls it: options of pytest, wrong use, and what is told of what is here."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_leftovers import eventually, heed_interrupts, processes_of
from test_run import HOLLOW, results

from conftest import Cli, id_of, interpreter


def test_pytest_options_work(cli: Cli, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    done = cli("run", "-v", "--python", "3.8", "-k", "new_module and registered and not dotted", "--junitxml", junit)
    assert done.returncode == 0
    item = f"new_module/not-registered[{id_of('3.8')}]"
    assert f"cases/new_module.yaml::{item} PASSED" in done.stdout
    assert [case.get("name") for case in ElementTree.parse(junit).iter("testcase")] == [item]


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "with a worker"])
@pytest.mark.parametrize("how", [("true", "-v"), ("", "-v"), ("true", "-q")], ids=["in CI", "at home", "by cause"])
def test_a_failure_is_told_once(
    how: tuple[str, str], workers: list[str], cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where CI is set, pytest's own summary would tell it from its first word to its last again."""
    ci, option = how
    monkeypatch.setenv("CI", ci)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)  # the other variable that pytest looks at
    (tmp_path / "empty.py").write_text("", encoding="ascii")
    done = cli("run", "--python", interpreter("3.11"), "--candidate", "empty.py", "find_module/package", *workers, option)
    assert done.returncode == 1, done.stdout
    assert done.stdout.count("  script:   ") == 1, done.stdout
    assert ("\nFAILED cases/find_module.yaml::find_module/package[" in done.stdout) is (option == "-v"), done.stdout
    assert ("= FAILURES =" in done.stdout) is (option == "-v")


def test_the_last_failures_can_be_run_again(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "hollow.py"
    path.write_text(HOLLOW["any arguments"], encoding="ascii")
    options = ["run", "-q", "--tb=no", "--python", "3.8", "--candidate", path, "new_module"]
    assert "1 failed" in cli(*options, "-x").stdout
    again = cli(*options, "--lf").stdout
    assert "1 failed" in again, again
    assert "deselected" in again


@pytest.mark.parametrize(
    "argument",
    [
        "new_module/not-registered",
        "new_module/not-registered[{target}]",
        "cases/new_module.yaml::new_module/not-registered[{target}]",
    ],
)
def test_one_case_can_be_named(argument: str, cli: Cli) -> None:
    done = cli("run", "-q", "--python", "3.8", argument.format(target=id_of("3.8")))
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


WRONG_USE = {
    "unknown version": (["run", "--python", "3.99"], 2, "no cpython 3.99 on this machine"),
    "old version": (["run", "--python", "2.7"], 2, "needs Python 3.4 or later"),
    "unknown interpreter": (["run", "--python", "no-such-python"], 2, "no such interpreter"),
    "empty range": (["run", "--python", ">=4"], 2, "no interpreter in that range"),
    "bad range": (["run", "--python", ">=x"], 2, "no version range"),
    "unknown command": (["run", "--python", "cmd:no-such-command"], 2, "there is no command"),
    "empty command": (["run", "--python", "cmd:"], 2, "has no command"),
    "not a Python": (["run", "--python", "cmd:false"], 3, "it does not start: exit status 1"),
    "no Python at all": (["run", "--python", "cmd:echo hello"], 3, "it does not start"),
    "unknown file": (["run", "--candidate", "missing.py"], 2, "no such file or directory"),
    "a file of another kind": (["run", "--candidate", __file__ + "/../conftest.txt"], 2, "no such file or directory"),
    "an empty directory": (["run", "--candidate", "."], 2, "import imp would find nothing there"),
    "unknown module": (["run", "--candidate", "no.such.module"], 3, "No module named 'no'"),
    "no requirement": (["run", "--candidate", "pypi:=="], 2, "not a requirement"),
    "unknown release": (["run", "--candidate", "pypi:zombie-imp==999"], 3, "pip finds no zombie-imp==999"),
    "unknown case": (["run", "new_module/no-such"], 2, "there is no case, clause or subject 'new_module/no-such'"),
    "no case chosen": (["run", "-k", "no_such_thing"], 2, "nothing was asked: no case is what was selected"),
    "an empty interpreter": (["run", "--python", ""], 2, "'--python': it is empty"),
    "an empty candidate": (["run", "--candidate", ""], 2, "'--candidate': it is empty"),
    "an empty baseline": (["run", "--baseline", ""], 2, "'--baseline': it is empty"),
    "empty results": (["explain", "get_tag/string", "--results", ""], 2, "'--results': it is empty"),
    "an empty output": (["merge", ".", "--output", ""], 2, "'--output': it is empty"),
    "a subject for a case": (["repro", "find_module"], 2, "'find_module' is a subject: name one of its cases"),
    "a clause for a case": (["repro", "find_module.package"], 2, "'find_module.package' is a clause: name one of its cases"),
    "an unknown case": (["repro", "find_modul"], 2, "there is no case 'find_modul': did you mean find_module/"),
    "explain nowhere": (["explain", "get_tag/string"], 2, "--results is missing"),
    "a baseline that is a folder": (["baseline", "check", "--results", ".", "--baseline", "."], 2, "a folder, not a file"),
    "unknown option": (["run", "--no-such-option"], 2, "unrecognized arguments: --no-such-option"),
    "not a release": (["run", "--emulates", "three"], 2, "is no release"),
    "never had imp": (["run", "--emulates", "3.12"], 2, "imp is judged as of 3.4 to 3.11"),
    "no imp of its own": (["run", "--python", "3.12"], 3, "No module named 'imp'"),
    "unwritable results": (["run", "--results", "/dev/null/x"], 2, "name a folder that can be written to"),
    "show nothing": (["show", "new_module/no-such"], 2, "did you mean"),
    "list nothing": (["list", "no-such"], 2, "there is no subject 'no-such'"),
    "check nothing": (["check", "no-such-folder"], 2, "no cases there"),
    "report nothing": (["report", "--results", "no-such-folder"], 2, "no such file or folder"),
    "no command": (["frobnicate"], 2, "No such command 'frobnicate': use run, targets, "),
    "a misspelt command": (["rnu"], 2, "No such command 'rnu': did you mean run?"),
    "a misspelt option": (["run", "--candidat", "x"], 2, "--candidat: did you mean --candidate?"),
    "an option of a plugin": (["run", "--reruns", "3"], 2, "plugins of pytest that are installed have no part in a run"),
    "no file at all": (["run", "--candidate", "/dev/null"], 2, "/dev/null: neither a file nor a directory: give a .py file"),
    "targets unknown": (["targets", "--python", "3.99"], 2, "no cpython 3.99"),
}


@pytest.mark.parametrize("name", WRONG_USE)
def test_wrong_use_gives_one_message_and_no_traceback(name: str, cli: Cli, scratch: Path, tmp_path: Path) -> None:
    arguments, status, message = WRONG_USE[name]
    empty = tmp_path / "empty"
    empty.mkdir()
    done = cli(*arguments, cwd=empty)
    told = done.stdout + done.stderr
    assert done.returncode == status, told
    assert message in told
    assert "Traceback" not in told
    assert "INTERNALERROR" not in told
    assert list(scratch.iterdir()) == []


def test_a_candidate_with_a_syntax_error(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n", encoding="ascii")
    done = cli("run", "-q", "--python", "3.8", "--candidate", "broken.py", "--results", "out")
    assert done.returncode == 3
    assert f"UNAVAILABLE {id_of('3.8')}+broken: SyntaxError: invalid syntax (broken.py, line 2)" in done.stdout
    (found,) = results(tmp_path / "out").values()
    assert found["unavailable"].startswith("SyntaxError")
    assert found["complete"] is False


def test_one_target_that_is_unavailable_does_not_stop_the_others(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "-q", "--python", "cmd:false", "--python", "3.8", "--results", "out", "new_module")
    assert done.returncode == 3
    assert results(tmp_path / "out")[f"{id_of('3.8')}.json"]["results"]["new_module/not-registered"] == "pass"


def test_a_broken_case_file_is_told_with_its_line(cli: Cli, make_catalogue: Callable[..., Path]) -> None:
    done = cli("check", make_catalogue("subject: thing\ncases:\n  - id: [\n"))
    assert done.returncode == 2
    assert re.search(r"cases/thing\.yaml:\d+: not YAML", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_an_interrupted_run_leaves_nothing_and_keeps_results(workers: list[str], tmp_path: Path, scratch: Path) -> None:
    interpreter("3.6")
    interpreter("3.8")
    stall = tmp_path / "stall.py"
    stall.write_text(
        "from os.path import exists\nimport time, types\n"
        f"def new_module(name):\n    open({str(tmp_path / 'stalled')!r}, 'w').close()\n    time.sleep(9)\n",
        encoding="ascii",
    )
    command = [sys.executable, "-m", "imp_conformance", "run", "-v", "--python", "3.8", "--candidate", str(stall)]
    command += ["--results", str(tmp_path / "out"), *workers, "get_magic", "get_tag", "new_module"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=heed_interrupts
    ) as run:
        eventually((tmp_path / "stalled").exists)
        time.sleep(0.5)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does on Ctrl-C
        output, _ = run.communicate(timeout=60)
    assert run.returncode == 3, output
    eventually(lambda: processes_of(str(scratch)) == [] and list(scratch.iterdir()) == [])
    (found,) = results(tmp_path / "out").values()
    assert found["complete"] is False
    if not workers:
        assert "get_magic" in {case.partition("/")[0] for case in found["results"]}


def test_list_and_show(cli: Cli) -> None:
    listed = cli("list", "new_module").stdout.splitlines()
    assert "new_module/not-registered\tdocumented\t>=3.4\tThe module that new_module makes is not entered into sys.modules." in listed
    assert any(line.startswith("new_module.not-registered\tdocumented") for line in cli("list", "--clauses").stdout.splitlines())
    shown = cli("show", "new_module/not-registered").stdout
    assert 'imp.new_module("fresh_one")' in shown
    assert "case: new_module/not-registered" in cli("show", "new_module.not-registered").stdout
    assert "new_module.not-registered (documented)" in cli("show", "new_module").stdout


def test_targets_lists_what_is_here(cli: Cli) -> None:
    done = cli("targets", "--python", "3.8", "--python", "3.12")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^cpython-3\.8\.\d+ +3\.8\.\d+ +linux-\S+ +yes", done.stdout, re.MULTILINE)
    assert re.search(r"^cpython-3\.12\.\d+ .* no: ModuleNotFoundError", done.stdout, re.MULTILINE)
