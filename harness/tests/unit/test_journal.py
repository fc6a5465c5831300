"""The journal of a run: what was written is kept, whatever was written last, and never mixed up with another run's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.errors import JournalBusy, JournalInTheWay, OtherRun
from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.journal import FORMAT, Journal, open_journal
from results_made import bytes_of

RESULTS = [
    Result("a/one", Verdict.PASS),
    Result("a/two", Verdict.FAIL, "1", "'\\udc80\n\x00'", Difference(("value", 0), "value", "1", "\ud800")),
    Result("a/three", Verdict.NOT_APPLICABLE, unasked="holds for >=3.5"),
]


def header(**changes: Any) -> dict[str, Any]:
    target = {"id": "t", "version": "3.8.18", "candidate's content": "sha256:" + "1" * 64, "emulates": "3.8"}
    found = {
        "suite": {"version": "1", "digest": "sha256:" + "0" * 64},
        "targets": [{**target, **changes.pop("target", {})}],
        "selection": {"cases": ["cases"], "-k": changes.pop("keyword", "")},
    }
    return {**found, **changes}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def cut_off(folder: Path, results: list[Result] = RESULTS, **changes: Any) -> Path:
    """Leave the journal of a run that was killed."""
    journal = open_journal(folder, header(**changes), resume=False)
    for result in results:
        assert journal.append("t", result) is None
    journal.abandon()
    return journal.path


def flat(journal: Journal) -> list[Result]:
    return [result for results in journal.recorded.values() for result in results.values()]


@given(st.data())
def test_whatever_was_written_last_what_was_before_it_is_kept(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = cut_off(folder)
        whole = path.read_bytes()
        first = whole.index(b"\n") + 1
        cut = data.draw(st.integers(0, len(whole)))
        torn = whole[:cut] + data.draw(st.sampled_from([b"", b"\0" * 5, b"{", b"\xff\n", b"[1]\n", b'{"target": "t", "result": {}}\n']))
        path.write_bytes(torn)
        journal = open_journal(folder, header(), resume=True)
        expected = RESULTS[: whole[first:cut].count(b"\n")] if cut >= first else []
        assert flat(journal) == expected
        for result in RESULTS:
            journal.append("t", result)
        journal.abandon()
        again = open_journal(folder, header(), resume=True)
        assert flat(again) == RESULTS
        again.finish(ended=True)
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"suite": {"version": "1", "digest": "sha256:" + "2" * 64}},
            "the digest of the cases was sha256:000000000000, now sha256:222222222222",
        ),
        ({"suite": {"version": "2", "digest": "sha256:" + "0" * 64}}, "the version of imp-conformance was 1, now 2"),
        ({"target": {"id": "u"}}, "it had the target t; it did not have the target u"),
        ({"target": {"emulates": "3.7"}}, "t: emulates was 3.8, now 3.7"),
        ({"target": {"version": "3.8.19"}}, "t: version was 3.8.18, now 3.8.19"),
        (
            {"target": {"candidate's content": "sha256:" + "3" * 64}},
            "t: candidate's content was sha256:111111111111, now sha256:333333333333",
        ),
        ({"keyword": "magic"}, "-k was not given, now magic"),
    ],
)
def test_the_journal_of_another_run_is_not_resumed(changes: dict[str, Any], message: str, folder: Path) -> None:
    path = cut_off(folder)
    kept = path.read_bytes()
    with pytest.raises(OtherRun) as caught:
        open_journal(folder, header(**changes), resume=True)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert bytes_of(folder) == {path.name: kept}
    own = open_journal(folder, header(**changes), resume=False)  # it is not in the way of that run either
    assert own.path != path
    assert f"{path} has 3 results of it" in own.notices[0]
    own.finish(ended=True)
    assert bytes_of(folder) == {path.name: kept}


def test_a_journal_of_another_format_is_told_and_stays(folder: Path) -> None:
    path = cut_off(folder)
    path.write_text(
        path.read_text(encoding="ascii").replace(f'"journal": {FORMAT}', '"journal": 1').replace('"case"', '"odd"'), encoding="ascii"
    )
    kept = path.rename(folder / "journal-0.jsonl").read_bytes()
    with pytest.raises(OtherRun, match=rf"3 results.*its journal has format 1, this imp-conformance writes {FORMAT}"):
        open_journal(folder, header(), resume=True)
    own = open_journal(folder, header(), resume=False)
    assert "has 3 results of it" in own.notices[0]
    own.finish(ended=True)
    assert bytes_of(folder) == {"journal-0.jsonl": kept}


def test_results_that_are_nowhere_else_are_not_dropped(folder: Path) -> None:
    path = cut_off(folder)
    with pytest.raises(JournalInTheWay, match="3 results of a run like this one"):
        open_journal(folder, header(), resume=False)
    journal = open_journal(folder, header(), resume=True)
    journal.finish(ended=False)  # an interrupted run, which has written its files
    assert path.exists()
    other = open_journal(folder, header(target={"emulates": "3.7"}), resume=False)
    assert other.notices == ["starting afresh: the interrupted run there, with 3 results, was another one: t: emulates was 3.8, now 3.7"]
    assert not path.exists()
    other.finish(ended=True)


def test_two_runs_share_a_folder_and_one_run_is_not_made_twice(folder: Path) -> None:
    first = open_journal(folder, header(), resume=False)
    first.append("t", RESULTS[0])
    other = open_journal(folder, header(target={"id": "u"}), resume=True)
    other.append("u", RESULTS[0])
    for resume in (False, True):
        with pytest.raises(JournalBusy, match="another run of the same cases on the same targets is under way"):
            open_journal(folder, header(), resume)
    first.finish(ended=True)
    other.finish(ended=True)
    assert list(folder.iterdir()) == []


def test_a_run_that_records_nothing_leaves_nothing(folder: Path) -> None:
    open_journal(folder, header(), resume=False).abandon()
    open_journal(folder, header(), resume=False).finish(ended=False)
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told_once_and_spoils_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_journal(folder, header(), resume=False)
    journal.append("t", RESULTS[0])
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
        assert "cannot be written any more (the disk is full)" in (journal.append("t", RESULTS[1]) or "")
    assert journal.append("t", RESULTS[2]) is None
    journal.abandon()
    again = open_journal(folder, header(), resume=True)
    assert flat(again) == RESULTS[:1]
    again.finish(ended=True)


def test_there_may_be_nothing_to_resume(folder: Path) -> None:
    journal = open_journal(folder, header(), resume=True)
    assert journal.notices == [f"nothing to resume in {folder}: running everything"]
    journal.finish(ended=True)
