"""The page of the project's own cases as a reader finds it, and how tests read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.html import html_page
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import build_matrix
from sample_matrix import sample_target

SHIM = "cpython-3.12.1+shim"
CASE = "new_module/not-registered"
BAD = {CASE: Verdict.FAIL, "new_module/returns-module": Verdict.MISSING, "get_tag/string": Verdict.CRASH}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    """The page of the project's own cases on two genuine targets, a shim that fails three, and one that is unavailable."""
    ids = list(catalogue.cases)
    shim = {
        "id": SHIM,
        "release": "3.12.1",
        "python": "3.12.1",
        "candidate": {"kind": "pypi", "name": "shim", "version": "1.0"},
        "emulates": "3.11",
    }
    targets = [
        sample_target(catalogue, 4, lambda place: Verdict.PASS, {"id": "cpython-3.8", "emulates": "3.8.18", "python": "3.8.18"}),
        sample_target(catalogue, 0, lambda place: Verdict.PASS, {"id": "cpython-3.4", "emulates": "3.4.10"}),
        sample_target(catalogue, 7, lambda place: BAD.get(ids[place], Verdict.PASS), shim),
    ]
    gone = sample_target(catalogue, 5, lambda place: None, {"id": "cpython-3.9"}, complete=False, unavailable="it is not there")
    path = tmp_path_factory.mktemp("real") / "index.html"
    path.write_text(html_page(catalogue, build_matrix(catalogue, [*targets, gone])), encoding="utf-8", newline="\n")
    return path


def cell(page: Page, row: str, target: str) -> Any:
    place = page.locator("#grid tr.targets th a").evaluate_all("links => links.map(link => link.title)").index(target)
    return page.locator(f'#grid tr:not([hidden])[data-key$="{row}"] td').nth(place).locator("a")


def wait_until(page: Page, expression: str) -> None:
    """Wait for an expression to hold; the page's own policy keeps Playwright from doing so inside it."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def leave(page: Page) -> None:
    page.keyboard.press("Escape")
    wait_until(page, "!location.hash.includes('cell=')")


def shown(page: Page, kind: str) -> list[str]:
    return page.locator(f"#grid tr.{kind}:not([hidden]) th > :first-child").all_inner_texts()
