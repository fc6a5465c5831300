"""What candidates put into their results, as readers see it: shown, never run, and nothing else is spoilt by it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page

from chromium import browser, visit
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.printable import visible
from imp_conformance.render.html import embedded, html_page
from imp_conformance.render.picture import picture
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import Matrix, build_matrix
from sample_matrix import sample_catalogue, sample_target

__all__ = ["browser", "visit"]  # fixtures

NASTY = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "]]></style></noscript></textarea></title><img src=x onerror=alert(3)>",
    "\"onmouseover=alert(4) '><svg/onload=alert(5)>",
    "javascript:alert(6)",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "\u202egnirts desrever\u2066 \u200b\u200d\ufeff",
    "\ud800 lone \udfff",
    "nul \0 bell \x07 escape \x1b[31m",
    "line\u2028separator\u2029 and\r\nlines",
    "__proto__",
    "&lt;b&gt; &amp; &#60;",
    "שלום עולם z̷a̷l̷g̷o̷",
    "https://127.0.0.1:9/x url(https://127.0.0.1:9/y)",
    "constructor",
]
LONG = "x" * 100_000


def nasty_matrix() -> tuple[Catalogue, Matrix]:
    """Make a matrix each target of which is hostile in every text that it can give."""
    catalogue = sample_catalogue(10, names=2)
    bad = [Verdict.FAIL, Verdict.MISSING, Verdict.CRASH, Verdict.TIMEOUT, Verdict.NOT_APPLICABLE]
    targets = []
    for number, text in enumerate([*NASTY, LONG, LONG + "y"]):
        kinds = ["pypi", "file", "directory", "module", "own", text]
        about = {
            "id": text,
            "implementation": text,
            "release": text,
            "python": text,
            "platform": text,
            "candidate": {"kind": kinds[number % 6], "name": text, "version": text, text: text},
            "emulates": text if number % 2 else "3.8",
        }
        texts = {"expected": f"e {text}", "observed": f"o {text}\n{text}", "reason": f"r {text}"}
        state: dict[str, Any] = {} if number % 3 else {"unavailable": text, "complete": False}
        targets.append(sample_target(catalogue, number, lambda place: bad[place % 5], about, texts, **state))
    return catalogue, build_matrix(catalogue, targets)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nasty") / "index.html"
    path.write_text(html_page(*nasty_matrix()), encoding="utf-8", newline="\n")
    return path


def test_nothing_of_it_runs_and_all_of_it_is_shown(visit: Callable[..., Page], nasty: Path) -> None:
    page = visit(nasty, "#rows=cases")
    addresses = page.locator("#grid tbody tr.case").first.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert len(addresses) == len(NASTY) + 2
    for address, text in zip(addresses, NASTY, strict=False):
        page.goto(address)
        shown = page.locator("#details .finding dd").evaluate_all("parts => parts.map(part => part.textContent)")
        assert shown == [visible(f"e {text}"), visible(f"o {text}\n{text}"), visible(f"r {text}")]
        page.mouse.move(900, 300)
        page.keyboard.press("Escape")
    assert page.evaluate("document.querySelectorAll('script').length") == 2  # the data and the program
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, style + style').length") == 0
    assert page.evaluate("[...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => a.name.startsWith('on')))") is False
    assert page.evaluate("document.querySelectorAll(\"a[href]:not([href^='#'])\").length") == 0


def test_it_spoils_no_filter(visit: Callable[..., Page], nasty: Path) -> None:
    page = visit(nasty)
    page.locator("#targets summary").click()
    boxes = page.locator('#targets input[name="target"]')
    for number in range(0, len(NASTY), 4):
        boxes.nth(number).check()
        fresh = visit(nasty, page.evaluate("location.hash"))
        assert fresh.locator("#grid tr.targets th a").count() == 1
        assert fresh.locator('#targets input[name="target"]').nth(number).is_checked()
        fresh.context.close()
        boxes.nth(number).uncheck()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_spoils_neither_layout_nor_access(visit: Callable[..., Page], nasty: Path, scheme: str) -> None:
    page = visit(nasty, "#rows=cases", color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#grid tr.targets").evaluate("row => row.offsetHeight") < 300
    assert page.locator("table.scores tr").evaluate_all("rows => Math.max(...rows.map(row => row.offsetHeight))") < 250
    page.goto(page.locator("#grid tbody tr.case").first.locator("a").nth(16).evaluate("link => link.href"))  # 100 kB
    assert page.locator("#details").evaluate("box => box.scrollWidth <= box.clientWidth")
    assert page.locator("#details .finding dd").evaluate_all("parts => Math.max(...parts.map(part => part.offsetHeight))") < 400
    serious = [item["id"] for item in Axe().run(page).response["violations"] if item["impact"] in ("serious", "critical")]
    assert serious == []


def test_it_does_nothing_without_javascript_either(visit: Callable[..., Page], nasty: Path) -> None:
    page = visit(nasty, java_script_enabled=False)
    entries = page.locator("details.plain dd").all_inner_texts()
    for text in NASTY:
        assert visible(f"r {text}") in entries or visible(f"r {text}").strip() in [entry.strip() for entry in entries]
    assert page.locator("img, iframe, svg").count() == 0


def test_the_picture_is_valid_xml(catalogue: Catalogue) -> None:
    tame = build_matrix(catalogue, [sample_target(catalogue, 0, lambda place: Verdict.PASS)])
    for cases, matrix in (nasty_matrix(), (catalogue, tame)):
        text = picture(cases, matrix)
        assert text == picture(cases, matrix)
        tree = ElementTree.fromstring(text)
        assert {element.tag.rpartition("}")[2] for element in tree.iter()} == {"svg", "title", "desc", "style", "rect", "text", "tspan"}
        assert len(text) < 200_000


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_visible_has_nothing_hidden(text: str) -> None:
    shown = visible(text)
    assert shown.replace("\n", "").isprintable()
    shown.encode("utf-8")


@given(st.recursive(st.text(st.characters(exclude_categories=())), st.lists))
def test_embedded_data_cannot_end_its_element(data: Any) -> None:
    text = embedded(data)
    assert not re.search(r"[<>&\u2028\u2029]", text)
    assert text.isascii()
    assert json.loads(text) == data
