"""Defaults from pyproject.toml: found, checked, relative to their file, and beaten by the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_baseline import SHIM, TWO, entry_text

from conftest import Cli, interpreter
from imp_conformance.config import Configuration, configured
from imp_conformance.errors import ConformanceError, InvalidConfiguration


def configure(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(f"[project]\nname = 'x'\n{text}", encoding="utf-8")
    return path


def test_everything_that_can_be_configured(tmp_path: Path) -> None:
    configure(
        tmp_path,
        '[tool.imp-conformance]\npython = ["3.12", ".venv/bin/python", "cmd:sh a/b"]\ncandidate = "src/imp.py"\n'
        'emulates = "3.11"\nresults = "reports/imp"\nbaseline = "known.yaml"\n',
    )
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    expected = Configuration(
        python=("3.12", str(tmp_path / ".venv/bin/python"), "cmd:sh a/b"),
        candidate=str(tmp_path / "src/imp.py"),
        emulates="3.11",
        results=tmp_path / "reports/imp",
        baseline=tmp_path / "known.yaml",
    )
    assert configured(inner) == configured(tmp_path) == expected


def test_nothing_is_configured(tmp_path: Path) -> None:
    assert configured(tmp_path) == Configuration()
    configure(tmp_path, "")
    assert configured(tmp_path) == Configuration()


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    configure(tmp_path, '[tool.imp-conformance]\npython = "3.8"\n')
    (tmp_path / "a").mkdir()
    configure(tmp_path / "a", '[tool.imp-conformance]\nemulates = "3.8"\n')
    assert configured(tmp_path / "a") == Configuration(emulates="3.8")


@pytest.mark.parametrize(
    ("candidate", "path"),
    [("src", True), ("imp.py", True), ("./pkg/imp.py", True), ("my_shim.imp", False), ("pypi:zombie-imp==0.0.4", False), ("imp", False)],
)
def test_a_candidate_is_a_path_or_a_name(candidate: str, path: bool, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    configure(tmp_path, f'[tool.imp-conformance]\ncandidate = "{candidate}"\n')
    assert configured(tmp_path).candidate == (str(tmp_path / candidate) if path else candidate)


WRONG = {
    "no TOML": ("[tool\n", "not TOML: Expected ']' at the end of a table declaration (at line 3, column 6): mend it there"),
    "no table": ("[tool]\nimp-conformance = 3\n", "[tool.imp-conformance] is 3: it takes a table of keys"),
    "a misspelt key": (
        '[tool.imp-conformance]\nbasline = "x"\n',
        "[tool.imp-conformance] has no key 'basline': did you mean baseline? the keys are python, candidate, emulates, results, baseline",
    ),
    "a key of another tool": (
        "[tool.imp-conformance]\nverbose = true\n",
        "[tool.imp-conformance] has no key 'verbose': the keys are python, candidate, emulates, results, baseline",
    ),
    "a number": (
        "[tool.imp-conformance]\nemulates = 3.11\n",
        '[tool.imp-conformance] emulates is 3.11: it takes a release in quotes, such as "3.11"',
    ),
    "a version as a number": (
        "[tool.imp-conformance]\npython = [3.8]\n",
        "[tool.imp-conformance] python[0] is 3.8: it takes what --python takes",
    ),
    "a date": (
        "[tool.imp-conformance]\nbaseline = 2026-01-01\n",
        '[tool.imp-conformance] baseline is "2026-01-01": it takes a file of known',
    ),
    "two candidates": (
        '[tool.imp-conformance]\ncandidate = ["a"]\n',
        '[tool.imp-conformance] candidate is ["a"]: it takes what --candidate takes',
    ),
    "an empty list": (
        "[tool.imp-conformance]\npython = []\n",
        "[tool.imp-conformance] python is []: it takes what --python takes, or a list of it",
    ),
    "an empty text": ('[tool.imp-conformance]\nresults = ""\n', '[tool.imp-conformance] results is "": it takes a folder for result files'),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_file_and_key(name: str, tmp_path: Path) -> None:
    text, message = WRONG[name]
    path = configure(tmp_path, text)
    with pytest.raises(InvalidConfiguration) as caught:
        configured(tmp_path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ConformanceError)


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidConfiguration, match=r"pyproject\.toml: not TOML: 'utf-8' codec"):
        configured(tmp_path)


def test_a_run_takes_its_defaults_from_the_project_around_it(cli: Cli, tmp_path: Path) -> None:
    interpreter("3.8")
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    configure(
        tmp_path,
        '[tool.imp-conformance]\npython = "3.8"\ncandidate = "shim.py"\nemulates = "3.7"\nresults = "out"\nbaseline = "known.yaml"\n',
    )
    (tmp_path / "inner").mkdir()
    done = cli("run", "-q", "new_module", cwd=tmp_path / "inner")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "baseline: 1 known difference holds, 0 problems" in done.stdout
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "cpython-3.8+shim-as-3.7.json"
    assert json.loads(path.read_text(encoding="ascii"))["targets"][0]["emulates"] == "3.7"


def test_the_command_line_beats_the_configuration(cli: Cli, tmp_path: Path) -> None:
    interpreter("3.8")
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    (tmp_path / "empty.yaml").write_text("differences: []\n", encoding="ascii")
    configure(
        tmp_path,
        '[tool.imp-conformance]\npython = "3.99"\ncandidate = "none.py"\nemulates = "2.7"\nresults = "/dev/null/x"\n'
        'baseline = "none.yaml"\n',
    )
    options = ["--python", "3.8", "--candidate", "shim.py", "--emulates", "3.7", "--results", "out", "--baseline", "empty.yaml"]
    done = cli("run", "-q", *options, TWO)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out" / "cpython-3.8+shim-as-3.7.json").exists()
    done = cli("run", "-q", TWO)
    assert done.returncode == 2
    assert re.search(r"none\.yaml:1: no such file", done.stderr)


def test_a_mistake_stops_a_command_in_one_line(cli: Cli, tmp_path: Path) -> None:
    path = configure(tmp_path, "[tool.imp-conformance]\nresult = 'x'\n")
    done = cli("run", TWO)
    assert done.returncode == 2
    expected = f"imp-conformance: {path}: [tool.imp-conformance] has no key 'result': did you mean results? the keys are "
    assert done.stderr.startswith(expected)
    assert len(done.stderr.splitlines()) == 1
