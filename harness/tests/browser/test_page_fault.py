"""Whose a difference is, in the page: told in the cell of a target that has a counterpart on CPython."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from chromium import browser, visit
from imp_conformance.render.html import html_page
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import build_matrix
from sample_matrix import sample_catalogue, sample_target

__all__ = ["browser", "visit"]  # fixtures

HERE, THERE = "graalpy-25.0.1+shim", "cpython-3.12.1+shim"
ANSWERS = [Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE]
"""Of the first cases on CPython; all of them fail on GraalPy."""

TOLD = [
    f"The same candidate passes on {THERE}: this difference is the interpreter's.",
    f"The same candidate differs on {THERE}, too.",
    f"Whether it is the candidate's or the interpreter's is not known: it was not asked on {THERE}.",
]


@pytest.fixture
def page_of(tmp_path: Path) -> tuple[Path, list[str]]:
    """A page of a candidate on GraalPy and CPython, and the ids of its cases."""
    catalogue = sample_catalogue(6, 2)
    shim = {"candidate": {"kind": "pypi", "name": "shim", "version": "1.0"}, "emulates": "3.11"}
    graal = {"id": HERE, "implementation": "graalpy", "release": "25.0.1", "python": "3.12.8", **shim}
    cpython = {"id": THERE, "release": "3.12.1", "python": "3.12.1", **shim}
    targets = [
        sample_target(catalogue, 1, lambda place: Verdict.FAIL if place < len(ANSWERS) else Verdict.PASS, graal),
        sample_target(catalogue, 2, lambda place: ANSWERS[place] if place < len(ANSWERS) else Verdict.PASS, cpython),
    ]
    path = tmp_path / "index.html"
    path.write_text(html_page(catalogue, build_matrix(catalogue, targets)), encoding="utf-8", newline="\n")
    return path, list(catalogue.cases)


def test_a_cell_says_whose_its_difference_is(visit: Callable[..., Page], page_of: tuple[Path, list[str]]) -> None:
    path, cases = page_of
    for number, told in enumerate([*TOLD, None]):
        page = visit(path, f"#cell={cases[number]}&on={HERE.replace('+', '%2B')}")
        assert page.locator("#details .whose").all_inner_texts() == ([] if told is None else [told])
        page.context.close()
    page = visit(path, f"#cell={cases[1]}&on={THERE.replace('+', '%2B')}")
    assert page.locator("#details .whose").count() == 0, "CPython has nobody to be compared with"
    assert (
        "differences also on CPython 3.12: 1, only on GraalPy 25.0: 1, not asked on CPython 3.12: 1" in page.locator(".scores").inner_text()
    )
