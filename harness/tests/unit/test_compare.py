"""Two sets of results compared: every case falls into one kind, and the exit status gates."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import results_made as made
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ExitStatus
from imp_conformance.portable.difference import Difference
from imp_conformance.render.changes import comparison_view, summary_line
from imp_conformance.results.diff import Comparison, Kind, classify, compare
from imp_conformance.results.folders import check_cases, read_result_set
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.pairs import paired
from imp_conformance.targets.names import interpreter_id
from imp_conformance.targets.target import promised

NAMES = st.sampled_from(["a/1", "a/2", "b/1", "b/2", "c/1"])
ENTRIES = st.builds(made.entry, st.sampled_from(Verdict), st.sampled_from(["x", "y"]))
TARGET_RESULTS = st.fixed_dictionaries({"results": st.dictionaries(NAMES, ENTRIES), "complete": st.booleans()})
SETS = st.dictionaries(st.sampled_from(["cpython-3.8", "cpython-3.9", "pypy-3.9"]), TARGET_RESULTS, min_size=1)


def kinds(comparison: Comparison) -> dict[tuple[str, str], list[Kind]]:
    found: dict[tuple[str, str], list[Kind]] = {}
    for target in comparison.targets:
        for difference in target.differences:
            found.setdefault((target.id, difference.case), []).append(difference.kind)
    return found


@given(old=SETS, new=SETS)
def test_every_case_falls_into_exactly_one_kind(old: dict[str, Any], new: dict[str, Any]) -> None:
    comparison = compare(made.result_set(old), made.result_set(new))
    pairs = {(target, case) for found in (old, new) for target, content in found.items() for case in content["results"]}
    told = kinds(comparison)
    assert all(len(found) == 1 for found in told.values())
    assert sum(comparison.counts.values()) == len(pairs)
    assert comparison.counts[Kind.UNCHANGED] == len(pairs - told.keys())
    for target, case in pairs - told.keys():
        assert old[target]["results"][case] == new[target]["results"][case]


@given(content=SETS)
def test_nothing_differs_from_itself(content: dict[str, Any]) -> None:
    comparison = compare(made.result_set(content), made.result_set(content))
    assert kinds(comparison) == {}
    assert comparison.exit_status == (
        ExitStatus.CONFORMS if all(found["complete"] for found in content.values()) else ExitStatus.INCOMPLETE
    )


@given(old=SETS, new=SETS)
def test_the_other_way_round_what_was_fixed_regresses(old: dict[str, Any], new: dict[str, Any]) -> None:
    opposite = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    opposite |= {Kind.FIXED: Kind.REGRESSED, Kind.REGRESSED: Kind.FIXED}
    forth, back = (
        kinds(compare(made.result_set(old), made.result_set(new))),
        kinds(compare(made.result_set(new), made.result_set(old))),
    )
    assert {pair: [opposite[kind] for kind in found] for pair, found in forth.items()} == back


@given(old=SETS, new=SETS)
def test_the_status_is_one_exactly_where_a_pass_was_lost(old: dict[str, Any], new: dict[str, Any]) -> None:
    lost = False
    for target in old.keys() & new.keys():
        for case in old[target]["results"].keys() & new[target]["results"].keys():
            before, after = (Result.from_json(case, found[target]["results"][case]).verdict for found in (old, new))
            lost |= before is Verdict.PASS and after not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert (compare(made.result_set(old), made.result_set(new)).exit_status == ExitStatus.DIFFERS) is lost


ONE = "new_module/not-registered"
P, F, C, N = Verdict.PASS, Verdict.FAIL, Verdict.CRASH, Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (P, F, Kind.REGRESSED),
        (P, C, Kind.REGRESSED),
        (F, P, Kind.FIXED),
        (F, C, Kind.CHANGED),
        (P, N, Kind.CHANGED),
        (N, P, Kind.CHANGED),
        (N, F, Kind.CHANGED),
        (F, N, Kind.CHANGED),
        (P, P, Kind.UNCHANGED),
        (F, F, Kind.UNCHANGED),
        (None, F, Kind.ADDED),
        (F, None, Kind.REMOVED),
        (P, None, Kind.REMOVED),
    ],
)
def test_kinds(old: Verdict | None, new: Verdict | None, kind: Kind) -> None:
    assert classify(None if old is None else made.result(ONE, old), None if new is None else made.result(ONE, new)) is kind


def test_another_observation_is_a_change() -> None:
    assert classify(made.result(ONE, F, "x"), made.result(ONE, F, "y")) is Kind.CHANGED
    assert classify(made.result(ONE, N, "x"), made.result(ONE, N, "y")) is Kind.CHANGED


def test_another_difference_is_a_change_unless_an_old_file_has_only_its_sentence() -> None:
    old = made.result(ONE, F)
    there = replace(old, difference=Difference(("message",), "text", "1", "x"))
    told = replace(old, difference=Difference.told_as("it is not 1"))
    assert classify(old, there) is Kind.CHANGED
    assert classify(told, old) is classify(old, told) is Kind.UNCHANGED
    assert classify(told, replace(old, observed="y")) is Kind.CHANGED


Change = Callable[[dict[str, Any]], object]


def recount(content: dict[str, Any], catalogue: Catalogue) -> None:
    content["counts"] = made.counts(catalogue, content["results"])


def other_suite(content: dict[str, Any]) -> None:
    content["suite"] = {"version": "9.9", "edition": 1, "digest": "sha256:" + "1" * 64}
    del content["results"][ONE]


def other_release(content: dict[str, Any]) -> None:
    content["targets"][0].update(id="cpython-3.8.20", python="3.8.20", release="3.8.20", emulates="3.8.20")


def other_release_that_fails(content: dict[str, Any]) -> None:
    other_release(content)
    content["results"][ONE] = made.entry(F)


def page(comparison: Comparison) -> str:
    shown = io.StringIO()
    console = Console(file=shown, width=160, highlight=False)
    for part in [*comparison_view(comparison), summary_line(comparison)]:
        console.print(part)
    return shown.getvalue()


GATES: dict[str, tuple[Change, Change, int, str]] = {
    "the same": (lambda old: None, lambda new: None, 0, "regressed 0, changed 0, fixed 0, added 0, removed 0, unchanged "),
    "a regression": (
        lambda old: None,
        lambda new: new["results"].update({ONE: made.entry(F, "\x1b[31m\ud800")}),
        1,
        "new_module/not-registered",
    ),
    "a fix": (lambda old: old["results"].update({ONE: made.entry(F)}), lambda new: None, 0, "fixed 1"),
    "another suite without a passing case": (lambda old: None, other_suite, 0, "removed 1"),
    "a suite with a failing case more": (
        other_suite,
        lambda new: new["results"].update({ONE: made.entry(F)}),
        0,
        "added 1 (1 not passing)",
    ),
    "another target": (
        lambda old: None,
        lambda new: new["targets"][0].update(id="cpython-3.9.2", python="3.9.2", release="3.9.2", emulates="3.9.2"),
        3,
        "GONE: not in NEW",
    ),
    "another release": (lambda old: None, other_release, 0, "compared with cpython-3.8, which is what OLD has of it"),
    "a regression in another release": (
        lambda old: None,
        other_release_that_fails,
        1,
        "regressed 1",
    ),
    "a part": (lambda old: None, lambda new: new.update(complete=False), 3, "PARTIAL: NEW has only a part of the cases"),
    "a part before": (lambda old: old.update(complete=False), lambda new: None, 3, "PARTIAL: OLD has only a part of the cases"),
    "unavailable": (
        lambda old: None,
        lambda new: new.update(complete=False, unavailable="no imp", results={}),
        3,
        "UNAVAILABLE in NEW: no imp",
    ),
    "unavailable as before": (
        lambda old: old.update(complete=False, unavailable="no imp", results={}),
        lambda new: new.update(complete=False, unavailable="no imp", results={}),
        0,
        "UNAVAILABLE in both: no imp",
    ),
    "a regression in a part": (
        lambda old: None,
        lambda new: new.update(complete=False, results={ONE: made.entry(F)}),
        1,
        "INCOMPLETE",
    ),
}


@pytest.mark.parametrize("name", GATES)
def test_the_exit_status_gates(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    change_old, change_new, status, told = GATES[name]
    for place, change in (("old", change_old), ("new", change_new)):
        content = copy.deepcopy(made.whole(catalogue, "cpython-3.8", {}))
        change(content)
        recount(content, catalogue)
        made.write(tmp_path / place, content)
    old, new = (read_result_set(tmp_path / place) for place in ("old", "new"))
    for found in (old, new):
        check_cases(catalogue, found)
    comparison = compare(old, new)
    shown = page(comparison)
    assert comparison.exit_status == status, shown
    assert told in shown
    assert "\x1b" not in shown
    shown.encode("utf-8")


def test_a_part_beside_the_whole_is_left_out_and_told(catalogue: Catalogue, tmp_path: Path) -> None:
    made.write(tmp_path / "old", made.whole(catalogue, "cpython-3.8", {}))
    made.write(tmp_path / "new", made.whole(catalogue, "cpython-3.8", {}))
    made.write(tmp_path / "new", made.data(catalogue, "cpython-3.8", {ONE: made.entry(F)}), "cpython-3.8.partial.json")
    comparison = compare(read_result_set(tmp_path / "old"), read_result_set(tmp_path / "new"))
    assert comparison.exit_status == ExitStatus.INCOMPLETE
    assert "cpython-3.8.partial.json is of a run that did not end" in page(comparison)
    assert "regressed 0" in summary_line(comparison)


def releases(*texts: str, **changes: Any) -> dict[str, TargetResults]:
    """Return results by id, of releases such as ``graalpy 24.2.2 3.11.7``."""
    found = {}
    for text in texts:
        implementation, release, python = (text.split() * 2)[:3] if text.startswith("cpython") else text.split()
        python = release if implementation == "cpython" else python
        about = made.about("", implementation=implementation, release=release, python=python, emulates=promised(python), **changes)
        about["id"] = interpreter_id(about)
        found[about["id"]] = replace(made.in_memory(about["id"], {}, True), target=about)
    return found


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        (["cpython 3.11.7"], ["cpython 3.11.9"], [("cpython-3.11.7", "cpython-3.11.9")]),
        (["cpython 3.11.7"], ["cpython 3.12.1"], [("cpython-3.11.7", None), (None, "cpython-3.12.1")]),
        (
            ["cpython 3.8.1", "cpython 3.8.10"],
            ["cpython 3.8.10", "cpython 3.8.18", "cpython 3.8.2"],
            [("cpython-3.8.1", "cpython-3.8.18"), ("cpython-3.8.10", "cpython-3.8.10"), (None, "cpython-3.8.2")],
        ),
        (["graalpy 24.1.2 3.11.7"], ["graalpy 24.2.2 3.11.7"], [("graalpy-24.1.2", "graalpy-24.2.2")]),
        (["graalpy 24.2.2 3.11.7"], ["graalpy 25.0.1 3.12.8"], [("graalpy-24.2.2", "graalpy-25.0.1")]),
        (
            ["graalpy 24.2.1 3.11.7", "graalpy 25.0.0 3.12.8"],
            ["graalpy 24.2.2 3.11.7", "graalpy 25.1.0 3.12.8"],
            [("graalpy-24.2.1", "graalpy-24.2.2"), ("graalpy-25.0.0", "graalpy-25.1.0")],
        ),
        (
            ["pypy 7.3.11 3.9.16"],
            ["pypy 7.3.16 3.10.14", "pypy 7.3.16 3.9.19"],
            [("pypy3.9-7.3.11", "pypy3.9-7.3.16"), (None, "pypy3.10-7.3.16")],
        ),
    ],
)
def test_releases_of_one_implementation_are_compared(old: list[str], new: list[str], pairs: list[tuple[str | None, str | None]]) -> None:
    for before, after in ((releases(*old), releases(*new)), (releases(*old), dict(reversed(releases(*new).items())))):
        found = [tuple(None if results is None else results.id for results in pair) for pair in paired(before, after)]
        assert found == pairs


@pytest.mark.parametrize("changes", [{"platform": "linux-s390x"}, {"build": "debug"}, {"candidate": {"kind": "file", "name": "shim.py"}}])
def test_what_is_no_other_release_is_not_compared(changes: dict[str, Any]) -> None:
    old, new = releases("cpython 3.11.7"), releases("cpython 3.11.9", **changes)
    assert [pair.count(None) for pair in paired(old, new)] == [1, 1]


def test_a_digest_of_a_build_does_not_keep_releases_apart() -> None:
    old, new = releases("cpython 3.11.7", build="debug-a1b2c3"), releases("cpython 3.11.9", build="debug")
    assert [pair.count(None) for pair in paired(old, new)] == [0]
