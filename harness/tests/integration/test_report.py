"""Result files read back, and the matrix made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results_made as made
from conftest import Cli
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidResults
from imp_conformance.render.markdown import escape_cell, markdown_page
from imp_conformance.render.pages import write_pages
from imp_conformance.resources import catalogue_root
from imp_conformance.results.folders import read_columns
from imp_conformance.results.reading import read_results
from imp_conformance.results.scores import build_matrix


def result_file(catalogue: Catalogue, folder: Path, target: str, results: dict[str, Any]) -> Path:
    return made.write(folder, made.data(catalogue, target, results))


HOSTILE = "<script>alert(1)</script> | `x` [a](b) *b* \n## c \x1b[31m"
RESULTS = {
    "new_module/returns-module": {"verdict": "pass", "clauses": ["new_module.returns-module"]},
    "new_module/not-registered": {
        "verdict": "fail",
        "clauses": ["new_module.not-registered"],
        "expected": "a module",
        "observed": HOSTILE,
        "reason": "r",
    },
}


def test_the_page_shows_hostile_text_as_text(catalogue: Catalogue, tmp_path: Path) -> None:
    result_file(catalogue, tmp_path, "cpython-3.8", RESULTS)
    page = markdown_page(build_matrix(catalogue, read_columns(catalogue, tmp_path)))
    assert "<script>" not in page
    assert "| new_module | **1/2** |" in page
    (row,) = [line for line in page.splitlines() if line.startswith("| new_module/not-registered")]
    assert row.count("|") == 6
    assert "\x1b" not in page


@given(st.text())
def test_a_cell_has_no_markup(text: str) -> None:
    cell = escape_cell(text)
    assert not set("|<>`*_[]\\\n\r") & set(cell)
    assert cell.isprintable() or not cell


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.pop("suite"), "'suite' is a required property"),
        (lambda data: data.update(schema=2), "1 was expected"),
        (lambda data: data["results"]["new_module/returns-module"].update(verdict="fine"), "'fine' is not one of"),
        (lambda data: data.update(results=[]), "is not of type 'object'"),
    ],
)
def test_a_file_that_is_no_result_file_is_told(change: Any, message: str, catalogue: Catalogue, tmp_path: Path) -> None:
    path = result_file(catalogue, tmp_path, "cpython-3.8", RESULTS)
    data = json.loads(path.read_text(encoding="ascii"))
    change(data)
    path.write_text(json.dumps(data), encoding="ascii")
    with pytest.raises(InvalidResults) as caught:
        read_results(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_report_command(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    result_file(catalogue, folder, "cpython-3.8", RESULTS)
    done = cli("report", "--results", folder, "--output", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "1/2" in done.stdout
    assert (tmp_path / "site" / "matrix.md").read_text(encoding="utf-8").startswith("# Compatibility matrix")
    (folder / "broken.json").write_text("{", encoding="ascii")
    done = cli("report", "--results", folder)
    assert done.returncode == 2
    assert "broken.json: not JSON" in done.stderr
    assert "Traceback" not in done.stderr


def test_results_of_other_cases_are_not_mixed_in(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    path = result_file(catalogue, tmp_path, "cpython-3.8", RESULTS)
    path.write_text(path.read_text(encoding="ascii").replace(catalogue.digest, "sha256:" + "0" * 64), encoding="ascii")
    done = cli("report", "--results", tmp_path)
    assert done.returncode == 2
    assert "another state of the cases" in done.stderr
    other = result_file(catalogue, tmp_path, "cpython-3.9", RESULTS)
    done = cli("report", "--results", tmp_path, "--output", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert f"LEFT OUT, made with other cases than these (run them again): {path.stem}" in done.stdout
    assert f"**{path.stem} is left out:**" in (tmp_path / "site" / "matrix.md").read_text(encoding="utf-8")
    assert other.stem in done.stdout


def test_the_published_pages_are_those_of_the_published_results(catalogue: Catalogue, tmp_path: Path) -> None:
    """The HTML page carries what the scripts of `repro` are made of, so a change of that makes it another page too."""
    published = catalogue_root() / "reports"
    if not (published / "index.html").exists():
        pytest.skip("there is nothing published beside this package")
    for path in write_pages(tmp_path, catalogue, build_matrix(catalogue, read_columns(catalogue, published / "results"))):
        again = "imp-conformance report --results reports/results --output reports"
        same = path.read_bytes() == (published / path.name).read_bytes()  # apart, since nobody could read the difference
        assert same, f"reports/{path.name} is out of date: {again}"
