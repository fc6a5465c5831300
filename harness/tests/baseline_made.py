"""Baselines made by hand, for tests of what reads and writes them."""

from __future__ import annotations

from pathlib import Path

from imp_conformance.baseline.model import Baseline, load_baseline
from imp_conformance.results.judge import Verdict

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


def known(tmp_path: Path, text: str = KNOWN) -> Baseline:
    """Write a baseline and read it."""
    (tmp_path / "known.yaml").write_text(text, encoding="utf-8")
    return load_baseline(tmp_path / "known.yaml", "known.yaml")


def entry_text(case: str = ONE, verdict: str = "fail", more: str = "") -> str:
    """A baseline of one entry, and more."""
    return f"differences:\n  - case: {case}\n    verdict: {verdict}\n    reason: It registers.\n    link: https://example.org/7\n{more}"
