"""A run, a report and a baseline at a level: what is not gated is told and changes no exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from baseline_made import TWO as OBSERVED
from conftest import Cli, interpreter

SHIM = """\
import sys, warnings
def get_tag():
    warnings.warn("get_tag is old")
    return sys.implementation.cache_tag
"""


@pytest.fixture
def shim(tmp_path: Path) -> list[str | Path]:
    """Options for a run of a shim of which a case at the observed level fails."""
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    return ["run", "--python", interpreter("3.8"), "--candidate", "shim.py", "--results", "out"]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_run_at_a_level(workers: list[str], shim: list[str], cli: Cli, tmp_path: Path) -> None:
    done = cli(*shim, *workers, "--level", "documented", "--junitxml", "junit.xml", OBSERVED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 not gated" in done.stdout
    assert "not gated: 1 result that differs" in done.stdout
    assert 'message="not gated: observed"' in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    (path,) = (tmp_path / "out").iterdir()
    assert json.loads(path.read_bytes())["results"][OBSERVED]["verdict"] == "fail"
    done = cli(*shim, *workers, OBSERVED)
    assert done.returncode == 1
    assert re.search("^  level:    observed$", done.stdout, re.MULTILINE)


def test_a_level_can_be_configured(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.imp-conformance]\nlevel = "documented"\n', encoding="ascii")
    assert cli(*shim, OBSERVED).returncode == 0
    assert cli(*shim, "--level", "observed", OBSERVED).returncode == 1
    assert cli("merge", "out", "--output", "united").returncode == 2, "a part of the cases does not unite"
    done = cli("run", "--level", "all", OBSERVED)
    assert done.returncode == 2
    assert "use one of documented, docstring, observed, incidental" in done.stderr


def test_a_baseline_at_a_level(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    cli(*shim, OBSERVED)
    options = ["--results", "out", "--baseline", "known.yaml"]
    done = cli("baseline", "update", "--level", "documented", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "differences: []" in (tmp_path / "known.yaml").read_text(encoding="utf-8")
    assert cli("baseline", "check", "--level", "documented", *options).returncode == 3, "it holds, and only a part was run"
    assert cli("baseline", "check", *options).returncode == 1
    assert cli(*shim, "--level", "documented", "--baseline", "known.yaml", OBSERVED).returncode == 0
    assert cli(*shim, "--baseline", "known.yaml", OBSERVED).returncode == 1
