"""What a candidate is called: by its module or its project, wherever it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from imp_conformance.targets.candidate import find_candidate, unfound_candidate
from imp_conformance.targets.labels import label_asked, label_of

PROJECTS = {
    "pyproject.toml": "[project]\nname = 'My.Shim'\n",
    "setup.cfg": "[metadata]\nname = my_shim\n",
    "PKG-INFO": "Metadata-Version: 2.1\nName: my-shim\nVersion: 1\n",
    "pyproject.toml of poetry": "[tool.poetry]\nname = 'my-shim'\n",
}


def put(root: Path, *paths: str) -> Path:
    """Make files, and return the first of them."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("", encoding="ascii")
    return root / paths[0]


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("candidate", ["src/build/imp.py", "src/build", "src/my/__init__.py", "."])
def test_a_project_gives_its_name(name: str, candidate: str, tmp_path: Path) -> None:
    put(tmp_path, "src/build/imp.py", "src/my/__init__.py")
    (tmp_path / name.partition(" ")[0]).write_text(PROJECTS[name], encoding="ascii")
    assert label_of(tmp_path / candidate) == "my-shim"


@pytest.mark.parametrize(
    ("candidate", "label"),
    [
        ("src/imp.py", "imp"),
        ("src", "imp"),
        ("src/other_shim.py", "other_shim"),
        ("src/pkg/imp.py", "pkg"),
        ("src/pkg/__init__.py", "pkg"),
        ("src/pkg/legacy.py", "legacy"),
    ],
)
def test_without_a_project_the_module_gives_its_name(candidate: str, label: str, tmp_path: Path) -> None:
    put(tmp_path, "src/imp.py", "src/other_shim.py", "src/pkg/__init__.py", "src/pkg/imp.py", "src/pkg/legacy.py")
    assert label_of(tmp_path / candidate) == label


def test_the_name_of_a_file_tells_more_than_its_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECTS["pyproject.toml"], encoding="ascii")
    assert label_of(put(tmp_path, "recipes.py")) == "recipes"


def test_a_repository_ends_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECTS["pyproject.toml"], encoding="ascii")
    (tmp_path / "inner" / ".git").mkdir(parents=True)
    assert label_of(put(tmp_path, "inner/imp.py")) == "imp"


def test_a_project_without_a_name_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "src/imp.py")
    for path, text in (("src/pyproject.toml", "[tool.black]\n"), ("src/setup.cfg", "no section"), ("setup.cfg", PROJECTS["setup.cfg"])):
        (tmp_path / path).write_text(text, encoding="ascii")
    assert label_of(tmp_path / "src") == "my-shim"


def test_what_pip_has_put_beside_others_is_found_by_its_record(tmp_path: Path) -> None:
    put(tmp_path, "imp/__init__.py", "other.py")
    for name, record in (("a", "other.py,,\nimportant/imp.py,,\n"), ("zombie_imp", "imp/__init__.py,,\n")):
        about = tmp_path / f"{name}-1.dist-info"
        about.mkdir()
        (about / "RECORD").write_text(record, encoding="ascii")
        (about / "METADATA").write_text(f"Name: {name}\n", encoding="ascii")
    assert label_of(tmp_path) == label_of(tmp_path / "imp" / "__init__.py") == "zombie-imp"


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("pypi:zombie_imp==0.0.4", "zombie-imp-0.0.4", "pypi:zombie_imp==0.0.4"),
        ("pypi:Zombie.imp", "zombie-imp", "pypi:Zombie.imp"),
        ("pypi:zombie imp/x", "zombie-imp-x", "pypi:zombie imp/x"),
        ("a.b", "a.b", "a.b"),
        ("/nowhere/else.py", "else.py", "else.py"),
    ],
)
def test_a_candidate_that_no_target_has_loaded_has_its_label(text: str, label: str, name: str) -> None:
    assert label_asked(text) == label
    assert unfound_candidate(text).about == {"kind": "unknown", "name": name}


def test_a_candidate_has_one_label_whether_a_target_starts_or_not(tmp_path: Path) -> None:
    put(tmp_path, "src/imp.py", "shim.py")
    for path in (tmp_path / "src", tmp_path / "shim.py"):
        assert find_candidate(str(path), "3.8").label == unfound_candidate(str(path)).label == label_of(path)
