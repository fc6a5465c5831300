"""The command that compares two sets of results, as a user calls it."""

from __future__ import annotations

from pathlib import Path

import results_made as made
from conftest import Cli
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.judge import Verdict

ONE = "new_module/not-registered"


def test_files_are_compared_as_folders_are(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    old = made.write(tmp_path, made.whole(catalogue, "cpython-3.8", {}), "old.json")
    new = made.write(tmp_path, made.whole(catalogue, "cpython-3.8", {ONE: Verdict.FAIL}), "new.json")
    done = cli("compare", old, new)
    assert done.returncode == 1
    assert "regressed 1, changed 0, fixed 0, added 0, removed 0" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if ONE in line]
    assert row.split()[:4] == ["regressed", ONE, "pass", "fail"]
    assert "expected 1, observed x" in row


def test_invalid_files_give_one_message_and_no_traceback(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    path = made.write(tmp_path, made.whole(catalogue, "cpython-3.8", {}))
    (tmp_path / "broken.json").write_text("{", encoding="ascii")
    done = cli("compare", path, "broken.json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("imp-conformance: broken.json: not JSON")
    assert len(done.stderr.splitlines()) == 1
