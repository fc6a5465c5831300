"""Two sets of results compared: every case falls into one kind, and the exit status gates."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imp_conformance.results.files import read_results
from rich.console import Console

import results_made as made
from conftest import Cli
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ExitStatus, InvalidResults
from imp_conformance.render.changes import comparison_view, summary_line
from imp_conformance.results.diff import Comparison, Kind, classify, compare
from imp_conformance.results.folders import ResultSet, check_cases, read_result_set
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scores import build_matrix

NAMES = st.sampled_from(["a/1", "a/2", "b/1", "b/2", "c/1"])
ENTRIES = st.builds(made.entry, st.sampled_from(Verdict), st.sampled_from(["x", "y"]))
TARGET_RESULTS = st.fixed_dictionaries({"results": st.dictionaries(NAMES, ENTRIES), "complete": st.booleans()})
SETS = st.dictionaries(st.sampled_from(["cpython-3.8", "cpython-3.9", "pypy-3.9"]), TARGET_RESULTS, min_size=1)


def result_set(content: dict[str, Any]) -> ResultSet:
    targets = {target: made.in_memory(target, **found) for target, found in content.items()}
    return ResultSet("here", targets, {target: Path(f"{target}.json") for target in targets})


def kinds(comparison: Comparison) -> dict[tuple[str, str], list[Kind]]:
    found: dict[tuple[str, str], list[Kind]] = {}
    for target in comparison.targets:
        for difference in target.differences:
            found.setdefault((target.id, difference.case), []).append(difference.kind)
    return found


@given(old=SETS, new=SETS)
def test_every_case_falls_into_exactly_one_kind(old: dict[str, Any], new: dict[str, Any]) -> None:
    comparison = compare(result_set(old), result_set(new))
    pairs = {(target, case) for found in (old, new) for target, content in found.items() for case in content["results"]}
    told = kinds(comparison)
    assert all(len(found) == 1 for found in told.values())
    assert sum(comparison.counts.values()) == len(pairs)
    assert comparison.counts[Kind.UNCHANGED] == len(pairs - told.keys())
    for target, case in pairs - told.keys():
        assert old[target]["results"][case] == new[target]["results"][case]


@given(content=SETS)
def test_nothing_differs_from_itself(content: dict[str, Any]) -> None:
    comparison = compare(result_set(content), result_set(content))
    assert kinds(comparison) == {}
    assert comparison.exit_status == (
        ExitStatus.CONFORMS if all(found["complete"] for found in content.values()) else ExitStatus.INCOMPLETE
    )


@given(old=SETS, new=SETS)
def test_the_other_way_round_what_was_fixed_regresses(old: dict[str, Any], new: dict[str, Any]) -> None:
    opposite = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    opposite |= {Kind.FIXED: Kind.REGRESSED, Kind.REGRESSED: Kind.FIXED}
    forth, back = (
        kinds(compare(result_set(old), result_set(new))),
        kinds(compare(result_set(new), result_set(old))),
    )
    assert {pair: [opposite[kind] for kind in found] for pair, found in forth.items()} == back


@given(old=SETS, new=SETS)
def test_the_status_is_one_exactly_where_a_pass_was_lost(old: dict[str, Any], new: dict[str, Any]) -> None:
    lost = False
    for target in old.keys() & new.keys():
        for case in old[target]["results"].keys() & new[target]["results"].keys():
            before, after = (Verdict(found[target]["results"][case]["verdict"]) for found in (old, new))
            lost |= before is Verdict.PASS and after not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert (compare(result_set(old), result_set(new)).exit_status == ExitStatus.DIFFERS) is lost


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
    assert classify(None if old is None else made.entry(old), None if new is None else made.entry(new)) is kind


def test_another_answer_is_a_change() -> None:
    assert classify(made.entry(F, "x"), made.entry(F, "y")) is Kind.CHANGED


ONE = "new_module/not-registered"
Change = Callable[[dict[str, Any]], object]


def recount(content: dict[str, Any], catalogue: Catalogue) -> None:
    content["summary"] = made.data(catalogue, "x", content["results"])["summary"]


def other_suite(content: dict[str, Any]) -> None:
    content["suite"] = {"version": "9.9", "digest": "sha256:" + "1" * 64}
    del content["results"][ONE]
    content["summary"]["documented"]["pass"] -= 1


def page(comparison: Comparison) -> str:
    console = Console(file=io.StringIO(), width=160, highlight=False)
    for part in [*comparison_view(comparison), summary_line(comparison)]:
        console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined]


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
    "another target": (lambda old: None, lambda new: new["target"].update(id="cpython-3.9"), 3, "GONE: not in NEW"),
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
    sets = [read_result_set(tmp_path / place) for place in ("old", "new")]
    for found in sets:
        check_cases(catalogue, found)
    comparison = compare(*sets)
    shown = page(comparison)
    assert comparison.exit_status == status, shown
    assert told in shown
    assert "\x1b" not in shown
    shown.encode("utf-8")


def test_files_are_compared_as_folders_are(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    old = made.write(tmp_path, made.whole(catalogue, "cpython-3.8", {}), "old.json")
    new = made.write(tmp_path, made.whole(catalogue, "cpython-3.8", {ONE: F}), "new.json")
    done = cli("compare", old, new)
    assert done.returncode == 1
    assert "regressed 1, changed 0, fixed 0, added 0, removed 0" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if ONE in line]
    assert row.split()[:4] == ["regressed", ONE, "pass", "fail"]
    assert "expected 1, observed x" in row


def test_a_part_beside_the_whole_is_left_out_and_told(catalogue: Catalogue, tmp_path: Path) -> None:
    made.write(tmp_path / "old", made.whole(catalogue, "cpython-3.8", {}))
    made.write(tmp_path / "new", made.whole(catalogue, "cpython-3.8", {}))
    made.write(tmp_path / "new", made.data(catalogue, "cpython-3.8", {ONE: made.entry(F)}), "cpython-3.8.partial.json")
    comparison = compare(read_result_set(tmp_path / "old"), read_result_set(tmp_path / "new"))
    assert comparison.exit_status == ExitStatus.INCOMPLETE
    assert "cpython-3.8.partial.json is of a run that did not end" in page(comparison)
    assert "regressed 0" in summary_line(comparison)


def test_a_matrix_is_not_made_of_cases_that_do_not_exist(catalogue: Catalogue, tmp_path: Path) -> None:
    path = made.write(tmp_path, made.data(catalogue, "cpython-3.8", {"new_module/nothing": made.entry(P)}))
    with pytest.raises(InvalidResults, match=r"^cpython-3.8: results.new_module/nothing: these cases have none of that id"):
        build_matrix(catalogue, [read_results(path)])


def drop(*path: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        for step in path[:-1]:
            content = content[step]
        del content[path[-1]]

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "an unknown verdict": (lambda data: data["results"][ONE].update(verdict="fine"), "'fine' is not one of"),
    "a verdict of another type": (lambda data: data["results"][ONE].update(verdict=["fail"]), "['fail'] is not one of"),
    "a verdict changed alone": (
        lambda data: data["results"][ONE].update(verdict="fail"),
        "it lacks 'expected' and 'observed' and 'reason'",
    ),
    "no reason": (lambda data: data["results"].update({ONE: {"verdict": "not-applicable", "clauses": []}}), "it lacks 'reason'"),
    "a verdict changed, not the summary": (
        lambda data: data["results"].update({ONE: made.entry(F)}),
        "summary: it counts 1240 pass, and the results hold 1239",
    ),
    "counts at another level": (
        lambda data: (data["summary"]["documented"].update({"pass": 0}), data["summary"]["observed"].update({"pass": 1187})),
        "summary.documented: it counts 0 pass, and the results hold 233",
    ),
    "a count of another type": (lambda data: data["summary"]["observed"].update({"pass": "many"}), "'many' is not of type 'integer'"),
    "an unknown level": (lambda data: data["summary"].update(vague={}), "'vague' is not one of"),
    "a result removed": (
        lambda data: (data["results"].pop(ONE), data["summary"]["documented"].update({"pass": data["summary"]["documented"]["pass"] - 1})),
        f"complete: true, and the results lack {ONE}",
    ),
    "an unknown case": (
        lambda data: data["results"].update({ONE + "x": data["results"].pop(ONE)}),
        f"these cases have none of that id (did you mean {ONE}?)",
    ),
    "no verdict": (drop("results", ONE, "verdict"), "'verdict' is a required property"),
    "no results": (drop("results"), "'results' is a required property"),
    "no summary": (drop("summary"), "'summary' is a required property"),
    "no target id": (drop("target", "id"), "'id' is a required property"),
    "results in a list": (lambda data: data.update(results=[]), "[] is not of type 'object'"),
    "a result that is a text": (lambda data: data["results"].update({ONE: "pass"}), "'pass' is not of type 'object'"),
    "complete and unavailable": (lambda data: data.update(unavailable="gone"), "complete: true, and the target is unavailable"),
    "a key more": (lambda data: data.update(note="mine"), "'note' was unexpected"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_results_that_were_broken_by_hand_are_refused(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    change, message = BROKEN[name]
    content = made.whole(catalogue, "cpython-3.8", {})
    change(content)
    path = made.write(tmp_path, content, "x.json")
    with pytest.raises(InvalidResults) as caught:
        check_cases(catalogue, read_result_set(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert str(caught.value).endswith("make it anew with imp-conformance run --results")
    assert "\n" not in str(caught.value)


NO_FILES: dict[str, tuple[Callable[[Path, dict[str, Any]], object], str]] = {
    "nothing": (lambda folder, data: folder.rmdir(), "no such file or folder"),
    "an empty folder": (lambda folder, data: None, "no result files there"),
    "not JSON": (lambda folder, data: (folder / "a.json").write_text(json.dumps(data)[:-1]), "not JSON"),
    "not UTF-8": (lambda folder, data: (folder / "a.json").write_bytes(b"\xff\xfe{}"), "not JSON"),
    "another JSON": (lambda folder, data: (folder / "a.json").write_text("[1, 2]"), "[1, 2] is not of type 'object'"),
    "nested without end": (lambda folder, data: (folder / "a.json").write_text("[" * 100_000), "not JSON"),
    "a key twice": (
        lambda folder, data: (folder / "a.json").write_text(json.dumps(data).replace('"complete"', '"schema": 1, "complete"')),
        "the key 'schema' stands twice",
    ),
    "a target twice": (lambda folder, data: [made.write(folder, data, name) for name in ("a.json", "b.json")], "both are of the target"),
    "a folder named so": (lambda folder, data: (folder / "a.json").mkdir(), "Is a directory"),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_result_file_is_refused(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    make, message = NO_FILES[name]
    (tmp_path / "new").mkdir()
    make(tmp_path / "new", made.whole(catalogue, "cpython-3.8", {}))
    with pytest.raises(InvalidResults) as caught:
        read_result_set(tmp_path / "new")
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'new'}")


def test_invalid_files_give_one_message_and_no_traceback(catalogue: Catalogue, cli: Cli, tmp_path: Path) -> None:
    path = made.write(tmp_path, made.whole(catalogue, "cpython-3.8", {}))
    (tmp_path / "broken.json").write_text("{", encoding="ascii")
    done = cli("compare", path, "broken.json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("imp-conformance: broken.json: not JSON")
    assert len(done.stderr.splitlines()) == 1
