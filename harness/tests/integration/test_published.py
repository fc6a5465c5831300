"""What is published in reports/ agrees with the catalogue: a case id is for ever, because people list it in their baselines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imp_conformance.catalogue.model import Catalogue

RESULTS = sorted((Path(__file__).parents[3] / "reports" / "results").glob("*.json"))


def test_results_are_published() -> None:
    assert RESULTS, "reports/results is empty: make it with nox -s matrix"


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_no_published_case_is_lost(path: Path, catalogue: Catalogue) -> None:
    published = json.loads(path.read_text(encoding="utf-8"))["results"]
    lost = published.keys() - catalogue.cases.keys() - catalogue.retired
    assert not lost, f"{sorted(lost)} were published and are gone: restore them, or enter their ids in cases/retired.yaml"
