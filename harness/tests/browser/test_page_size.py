"""What the HTML matrix costs, by bytes and elements, since times depend on the machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from chromium import browser, visit
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.columns import columns_of
from imp_conformance.render.html import html_page
from imp_conformance.render.page_data import page_data
from imp_conformance.resources import catalogue_root
from imp_conformance.results.folders import read_columns
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.scores import build_matrix
from real_page import real, shown, wait_until
from sample_matrix import sample_catalogue, sample_matrix, sample_target

__all__ = ["browser", "real", "visit"]  # fixtures


def test_it_is_small() -> None:
    assert len(html_page(*sample_matrix(600, 20)).encode("utf-8")) < 2_000_000


def told(result: Result | None) -> tuple[str, ...]:
    return () if result is None else (result.verdict, result.expected, result.observed, result.reason)


def test_a_distinct_answer_costs_under_600_bytes(catalogue: Catalogue) -> None:
    """Beyond the page's fixed part, on the published results: an answer is what the page tells of a case on some columns."""
    published = catalogue_root() / "reports" / "results"
    if not published.exists():
        pytest.skip("there is nothing published beside this package")
    columns = read_columns(catalogue, published)
    pairs = sum(len({told(column.results.get(case)) for column in columns}) for case in catalogue.cases)
    fixed = len(html_page(*sample_matrix(1, 1)).encode("utf-8"))
    page = len(html_page(catalogue, build_matrix(catalogue, columns)).encode("utf-8"))
    assert (page - fixed) / pairs < 600


def test_equal_columns_are_stored_once() -> None:
    catalogue = sample_catalogue(200)
    bad = {"expected": "1", "observed": "2", "reason": "3"}

    def verdict(place: int) -> Verdict:
        return Verdict.FAIL if place % 3 == 0 else Verdict.PASS

    def size(targets: int) -> int:
        matrix = build_matrix(catalogue, [sample_target(catalogue, number, verdict, texts=bad) for number in range(targets)])
        return len(json.dumps(page_data(catalogue, columns_of(matrix), matrix.gate)))

    assert (size(30) - size(10)) / 20 < 250  # their heads


def test_the_same_results_are_the_same_page(real: Path) -> None:
    pages = {html_page(*sample_matrix(40, 3)) for _ in range(2)}
    assert len(pages) == 1
    assert str(Path(__file__).parents[2]) not in real.read_text(encoding="utf-8")


def test_a_huge_matrix_is_usable(visit: Callable[..., Page], tmp_path: Path) -> None:
    """By numbers of elements, since times depend on the machine."""
    catalogue = sample_catalogue(5000, names=100)
    told = {"expected": "1", "observed": "2", "reason": "3"}

    def verdict(number: int) -> Callable[[int], Verdict]:
        return lambda place: Verdict.FAIL if (place + number) % 50 == 0 else Verdict.PASS

    targets = [sample_target(catalogue, number, verdict(number), texts=told) for number in range(100)]
    path = tmp_path / "huge.html"
    path.write_text(html_page(catalogue, build_matrix(catalogue, targets)), encoding="utf-8")
    page = visit(path)
    count = "document.querySelectorAll('#grid td').length"
    assert page.evaluate(count) <= 104 * 101
    page.get_by_label("Rows").select_option("cases")
    assert page.evaluate(count) <= 120 * 101
    page.locator("#grid").evaluate("grid => { grid.scrollTop = 100000 }")
    page.locator("#grid").scroll_into_view_if_needed()
    wait_until(page, "document.elementFromPoint(900, 700).closest('#grid tr.case')?.children.length === 101")
    assert page.evaluate(count) <= 120 * 101
    page.locator("#q").fill("case-of-some-length-4321")
    assert shown(page, "case") == ["name_86/case-of-some-length-4321"]
