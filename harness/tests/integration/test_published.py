"""What is published in reports/ agrees with the catalogue: a case id is for ever, because people list it in their baselines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.readme import TEMPLATE, fill_readme
from imp_conformance.results.folders import read_columns
from imp_conformance.results.scores import build_matrix

REPORTS = Path(__file__).parents[3] / "reports"
RESULTS = sorted((REPORTS / "results").glob("*.json"))


def test_results_are_published() -> None:
    assert RESULTS, "reports/results is empty: make it with nox -s matrix"


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_no_published_case_is_lost(path: Path, catalogue: Catalogue) -> None:
    published = json.loads(path.read_text(encoding="utf-8"))["results"]
    lost = published.keys() - catalogue.cases.keys() - catalogue.retired
    assert not lost, f"{sorted(lost)} were published and are gone: restore them, or enter their ids in cases/retired.yaml"


def test_the_published_readme_is_what_its_template_gives(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / TEMPLATE).write_bytes((REPORTS / TEMPLATE).read_bytes())
    fill_readme(tmp_path, catalogue, build_matrix(catalogue, read_columns(catalogue, REPORTS / "results")))
    assert (tmp_path / "README.md").read_bytes() == (REPORTS / "README.md").read_bytes(), "make it anew with imp-conformance report"
