"""Merge: runs on different targets are one set of results; what is not one whole is refused, and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import results_made as made
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ConformanceError, InvalidResults
from imp_conformance.results.folders import read_columns
from imp_conformance.results.judge import Verdict
from imp_conformance.results.merge import merge
from imp_conformance.results.shard import Shard
from runs_made import COUNT, a_target, edit, less_one, run, small_catalogue


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture
def two(small: Catalogue, tmp_path: Path) -> list[Path]:
    """Two folders of whole results, on a target each."""
    for name in ("one", "two"):
        target = a_target(name)
        run(small, [target], [(target, made.result(case, Verdict.PASS)) for case in small.cases], tmp_path / name)
    return [tmp_path / "one", tmp_path / "two"]


def test_disjoint_targets_are_united(small: Catalogue, two: list[Path]) -> None:
    columns = merge(small, two)
    assert columns == [found for folder in two for found in read_columns(small, folder)]
    assert [column.id for column in columns] == ["one", "two"]


def refused(catalogue: Catalogue, folders: list[Path]) -> str:
    with pytest.raises(ConformanceError) as caught:
        merge(catalogue, folders)
    return str(caught.value)


def test_a_folder_without_results_is_refused(small: Catalogue, two: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert f"{tmp_path / 'empty'}: no result files there" in refused(small, [*two, tmp_path / "empty"])
    assert "no such folder" in refused(small, [*two, tmp_path / "nowhere"])
    assert "no result files in" in refused(small, [tmp_path / "empty"])


def test_shards_of_another_scope_are_refused(small: Catalogue, tmp_path: Path) -> None:
    target = a_target("one")
    items = [(target, made.result(case, Verdict.PASS)) for case in small.cases]
    folders = [tmp_path / str(index) for index in (1, 2)]
    for index, folder in enumerate(folders, 1):
        run(small, [target], items, folder, Shard(index, 2))
    (united,) = merge(small, folders)
    assert united.scope == "all"
    (path,) = folders[1].iterdir()
    edit(path, lambda found: found.update(scope=["reload"]))
    assert "one is not the same target in" in refused(small, folders)
    assert "scope 'all' and ['reload']" in refused(small, folders)


def test_cases_that_are_missing_are_named(small: Catalogue, two: list[Path]) -> None:
    path = two[0] / "one.json"
    edit(path, less_one)
    assert f"{path}: 1 case (thing/case-4) of {COUNT} missing on one: run it to its end" in refused(small, two)


def test_a_target_that_is_unavailable_is_no_gap_but_not_both(small: Catalogue, two: list[Path], tmp_path: Path) -> None:
    for name in ("three", "four"):
        run(small, [a_target("broken", "gone")], [], tmp_path / name)
    columns = merge(small, [*two, tmp_path / "three", tmp_path / "four"])
    assert [(column.id, column.unavailable) for column in columns] == [("broken", "gone"), ("one", None), ("two", None)]
    run(small, [a_target("one", "gone")], [], tmp_path / "five")
    assert "one is not the same target in" in refused(small, [*two, tmp_path / "five"])
    assert "unavailable None and 'gone'" in refused(small, [*two, tmp_path / "five"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found["results"].update({"thing/none": "pass"}), "counts: it counts 5 pass, and the results hold 6"),
        (lambda found: found["results"].update({"thing/case-0": {"verdict": "pass", "observed": "x"}}), "results.thing/case-0"),
        (lambda found: found["results"].update({"thing/case-0": {"verdict": "fail"}}), "'expected' is a required property"),
        (lambda found: found.update(complete=False), "complete: false, and it has all cases"),
        (lambda found: found.update(unavailable="gone", complete=False), "unavailable: it has results"),
        (lambda found: found["counts"].pop("observed"), "counts: it counts 3 pass, and the results hold 5"),
        (lambda found: found.update(results=[]), "is not of type 'object'"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(change: Any, message: str, small: Catalogue, two: list[Path]) -> None:
    edit(two[0] / "one.json", change)
    told = refused(small, two)
    assert message in told
    assert str(two[0] / "one.json") in told


def test_a_part_beside_the_whole_is_left_out(small: Catalogue, two: list[Path], tmp_path: Path) -> None:
    target = a_target("one")
    run(small, [target], [(target, made.result("thing/case-1", Verdict.CRASH))], two[0])
    assert set(made.bytes_of(two[0])) == {"one.json", "one.partial.json"}
    assert [column.complete for column in read_columns(small, two[0])] == [True]
    assert len(merge(small, two)) == 2
    (two[0] / "one.json").unlink()
    assert [column.complete for column in read_columns(small, two[0])] == [False]
    assert "missing on one" in refused(small, two)


def test_a_report_of_parts_says_to_unite_them(small: Catalogue, tmp_path: Path) -> None:
    target = a_target("one")
    items = [(target, made.result(case, Verdict.PASS)) for case in small.cases]
    for index in (1, 2):
        run(small, [target], items, tmp_path / "out", Shard(index, 2))
    assert set(made.bytes_of(tmp_path / "out")) == {"one.shard-1-of-2.json", "one.shard-2-of-2.json"}
    with pytest.raises(InvalidResults, match="both are of the target one: unite them with imp-conformance merge"):
        read_columns(small, tmp_path / "out")
    assert [column.complete for column in merge(small, [tmp_path / "out"])] == [True]
