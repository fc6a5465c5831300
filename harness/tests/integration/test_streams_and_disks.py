"""Standard streams that are closed, full or not read on, and full disks: a message in words, and each file whole or the old one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Cli, interpreter

SUBJECT = "get_tag"
RUN = ("run", "-v", "--python", "3.8", SUBJECT)
LISTED = ("list", SUBJECT)
SHIM = "def get_tag(): return 1\n"


def call(shell: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run imp-conformance, whose words are "$@", by a line of a shell."""
    command = ["bash", "-c", f"set -o pipefail; {shell}", sys.executable, "-m", "imp_conformance", *arguments]
    command[3:3] = ["bash"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-", "2>&-"])
@pytest.mark.parametrize("arguments", [RUN, LISTED, ("targets", "--python", "3.8"), ("show", SUBJECT)], ids=lambda words: words[0])
def test_a_stream_that_is_closed_changes_no_exit_status(closed: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    interpreter("3.8")
    done = call(f'"$@" {closed}', tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_results_are_whole_where_standard_output_is_closed(tmp_path: Path) -> None:
    interpreter("3.8")
    done = call('"$@" >&-', tmp_path, *RUN, "--results", "found")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "found").iterdir()
    assert json.loads(path.read_bytes())["results"]


@pytest.mark.parametrize("arguments", [RUN, ("targets", "--python", "3.8"), ("check", "--uses"), ("--help",)], ids=lambda words: words[0])
def test_what_cannot_be_told_is_told_elsewhere(arguments: tuple[str, ...], tmp_path: Path) -> None:
    interpreter("3.8")
    done = call('"$@" > /dev/full', tmp_path, *arguments)
    assert done.returncode == 3
    assert done.stderr == "imp-conformance: standard output cannot be written: No space left on device\n"
    assert call('"$@" > /dev/full 2> /dev/full', tmp_path, *arguments).returncode == 3


@pytest.mark.parametrize("more", [(), ("-n2",)])
def test_a_reader_that_has_heard_enough_ends_a_run_without_a_word(more: tuple[str, ...], tmp_path: Path) -> None:
    interpreter("3.8")
    done = call('"$@" | head -1', tmp_path, *RUN, *more)
    assert (done.returncode, done.stderr) == (3, "")
    assert len(done.stdout.splitlines()) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill(disk: Path, left: int = 0) -> None:
    """Leave so many bytes of a disk."""
    free = os.statvfs(disk)
    (disk / "filled").write_bytes(b"x" * (free.f_bavail * free.f_frsize - left))


def no_traceback(done: subprocess.CompletedProcess[str], status: int) -> str:
    said = done.stdout + done.stderr
    assert done.returncode == status, said
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    return said


def test_a_run_keeps_in_its_journal_what_it_cannot_write(cli: Cli, tmp_path: Path, small_disk: Path) -> None:
    command = ["run", "-q", "--python", interpreter("3.8"), "find_module", "--results"]
    cli(*command, tmp_path / "whole")
    (whole,) = (tmp_path / "whole").iterdir()
    cli(*command, small_disk)
    old = small_disk / whole.name
    old.write_bytes(b"{}")
    fill(small_disk, left=28 << 10)  # the journal has room, and the file that follows has not
    said = no_traceback(cli(*command, small_disk), 3)
    assert f"NOT WRITTEN {whole.stem}: {old} cannot be written: No space left on device" in said
    assert "--resume writes the rest" in said
    assert "of 1 targets conform" in said
    assert old.read_bytes() == b"{}"
    (small_disk / "filled").unlink()
    said = no_traceback(cli(*command, small_disk, "--resume"), 0)
    assert old.read_bytes() == whole.read_bytes()
    assert [path.name for path in small_disk.iterdir()] == [whole.name]


def test_other_files_are_whole_or_the_old_ones(cli: Cli, tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "imp.py").write_text(SHIM, encoding="ascii")
    run = ["run", "-q", "--python", interpreter("3.8"), SUBJECT, "--candidate", tmp_path / "imp.py"]
    cli(*run, "--results", tmp_path / "found")
    baseline, report = small_disk / "known.yaml", small_disk / "report"
    baseline.write_text("differences: []\n", encoding="ascii")
    report.mkdir()
    fill(small_disk)
    for command, path, status in (
        (["baseline", "update", "--results", tmp_path / "found", "--baseline", baseline], baseline, 2),
        (["report", "--results", tmp_path / "found", "--output", report], report / "index.html", 2),
        ([*run, "--junitxml", small_disk / "junit.xml"], small_disk / "junit.xml", 3),
    ):
        assert f"{path} cannot be written: No space left on device" in no_traceback(cli(*command), status)
    assert baseline.read_text(encoding="ascii") == "differences: []\n"
    assert sorted(path.name for path in small_disk.rglob("*")) == ["filled", "known.yaml", "report"]


def test_a_full_disk_where_a_run_is_started_is_no_matter(cli: Cli, small_disk: Path) -> None:
    fill(small_disk)
    said = no_traceback(cli("run", "-q", "--python", interpreter("3.8"), SUBJECT, cwd=small_disk), 0)
    assert "1 of 1 targets conform" in said


def test_a_full_disk_for_temporary_files(cli: Cli, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(small_disk))
    fill(small_disk, left=4096)
    done = cli("run", "-q", "--python", interpreter("3.8"), SUBJECT)
    no_traceback(done, done.returncode)
    assert [path.name for path in small_disk.iterdir()] == ["filled"]
