"""The names of imp that cases use and are about, and how much callers use them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import SPECS
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.commands import check, show
from imp_conformance.errors import InvalidCatalogue

CASES = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: imp.thing(imp.CONSTANT, imp.__name__)
    expect: {value: ...}
"""
USE = "source: A count.\ncallers: 10\nshares: {thing: 40}\n"
NAMES = SPECS.replace("clauses:", "names: [thing, CONSTANT]\nclauses:")
USES = "    uses: {CONSTANT: It says which thing.}\n"


def told(load: Callable[[Path], object], root: Path) -> str:
    with pytest.raises(InvalidCatalogue) as caught:
        load(root)
    return str(caught.value)


@pytest.mark.parametrize(("cases", "specs"), [(CASES, NAMES), (CASES + USES, SPECS)])
def test_a_case_may_use_what_it_is_about_and_more_with_a_reason(cases: str, specs: str, make_catalogue: Callable[..., Path]) -> None:
    catalogue = checked_catalogue(make_catalogue(cases, specs))
    assert catalogue.cases["thing/one"].names == {"thing", "CONSTANT", "__name__"}
    assert catalogue.subjects(catalogue.cases["thing/one"]) == ("thing",)


@pytest.mark.parametrize(
    ("cases", "specs", "message"),
    [
        (CASES, SPECS, "cases/thing.yaml:3: thing/one: it uses imp.CONSTANT, which is of none of its subjects (thing): do without it"),
        (CASES + USES, NAMES, "thing/one: uses names CONSTANT, which is of one of its subjects: take it out"),
        (CASES + USES.replace("{", "{other: w, "), SPECS, "thing/one: uses names other, which it does not use: take it out"),
    ],
)
def test_a_case_does_not_use_other_names(cases: str, specs: str, message: str, make_catalogue: Callable[..., Path]) -> None:
    assert message in told(checked_catalogue, make_catalogue(cases, specs))


def test_the_subjects_of_clauses_count(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES.replace("[thing.works]", "[thing.works, other.works]"), SPECS)
    other = SPECS.replace("thing", "other").replace("clauses:", "names: [CONSTANT]\nclauses:")
    (root / "specs" / "other.yaml").write_text(other, encoding="ascii")
    catalogue = checked_catalogue(root)
    assert catalogue.subjects(catalogue.cases["thing/one"]) == ("thing", "other")


def test_the_names_and_subjects_of_cases_are_shown(
    catalogue: Catalogue, make_catalogue: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_catalogue(CASES + USES, SPECS)
    listed = CliRunner().invoke(check.command, ["--uses", str(root)]).output
    assert listed.splitlines()[0] == "thing/one\tCONSTANT, __name__, thing\tthing"
    monkeypatch.setattr(show, "own_catalogue", lambda: load_catalogue(root))
    shown = CliRunner().invoke(show.command, ["thing/one"]).output
    assert "  subjects: thing\n  uses: CONSTANT (It says which thing.), __name__, thing\n" in shown


def test_how_much_callers_use(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, NAMES)
    assert load_catalogue(root).use.shares == {}
    (root / "specs" / "use.yaml").write_text(USE, encoding="ascii")
    use = load_catalogue(root).use
    assert (use.source, use.callers, use.share("thing"), use.share("other")) == ("A count.", 10, 40, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (USE.replace("thing", "thong"), "specs/use.yaml:3: there is no subject 'thong': name one of thing"),
        (USE.replace("40", "140"), "specs/use.yaml:3: shares.thing"),
        (USE.replace("source: A count.\n", ""), "specs/use.yaml:1: the file: 'source' is a required property"),
        ("- a\n", "specs/use.yaml:1: the file"),
        ("a: b: c\n", "specs/use.yaml:1: not YAML"),
    ],
)
def test_a_mistake_in_the_shares_of_use_is_told(text: str, message: str, make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, NAMES)
    (root / "specs" / "use.yaml").write_text(text, encoding="ascii")
    assert message in told(load_catalogue, root)


def test_the_shares_of_the_catalogue(catalogue: Catalogue) -> None:
    assert catalogue.use.shares == {"reload": 48, "load_source": 36, "find_module": 10, "load_module": 5, "new_module": 2}
    assert catalogue.about["constants"] >= {"PY_SOURCE", "SEARCH_ERROR"}
    assert catalogue.about["reload"] == {"reload"}
