"""Families of cases and the table of aspects: what they become, and what is said of mistakes in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import SPECS
from imp_conformance.catalogue.lookup import node_id
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.cli import main
from imp_conformance.errors import InvalidCatalogue

CASE = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: |
      imp.thing()
    expect:
      value: (1, None)
"""

ASPECTS = """\
lacks:
  code: it runs no code
  name: it takes no name
forms:
  thing:
    function: thing
    has: [code, name]
    files: {"$stem.py": "$code"}
    load: imp.thing($name, "$stem.py")
  thing-again:
    function: thing
    what: thing, once more,
    has: [code]
    prefix: again-
    files: {"$stem.py": "", "new.py": "$code"}
    before: |
      import os
      os.replace("new.py", "$stem.py")
    load: imp.thing()
    values: {file: "$stem.py"}
  thing-bare:
    function: thing
    prefix: bare-
    has: []
groups:
  both: [thing, thing-again]
aspects:
  - id: runs
    title: The code runs.
    of: [code]
  - id: named
    title: The name counts.
    of: [name]
    cells: {thing: [thing/one]}
"""

FAMILIES = """\
families:
  - name: runs
    aspect: runs
    title: "$what runs its code."
    clause:
      text: $what runs the code.
    as: a.b
    stem: file
    code: |
      x = "$$HOME"
    run: |
      m = $load
      m.x
    expect:
      value: "'$$HOME'"
    but:
      thing-again: {expect: {value: "None"}, needs: [threads]}
"""


@pytest.fixture
def make_families(make_catalogue: Callable[..., Path]) -> Callable[..., Path]:
    """Write a catalogue that has families, and return its folder."""

    def write(families: str = FAMILIES, aspects: str = ASPECTS) -> Path:
        root = make_catalogue(CASE, SPECS)
        (root / "cases" / "families").mkdir(exist_ok=True)
        (root / "cases" / "families" / "some.yaml").write_text(families, encoding="utf-8")
        (root / "specs" / "aspects.yaml").write_text(aspects, encoding="utf-8")
        return root

    return write


def test_a_family_is_a_case_and_a_clause_for_each_form_that_has_what_it_asks(make_families: Callable[..., Path]) -> None:
    root = make_families()
    catalogue = checked_catalogue(root)
    first, again = catalogue.cases["thing/runs"], catalogue.cases["thing/again-runs"]
    assert first.code == "m = imp.thing('a.b', \"file.py\")\nm.x\n"
    assert again.code == 'import os\nos.replace("new.py", "file.py")\nm = imp.thing()\nm.x\n'
    assert [file["path"] for file in again.files] == ["file.py", "new.py"]
    assert first.title == "thing runs its code."
    assert again.title == "thing, once more, runs its code."
    assert again.needs == ("threads",)
    assert first.needs == ()
    assert str(first.expect.value) != str(again.expect.value)
    assert catalogue.level(first) is Level.OBSERVED
    assert catalogue.clauses["thing.again-runs"].text == "thing, once more, runs the code."
    assert (first.file, first.line) == ("cases/families/some.yaml", 2)
    assert node_id(catalogue, root, "thing/runs").endswith("cases/thing.yaml::thing/runs")
    assert 'x = "$HOME"' in catalogue.texts["thing/runs"]


def test_a_family_changes_the_digest_as_its_cases_would(make_families: Callable[..., Path]) -> None:
    digests = {
        checked_catalogue(make_families(text)).digest
        for text in (FAMILIES, FAMILIES.replace("m.x", "m.y"), FAMILIES.replace("threads", "frozen"))
    }
    assert len(digests) == 3
    assert checked_catalogue(make_families(FAMILIES.replace("runs its code", "does it"))).digest in digests


