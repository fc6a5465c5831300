"""The HTML matrix for readers with a keyboard, a screen reader, a printer or no JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from chromium import browser, visit
from imp_conformance.catalogue.model import Catalogue
from real_page import BAD, CASE, SHIM, cell, leave, real

__all__ = ["browser", "real", "visit"]  # fixtures


def test_the_keyboard_reaches_everything(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real)
    here = "document.activeElement.closest('tr')?.dataset.key + ' ' + document.activeElement.closest('th, td')?.cellIndex"
    page.locator("#grid").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(here) == "targets 1"
    assert page.locator('#grid [tabindex="0"]').count() == 1
    for key, place in (
        ("ArrowDown", "acquire_lock 1"),
        ("ArrowRight", "acquire_lock 2"),
        ("End", "acquire_lock 4"),
        ("ArrowRight", "acquire_lock 4"),
        ("Control+End", "source_from_cache 4"),
        ("Home", "source_from_cache 0"),
        ("Control+Home", "targets 1"),
        ("PageDown", None),
        ("Control+Home", "targets 1"),
        ("ArrowDown", "acquire_lock 1"),
        ("ArrowLeft", "acquire_lock 0"),
    ):
        page.keyboard.press(key)
        assert place is None or page.evaluate(here) == place, key
        assert page.locator('#grid [tabindex="0"]').count() == 1
    page.keyboard.press("Enter")  # opens the name
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(here).startswith("acquire_lock acquire_lock.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # opens the cell
    assert page.locator("#details").is_visible()
    assert page.evaluate("document.activeElement.id") == "details-title"
    before = page.evaluate("location.hash")
    leave(page)
    assert before.startswith("#cell=acquire_lock")
    assert page.evaluate(here).startswith("acquire_lock acquire_lock.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["#verdict=fail&verdict=crash&verdict=missing", f"#cell={CASE}&on=cpython-3.12.1%2Bshim"])
def test_axe_finds_nothing_serious(visit: Callable[..., Page], real: Path, scheme: str, address: str) -> None:
    page = visit(real, address, color_scheme=scheme)
    page.locator("#targets summary").evaluate("summary => summary.parentElement.open = true")
    found = Axe().run(page).response
    assert len(found["passes"]) > 20
    serious = [(item["id"], item["nodes"][0]["html"]) for item in found["violations"] if item["impact"] in ("serious", "critical")]
    assert serious == []


def test_a_search_in_the_page_opens_what_is_closed(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real, "#:~:text=new_module/not%2Dregistered")
    page.locator(f'#grid tr[data-key$="{CASE}"]:not([hidden])').wait_for()
    assert cell(page, CASE, SHIM).inner_text() == "F"


def test_it_is_a_table_to_a_screen_reader(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real, "#verdict=fail")
    table = page.get_by_role("grid")
    assert table.locator("caption").count() == 1
    snapshot = table.aria_snapshot()
    assert f'- columnheader "{SHIM}"' in snapshot
    assert "rowheader" in snapshot
    assert 'link "fail"' in snapshot
    scopes = table.locator("th").evaluate_all("heads => heads.map(head => head.scope)")
    assert {*scopes} == {"col", "colgroup", "row", "rowgroup"}


def test_it_prints_what_is_shown_and_nothing_else(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real, "#verdict=crash")
    page.emulate_media(media="print")
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    paper = page.locator("#paper")
    assert "get_tag/string" in paper.inner_text()
    assert paper.locator("thead").first.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    for hidden in ("#controls", "#grid", "#status"):
        assert not page.locator(hidden).is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.goto(real.as_uri() + f"#cell={CASE}&on=cpython-3.12.1%2Bshim")
    assert page.locator("#details h3", has_text="A script that shows it").is_visible()
    assert not page.locator("h1").is_visible()


def test_without_javascript_it_is_a_plain_table(visit: Callable[..., Page], real: Path, catalogue: Catalogue) -> None:
    page = visit(real, java_script_enabled=False)
    text = page.locator("body").inner_text()
    levels = {catalogue.level(case) for case in catalogue.cases.values()}
    assert page.locator("table.plain").count() == len(levels)
    row = page.locator("table.plain", has_text="What no document says").locator("tr", has=page.locator("th", has_text="get_tag"))
    asked = [case for case in catalogue.cases.values() if case.subject == "get_tag" and catalogue.level(case) == "observed"]
    assert row.locator("td").all_inner_texts().count(f"{len(asked)}/{len(asked)}") >= 2
    for case, verdict in BAD.items():
        entry = page.locator("details.plain h5", has_text=case).locator("xpath=following-sibling::dl[1]").inner_text()
        assert f"{SHIM}: {verdict}" in entry
        assert "Expected" in entry
        assert "cannot import name" in entry
        assert catalogue.clauses[catalogue.cases[case].clauses[0]].text in text
    assert not page.locator("#controls").is_visible()
