"""Hostile candidates in whole runs: each verdict is its own, and nothing is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_hostile import GENUINE, nothing_is_left
from test_run import results

from conftest import Cli, interpreter
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.resources import catalogue_root
from results_made import verdict_of

__all__ = ["nothing_is_left"]


WORSE = """
def get_tag():
    return "\\ud800\\0<script>\\x1b[2J" + "x" * (100 << 20)
def get_magic():
    os._exit(3)
def is_builtin(name):
    raise type("\\udc80\\x1b[2J", (Exception,), {})("\\ud800\\0" * (50 << 20))
def lock_held():
    for descriptor in (1, 2):
        for _ in range(100):
            os.write(descriptor, b"x" * (1 << 20))
    return __import__("_imp").lock_held()
def is_frozen_package(name):
    if not os.fork():
        os.setsid()
        __import__("time").sleep(600)
    os.kill(os.getppid(), 9)
    __import__("time").sleep(600)
def is_frozen(name):
    x = []
    while True:
        x.append(bytes(1 << 28))
"""
UNHARMED = ("new_module", "get_suffixes", "cache_from_source", "source_from_cache", "null_importer")
HARMED = ("get_tag", "get_magic", "is_builtin", "lock_held", "is_frozen_package", "is_frozen")


MEASURED = """
import pathlib, re, runpy, sys
try:
    runpy.run_module("imp_conformance", run_name="__main__")
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    pathlib.Path("peak").write_text(re.search("VmHWM:\\\\s*(\\\\d+)", status)[1])
"""


def measured(arguments: list[str | Path], folder: Path) -> tuple[int, str, float]:
    """Run imp-conformance; return its exit status, what it said, and the most memory that this one process had, in MB."""
    command = [sys.executable, "-c", MEASURED, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8"), int((folder / "peak").read_text(encoding="ascii")) / 1024


@pytest.mark.usefixtures("nothing_is_left")
def test_a_run_of_a_hostile_candidate(tmp_path: Path) -> None:
    catalogue = checked_catalogue(catalogue_root())
    python = interpreter("3.8")
    (tmp_path / "hostile.py").write_text(GENUINE + WORSE, encoding="ascii")
    common = ["run", "-q", "--python", python, *UNHARMED, *HARMED]
    genuine_status, _, genuine_memory = measured([*common, "--results", tmp_path / "genuine"], tmp_path)
    status, said, memory = measured([*common, "--candidate", "hostile.py", "--results", tmp_path / "hostile"], tmp_path)
    assert (genuine_status, status) == (0, 1), said
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    assert "\x1b" not in said
    print(f"memory of the host: {memory:.0f} MB, {genuine_memory:.0f} MB with the genuine one")
    assert memory < genuine_memory + 20
    assert len(said) < 1 << 20
    ((path, found),) = results(tmp_path / "hostile").items()
    assert (tmp_path / "hostile" / path).stat().st_size < 1 << 20
    verdicts = {case: verdict_of(result) for case, result in found["results"].items()}
    ((_, wanted),) = results(tmp_path / "genuine").items()
    others = {name for name in verdicts if not catalogue.cases[name].names & {*HARMED, "find_module"}}  # which calls is_builtin
    assert len(others) > 100
    assert [name for name in others if verdicts[name] != verdict_of(wanted["results"][name])] == []
    for subject, verdict in (("get_magic", "crash"), ("is_frozen_package", "crash"), ("get_tag", "fail"), ("is_builtin", "fail")):
        assert verdict in {found for case, found in verdicts.items() if case.startswith(subject + "/")}
    assert "timeout" not in verdicts.values()


@pytest.mark.parametrize(
    "end", ["raise KeyboardInterrupt", "raise SystemExit", "import os; os._exit(0)", "raise ValueError('\\ud800\\0\\x1b[2J' * 1000)"]
)
def test_a_candidate_that_cannot_be_imported_ends_the_run_in_words(end: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "hostile.py").write_text(end, encoding="ascii")
    done = cli(
        "run", "-q", "--python", interpreter("3.8"), "--candidate", tmp_path / "hostile.py", "--results", tmp_path / "out", "get_tag"
    )
    assert done.returncode == 3, done.stdout
    assert "UNAVAILABLE" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert len(done.stdout) < 10000
    (found,) = results(tmp_path / "out").values()
    assert found["unavailable"].isprintable()
