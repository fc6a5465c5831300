"""What every rendering of a matrix has in common: columns shown as one, levels without cases, marks; and the Markdown page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.badges import make_badge
from imp_conformance.render.columns import columns_of, distinct
from imp_conformance.render.html import html_page
from imp_conformance.render.markdown import escape_cell, markdown_page
from imp_conformance.render.merged import heading, merged
from imp_conformance.render.picture import picture
from imp_conformance.render.summary import summary_page
from imp_conformance.render.terminal import matrix_view
from imp_conformance.results.judge import Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scores import Matrix, build_matrix
from sample_matrix import sample_catalogue, sample_target

HOSTILE = "<script>alert(1)</script> | `x` [a](b) *b* __c__ www.x.y http://x.y :smile: \n## c \x1b[31m"


def terminal(catalogue: Catalogue, matrix: Matrix) -> str:
    console = Console(width=400, highlight=False)
    with console.capture() as shown:
        console.print(matrix_view(catalogue, matrix, 400))
    return shown.get()


RENDERINGS: list[Callable[[Catalogue, Matrix], str]] = [html_page, markdown_page, picture, summary_page, terminal]


def genuine(catalogue: Catalogue, release: str, differing: int = -1) -> TargetResults:
    about = {"id": f"cpython-{release}", "release": release, "python": release, "emulates": release}
    return sample_target(catalogue, 0, lambda place: Verdict.FAIL if place == differing else Verdict.PASS, about)


def shim(catalogue: Catalogue, release: str, differing: int) -> TargetResults:
    about = {"id": f"cpython-{release}+shim", "python": release, "candidate": {"kind": "file", "name": "shim.py"}, "emulates": "3.11"}
    texts = {"expected": "1", "observed": HOSTILE, "reason": f"expected 1, observed {HOSTILE}"}
    return sample_target(catalogue, 0, lambda place: Verdict.FAIL if place == differing else Verdict.PASS, about, texts)


@pytest.fixture(scope="module")
def cases() -> Catalogue:
    """Sixty cases at the first three levels."""
    found = sample_catalogue(60, names=3)
    observed = {case.id: case for case in found.cases.values() if found.level(case) != "incidental"}
    return replace(found, cases=observed)


@pytest.mark.parametrize("render", RENDERINGS)
def test_every_rendering_says_the_scope(render: Callable[[Catalogue, Matrix], str], catalogue: Catalogue) -> None:
    whole = shim(catalogue, "3.12.1", -1)
    part = replace(shim(catalogue, "3.13.0", 3), scope=["get_tag", "reload"])
    text = render(catalogue, build_matrix(catalogue, [whole, part]))
    assert "2 of 34 names" in text
    assert "2 of 34 names" not in render(catalogue, build_matrix(catalogue, [whole]))


def test_a_badge_says_the_scope(catalogue: Catalogue) -> None:
    part = replace(shim(catalogue, "3.12.1", -1), scope=["get_tag", "reload"])
    assert make_badge(build_matrix(catalogue, [part]), part).message == "2 of 34 names: 100% documented, 100% all"


def shown_as(catalogue: Catalogue, *targets: TargetResults) -> list[str]:
    matrix = build_matrix(catalogue, targets)
    return [heading(matrix, members) for members in merged(matrix, columns_of(matrix))]


def test_equal_columns_are_shown_as_one(cases: Catalogue) -> None:
    builds = [genuine(cases, release) for release in ("3.4.0", "3.4.10", "3.11.7")]
    assert shown_as(cases, *builds) == ["CPython 3.4 to 3.11, 3 builds"]
    assert shown_as(cases, *builds[:2]) == ["CPython 3.4, 2 builds"]
    assert shown_as(cases, builds[0]) == ["cpython-3.4.0"]
    assert shown_as(cases, *builds, genuine(cases, "3.8.18", differing=3)) == ["CPython 3.4 to 3.11, 3 builds", "cpython-3.8.18"]
    shims = [shim(cases, "3.12.1", 3), shim(cases, "3.13.0", 3), shim(cases, "3.14.0", 30)]
    assert shown_as(cases, *shims, *builds) == [
        "shim on cpython-3.12.1, cpython-3.13.0",
        "cpython-3.14.0+shim",
        "CPython 3.4 to 3.11, 3 builds",
    ]


def test_columns_of_other_results_are_not_one(cases: Catalogue) -> None:
    whole, part = genuine(cases, "3.8.18"), replace(genuine(cases, "3.8.10"), complete=False)
    old = replace(genuine(cases, "3.8.1"), suite={**whole.suite, "digest": "sha256:0", "edition": 0})
    assert len(shown_as(cases, whole, part, old)) == 3
    columns = columns_of(build_matrix(cases, [whole, genuine(cases, "3.7.1"), shim(cases, "3.12.1", 3)]))
    assert [[column.label for column in same] for same in distinct(cases, columns)] == [
        ["cpython-3.12.1+shim"],
        ["cpython-3.8.18", "cpython-3.7.1"],
    ]


@pytest.mark.parametrize("render", RENDERINGS)
def test_a_level_without_cases_is_in_no_table(render: Callable[[Catalogue, Matrix], str], cases: Catalogue) -> None:
    text = render(cases, build_matrix(cases, [genuine(cases, "3.8.18")]))
    assert "docstring" in text
    assert "incidental" not in re.sub(r'"levels":\[[^]]*\]', "", text)
    every = sample_catalogue(60, names=3)
    clause = next(iter(every.clauses.values()))
    level = type(clause.level)("incidental")
    some = replace(every, clauses={**every.clauses, clause.id: replace(clause, level=level)})
    assert "incidental" in render(some, build_matrix(some, [genuine(some, "3.8.18")]))


@pytest.mark.parametrize("render", RENDERINGS)
def test_results_of_an_older_edition_are_marked(render: Callable[[Catalogue, Matrix], str], cases: Catalogue) -> None:
    new = replace(cases, cases={name: replace(case, edition=2) for name, case in cases.cases.items()}, digest="sha256:" + "2" * 64)
    matrix = build_matrix(new, [genuine(new, "3.8.18"), genuine(cases, "3.4.10"), shim(cases, "3.12.1", 3)])
    text = render(new, matrix)
    assert text.count("edition 1") >= 2
    assert "edition 2" not in text


def test_the_markdown_page_shows_hostile_text_as_text(cases: Catalogue) -> None:
    page = markdown_page(cases, build_matrix(cases, [shim(cases, "3.12.1", 3), genuine(cases, "3.8.18")]))
    assert "<script>" not in page
    assert "\x1b" not in page
    (row,) = [line for line in page.splitlines() if line.startswith("| docstring | ")]
    assert row.count("|") == 4
    assert "1 case" in row and row.endswith("| `name_0/case-of-some-length-3` |")
    assert "| `name_0` | **19/20** | 20 |" in page
    assert "### cpython-3.12.1+shim\n\n1 of 60 cases.\n" in page


def test_causes_of_one_candidate_are_listed_once(cases: Catalogue) -> None:
    matrix = build_matrix(cases, [shim(cases, "3.12.1", 3), shim(cases, "3.13.0", 3), shim(cases, "3.14.0", 30)])
    page = markdown_page(cases, matrix)
    assert "### shim on cpython-3.12.1, cpython-3.13.0, cpython-3.14.0\n" in page
    rows = [line.split(" | ") for line in page.splitlines() if line.endswith(("length-3` |", "length-30` |"))]
    assert sorted(row[2] for row in rows) == ["cpython-3.12.1, cpython-3.13.0", "cpython-3.14.0"]


@given(st.text())
@example(HOSTILE)
@example("a_b _c_ d__e 1_")
def test_a_cell_has_no_markup(text: str) -> None:
    shown = escape_cell(text)
    assert not set("|<>`*[]\\~\n\r") & set(shown)
    bare = re.sub(r"&#\d+;", "", shown)
    assert not set("&#") & set(bare)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])|:[^ ]", shown.replace("&#", " "))
    assert shown.isprintable()
    assert not text.isprintable() or " ".join(unescape(shown).split()) == " ".join(text.split())
