"""CPython on another architecture and on Windows, where `nox -s elsewhere` or `nox -s windows` has fetched it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Cli
from elsewhere.architectures import PYTHON, emulated
from elsewhere.fetching import cache
from elsewhere.windows import windows

WINDOWS = "3.10.8"
PATHS = ["cache_from_source/absolute", "find_module/pathname-relative", "load_package/path-as-given"]
"""Cases of the paths that imp joins."""

MORE = [
    "module/program-warning-exact",  # a program, whose lines end as the platform's do
    "load_dynamic/loads",  # a library
    "load_source/directory",
    "get_suffixes/order",
    "acquire_lock/counted",
]

SLASHES = """\
import os
with open(os.path.join(os.path.dirname(os.__file__), "imp.py")) as file:
    exec(file.read())
made, found = cache_from_source, find_module
def slashed(value):
    if isinstance(value, tuple):
        return tuple(map(slashed, value))
    return value.replace(os.sep, "/") if isinstance(value, str) else value
def cache_from_source(*given, **named):
    return slashed(made(*given, **named))
def find_module(*given, **named):
    return slashed(found(*given, **named))
"""
"""An imp whose paths have slashes, wherever it is."""


@pytest.fixture(scope="module")
def windows_python() -> Iterator[str]:
    if not (cache() / f"windows-{WINDOWS}").is_dir() or not (cache() / "wine").is_dir():
        pytest.skip(f'no CPython {WINDOWS} for Windows: nox -s "windows({WINDOWS})" fetches one, and wine')
    with windows(WINDOWS) as command:
        yield command


def verdicts(results: Path) -> dict[str, str]:
    """Return the verdicts of the one result file in a folder."""
    (file,) = results.glob("*.json")
    entries = json.loads(file.read_text(encoding="utf-8"))["results"]
    return {case: entry if isinstance(entry, str) else entry["verdict"] for case, entry in entries.items()}


def test_a_genuine_python_for_windows_passes(windows_python: str, cli: Cli, tmp_path: Path) -> None:
    done = cli("run", *PATHS, *MORE, "--python", f"cmd:{windows_python}", "--results", tmp_path / "results")
    assert done.returncode == 0, done.stdout
    assert set(verdicts(tmp_path / "results").values()) == {"pass"}
    assert f"cpython-{WINDOWS}-windows" in done.stdout


def test_paths_with_slashes_fail_on_windows(windows_python: str, cli: Cli, tmp_path: Path) -> None:
    shim = tmp_path / "imp.py"
    shim.write_text(SLASHES, encoding="utf-8")
    done = cli("run", *PATHS[:2], "--python", f"cmd:{windows_python}", "--candidate", shim, "--results", tmp_path / "results")
    assert done.returncode == 1, done.stdout
    assert set(verdicts(tmp_path / "results").values()) == {"fail"}
    assert r"expected 'a\\m.py', observed 'a/m.py'" in done.stdout


@pytest.mark.parametrize("architecture", ["s390x", "i386"])
def test_another_architecture(architecture: str, cli: Cli, tmp_path: Path) -> None:
    if not (cache() / f"debian-{architecture}").is_dir():
        pytest.skip(f"no CPython {PYTHON} for {architecture}: nox -s elsewhere -- {architecture} fetches one")
    with emulated(architecture) as command:
        done = cli("run", *PATHS, *MORE, "--python", f"cmd:{command}", "--results", tmp_path / "results")
    assert done.returncode == 0, done.stdout
    found = verdicts(tmp_path / "results")
    assert found.pop(MORE[0]) in ("pass", "not-applicable")  # whether the system has the emulator start such files
    assert set(found.values()) == {"pass"}


def test_on_windows_the_host_says_in_one_line_what_it_needs() -> None:
    code = "import click, sys; sys.platform = 'win32'; from imp_conformance.cli import main; main(['run'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "Linux, macOS or WSL" in line


@pytest.mark.skipif(shutil.which("python3") is None, reason="no python3 on PATH")
def test_no_program_is_asked_of_an_interpreter_whose_file_does_not_start(cli: Cli, tmp_path: Path) -> None:
    wrong = tmp_path / "python"
    wrong.write_bytes(b"\x7fELF\x02\x02\x01" + bytes(57))  # what an emulated interpreter's own file is to the system
    wrong.chmod(0o755)
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.executable = {str(wrong)!r}\n", encoding="utf-8")
    started = f"cmd:{shutil.which('env')} PYTHONPATH={tmp_path} {os.path.realpath(sys.executable)}"
    done = cli("run", "load_source/program-code-filename", "acquire_lock/counted", "--python", started, "--candidate", shim(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert "1 not-applicable" in done.stdout


def shim(folder: Path) -> Path:
    """Make an imp of what is there without imp, for what a run of one case needs."""
    made = folder / "shim" / "imp.py"
    made.parent.mkdir()
    made.write_text(
        "from _imp import acquire_lock, lock_held, release_lock\ndef load_source(name, pathname, file=None): ...\n", encoding="utf-8"
    )
    return made
