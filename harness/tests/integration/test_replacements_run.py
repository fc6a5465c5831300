"""What is said of replacements is true: each case that proves a statement comes out as the statement has it, on Python 3.13."""

from __future__ import annotations

import pytest

from conftest import interpreter
from imp_conformance.catalogue.cache import sound_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.replacements import Replacement, read_replacements
from imp_conformance.resources import catalogue_root
from imp_conformance.results.judge import Verdict
from replacements.measuring import judged, verdicts

ROOT = catalogue_root()
KNOWN = read_replacements(ROOT, sound_catalogue(ROOT))


def proofs(replacement: Replacement) -> dict[str, bool]:
    """Return the cases of all statements, each with whether it is kept."""
    return {case: item.keeps for statements in replacement.functions.values() for item in statements for case in item.cases}


@pytest.mark.parametrize("replacement", KNOWN, ids=lambda replacement: replacement.id)
def test_each_statement_is_true(replacement: Replacement, catalogue: Catalogue) -> None:
    wanted = {case: Verdict.PASS if keeps else Verdict.FAIL for case, keeps in proofs(replacement).items()}
    (found,) = verdicts(catalogue, ["--python", interpreter("3.13"), *judged(ROOT, replacement)], wanted).values()
    assert {case: found.get(case) for case in wanted} == wanted


def test_genuine_interpreters_pass_every_proof(catalogue: Catalogue) -> None:
    cases = sorted({case for replacement in KNOWN for case in proofs(replacement)})
    (found,) = verdicts(catalogue, ["--python", interpreter("3.11")], cases).values()
    assert {case for case in cases if found.get(case) is not Verdict.PASS} == set()