MISTAKES = {
    "an unknown aspect": ("aspect: runs", "aspect: rnus", "cases/families/some.yaml:3", "there is no aspect 'rnus'"),
    "an unknown form": ("    as: a.b", "    forms: [thong]", "cases/families/some.yaml:7", "there is no form 'thong'"),
    "an exception for an unknown form": (
        "thing-again: {expect",
        "thong: {expect",
        "cases/families/some.yaml:16",
        "there is no form 'thong'",
    ),
    "a value that a form has not": ("m.x", "$file", "cases/families/some.yaml:2", "runs: $file stands for nothing"),
    "a single dollar": ('"$$HOME"', '"$"', "cases/families/some.yaml:2", "write $$ for a dollar sign"),
    "an unknown key": ("    as: a.b", "    named: a.b", "cases/families/some.yaml:2", "named"),
    "what no case may expect": ('{value: "None"}', '{valu: "None"}', "cases/families/some.yaml:14", "valu"),
    "no Python": ("m = $load", "m = = $load", "cases/families/some.yaml:11", "the snippet is not Python"),
    "a name that it is not about": ("m = $load", "m = $load\n      imp.other()", "cases/families/some.yaml:2", "it uses imp.other"),
    "a bad id": ("name: runs", "name: Runs", "cases/families/some.yaml:2", "matches ^[a-z0-9]"),
    "an id that is taken": ("name: runs", "name: one", "cases/families/some.yaml:2", "is taken at cases/thing.yaml:3"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_family_is_told_at_its_line(name: str, make_families: Callable[..., Path]) -> None:
    old, new, place, message = MISTAKES[name]
    assert FAMILIES.count(old) >= 1
    told = problems(make_families(FAMILIES.replace(old, new, 1)))
    assert any(line.startswith(f"{place}: ") and message in line for line in told.splitlines()), told


WRONG_ASPECTS = {
    "an empty cell": ("  - id: named", "  - id: empty\n    title: Nothing.\n    of: [code]\n  - id: named", 31, "no case for thing-again"),
    "a cell without its case": ("[thing/one]", "[thing/none]", 31, "names 'thing/none' for thing, which is no case"),
    "a cell of an unknown form": ("cells: {thing:", "cells: {thong:", 31, "there is no form 'thong'"),
    "an unknown function": ("function: thing\n    what", "function: thong\n    what", 11, "there is no subject 'thong'"),
    "a thing that nothing is said of": ("has: []", "has: [path]", 24, "lacks says nothing of 'path'"),
    "a group of nothing": ("both: [thing,", "both: [thong,", 26, "there is no form 'thong'"),
}


@pytest.mark.parametrize("name", WRONG_ASPECTS)
def test_a_mistake_in_the_table_is_told_at_its_line(name: str, make_families: Callable[..., Path]) -> None:
    old, new, line, message = WRONG_ASPECTS[name]
    told = problems(make_families(aspects=ASPECTS.replace(old, new, 1)))
    assert any(text.startswith(f"specs/aspects.yaml:{line}: ") and message in text for text in told.splitlines()), told


def test_a_reason_fills_a_cell_that_a_family_leaves_out(make_families: Callable[..., Path]) -> None:
    families = FAMILIES.replace("    as: a.b", "    forms: [thing]").replace("      thing-again: {expect", "      thing: {expect")
    assert "no case for thing-again" in problems(make_families(families))
    reasons = ASPECTS.replace("    title: The code runs.", "    title: The code runs.\n    reasons: {thing-again: it ran before}")
    catalogue = checked_catalogue(make_families(families, reasons))
    cells = {form.id: catalogue.table.cell(catalogue.table.aspects.rows["runs"], form) for form in catalogue.table.aspects.forms.values()}
    assert cells == {"thing": ("thing/runs",), "thing-again": "it ran before", "thing-bare": "it runs no code"}


def test_the_matrix_of_cells_is_shown(catalogue: Catalogue) -> None:
    shown = CliRunner().invoke(main, ["list", "--aspects"])
    assert shown.exit_code == 0, shown.output
    for aspect in catalogue.table.aspects.rows.values():
        assert aspect.title[:20] in shown.output
    assert "it runs no Python code" in shown.output


def problems(root: Path) -> str:
    with pytest.raises(InvalidCatalogue) as caught:
        checked_catalogue(root)
    return str(caught.value)
