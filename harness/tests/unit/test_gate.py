"""What is gated: level and edition. What is not is told everywhere, and counts nowhere."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

import results_made as made
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.catalogue.model import Catalogue, Level, Use
from imp_conformance.errors import InvalidBaseline
from imp_conformance.render.html import html_page
from imp_conformance.render.junit import junit_xml
from imp_conformance.render.markdown import markdown_page
from imp_conformance.render.summary import summary_page
from imp_conformance.render.terminal import matrix_view, results_note
from imp_conformance.results.diff import Kind, compare
from imp_conformance.results.folders import read_result_set
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.reading import read_results
from imp_conformance.results.scores import Matrix, build_matrix
from sample_matrix import sample_catalogue

F, P = Verdict.FAIL, Verdict.PASS
ID = "cpython-3.8"


@pytest.fixture(scope="module")
def cases() -> Catalogue:
    """A case a level, named after it, and one of edition 2 named ``new`` at the documented level."""
    found = sample_catalogue(2, names=1)
    case, clause = next(iter(found.cases.values())), next(iter(found.clauses.values()))
    clauses = {f"name_0.{level}": replace(clause, id=f"name_0.{level}", level=level) for level in Level}
    made_cases = {f"name_0/{level}": replace(case, id=f"name_0/{level}", clauses=(f"name_0.{level}",)) for level in Level}
    new = replace(case, id="name_0/new", clauses=("name_0.documented",), edition=2)
    return replace(found, clauses=clauses, cases={**made_cases, new.id: new})


def failing(cases: Catalogue, folder: Path, *names: str) -> TargetResults:
    """Results of a target on which the cases of these names fail, and nothing else."""
    (found,) = read_results(made.write(folder, made.whole(cases, ID, {f"name_0/{name}": F for name in names})))
    return found


@pytest.mark.parametrize(
    ("gate", "ungated"),
    [
        (Gate(), {"incidental": "not gated: incidental"}),
        (Gate(Level.INCIDENTAL), {}),
        (Gate(Level.DOCSTRING, 2), {"observed": "not gated: observed", "incidental": "not gated: incidental"}),
        (Gate(Level.INCIDENTAL, 1), {"new": "not gated: edition 2"}),
    ],
)
def test_what_is_gated(gate: Gate, ungated: dict[str, str], cases: Catalogue) -> None:
    names = [case.partition("/")[2] for case in cases.cases]
    assert {name: why for name in names if (why := gate.why_not(cases, f"name_0/{name}"))} == ungated
    gated = gate.gated(cases, dict.fromkeys(cases.cases, 1))
    assert gated == {f"name_0/{name}": 1 for name in names if name not in ungated}
    assert gate.why_not(cases, "name_0/of-other-cases") == ""


def test_scores_are_of_what_is_gated(cases: Catalogue, tmp_path: Path) -> None:
    def scores(gate: Gate, *names: str) -> tuple[Matrix, str, bool]:
        results = failing(cases, tmp_path, *names)
        matrix = build_matrix(cases, [results], gate)
        return matrix, str(matrix.name_total("name_0", ID)), matrix.conforms(results)

    matrix, total, conforms = scores(Gate(), "incidental")
    assert (total, conforms, matrix.ungated, str(matrix.totals[Level.INCIDENTAL, ID])) == ("4/4", True, {ID: 1}, "0/1")
    matrix, total, conforms = scores(Gate(Level.DOCUMENTED, 1), "new", "observed", "documented")
    assert (total, conforms, matrix.ungated, matrix.wrong[ID]) == ("0/1", False, {ID: 2}, {F: 1})


def test_a_score_by_use_weighs_names_as_callers_do(tmp_path: Path) -> None:
    found = replace(sample_catalogue(30, names=3), use=Use("A count.", 10, {"name_0": 30, "name_1": 10}))
    gated = [case.id for case in found.cases.values() if found.level(case) is not Level.INCIDENTAL]
    first = [case for case in gated if case.startswith("name_0/")]
    last = [case for case in gated if case.startswith("name_2/")]
    (results,) = read_results(made.write(tmp_path, made.whole(found, ID, dict.fromkeys([*first, *last], F))))
    matrix = build_matrix(found, [results])
    assert matrix.by_use(ID).percent == "25.0%"
    for page in (markdown_page(found, matrix), html_page(found, matrix)):
        assert "by use" in page and "25.0%" in page and "A count." in page
    console = Console(width=400, file=io.StringIO())
    console.print(matrix_view(found, matrix, 400))
    assert "25.0%" in console.file.getvalue()  # type: ignore[attr-defined]
    assert replace(matrix, use=Use()).by_use(ID).percent == "-"


def test_reports_for_ci_tell_apart_what_is_not_gated(cases: Catalogue, tmp_path: Path) -> None:
    matrix = build_matrix(cases, [failing(cases, tmp_path, "incidental")])
    root = ET.fromstring(junit_xml(cases, matrix, Baseline("known.yaml", (), 1)))
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    (skipped,) = root.iter("skipped")
    assert skipped.get("type") == "not-gated"
    assert str(skipped.get("message")).startswith("not gated: incidental: fail: ")
    page = summary_page(cases, matrix, Baseline("known.yaml", (), 1))
    assert "| incidental (not gated) |" in page and "| 1 not gated |" in page
    assert "The baseline holds." in page and "name_0/incidental" not in page
    assert results_note(matrix) == "1 of 1 targets conform; not gated: 1 result that differs"


def test_what_is_not_gated_does_not_regress(cases: Catalogue, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    failing(cases, old)
    failing(cases, new, "incidental", "observed")
    (target,) = compare(read_result_set(old), read_result_set(new), {"name_0/incidental"}).targets
    assert {change.case: change.kind for change in target.differences} == {
        "name_0/observed": Kind.REGRESSED,
        "name_0/incidental": Kind.CHANGED,
    }


@pytest.mark.parametrize(("text", "edition"), [("differences: []\n", 1), ("edition: 3\ndifferences: []\n", 3)])
def test_a_baseline_is_of_an_edition(text: str, edition: int, tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="ascii")
    baseline = load_baseline(path)
    assert baseline.edition == Baseline.from_json(baseline.to_json()).edition == edition


def test_an_edition_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text("edition: 0\ndifferences: []\n", encoding="ascii")
    with pytest.raises(InvalidBaseline, match=r"known\.yaml:1: edition"):
        load_baseline(path)
