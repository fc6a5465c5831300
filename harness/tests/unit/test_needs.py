"""What a program needs: the table of needs, profiles, the cases that prove a clause, and the gate of a program."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import results_made as made
from conftest import SPECS
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.errors import InvalidCatalogue, InvalidProfile
from imp_conformance.render.enough import enough_lines
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Verdict
from imp_conformance.results.needs import cases_of, held, proving_cases, read_profile
from imp_conformance.results.reading import read_results
from sample_matrix import sample_catalogue

ID = "cpython-3.8"
CASES = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: imp.thing
    expect:
      value: ...
"""
NEEDS = "features:\n  keywords: names are given\nmodule: [thing.works]\nnames:\n  thing:\n    always: [thing.works]\n"


@pytest.fixture(scope="module")
def cases() -> Catalogue:
    """Three clauses: one and two share a case, two has one of its own, and three is incidental."""
    found = sample_catalogue(2, names=1)
    case, clause = next(iter(found.cases.values())), next(iter(found.clauses.values()))
    levels = {"one": Level.OBSERVED, "two": Level.DOCUMENTED, "three": Level.INCIDENTAL}
    clauses = {f"name_0.{name}": replace(clause, id=f"name_0.{name}", level=level) for name, level in levels.items()}
    of = {"shared": ("one", "two"), "own": ("two",), "last": ("three",)}
    made_cases = {
        f"name_0/{name}": replace(case, id=f"name_0/{name}", clauses=tuple(f"name_0.{one}" for one in about)) for name, about in of.items()
    }
    return replace(found, clauses=clauses, cases=made_cases)


def test_a_case_of_another_clause_counts_only_where_there_is_no_other(cases: Catalogue) -> None:
    assert list(cases_of(cases, "name_0.one", {"name_0.one"})) == ["name_0/shared"]
    assert list(cases_of(cases, "name_0.two", {"name_0.two"})) == ["name_0/own"]
    assert list(cases_of(cases, "name_0.two", {"name_0.two", "name_0.one"})) == ["name_0/shared", "name_0/own"]
    assert proving_cases(cases, {"name_0.two"}) == {"name_0/own"}


def test_what_a_program_does_not_need_is_not_gated(cases: Catalogue) -> None:
    gate = Gate(needed=proving_cases(cases, {"name_0.two", "name_0.three"}))
    told = {name.partition("/")[2]: gate.why_not(cases, name) for name in cases.cases}
    assert told == {"shared": "not gated: not needed", "own": "", "last": "not gated: incidental"}


@pytest.mark.parametrize(
    ("verdict", "counts"),
    [(Verdict.PASS, (1, 0, 0)), (Verdict.FAIL, (0, 1, 0)), (Verdict.MISSING, (0, 1, 0)), (Verdict.NOT_APPLICABLE, (0, 0, 1))],
)
def test_what_a_target_does_with_a_clause(verdict: Verdict, counts: tuple[int, int, int], cases: Catalogue, tmp_path: Path) -> None:
    (column,) = read_results(made.write(tmp_path, made.whole(cases, ID, {"name_0/own": verdict})))
    found = held(cases, column, {"name_0.two", "name_0.three"})
    assert (len(found.kept), len(found.lost), len(found.unasked)) == counts
    assert [entry.cases for entry in found.lost] == [("name_0/own",)] * counts[1]
    (first, *_) = enough_lines(cases, [column], {"name_0.two"}, Level.OBSERVED)
    assert ("not enough" in first) is bool(counts[1])


def profile(folder: Path, **changes: object) -> Path:
    data: dict[str, object] = {"schema": 1, "suite": {"version": "1", "edition": 1}, "clauses": ["name_0.one"], "targets": {}}
    data |= {name: [] for name in ("uses", "imports", "shims", "guarded", "unreadable")}
    path = folder / "profile.json"
    path.write_text(json.dumps({**data, **changes}), encoding="utf-8")
    return path


def test_a_profile_is_read(cases: Catalogue, tmp_path: Path) -> None:
    assert read_profile(profile(tmp_path), cases) == {"name_0.one"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"schema": 2}, "written by a newer imp-conformance"),
        ({"clauses": ["name_0.on"]}, "there is no clause 'name_0.on'"),
        ({"clauses": 1}, "clauses: 1 is not of type 'array'"),
        ({"more": 1}, "Additional properties"),
    ],
)
def test_what_is_no_profile_is_refused(changes: dict[str, object], says: str, cases: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(InvalidProfile, match=says):
        read_profile(profile(tmp_path, **changes), cases)


@pytest.mark.parametrize("content", ["", "[]", "{", "\0", "[" * 100_000])
def test_what_is_no_json_is_refused(content: str, cases: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidProfile, match=r"profile\.json"):
        read_profile(path, cases)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("module: [thing.works]", "module: [thing.work]", 3, "there is no clause 'thing.work'"),
        ("always: [thing.works]", "always: [thing.works]\n    when: {file: [thing.works]}", 7, "features says nothing of 'file'"),
        ("always: [thing.works]", "always: [thing.works]\n    when: {keywords: [other.x]}", 7, "there is no clause 'other.x'"),
        ("  thing:", "  thong:", 5, "imp has no name 'thong'"),
        ("  thing:", "  thong:", 4, "it says nothing of thing"),
        ("always:", "never:", 5, "names.thing"),
    ],
)
def test_a_mistake_in_the_table_is_told(old: str, new: str, line: int, says: str, make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, SPECS)
    (root / "specs" / "needs.yaml").write_text(NEEDS.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(root)
    assert any(says in problem.what and problem.file == "specs/needs.yaml" for problem in caught.value.problems), caught.value
    assert line in [problem.line for problem in caught.value.problems]


def test_the_table_is_read(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, SPECS)
    assert load_catalogue(root).needs.names == {}
    (root / "specs" / "needs.yaml").write_text(NEEDS, encoding="utf-8")
    assert load_catalogue(root).needs.names["thing"].always == ("thing.works",)
