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
    assert "and is not listed: fix it, or let baseline update list it" in done.stdout
    assert "differences: [{" not in done.stdout and "the baseline holds for 0 of 1 targets" in done.stdout
    done = cli(*shim, "-vv", ONE)  # the shim's options have -q
    advice = re.search(
        rf"and is not listed: fix it, or write (differences: \[{{case: {ONE}, targets: \[cpython-3\.8\S*\], .*?}}\]);", done.stdout
    )
    assert advice is not None, done.stdout
    (tmp_path / "known.yaml").write_text(f"{advice[1]}\n", encoding="ascii")  # as it stands
    assert cli(*shim, ONE).returncode == 0


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_run_holds_few_entries_against_many_cases(workers: list[str], shim: list[str], cli: Cli, tmp_path: Path) -> None:
    """What an update writes of a shim that lacks names holds, and a number or a name that is another does not."""
    subjects = ["get_magic", "get_tag", "lock_held"]
    (tmp_path / "known.yaml").write_text("edition: 1\ndifferences: []\n", encoding="ascii")
    done = cli(*shim, *workers, "--results", "out", *subjects)
    assert done.returncode == 1
    settling = r"^baseline: to settle it, .*: imp-conformance (baseline update --results out --baseline known.yaml)$"
    settled = re.search(settling, done.stdout, re.MULTILINE)
    assert settled is not None, done.stdout
    done = cli(*settled[1].split())
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "known.yaml").read_text(encoding="ascii")
    assert "  - {missing: [" in text and len(text.splitlines()) < 10, text
    done = cli(*shim, *workers, *subjects)
    assert done.returncode == 0, done.stdout
    assert "the baseline holds for 1 of 1 targets" in done.stdout and "targets conform" not in done.stdout
    (tmp_path / "known.yaml").write_text(text.replace("get_magic, ", ""), encoding="ascii")
    done = cli(*shim, *workers, *subjects)
    assert done.returncode == 1
    assert "imp has no get_magic on cpython-3.8" in done.stdout and "the baseline holds for 0 of 1 targets" in done.stdout


def test_a_baseline_that_is_not_there_names_the_command_that_makes_it(shim: list[str], cli: Cli) -> None:
    done = cli(*shim, TWO)
    assert done.returncode == 2
    assert "known.yaml: no such file: imp-conformance baseline update --results DIR --baseline known.yaml makes it" in done.stderr


def test_an_edition_can_be_chosen(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    """constants/distinct came with edition 2, and the shim has no constants."""
    new = "constants/distinct"
    told = "1 new difference of edition 2, not gated: "
    done = cli(*shim[:-2], "--edition", "1", new)
    assert done.returncode == 0, done.stdout + done.stderr
    assert told + "a later edition in the configuration gates them" in done.stdout
    (tmp_path / "pyproject.toml").write_text("[tool.imp-conformance]\nedition = 1\n", encoding="ascii")
    assert cli(*shim[:-2], new).returncode == 0
    assert cli(*shim[:-2], "--edition", "2", new).returncode == 1
    (tmp_path / "known.yaml").write_text("edition: 1\ndifferences: []\n", encoding="ascii")
    done = cli(*shim, "--results", "out", new)
    assert done.returncode == 0, done.stdout
    assert told + "imp-conformance baseline update gates them" in done.stdout
    options = ["--results", "out", "--baseline", "known.yaml"]
    done = cli("baseline", "check", *options)
    assert done.returncode == 3, "it holds, and a part was run"
    assert told in done.stdout
    done = cli("baseline", "update", *options)
    assert "changed: the edition: 2; was 1\nadded: missing " in done.stdout
    done = cli(*shim, new)
    assert done.returncode == 0 and told not in done.stdout, "it is known now"
    done = cli(*shim[:-2], "--edition", "99", new)
    assert done.returncode == 2
    assert "edition 99: this imp-conformance has editions up to" in done.stderr


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
