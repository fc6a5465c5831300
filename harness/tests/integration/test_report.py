"""Result files read back, and the matrix made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results_made as made
from conftest import Cli
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.difference import Difference
from imp_conformance.render.markdown import escape_cell, markdown_page
from imp_conformance.render.pages import write_pages
from imp_conformance.resources import catalogue_root
from imp_conformance.results.folders import read_columns
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.scores import build_matrix


def result_file(catalogue: Catalogue, folder: Path, target: str, results: dict[str, Any]) -> Path:
    return made.write(folder, made.data(catalogue, target, results))


HOSTILE = "<script>alert(1)</script> | `x` [a](b) *b* \n## c \x1b[31m"
WRONG = Result("new_module/not-registered", Verdict.FAIL, "a module", HOSTILE, Difference(("value",), "value", "a module", HOSTILE))
RESULTS = {"new_module/returns-module": "pass", WRONG.case: WRONG.to_json()}


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


def test_results_of_other_cases_are_marked(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    path = result_file(catalogue, tmp_path, "cpython-3.8", RESULTS)
    path.write_text(path.read_text(encoding="ascii").replace(catalogue.digest, "sha256:" + "0" * 64), encoding="ascii")
    result_file(catalogue, tmp_path, "cpython-3.9", RESULTS)
    done = cli("report", "--results", tmp_path, "--output", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "made with other cases than these: cpython-3.8 (other cases)" in done.stdout
    assert "**cpython-3.8:** its results are of other cases." in (tmp_path / "site" / "matrix.md").read_text(encoding="utf-8")


def test_one_file_of_several_targets_is_a_column_each(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    content = made.data(catalogue, "cpython-3.8", RESULTS)
    content["targets"].append(made.about("cpython-3.9"))
    made.write(tmp_path, content)
    done = cli("report", "--results", tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("cpython-3.")] == ["1/2", "1/2"]


def test_the_published_pages_are_those_of_the_published_results(catalogue: Catalogue, tmp_path: Path) -> None:
    """The HTML page carries what the scripts of `repro` are made of, so a change of that makes it another page too."""
    published = catalogue_root() / "reports"
    if not (published / "index.html").exists():
        pytest.skip("there is nothing published beside this package")
    for path in write_pages(tmp_path, catalogue, build_matrix(catalogue, read_columns(catalogue, published / "results"))):
        again = "imp-conformance report --results reports/results --output reports"
        same = path.read_bytes() == (published / path.name).read_bytes()  # apart, since nobody could read the difference
        assert same, f"reports/{path.name} is out of date: {again}"
