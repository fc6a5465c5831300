"""Equal results of many targets lie in one file, which says the same as one file a target would."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results_made as made
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ConformanceError
from imp_conformance.results.folders import read_columns, read_result_set
from imp_conformance.results.judge import Verdict
from imp_conformance.results.merge import merge
from imp_conformance.results.model import TargetResults, count_results
from imp_conformance.results.scores import build_matrix
from imp_conformance.results.shard import Shard
from imp_conformance.results.writing import write_folded, write_results
from runs_made import a_target, run, small_catalogue

IDS = ("cpython-3.8.2", "cpython-3.8.10", "cpython-3.9.0", "pypy-3.9.16")
CASE = "thing/case-0"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(tmp_path_factory.mktemp("catalogue"))


def target(catalogue: Catalogue, name: str, verdict: Verdict = Verdict.PASS, *, complete: bool = True) -> TargetResults:
    """Results of a target, one of which has a verdict of its own."""
    implementation, python = name.split("-")
    results = {case: made.result(case, verdict if case == CASE else Verdict.PASS) for case in catalogue.cases}
    if not complete:
        results = {CASE: results[CASE]}
    about = made.about(name, implementation=implementation, python=python, release=python)
    return TargetResults(made.suite(catalogue), about, count_results(catalogue, results), results, complete)


def files(folder: Path) -> dict[str, list[str]]:
    """The targets of each file."""
    return {path.name: [item["id"] for item in json.loads(path.read_bytes())["targets"]] for path in folder.glob("*.json")}


def test_equal_results_share_a_file_that_is_named_after_the_oldest(small: Catalogue, tmp_path: Path) -> None:
    verdicts = [Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.PASS]
    columns = [target(small, name, verdict) for name, verdict in zip(IDS, verdicts, strict=True)]
    write_folded(tmp_path, reversed(columns))
    assert files(tmp_path) == {
        "cpython-3.8.2.json": ["cpython-3.8.2", "cpython-3.8.10", "pypy-3.9.16"],
        "cpython-3.9.0.json": ["cpython-3.9.0"],
    }
    assert read_columns(small, tmp_path) == columns


TARGETS = st.dictionaries(st.sampled_from(IDS), st.tuples(st.sampled_from(Verdict), st.booleans()), min_size=1)


@given(drawn=TARGETS, data=st.data())
def test_whatever_the_order_a_folder_reads_as_it_did_and_folds_once(
    drawn: dict[str, tuple[Verdict, bool]], data: st.DataObject, small: Catalogue
) -> None:
    columns = [target(small, name, verdict, complete=complete) for name, (verdict, complete) in drawn.items()]
    with tempfile.TemporaryDirectory() as name:
        first, second = Path(name, "first"), Path(name, "second")
        for folder in (first, second):
            folder.mkdir()
        for column in columns:
            write_results(first, column)
        plain = read_result_set(first)
        write_folded(first, data.draw(st.permutations(columns)))
        folded = read_result_set(first)
        assert folded.targets == plain.targets
        write_folded(second, read_result_set(first).targets.values())
        bytes_once = made.bytes_of(first)
        write_folded(first, read_result_set(first).targets.values())
        assert bytes_once == made.bytes_of(first) == made.bytes_of(second)
        assert all(len(ids) == 1 or drawn[ids[0]][1] for ids in files(first).values())

        again = data.draw(st.sampled_from(IDS))  # what a later run writes comes out of whatever file the target was in
        fresh = target(small, again, data.draw(st.sampled_from(Verdict)))
        write_results(first, fresh)
        assert read_result_set(first).targets == {**plain.targets, again: fresh}
        assert files(first)[f"{again}.json"] == [again]


def test_a_part_of_a_run_leaves_the_whole_of_a_shared_file_alone(small: Catalogue, tmp_path: Path) -> None:
    columns = [target(small, name) for name in IDS[:2]]
    write_folded(tmp_path, columns)
    whole = (tmp_path / "cpython-3.8.2.json").read_bytes()
    part = write_results(tmp_path, target(small, IDS[1], Verdict.FAIL, complete=False))
    assert part.name == "cpython-3.8.10.partial.json"
    assert (tmp_path / "cpython-3.8.2.json").read_bytes() == whole
    found = read_result_set(tmp_path)
    assert list(found.targets.values()) == columns
    assert found.left_out == (part,)
    assert read_columns(small, tmp_path) == merge(small, [tmp_path]) == columns
    write_folded(tmp_path, columns)
    assert not part.exists()


def test_shards_are_folded_when_they_are_united(small: Catalogue, tmp_path: Path) -> None:
    targets = [a_target(name) for name in ("one", "two")]
    items = [(item, made.result(case, Verdict.PASS)) for item in targets for case in small.cases]
    for index in (1, 2):
        run(small, targets, items, tmp_path, Shard(index, 2))
    columns = merge(small, [tmp_path])
    write_folded(tmp_path, columns)
    assert files(tmp_path) == {"one.json": ["one", "two"]}
    assert read_columns(small, tmp_path) == columns


# Results of older cases.


def older(results: TargetResults, edition: int = 1) -> TargetResults:
    return replace(results, suite={"version": "0", "edition": edition, "digest": "sha256:" + "0" * 64})


def test_results_of_older_cases_are_marked_and_counted_as_far_as_their_cases_are_there(small: Catalogue) -> None:
    gone = older(target(small, IDS[0], Verdict.FAIL))
    extra = replace(gone, results={**gone.results, "thing/gone": made.result("thing/gone", Verdict.CRASH)})
    matrix = build_matrix(small, [extra, target(small, IDS[1])])
    assert matrix.marks == {IDS[0]: "other cases", IDS[1]: ""}
    assert [str(matrix.name_total("thing", name)) for name in IDS[:2]] == ["4/5", "5/5"]
    assert matrix.columns[0].count(Verdict.CRASH) == 0
    assert older(gone, edition=3).mark(small) == "edition 3"


def test_only_what_lies_in_one_folder_may_be_of_several_states_of_the_cases(small: Catalogue, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    write_results(tmp_path / "one", target(small, IDS[0]))
    write_results(tmp_path / "one", older(target(small, IDS[1])))
    columns = merge(small, [tmp_path / "one"])
    write_folded(tmp_path / "one", columns)
    assert len(files(tmp_path / "one")) == 2
    write_results(tmp_path / "two", target(small, IDS[2]))
    with pytest.raises(ConformanceError, match="the results are of different suites: run all with the same imp-conformance"):
        merge(small, [tmp_path / "one", tmp_path / "two"])
