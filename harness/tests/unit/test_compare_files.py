"""Two result files compared, and what only one side has."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import results_made as made
from imp_conformance.render.changes import comparison_view
from imp_conformance.results.diff import Kind, compare
from imp_conformance.results.judge import Verdict


def test_two_files_are_compared_whatever_targets_they_are_of() -> None:
    one = {"results": {"a/1": made.entry(Verdict.PASS), "a/2": made.entry(Verdict.PASS)}, "complete": True}
    other = {"results": {"a/1": made.entry(Verdict.FAIL), "b/1": made.entry(Verdict.FAIL)}, "complete": True}
    old, new = made.result_set({"gate": one}), made.result_set({"pypy3.9-7.3.11": other})
    assert [target.one_sided for target in compare(old, new).targets] == [True, True]
    (target,) = compare(old, new, files=True).targets
    assert [(change.case, change.kind) for change in target.differences] == [
        ("a/1", Kind.REGRESSED),
        ("b/1", Kind.ADDED),
        ("a/2", Kind.REMOVED),
    ]
    assert [remark.text for remark in target.remarks] == ["compared with gate, which is what OLD has of it"]
    several = made.result_set({"pypy3.9-7.3.11": other, "pypy3.10-7.3.15": other})
    assert [found.unchanged for found in compare(several, several, files=True).targets] == [2, 2]
    assert len(compare(old, several, files=True).targets) == len(compare(several, old, files=True).targets) == 2
    assert not any(found.one_sided for found in (*compare(old, several, files=True).targets, *compare(several, old, files=True).targets))


@pytest.mark.parametrize(("verbose", "listed"), [(False, []), (True, ["a/2", "b/1"])])
def test_what_only_one_side_has_is_counted_and_listed_where_asked(verbose: bool, listed: list[str]) -> None:
    old = made.result_set(
        {"cpython-3.8": {"results": {"a/2": made.entry(Verdict.PASS), "a/1": made.entry(Verdict.PASS)}, "complete": True}}
    )
    new = made.result_set(
        {"cpython-3.8": {"results": {"b/1": made.entry(Verdict.FAIL), "a/1": made.entry(Verdict.FAIL)}, "complete": True}}
    )
    console = Console(width=200, file=io.StringIO())
    for part in comparison_view(compare(old, new), verbose=verbose):
        console.print(part)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert [case for case in ("a/2", "b/1") if case in text] == listed
    assert ("only in NEW: 1 case (1 not passing); -v lists them" in text) is not verbose
    assert ("only in OLD: 1 case; -v lists them" in text) is not verbose
    assert "a/1" in text
