"""The HTML matrix as a reader uses it, in Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

import imp_conformance
from chromium import browser, visit
from conftest import interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import Release
from real_page import CASE, SHIM, cell, leave, real, shown

__all__ = ["browser", "real", "visit"]  # fixtures


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
        "What genuine CPython does",
        "cpython-3.4",
        f"imp-conformance repro {CASE} --python 3.12.1 --candidate pypi:shim==1.0 > case.py",
        "python3.12 case.py",
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


def test_what_is_missing_is_said_aloud(visit: Callable[..., Page], real: Path) -> None:
    page = visit(real)
    assert "cpython-3.9 is unavailable: it is not there" in page.locator(".notices").inner_text()
    page.get_by_role("checkbox", name="not run").check()
    assert len(shown(page, "name")) > 20
    page.goto(real.as_uri() + f"#cell={CASE}&on=cpython-3.9")
    assert "Not run: this target is unavailable: it is not there" in page.locator("#details").inner_text()


def test_the_copied_commands_show_the_case(visit: Callable[..., Page], real: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    interpreter("3.8")
    page = visit(real, f"#cell={CASE}&on=cpython-3.8", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the commands").click()
    page.locator("#details [role=status]", has_text="Copied.").wait_for()
    making, running = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert running == "python3.8 case.py"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(making, shell=True, check=True, cwd=tmp_path, env={**os.environ, "PATH": path})
    text = (tmp_path / "case.py").read_text(encoding="ascii")
    assert text.startswith(f'"""{CASE}: {catalogue.cases[CASE].title}')
    assert len(text.splitlines()) < 40
    assert subprocess.run([interpreter("3.8"), "case.py"], cwd=tmp_path, check=False, capture_output=True).returncode == 0


def test_a_case_that_is_not_asked_has_no_script(visit: Callable[..., Page], real: Path, catalogue: Catalogue) -> None:
    case = next(case.id for case in catalogue.cases.values() if Release.parse("3.4.10") not in case.versions)
    page = visit(real, f"#cell={case}&on=cpython-3.4")
    assert page.locator("#details h3", has_text="What genuine CPython does").is_visible()
    assert page.locator("#details h3", has_text="script").count() == 0


def test_it_holds_no_code_of_the_package(real: Path) -> None:
    text = real.read_text(encoding="utf-8")
    package = Path(imp_conformance.__file__).parent
    lines = {line.strip() for path in package.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()}
    assert len(lines) > 1000
    assert not [line for line in lines if len(line) > 60 and line in text]
    assert f"imp-conformance {imp_conformance.__version__}" not in text
