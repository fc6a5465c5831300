"""A run with a baseline: known differences are expected failures, strictly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baseline_made import ONE, SHIM, TWO, entry_text
from conftest import Cli, interpreter


@pytest.fixture
def shim(tmp_path: Path) -> list[str | Path]:
    """Options for a run of a shim of which one case of new_module is known to fail."""
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    return ["run", "-q", "-rxX", "--python", interpreter("3.8"), "--candidate", "shim.py", "--baseline", "known.yaml"]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_run_takes_known_differences_for_expected_failures(workers: list[str], shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    done = cli(*shim, *workers, "--junitxml", "junit.xml", "--results", "out", "new_module")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^XFAIL .*{ONE}\[.*\] - It registers. \(https://example.org/7\)$", done.stdout, re.MULTILINE)
    assert "baseline: 1 known difference holds, 0 problems" in done.stdout
    assert "1 xfailed" in done.stdout
    assert 'type="pytest.xfail"' in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    (path,) = (tmp_path / "out").iterdir()
    assert '"verdict": "fail"' in path.read_text(encoding="ascii"), "results say what was found, whatever is known"


def test_a_run_fails_for_what_the_baseline_says_otherwise(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    text = entry_text(
        verdict="crash", more=f"  - {{case: {TWO}, verdict: fail, reason: r}}\n  - {{case: no/such, verdict: fail, reason: r}}\n"
    )
    (tmp_path / "known.yaml").write_text(text, encoding="ascii")
    target = "cpython-3.8.18+shim"
    done = cli(*shim, "-vv", "new_module", TWO)
    target = re.search(r"cpython-3\.8\.\d+\+shim", done.stdout).group()  # type: ignore[union-attr]
    assert done.returncode == 1
    crash = f"known.yaml:3: {ONE} on {target} is fail, and is listed as crash: fix it, or write verdict: fail"
    passes = f"known.yaml:6: {TWO} on {target} passes, and is listed as fail: delete the entry"
    unknown = "known.yaml:7: there is no case 'no/such'"
    for line in (f"baseline: {crash}", f"[XPASS(strict)] baseline: {passes}", crash, passes, unknown):
        assert re.search(rf"^{re.escape(line)}", done.stdout, re.MULTILINE), (line, done.stdout)
    assert "baseline: 0 known differences hold, 3 problems" in done.stdout
    assert "2 failed" in done.stdout


def test_a_run_fails_for_an_unknown_case_alone_and_for_what_is_not_listed(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(entry_text("no/such"), encoding="ascii")
    done = cli(*shim, TWO)
    assert done.returncode == 1, done.stdout
    assert "known.yaml:2: there is no case 'no/such'" in done.stdout
    (tmp_path / "known.yaml").write_text("differences: []\n", encoding="ascii")
    done = cli(*shim, ONE)
    assert done.returncode == 1
    advice = re.search(
        rf"and is not listed: fix it, or write (differences: \[{{case: {ONE}, targets: \[cpython-3\.8\S*\], .*?}}\]);", done.stdout
    )
    assert advice is not None, done.stdout
    (tmp_path / "known.yaml").write_text(f"{advice[1]}\n", encoding="ascii")  # as it stands
    assert cli(*shim, ONE).returncode == 0


def test_a_run_of_a_part_says_nothing_of_the_rest(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    done = cli(*shim, TWO)
    assert done.returncode == 0, done.stdout
    assert "baseline: 0 known differences hold, 0 problems" in done.stdout


def test_a_run_with_an_invalid_baseline_does_not_start(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("differences: 3\n", encoding="ascii")
    done = cli(*shim, "--results", "out", TWO)
    assert done.returncode == 2
    assert done.stderr.startswith("ERROR: known.yaml:1: differences: '3' is not of type 'array'")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
