"""Defaults from pyproject.toml: found, checked, and relative to their file."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        'emulates = "3.11"\nid = "gate"\nlevel = "documented"\nresults = "reports/imp"\nbaseline = "known.yaml"\n',
    )
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    expected = Configuration(
        python=("3.12", str(tmp_path / ".venv/bin/python"), "cmd:sh a/b"),
        candidate=str(tmp_path / "src/imp.py"),
        emulates="3.11",
        id="gate",
        level="documented",
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
    "no TOML": ("[tool\n", "not TOML: Expected ']' at the end of a table declaration (at line 3, column 6): fix it there"),
    "no table": ("[tool]\nimp-conformance = 3\n", "[tool.imp-conformance] is 3: it takes a table of keys"),
    "a misspelt key": (
        '[tool.imp-conformance]\nbasline = "x"\n',
        "[tool.imp-conformance] has no key 'basline': did you mean baseline? "
        "the keys are python, candidate, emulates, id, scope, level, edition, results, baseline",
    ),
    "a key of another tool": (
        "[tool.imp-conformance]\nverbose = true\n",
        "[tool.imp-conformance] has no key 'verbose': "
        "the keys are python, candidate, emulates, id, scope, level, edition, results, baseline",
    ),
    "no level": (
        '[tool.imp-conformance]\nlevel = "all"\n',
        '[tool.imp-conformance] level is "all": it takes the least binding level that is gated',
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
        '[tool.imp-conformance] python is []: it takes what --python takes, in quotes, such as "3.12", or a list of it',
    ),
    "an empty text": ('[tool.imp-conformance]\nresults = ""\n', '[tool.imp-conformance] results is "": it takes a folder for result files'),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_file_and_key(name: str, tmp_path: Path) -> None:
    text, message = WRONG[name]
    path = configure(tmp_path, text)
    with pytest.raises(InvalidConfiguration) as caught:
        configured(tmp_path)
    line = 3 if name == "no TOML" else 4
    assert str(caught.value).startswith(f"{path}:{line}: {message}")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ConformanceError)


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidConfiguration, match=r"pyproject\.toml: not TOML: 'utf-8' codec"):
        configured(tmp_path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[project]\nlevel = 'x'\n\n[tool.imp-conformance]\npython = '3.8'\n\nlevel = 'all'\n[tool.other]\nlevel = 'x'\n", 7),
        ("[tool]\nimp-conformance.level = 'all'\n", 2),
        ("tool.imp-conformance.level = 'all'\n", 1),
        ('[tool."imp-conformance"]\n"level" = "all"\n', 2),
        ("[tool]\nimp-conformance = {level = 'all'}\n", 2),
        ("[tool.imp-conformance]\npython = [\n    '3.8',\n    3.9,\n]\n", 2),
    ],
    ids=["among others", "dotted below tool", "dotted", "quoted", "inline", "over lines"],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match=rf"pyproject\.toml:{line}: "):
        configured(tmp_path)
