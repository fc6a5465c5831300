"""The names that a baseline pins: what is lost fails, what is new is told, and the file keeps all its other lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from baseline_made import KNOWN, known
from imp_conformance.baseline.checking import holding
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.baseline.scope import pinned_names, scope_notes, scope_problems, with_provides, write_provides
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL
from imp_conformance.errors import InvalidBaseline
from imp_conformance.results.judge import Result
from imp_conformance.results.model import TargetResults
from results_made import about, in_memory

LACKING = {
    "verdict": "missing",
    "expected": "1",
    "observed": "not run",
    "difference": {"where": ["names"], "kind": "missing", "expected": "reload", "observed": ""},
}


def column(scope: str | Sequence[str], name: str = "a", emulates: str = "3.11", lost: bool = False) -> TargetResults:
    """A target that was asked for a part of imp."""
    found = in_memory(name, {"reload/same-object": LACKING} if lost else {}, complete=False)
    return replace(found, scope=scope, target=about(name, emulates=emulates))


def test_a_name_that_is_lost_is_a_problem(catalogue: Catalogue, tmp_path: Path) -> None:
    baseline = known(tmp_path, "edition: 2\nprovides: [reload, get_tag]\ndifferences: []\n")
    assert scope_problems(baseline, catalogue, [column(["get_tag", "reload"]), column("all", "b")]) == []
    for lost in (column(["get_tag"]), column(["get_tag", "reload"], lost=True), column("all", lost=True)):
        (problem,) = scope_problems(baseline, catalogue, [lost])
        assert str(problem).startswith("known.yaml:2: a does not provide reload, which is pinned: provide it, or take it out of provides")
    down = replace(column([]), unavailable="it is not there")
    assert scope_problems(baseline, catalogue, [down]) == []


def test_a_part_of_imp_needs_pinned_names(catalogue: Catalogue, tmp_path: Path) -> None:
    baseline = known(tmp_path)
    assert scope_problems(baseline, catalogue, [column("all")]) == []
    (problem,) = scope_problems(baseline, catalogue, [column(["reload"])])
    assert "a is asked for a part of imp (reload), and no name is pinned: imp-conformance baseline update writes" in str(problem)


def test_a_pinned_name_that_imp_never_had_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    baseline = known(tmp_path, "provides: [relaod, reload]\ndifferences: []\n")
    (problem,) = scope_problems(baseline, catalogue, [column(["reload"])])
    assert str(problem).startswith("known.yaml:1: provides: imp has no name 'relaod': did you mean reload")


def test_a_baseline_does_not_hold_where_names_disagree(catalogue: Catalogue, tmp_path: Path) -> None:
    columns = [column(["reload"]), column("all", "b")]
    found: dict[str, dict[str, Result]] = {"a": {}, "b": {}}
    assert holding(known(tmp_path), catalogue, found, columns) == {"b"}, "it pins no name"
    assert holding(known(tmp_path, "provides: [relaod]\ndifferences: []\n"), catalogue, found, columns) == set()
    assert holding(known(tmp_path, "provides: [reload]\ndifferences: []\n"), catalogue, found, columns) == {"a", "b"}


def test_a_name_that_is_new_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    baseline = known(tmp_path, "provides: [reload]\ndifferences: []\n")
    assert scope_notes(baseline, catalogue, [column(["reload"])]) == []
    (note,) = scope_notes(baseline, catalogue, [column(["reload", "get_tag"])])
    assert note.startswith("baseline: provided and not pinned: get_tag: ")


def test_the_names_are_those_that_each_target_provides_whose_release_has_them(catalogue: Catalogue) -> None:
    old, new = column(["reload"], "a", "3.4.10"), column(["create_dynamic", "get_tag", "reload"], "b")
    assert pinned_names(catalogue, [old, new]) == ["create_dynamic", "reload"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# c\nedition: 2\ndifferences: []\n", "# c\nedition: 2\nprovides: [get_tag, reload]\ndifferences: []\n"),
        ("# c\ndifferences: []\n", "# c\nprovides: [get_tag, reload]\ndifferences: []\n"),
        ("provides: [reload,\n  x]  # c\n# d\ndifferences: []\n", "provides: [get_tag, reload]\n# d\ndifferences: []\n"),
        ("provides:\n- reload\n- x\ndifferences: []\n", "provides: [get_tag, reload]\ndifferences: []\n"),
        ("differences: []\nprovides:\n  - reload\n", "differences: []\nprovides: [get_tag, reload]\n"),
        (f"{KNOWN}", KNOWN.replace("differences:", "provides: [get_tag, reload]\ndifferences:")),
    ],
)
def test_only_the_names_change_in_the_text(before: str, after: str, newline: str) -> None:
    assert with_provides(before.replace("\n", newline), ["get_tag", "reload"]) == after.replace("\n", newline)


def test_the_names_are_written_where_they_differ(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text("differences: []\n", encoding="utf-8")
    assert write_provides(path, catalogue, [column("all")]) is None, "full copies need no names"
    many = [name for name in sorted(catalogue.public(FINAL)) if name != "reload"]
    for names in (["reload"], many, []):
        written = write_provides(path, catalogue, [column(names)])
        assert written is not None
        assert set(written) == set(names) == set(load_baseline(path).provides or ())
        assert write_provides(path, catalogue, [column(names)]) is None
    assert write_provides(path, catalogue, [column("all")]) is not None, "a file that pins names goes on with it"


def test_a_text_that_cannot_be_edited_is_left_alone(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    text = "{differences: [], provides: [reload]}\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidBaseline, match="provides cannot be updated as it is written here"):
        write_provides(path, catalogue, [column(["get_tag"])])
    assert path.read_text(encoding="utf-8") == text
    assert [found.name for found in tmp_path.iterdir()] == ["known.yaml"]
