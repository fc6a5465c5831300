"""What can be odd about the files of a candidate: names that are no UTF-8, and what may not be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Cli, interpreter

WITHOUT_RIGHT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""How root starts a process that may read no more than others."""


def test_a_name_that_is_no_utf_8_travels(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "imp.py").write_text(
        "import os\ndef get_tag():\n    return sorted(os.listdir(os.path.dirname(__file__)))\n", encoding="ascii"
    )
    (folder / os.fsdecode(b"\xff.py")).write_text("", encoding="ascii")
    done = cli("run", "get_tag", "--python", interpreter("3.8"), "--candidate", folder)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "udcff.py" in done.stdout


@pytest.mark.parametrize(
    ("closed", "given"), [("folder", "folder"), ("folder", "folder/imp.py"), ("folder/x.py", "folder"), ("folder/sub", "folder")]
)
def test_what_may_not_be_read_is_said(closed: str, given: str, tmp_path: Path) -> None:
    before = WITHOUT_RIGHT if os.geteuid() == 0 else ()
    if before and (shutil.which(before[0]) is None or subprocess.run([*before, "true"], check=False, capture_output=True).returncode != 0):
        pytest.skip("setpriv is not here, or may not do it")
    (tmp_path / "folder" / "sub").mkdir(parents=True)
    for name in ("imp.py", "x.py", "sub/y.py"):
        (tmp_path / "folder" / name).write_text("x = 1\n", encoding="ascii")
    (tmp_path / closed).chmod(0)
    try:
        command = [*before, sys.executable, "-m", "imp_conformance", "run", "get_tag", "--python", interpreter("3.8"), "--candidate", given]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    finally:
        (tmp_path / closed).chmod(0o700)
    unread = given if given.startswith(closed) else closed
    assert f"--candidate {unread}: Permission denied: make it readable" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 2
