"""Programs on an implementation beside the genuine one: status 1 where a difference has no cause."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from adequacy.differences import main
from conftest import interpreter
from imp_conformance.resources import catalogue_root

CANDIDATE = catalogue_root() / "harness" / "candidates" / "imp_by_runpy.py"
PROGRAMS = ("new-module", "load-source-stringio")
CAUSES = """\
- cause: load_source takes what is no file.
  targets: [cpython-3.11+imp_by_runpy]
  shows: [load-source-stringio]
  cases: [load_source/file-of-text-in-memory]
"""


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    named = [word for name in PROGRAMS for word in ("--program", name)]
    return ["--python", interpreter("3.11"), "--candidate", str(CANDIDATE), *named, "--output", str(tmp_path)]


def test_a_difference_without_a_cause_gives_status_1(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1, done.output
    ((target, found),) = json.loads((tmp_path / "differences.json").read_text(encoding="utf-8")).items()
    assert target.endswith("+imp_by_runpy")
    assert found["differ"] == ["load-source-stringio"]
    assert all(text.startswith("load-source-stringio: ") for text in found["unexplained"])
    assert "| 2 | 1 | 0 | 0 | 0 | 3 |" in (tmp_path / "differences.md").read_text(encoding="utf-8")


def test_with_its_cause_and_a_failing_case_it_gives_status_0(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "causes.yaml"
    file.write_text(CAUSES, encoding="utf-8")
    done = CliRunner().invoke(main, [*arguments, "--causes", str(file)])
    assert done.exit_code == 0, done.output
    assert "1 of 1 causes in scope have a failing case" in done.output


def test_pypy_has_a_cause_for_each_difference(tmp_path: Path) -> None:
    named = [word for name in PROGRAMS for word in ("--program", name)]
    done = CliRunner().invoke(main, ["--python", interpreter("3.9", "pypy"), *named])
    assert done.exit_code == 0, done.output
    assert "1 of 2 programs differ" in done.output
