"""The HTML matrix as a reader uses it, in Chromium."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from chromium import browser, visit
from conftest import interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.render.html import html_page
from imp_conformance.repro.script import script
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import build_matrix
from imp_conformance.targets.candidate import OWN
from sample_matrix import sample_catalogue, sample_matrix, sample_target

__all__ = ["browser", "visit"]  # fixtures

SHIM = "cpython-3.12.1+shim"
CASE = "new_module/not-registered"
BAD = {CASE: Verdict.FAIL, "new_module/returns-module": Verdict.MISSING, "get_tag/string": Verdict.CRASH}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    """The page of the project's own cases on two genuine targets, a shim that fails three, and one that is unavailable."""
    ids = list(catalogue.cases)
    shim = {
        "id": SHIM,
        "version": "3.12.1",
        "candidate": {"kind": "pypi", "name": "shim", "version": "1.0"},
        "emulates": "3.11",
    }
    targets = [
        sample_target(catalogue, 4, lambda place: Verdict.PASS, {"id": "cpython-3.8", "emulates": "3.8.18", "version": "3.8.18"}),
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


def test_a_cell_opens_to_all_that_is_known_of_it(visit: Callable[..., Page], real: Path, catalogue: Catalogue) -> None:
    page = visit(real, "#verdict=fail")
    link = cell(page, CASE, SHIM)
    assert link.inner_text() == "F"
    assert link.get_attribute("aria-label") == "fail"
    link.click()
    details = page.locator("#details")
    text = details.inner_text()
    clause = catalogue.clauses[catalogue.cases[CASE].clauses[0]]
    for part in (
        catalogue.cases[CASE].title,
        "raises ImportError: cannot import name",  # observed
        "expected (None, True, True",  # the reason
        clause.text,
        clause.level,
        f"{clause.sources[0].document}, {clause.sources[0].anchor}",
        "What genuine CPython answers",
        "cpython-3.4",
        "pip install --target shim shim==1.0",
        "python3.12 case.py shim",
    ):
        assert part in text, part
    assert page.evaluate("location.hash") == f"#verdict=fail&cell={CASE}&on=cpython-3.12.1%2Bshim"
    leave(page)
    assert not details.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "F"
    assert page.evaluate("location.hash") == "#verdict=fail"


def test_every_cell_has_an_address(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real, "#rows=cases&name=new_module")
    addresses = page.locator("#grid tbody td a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(addresses) > 50
    assert len({*addresses}) > 40  # a clause of one case opens that case
    for address in dict.fromkeys(addresses[::17]):
        fresh = visit(real, address)
        case, target = address.removeprefix("#cell=").split("&on=")
        title = fresh.locator("#details-title").inner_text()
        assert title == f"{case} on {target.replace('%2B', '+')}"
        leave(fresh)
        assert fresh.evaluate("document.activeElement.closest('tr').querySelector('th > :first-child').textContent") == case
        fresh.context.close()


def test_choices_have_addresses_and_the_way_back(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real)
    everything = page.locator("#status").inner_text()
    assert ": 3 of " in everything
    page.get_by_role("checkbox", name="missing").check()
    assert shown(page, "case") == ["new_module/returns-module"]
    assert page.evaluate("location.hash") == "#verdict=missing"
    page.get_by_role("checkbox", name="crash").check()
    assert shown(page, "name") == ["get_tag", "new_module"]
    assert page.locator("#status").get_attribute("aria-live") == "polite"
    assert page.locator("#status").inner_text().startswith("2 of ")
    page.locator("#q").fill("tag")
    assert shown(page, "name") == ["get_tag"]
    page.get_by_label("Order").select_option("failures")
    page.locator("#targets summary").click()
    page.locator(f'input[value="{SHIM}"]').check()
    assert page.locator("#grid tr.targets th a").count() == 1
    address = page.evaluate("location.hash")
    assert address == "#q=tag&verdict=missing&verdict=crash&target=cpython-3.12.1%2Bshim&sort=failures"
    fresh = visit(real, address)
    assert fresh.locator("#status").inner_text() == page.locator("#status").inner_text()
    assert fresh.locator("#q").input_value() == "tag"
    assert fresh.locator(f'input[value="{SHIM}"]').is_checked()
    for _ in range(5):
        page.go_back()
    assert page.locator("#status").inner_text() == everything
    page.go_forward()
    assert page.evaluate("location.hash") == "#verdict=missing"
    assert page.get_by_role("checkbox", name="missing").is_checked()
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#status").inner_text() == everything


def test_rows_are_put_in_order(visit: Callable[..., Page], real: Path, catalogue: Catalogue) -> None:
    names = list(dict.fromkeys(case.subject for case in catalogue.cases.values()))
    assert shown(visit(real), "name") == names
    assert shown(visit(real, "#sort=name"), "name") == sorted(names)
    assert shown(visit(real, "#sort=failures"), "name")[:2] == ["new_module", "get_tag"]
    clauses = shown(visit(real, "#sort=clause&rows=clauses&name=reload"), "clause")
    assert clauses == sorted(clauses)
    assert len(clauses) > 5
    cases = shown(visit(real, "#level=docstring&name=module"), "case")
    assert cases
    assert all(catalogue.level(catalogue.cases[case]) == "docstring" for case in cases)


def test_what_an_address_names_in_vain_is_told(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real, "#cell=no/such&on=cpython-3.8&verdict=fine&target=%F0%9F&q=%E2%80%AEx")
    assert "Not here: cell no/such, verdict fine, target %F0%9F" in page.locator("#status").inner_text()
    assert not page.locator("#details").is_visible()


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


def test_the_copied_script_is_the_script(visit: Callable[..., Page], real: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    page = visit(real, f"#cell={CASE}&on=cpython-3.8", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the script").click()
    page.locator("#details [role=status]", has_text="Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == script(catalogue, catalogue.cases[CASE], Release.parse("3.8.18"), OWN)
    path = tmp_path / "case.py"
    path.write_text(copied, encoding="ascii")
    python = interpreter("3.8")
    assert subprocess.run([python, path], check=False, capture_output=True).returncode == 0
    broken = tmp_path / "broken.py"
    broken.write_text("def new_module(name):\n    import sys, types\n    return sys.modules.setdefault(name, types.ModuleType(name))\n")
    done = subprocess.run([python, path, broken], check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr


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
    assert page.locator("table.plain").count() == 3
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


def test_what_is_missing_is_said_aloud(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real)
    assert "cpython-3.9 is unavailable: it is not there" in page.locator(".notices").inner_text()
    page.get_by_role("checkbox", name="not run").check()
    assert len(shown(page, "name")) > 20
    page.goto(real.as_uri() + f"#cell={CASE}&on=cpython-3.9")
    assert "Not run: this target is unavailable: it is not there" in page.locator("#details").inner_text()


def test_it_is_small() -> None:
    assert len(html_page(*sample_matrix(600, 20)).encode("utf-8")) < 2_000_000


def test_the_same_results_are_the_same_page(real: Path) -> None:
    pages = {html_page(*sample_matrix(40, 3)) for _ in range(2)}
    assert len(pages) == 1
    assert str(Path(__file__).parents[2]) not in real.read_text(encoding="utf-8")


def test_a_huge_matrix_is_usable(visit: Callable[..., Page], tmp_path: Path) -> None:
    """By numbers of elements, since times depend on the machine."""
    catalogue = sample_catalogue(5000, names=100)
    fails = [Verdict.FAIL, *itertools.repeat(Verdict.PASS, 49)]
    told = {"expected": "1", "observed": "2", "reason": "3"}
    targets = [
        sample_target(catalogue, number, lambda place, number=number: fails[(place + number) % 50], texts=told) for number in range(100)
    ]
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
