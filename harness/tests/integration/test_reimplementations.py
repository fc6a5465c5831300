"""What reimplementations of imp were found to do otherwise is noticed by a case that is about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import Cli, interpreter
from imp_conformance.resources import catalogue_root
from results_made import verdict_of

HARNESS = catalogue_root() / "harness"
DIFFERENCES: list[dict[str, Any]] = yaml.safe_load((HARNESS / "adequacy" / "reimplementations.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("candidate", sorted({name for item in DIFFERENCES for name in item["candidates"]}))
@pytest.mark.parametrize("series", ["3.8", "3.11"])
def test_each_difference_fails_a_case_about_it(cli: Cli, tmp_path: Path, candidate: str, series: str) -> None:
    # 3.11 is asked for what both show, so that each case is run once
    shown = [item for item in DIFFERENCES if candidate in item["candidates"] and item.get("only", "3.11") == series]
    cases = sorted({case for item in shown for case in item["cases"]})
    target = ("--python", interpreter(series), "--candidate", HARNESS / "candidates" / f"{candidate}.py")
    done = cli("run", "-q", "--tb=no", "--level", "incidental", *target, "--results", "found", *cases)
    assert done.returncode == 1, done.stderr
    (file,) = (tmp_path / "found").glob("*.json")
    results = json.loads(file.read_text(encoding="ascii"))["results"]
    failing = {case for case, result in results.items() if verdict_of(result) not in {"pass", "not-applicable"}}
    assert [item["what"] for item in shown if not failing.intersection(item["cases"])] == []
