"""README.md of a folder of reports is filled from its template, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidReadme
from imp_conformance.render.readme import TEMPLATE, fill_readme
from imp_conformance.results.folders import read_columns
from imp_conformance.results.scores import Matrix, build_matrix

REPORTS = Path(__file__).parents[3] / "reports"


@pytest.fixture(scope="module")
def published(catalogue: Catalogue) -> Matrix:
    return build_matrix(catalogue, read_columns(catalogue, REPORTS / "results"))


def test_a_folder_without_a_template_keeps_its_readme(tmp_path: Path, catalogue: Catalogue, published: Matrix) -> None:
    (tmp_path / "README.md").write_text("mine\n", encoding="utf-8")
    assert fill_readme(tmp_path, catalogue, published) is None
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine\n"


def test_numbers_are_counted_from_the_results(tmp_path: Path, catalogue: Catalogue, published: Matrix) -> None:
    (tmp_path / TEMPLATE).write_text("{{ others.pypy[0].total.passed }} {{ genuine | length }}\n", encoding="utf-8")
    path = fill_readme(tmp_path, catalogue, published)
    pypy = next(column for column in published.columns if column.id.startswith("pypy"))
    assert path is not None
    assert path.read_text(encoding="utf-8") == f"{published.total(pypy.id).passed} 8\n"


@pytest.mark.parametrize(
    ("text", "told"), [("a\n{% if %}", f"{TEMPLATE}:2: Expected an expression"), ("{{ nothing }}", "'nothing' is undefined")]
)
def test_a_template_that_cannot_be_filled_is_told(tmp_path: Path, catalogue: Catalogue, published: Matrix, text: str, told: str) -> None:
    (tmp_path / TEMPLATE).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidReadme, match=told):
        fill_readme(tmp_path, catalogue, published)
