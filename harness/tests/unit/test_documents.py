"""The documents name what is there: links lead to files, and harness/README.md names modules of the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parents[2]
ROOT = HARNESS.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(path for folder in ("cases", "harness", "reports") for path in (ROOT / folder).rglob("*.md"))]
PLACES = (HARNESS / "imp_conformance", HARNESS, ROOT)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_table_of_contributions_names_files_of_the_tree() -> None:
    text = (HARNESS / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w./-]+(?:\.(?:py|json|yaml|md)|/))`", text)
    assert len(named) > 40
    assert [name for name in named if not any((place / name).exists() for place in PLACES)] == []


def test_every_package_has_a_row() -> None:
    text = (HARNESS / "README.md").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (HARNESS / "imp_conformance").glob("*/__init__.py")}
    modules = {path.name for path in (HARNESS / "imp_conformance").glob("*.py") if not path.name.startswith("__")}
    assert {name for name in packages if f"| `{name}/`" not in text and f"`{name}/`, `" not in text} == set()
    assert {name for name in modules if f"`{name}`" not in text} == set()


def test_every_decision_is_listed_and_short() -> None:
    folder = HARNESS / "decisions"
    listed = re.findall(r"\]\(([^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))
    for name in listed:
        text = (folder / name).read_text(encoding="utf-8")
        assert [line for line in text.splitlines() if line.startswith("#")][1:] == ["## Context", "## Decision", "## What it costs"]
        assert len(text.splitlines()) < 40
