"""The command that shows results and writes the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

import results_made as made
from conftest import Cli
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.pages import write_pages
from imp_conformance.resources import catalogue_root
from imp_conformance.results.folders import read_columns
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import build_matrix

RESULTS = {"new_module/returns-module": "pass", "new_module/not-registered": made.entry(Verdict.FAIL)}


def test_the_report_command(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    made.write(folder, made.data(catalogue, "cpython-3.8", RESULTS))
    done = cli("report", "--results", folder, "--output", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "1/2" in done.stdout
    assert (tmp_path / "site" / "matrix.md").read_text(encoding="utf-8").startswith("# Compatibility matrix")
    (folder / "broken.json").write_text("{", encoding="ascii")
    done = cli("report", "--results", folder)
    assert done.returncode == 2
    assert "broken.json: not JSON" in done.stderr
    assert "Traceback" not in done.stderr


def test_results_of_other_cases_are_shown_and_marked(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    old = made.data(catalogue, "cpython-3.8", RESULTS)
    old["suite"]["digest"] = "sha256:" + "0" * 64
    made.write(tmp_path / "results", old)
    made.write(tmp_path / "results", made.data(catalogue, "cpython-3.9", RESULTS))
    done = cli("report", "--results", tmp_path / "results", "--output", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "made with other cases than these: cpython-3.8 (other cases); run them again" in done.stdout
    for name in ("index.html", "matrix.md", "matrix.svg", "summary.md"):
        assert "other cases" in (tmp_path / "site" / name).read_text(encoding="utf-8"), name


def test_one_file_of_several_targets_is_a_column_each(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    content = made.data(catalogue, "cpython-3.8", RESULTS)
    content["targets"].append(made.about("cpython-3.9"))
    made.write(tmp_path / "results", content)
    done = cli("report", "--results", tmp_path / "results")
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("cpython-3.")] == ["1/2", "1/2"]


def test_the_published_pages_are_those_of_the_published_results(catalogue: Catalogue, tmp_path: Path) -> None:
    published = catalogue_root() / "reports"
    if not (published / "index.html").exists():
        pytest.skip("there is nothing published beside this package")
    for path in write_pages(tmp_path, catalogue, build_matrix(catalogue, read_columns(catalogue, published / "results"))):
        again = "imp-conformance report --results reports/results --output reports"
        same = path.read_bytes() == (published / path.name).read_bytes()  # apart, since nobody could read the difference
        assert same, f"reports/{path.name} is out of date: {again}"


def test_what_is_published_is_small() -> None:
    published = catalogue_root() / "reports"
    if not (published / "index.html").exists():
        pytest.skip("there is nothing published beside this package")
    assert (published / "matrix.md").stat().st_size < 60_000
