"""Baselines made by hand, for tests of what reads and writes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import results_made as made
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Result, Verdict
from sample_matrix import sample_catalogue

P, F, C, N = Verdict.PASS, Verdict.FAIL, Verdict.CRASH, Verdict.NOT_APPLICABLE
ONE, TWO = "new_module/not-registered", "get_tag/silent"
A, B = "cpython-3.12+shim", "cpython-3.13+shim"

KNOWN = f"""\
# What we know.
differences:
  - case: {ONE}
    targets: [{A}]
    verdict: fail
    reason: It is registered, see below.
    link: https://example.org/1
  - case: {TWO}   # on all
    verdict: crash
    reason: It crashes.
"""


SHIM = """\
import _imp, sys, types
def new_module(name):
    module = types.ModuleType(name)
    if name == "fresh_one":
        sys.modules[name] = module
    return module
def get_tag():
    return sys.implementation.cache_tag
"""
"""A candidate of which the case ONE fails."""


def small_catalogue(*names: str) -> Catalogue:
    """A catalogue of cases of these ids, at the observed level, each of which uses the name before the slash."""
    found = sample_catalogue(1, names=1)
    case, clause = next(iter(found.cases.values())), next(iter(found.clauses.values()))
    clauses = {clause.id: replace(clause, level=Level.OBSERVED)}
    cases = {name: replace(case, id=name, clauses=(clause.id,), names=frozenset({name.partition("/")[0]})) for name in names}
    return replace(found, clauses=clauses, cases=cases)


SMALL = small_catalogue(*made.CASES)


def seen(found: dict[str, dict[str, Verdict]]) -> dict[str, dict[str, Result]]:
    """Results of these verdicts, each of which differs by ``value x``."""
    return {target: {case: made.result(case, verdict) for case, verdict in cases.items()} for target, cases in found.items()}


def raises(case: str, name: str) -> Result:
    """The result of a case that raises what it must not."""
    return Result(case, F, "1", f"raised {name}", Difference(("exception",), "raised", "", f"{name}: no"))


def lacks(case: str, *names: str) -> Result:
    """The result of a case that uses names which imp does not have."""
    return Result(case, Verdict.MISSING, "1", "not run", Difference(("names",), "missing", ", ".join(names), ""))


def known(tmp_path: Path, text: str = KNOWN) -> Baseline:
    """Write a baseline and read it."""
    (tmp_path / "known.yaml").write_text(text, encoding="utf-8")
    return load_baseline(tmp_path / "known.yaml", "known.yaml")


def entry_text(case: str = ONE, verdict: str = "fail", more: str = "") -> str:
    """A baseline of one entry, and more."""
    return f"differences:\n  - case: {case}\n    verdict: {verdict}\n    reason: It registers.\n    link: https://example.org/7\n{more}"
