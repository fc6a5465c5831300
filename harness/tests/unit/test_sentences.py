"""Every sentence of the documents has its clause, and what lacks one is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adequacy.faults import cases_that_count, read_faults
from adequacy.sentences import Sentence, problems, read_sentences
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue

SPECS = """\
subject: thing
summary: A thing.
clauses:
  - {id: thing.works, text: It works., level: documented, sources: [{document: library-3.10, anchor: thing}]}
  - {id: thing.helps, text: It helps., level: docstring, sources: [{document: pydoc-3.10, anchor: thing}]}
  - id: thing.differs
    text: It differs.
    level: observed
    sources: [{document: interpreter, anchor: 3.4.0}]
    errata: [{document: library-3.10, says: It does not., fact: It does.}]
"""
CASES = "subject: thing\ncases:\n" + "".join(
    f"  - {{id: thing/{name}, title: One., clauses: [thing.{clause}], run: imp.thing(), expect: {{value: '1'}}}}\n"
    for name, clause in [("a", "works"), ("b", "helps"), ("c", "differs")]
)
WHOLE = [
    Sentence("library-3.10", "thing", "It works.", clauses=("thing.works",)),
    Sentence("library-3.10", "thing", "It does not differ.", contradicted=("thing.differs",)),
    Sentence("library-3.10", "thing", "See there.", prose="A link."),
    Sentence("pydoc-3.10", "thing", "It helps.", clauses=("thing.helps",)),
]


@pytest.fixture
def things(make_catalogue: Callable[..., Path]) -> Catalogue:
    return load_catalogue(make_catalogue(CASES, SPECS))


def test_every_sentence_has_its_clause(catalogue: Catalogue) -> None:
    assert list(problems(read_sentences(), catalogue)) == []


def test_every_clause_of_the_documents_is_broken_by_a_fault_that_a_case_of_its_level_can_notice(catalogue: Catalogue) -> None:
    faults = read_faults(catalogue)
    assert [fault.id for fault in faults if not cases_that_count(fault, catalogue)] == []


def test_a_whole_list_has_no_problems(things: Catalogue) -> None:
    assert list(problems(WHOLE, things)) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (replace(WHOLE[0], prose="A link."), "give it one of clauses, contradicted, prose"),
        (replace(WHOLE[0], clauses=("thing.works", "thing.gone")), "no clause thing.gone"),
        (replace(WHOLE[0], clauses=("thing.works", "thing.differs")), "thing.differs is observed, not documented"),
        (replace(WHOLE[0], clauses=("thing.works", "thing.helps")), "thing.helps is docstring, not documented"),
        (replace(WHOLE[0], anchor="another"), "thing.works does not cite library-3.10, another"),
        (replace(WHOLE[0], clauses=(), contradicted=("thing.works",)), "thing.works has no erratum of library-3.10"),
        (replace(WHOLE[0], clauses=(), prose="A link."), "thing.works: cites library-3.10, thing, where no sentence is listed"),
    ],
)
def test_a_sentence_without_its_clause_is_told(things: Catalogue, changed: Sentence, told: str) -> None:
    assert any(told in line for line in problems([changed, *WHOLE[1:]], things))
