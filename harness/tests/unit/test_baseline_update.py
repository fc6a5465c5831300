"""An update of a baseline: it changes what it must, and keeps what people wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baseline_made import KNOWN, ONE, SMALL, TWO, A, B, C, F, P, known, seen
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.baseline.update import plan_update
from imp_conformance.baseline.writing import write_update
from imp_conformance.errors import InvalidBaseline
from imp_conformance.results.judge import Verdict


def updated(tmp_path: Path, found: dict[str, dict[str, Verdict]], text: str = KNOWN) -> str:
    baseline = known(tmp_path, text)
    write_update(tmp_path / "known.yaml", baseline, plan_update(baseline, SMALL, seen(found)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["known.yaml"]
    return (tmp_path / "known.yaml").read_text(encoding="utf-8")


def test_an_update_that_finds_what_is_listed_changes_nothing(tmp_path: Path) -> None:
    assert updated(tmp_path, {A: {ONE: F, TWO: C}}) == KNOWN


def test_an_update_removes_what_passes(tmp_path: Path) -> None:
    text = "# one\n\n" + KNOWN.replace("  - case: get", "\n  # about the other\n  - case: get")
    expected = re.sub(r"  - case: new_module(.|\n)*?example.org/1\n", "", text)
    assert updated(tmp_path, {A: {ONE: P, TWO: C}}, text) == expected
    assert "# about the other" in expected
    assert updated(tmp_path, {A: {ONE: P, TWO: P}}) == "# What we know.\ndifferences: []\n"


def test_an_update_corrects_a_verdict_in_its_place(tmp_path: Path) -> None:
    text = KNOWN.replace("verdict: fail", "verdict: 'fail' # sure?")
    assert updated(tmp_path, {A: {ONE: C, TWO: C}}, text) == text.replace("'fail'", "'crash'")


def test_an_update_narrows_an_entry_to_the_targets_that_still_differ(tmp_path: Path) -> None:
    found = {A: {ONE: F, TWO: C}, B: {ONE: P, TWO: P}}
    assert updated(tmp_path, found) == KNOWN.replace("# on all\n", f"# on all\n    targets: [{A}]\n")
    lists = KNOWN.replace(f" [{A}]", f"\n      - gone # once\n      # next\n      - {B} # b\n      - {A} # a").replace(
        "# on all", f"\n    targets: [{A}]"
    )
    assert updated(tmp_path, found, lists) == lists.replace(f"      - {B} # b\n", "")


def test_an_update_adds_at_the_end_in_the_order_of_the_cases(tmp_path: Path) -> None:
    found = {A: {ONE: F, TWO: C, "get_tag/no-tag": F}, B: {ONE: C, TWO: C, "get_tag/no-tag": F}}
    added = [(ONE, B, "crash"), ("get_tag/no-tag", f"{A}, {B}", "value x")]
    more = "".join(f"  - {{case: {case}, targets: [{targets}], differs: {kind}, reason: TODO}}\n" for case, targets, kind in added)
    assert updated(tmp_path, found) == KNOWN + more
    assert updated(tmp_path, found, KNOWN + more) == KNOWN + more


def test_an_update_begins_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "known.yaml"
    empty = Baseline("known.yaml", (), 1)
    write_update(path, empty, plan_update(empty, SMALL, seen({A: {ONE: F}})))
    (entry,) = load_baseline(path).entries
    assert (entry.cases, entry.targets, entry.kinds) == ((ONE,), (A,), (("value x", None),))


@pytest.mark.parametrize("text", ["differences:\n", "# nothing yet\n---\ndifferences:\n", "differences: []\n"])
def test_a_baseline_can_be_empty(text: str, tmp_path: Path) -> None:
    assert known(tmp_path, text).entries == ()
    assert "- {case: get_tag/silent, targets:" in updated(tmp_path, {A: {TWO: F}}, text)


@pytest.mark.parametrize(
    "text",
    [
        f"differences: [{{case: {ONE}, verdict: fail, reason: r}}]\n",
        f"differences:\n- case: {ONE}\n  verdict: fail\n  reason: &why r\n- case: {TWO}\n  verdict: crash\n  reason: *why\n",
    ],
)
def test_what_cannot_be_edited_in_place_is_told_and_left_alone(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidBaseline, match=r"known.yaml:[12]: what is written here cannot be updated in place"):
        updated(tmp_path, {A: {ONE: P, TWO: C}}, text)
    assert (tmp_path / "known.yaml").read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["known.yaml"]


def test_line_endings_stay_as_they_are_line_by_line(tmp_path: Path) -> None:
    text = KNOWN.replace("\n", "\r\n", 3)
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    baseline = load_baseline(path)
    write_update(path, baseline, plan_update(baseline, SMALL, seen({A: {ONE: F, TWO: P}})))
    assert path.read_bytes().decode() == text[: text.index(f"  - case: {TWO}")]


def test_a_comment_between_brackets_that_ruamel_cannot_place_is_put_below(tmp_path: Path) -> None:
    text = KNOWN.replace(f"targets: [{A}]", f"targets: [\n      {A}, # why this\n      {B}, # why that\n    ]")
    after = updated(tmp_path, {A: {ONE: F, TWO: C}, B: {ONE: P, TWO: C}}, text)
    assert f"targets: [{A}]" in after
    assert "    # why this\n    # why that\n" in after


R1, R2, R3 = "cpython-3.12.1+shim", "cpython-3.12.4+shim", "cpython-3.12.4-s390x+shim"


def targets_of(
    tmp_path: Path, found: dict[str, dict[str, Verdict]], text: str = "differences: []\n"
) -> list[tuple[str, tuple[str, ...] | None]]:
    updated(tmp_path, found, text)
    entries = load_baseline(tmp_path / "known.yaml").entries
    return [("fail" if entry.listed == "value x" else entry.listed, entry.targets) for entry in entries]


def test_a_new_entry_names_the_series(tmp_path: Path) -> None:
    assert targets_of(tmp_path, {R1: {ONE: F}}) == [("fail", (A,))]
    assert targets_of(tmp_path, {R1: {ONE: F}, R2: {ONE: F}, R3: {ONE: P}}) == [("fail", (R1, R2))]
    assert targets_of(tmp_path, {R1: {ONE: F}, R2: {ONE: F}, R3: {ONE: F}}) == [("fail", (A, "cpython-3.12-s390x+shim"))]
    assert targets_of(tmp_path, {R1: {ONE: F}, R2: {ONE: C}}) == [("fail", (R1,)), ("crash", (R2,))]
    assert targets_of(tmp_path, {"gate": {ONE: F}}) == [("fail", ("gate",))]


SERIES = f"differences:\n  - case: {ONE}\n    targets: [{A}]\n    verdict: fail\n    reason: r\n"
EXACT = f"  - case: {ONE}\n    targets: [{R2}]\n    verdict: crash\n    reason: r\n"


def test_a_series_is_about_each_release_and_an_id_wins_over_it(tmp_path: Path) -> None:
    for found in ({R1: {ONE: F}}, {R1: {ONE: F}, R2: {ONE: F}}):
        assert updated(tmp_path, found, SERIES) == SERIES
    assert updated(tmp_path, {R1: {ONE: F}, R2: {ONE: C}}, SERIES + EXACT) == SERIES + EXACT
    assert targets_of(tmp_path, {R1: {ONE: F}, R2: {ONE: P}}, SERIES) == [("fail", (R1,))]
    assert targets_of(tmp_path, {R1: {ONE: F}, R2: {ONE: F}}, SERIES + EXACT) == [("fail", (A,)), ("fail", (R2,))]
    assert targets_of(tmp_path, {R1: {ONE: F}, R2: {ONE: P}}, SERIES + EXACT) == [("fail", (R1,))]
    assert targets_of(tmp_path, {R2: {ONE: P}}, SERIES + EXACT) == []
