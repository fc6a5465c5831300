"""Runs that are killed, interrupted and resumed: nothing is lost, nothing is asked twice, nothing is mixed up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_leftovers import heed_interrupts, processes_of

from conftest import Cli, interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.runner.fingerprint import content
from imp_conformance.targets.candidate import Candidate, _forget_killed
from imp_conformance.targets.session import start_loaded
from imp_conformance.targets.target import Target
from results_made import bytes_of

SHIM = "def new_module(name): return 3\ndef get_magic(): return b''\ndef find_module(*a, **k): pass\n"
CASES = ["get_magic", "new_module", "find_module"]


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    path = tmp_path / "shim.py"
    path.write_text(SHIM, encoding="ascii")
    return path


def command(shim: Path, out: Path, *more: str) -> list[str]:
    found = [sys.executable, "-m", "imp_conformance", "run", "-q", "--tb=no", "-rN", "--candidate", str(shim), "--results", str(out)]
    return [*found, "--python", interpreter("3.8"), "--python", interpreter("3.6"), *more]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run that nobody disturbs writes."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "shim.py").write_text(SHIM, encoding="ascii")
    done = subprocess.run(command(folder / "shim.py", folder / "out", *CASES), capture_output=True, cwd=folder, check=False)
    assert done.returncode == 1
    return bytes_of(folder / "out")


def journals(folder: Path) -> list[Path]:
    return list(folder.glob("journal-*"))


def lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in journals(folder))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait as long as a loaded machine may need to start a run."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill_when(arguments: list[str], ready: Callable[[], bool], scratch: Path) -> None:
    """Start a run, kill its first process alone when it has come so far, and see that nothing of it stays."""
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=scratch.parent) as run:
        wait_for(lambda: ready() or run.poll() is not None)
        assert run.poll() is None, "it ended before it could be killed"
        run.kill()
    wait_for(lambda: list(scratch.iterdir()) == [] and processes_of(str(scratch)) == [])


@pytest.mark.parametrize(("workers", "moments"), [([], [1, 60, 250]), (["-n", "2"], [150])], ids=["alone", "workers"])
def test_a_run_that_is_killed_goes_on(
    workers: list[str], moments: list[int], whole: dict[str, bytes], *, shim: Path, scratch: Path, tmp_path: Path, cli: Cli
) -> None:
    out = tmp_path / "out"
    for number, moment in enumerate(moments):
        resume = ["--resume"] if number else []
        kill_when(command(shim, out, *CASES, *resume, *workers), lambda at=moment: lines(out) >= at, scratch)  # type: ignore[misc]
    kept = lines(out) - 1
    done = cli(*command(shim, out, *CASES, "--resume", *workers)[3:])
    assert done.returncode == 1
    assert f"resumed: {kept} results" in done.stdout
    assert bytes_of(out) == whole


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_can_be_resumed(
    number: signal.Signals, shim: Path, tmp_path: Path, cli: Cli, whole: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    arguments = command(shim, out, *CASES)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=tmp_path, preexec_fn=heed_interrupts) as run:
        wait_for(lambda: lines(out) > 20)
        run.send_signal(number)
        said, _ = run.communicate(timeout=60)
    assert run.returncode == 3
    assert f"the results so far are kept in {out}" in said
    assert "the same command with --resume asks the rest" in said
    assert "no results are kept" not in said and "baseline update" not in said
    assert len(journals(out)) == 1
    resumed = cli(*arguments[3:], "--resume")
    assert "resumed: " in resumed.stdout
    assert resumed.returncode == 1
    assert bytes_of(out) == whole


def test_results_of_a_killed_run_are_refused_kept_or_counted(shim: Path, scratch: Path, tmp_path: Path, cli: Cli) -> None:
    out = tmp_path / "out"
    few = command(shim, out, "new_module")
    kill_when(few, lambda: lines(out) >= 2, scratch)
    kept = bytes_of(out)
    refused = cli(*few[3:])
    assert refused.returncode == 2
    assert "results of a run like this one, which was cut off: add --resume" in refused.stderr
    shim.write_text(SHIM + "# edited\n", encoding="ascii")
    other = cli(*few[3:], "--resume")
    assert other.returncode == 2
    assert "+shim: candidate's content was sha256:" in other.stderr
    assert bytes_of(out) == kept
    shim.write_text(SHIM, encoding="ascii")
    stopped = cli(*few[3:], "--resume", "-x")
    assert stopped.returncode == 1
    assert "1 failed in" in stopped.stdout
    assert journals(out) == []


def test_resume_needs_a_folder(cli: Cli) -> None:
    done = cli("run", "--resume", "get_magic")
    assert done.returncode == 2
    assert "name that folder" in done.stderr


@pytest.mark.parametrize("form", ["module", "package"])
def test_an_installed_candidate_that_was_edited_is_another_one(
    form: str, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = tmp_path / "edited.py" if form == "module" else tmp_path / "edited" / "inner.py"
    path.parent.mkdir(exist_ok=True)
    if form == "package":
        (tmp_path / "edited" / "__init__.py").write_text("", encoding="ascii")
    candidate = Candidate("module", "edited", "edited", {"kind": "module", "name": "edited"})
    python = interpreter("3.8")
    target = Target("t", (python,), candidate, "3.8", True, {})
    found = []
    for text in ("x = 1\n", "x = 1\n", "x = 2\n"):
        path.write_text(text, encoding="ascii")
        session = start_loaded([python], candidate, ())
        found.append(content(catalogue, target, session))
        session.close()
    assert found[0] == found[1] != found[2]
    assert found[0].startswith("sha256:")


def test_downloads_of_killed_runs_are_deleted(scratch: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    left, used, other = (scratch / f"imp-conformance-pypi-{name}" for name in (f"{ended.pid}-a", f"{os.getpid()}-b", "x"))
    for folder in (left, used, other):
        folder.mkdir()
    _forget_killed()
    assert set(scratch.iterdir()) == {used, other}
