"""What is known of replacements: how its file is checked, how code is cut out, and that the page shows what is there."""

from __future__ import annotations

import builtins
import dis
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import pytest

from conftest import SPECS
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.replacements import Replacement, read_replacements
from imp_conformance.errors import InvalidCatalogue
from imp_conformance.resources import catalogue_root
from replacements.__main__ import FIGURES, PAGE, read_figures
from replacements.copying import cut
from replacements.page import page

ROOT = catalogue_root()
REPORTS = ROOT / "reports"

CASES = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: imp.thing()
    expect: {value: ...}
"""
KNOWN = """\
replacements:
  - id: one
    what: One.
    told: {by: someone}
    candidate: harness/candidates/one.py
    functions:
      thing:
        - loses: Something.
          cases: [thing/one]
"""


@pytest.fixture(scope="module")
def known(catalogue: Catalogue) -> tuple[Replacement, ...]:
    return read_replacements(ROOT, catalogue)


def test_the_file_is_read(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, SPECS)
    assert read_replacements(root, load_catalogue(root)) == ()
    (root / "specs" / "replacements.yaml").write_text(KNOWN, encoding="ascii")
    (found,) = read_replacements(root, load_catalogue(root))
    (statement,) = found.functions["thing"]
    assert (found.id, found.own, found.url, statement.keeps, statement.text) == ("one", "", "", False, "Something.")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("thing/one]", "thing/two]", "specs/replacements.yaml:9: there is no case 'thing/two'"),
        ("      thing:", "      thong:", "specs/replacements.yaml:7: there is no subject 'thong'"),
        ("loses:", "wins:", "specs/replacements.yaml:8: replacements.0.functions.thing.0"),
        ("        - loses", "        - keeps: Something.\n          loses", "specs/replacements.yaml:8: replacements.0.functions.thing.0"),
        ("replacements:\n", "replacements:\n" + KNOWN.partition("\n")[2], "specs/replacements.yaml:10: there are two replacements one"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, message: str, make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(CASES, SPECS)
    (root / "specs" / "replacements.yaml").write_text(KNOWN.replace(old, new, 1), encoding="ascii")
    with pytest.raises(InvalidCatalogue) as caught:
        read_replacements(root, load_catalogue(root))
    assert message in str(caught.value)


MODULE = '''\
"""A module."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from os import path, sep

ONE, TWO = range(2)
THREE = 3  # noqa: F841


def helper(name: str) -> str:  # type: ignore[misc]
    return importlib.util.resolve_name(name, sep)  # not a linter's


def wanted() -> object:
    """Say it."""
    return helper("x") + str(TWO)


def other() -> object:
    return sys, path, importlib.reload
'''
WANTED = '''\
from __future__ import annotations

import importlib.util
from os import sep

ONE, TWO = range(2)


def helper(name: str) -> str:
    return importlib.util.resolve_name(name, sep)  # not a linter's


def wanted() -> object:
    """Say it."""
    return helper("x") + str(TWO)
'''


def test_a_function_is_cut_out_with_what_it_needs() -> None:
    assert cut(MODULE, "wanted") == WANTED
    assert cut(MODULE, "THREE") == "THREE = 3\n"
    assert "import importlib\n" in cut(MODULE, "other")
    with pytest.raises(KeyError):
        cut(MODULE, "nothing")


def global_names(code: CodeType) -> Iterator[str]:
    """Give the names that code looks up in its module."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from global_names(constant)


def test_what_is_cut_out_runs_alone_and_is_the_files(catalogue: Catalogue, known: tuple[Replacement, ...]) -> None:
    for replacement in known:
        if not replacement.own:
            continue
        source = (ROOT / replacement.candidate).read_text(encoding="utf-8")
        lines = {re.sub(r"  # (noqa|type: ignore).*", "", line) for line in source.splitlines()}
        for function in replacement.functions:
            names = sorted(catalogue.about[function])
            text = cut(source, *names)
            assert {line for line in text.splitlines() if not re.match(r"(from|import) ", line)} <= lines
            found: dict[str, object] = {}
            code = compile(text, function, "exec")
            exec(code, found)
            assert set(names) <= found.keys()
            inside = {"__module__", "__qualname__", "__name__", "__annotations__"}  # of a class
            assert set(global_names(code)) <= found.keys() | vars(builtins).keys() | inside, function


def test_every_function_has_both_levels(catalogue: Catalogue, known: tuple[Replacement, ...]) -> None:
    own = {replacement.own: replacement.functions.keys() for replacement in known if replacement.own}
    assert own.keys() == {"documented", "observed"}
    assert own["documented"] == own["observed"] == catalogue.summaries.keys() - {"example", "module"}


def test_the_published_page_is_made_of_the_figures(catalogue: Catalogue, known: tuple[Replacement, ...]) -> None:
    measured = read_figures(REPORTS / FIGURES)
    assert page(ROOT, catalogue, known, measured) == (REPORTS / PAGE).read_text(encoding="utf-8"), "make it anew: nox -s replacements"


def test_our_own_code_keeps_its_level_but_for_what_is_said(known: tuple[Replacement, ...]) -> None:
    """What each cannot keep is named by a statement, case by case."""
    data = json.loads((REPORTS / FIGURES).read_text(encoding="ascii"))
    for replacement in known:
        for function, statements in replacement.functions.items() if replacement.own else ():
            named = {case for statement in statements for case in statement.cases if not statement.keeps}
            for figures in (by_function[function] for by_function in data[replacement.id].values()):
                binding = [level for level in ("documented", "docstring") if figures["counts"][level][0] < figures["counts"][level][1]]
                if replacement.own == "observed":
                    assert set(figures["differing"]) <= named, function
                elif binding:
                    assert named & set(figures["differing"]), function
