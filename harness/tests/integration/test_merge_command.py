"""The commands that make shards and unite them, on real interpreters."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Cli, interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.shard import Shard
from results_made import bytes_of

SHIM = "def new_module(name): return 3\n"


@pytest.fixture(scope="module")
def targets() -> list[str]:
    return ["--python", interpreter("3.8"), "--python", interpreter("3.6")]


def test_shards_of_a_candidate_that_fails_are_one_whole_run(catalogue: Catalogue, cli: Cli, tmp_path: Path, targets: list[str]) -> None:
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    options = ["run", "-q", "--tb=no", "--candidate", "shim.py", *targets, "new_module", "--results"]
    assert cli(*options, "whole").returncode == 1
    for index, workers in (("1", []), ("2", ["-n", "2"]), ("3", [])):
        assert cli(*options, f"s{index}", "--shard", f"{index}/3", *workers).returncode == 1
    done = cli("merge", "s1", "s2", "s3", "--output", "out")
    assert done.returncode == 1, done.stderr
    assert "differing: cpython-3.6" in done.stdout
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")
    items = 2 * sum(case.subject == "new_module" for case in catalogue.cases.values())
    gap = cli("merge", "s1", "s3", "--output", "never")
    assert gap.returncode == 2
    assert f"shard 2/3 is missing, with {Shard(2, 3).size(items)} of the {items} items" in gap.stderr
    assert not (tmp_path / "never").exists()
    itself = cli("merge", "s1", "s2", "s3", "--output", "s1")
    assert itself.returncode == 2


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_shard_without_items_is_no_failure(workers: list[str], cli: Cli, tmp_path: Path, targets: list[str]) -> None:
    done = cli("run", "-q", *targets[:2], "--shard", "1/3", "--results", "out", "new_module/not-registered", *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shard 1/3: 0 of 1 items" in done.stdout
    assert list((tmp_path / "out").iterdir()) == []


def test_wrong_shards_are_told(cli: Cli) -> None:
    done = cli("run", "--shard", "4/3")
    assert done.returncode == 2
    assert "there is no part 4 of 3" in done.stderr
    assert "Traceback" not in done.stderr
