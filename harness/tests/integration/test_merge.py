"""Shards and merge: together they are one whole run, byte for byte; what is not one whole is refused, and named."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Cli, interpreter
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ConformanceError, InvalidResults, UnknownShard
from imp_conformance.portable.difference import Difference
from imp_conformance.results.files import write_results
from imp_conformance.results.folders import read_columns
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.merge import merge
from imp_conformance.results.shard import Plan, Shard
from imp_conformance.runner.run import Run
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.target import Target
from results_made import bytes_of

COUNT = 5
SHIM = "def new_module(name): return 3\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A catalogue of a few cases."""
    root = tmp_path_factory.mktemp("catalogue")
    for name in ("specs", "cases"):
        (root / name).mkdir()
    source = "    sources: [{document: library-3.10, anchor: thing}]\n"
    clauses = "".join(f"  - id: thing.{level}\n    text: It works.\n    level: {level}\n{source}" for level in ("documented", "observed"))
    (root / "specs" / "thing.yaml").write_text(f"subject: thing\nsummary: A thing.\nclauses:\n{clauses}", encoding="ascii")
    cases = "".join(
        f"  - id: thing/case-{number}\n    title: It works.\n    clauses: [thing.{'observed' if number % 2 else 'documented'}]\n"
        f"    run: |\n      imp\n    expect:\n      value: ...\n"
        for number in range(COUNT)
    )
    (root / "cases" / "thing.yaml").write_text(f"subject: thing\ncases:\n{cases}", encoding="ascii")
    return load_catalogue(root)


def a_target(name: str, unavailable: str | None = None) -> Target:
    about = {"implementation": "cpython", "version": "3.8.18", "release": "3.8.18", "platform": "linux-x86_64"}
    return Target(name, ("python3.8",), OWN, "3.8.18", True, about, unavailable)


def a_result(case: str, verdict: Verdict) -> Result:
    if verdict is Verdict.PASS:
        return Result(case, verdict)
    if verdict is Verdict.NOT_APPLICABLE:
        return Result(case, verdict, unasked="holds for >=3.9")
    return Result(case, verdict, "1", "2", Difference(("value",), "value", "1", "2"))


Items = list[tuple[Target, Result]]


def run(catalogue: Catalogue, targets: list[Target], items: Items, folder: Path, shard: Shard | None = None) -> None:
    """Write what a run writes, without starting anything."""
    folder.mkdir(exist_ok=True)
    made = Run(catalogue, targets, folder)
    made.shard = shard
    made.plan = None if shard is None else Plan.of((target.id, result.case) for target, result in items)
    for target, result in items if shard is None else shard.part(items):
        made.take(target.id, result)
    made.finish(ended=True)


def merged(catalogue: Catalogue, folders: list[Path], output: Path) -> dict[str, bytes]:
    columns = merge(catalogue, folders)
    output.mkdir()
    for column in columns:
        write_results(output, column)
    return bytes_of(output)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[str], list[int], list[Verdict], bool, int]:
    """Names of targets, which cases are selected, verdicts, whether a target is unavailable, number of shards."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 3)))]
    selected = draw(st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=COUNT, unique=True))
    verdicts = draw(st.lists(st.sampled_from(list(Verdict)), min_size=len(names) * COUNT, max_size=len(names) * COUNT))
    return names, sorted(selected), verdicts, draw(st.booleans()), draw(st.integers(1, len(names) * len(selected) + 3))


@settings(deadline=None)
@given(drawn=runs(), data=st.data())
def test_shards_are_the_whole_and_nothing_less_or_more_is_taken_for_it(drawn: Any, data: st.DataObject, small: Catalogue) -> None:
    names, selected, verdicts, broken, count = drawn
    targets = [a_target(name) for name in names]
    items = [
        (target, a_result(f"thing/case-{case}", verdicts[number * COUNT + case]))
        for number, target in enumerate(targets)
        for case in selected
    ]
    targets += [a_target("broken", "it does not start: exit status 1")] if broken else []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        run(small, targets, items, root / "whole")
        folders = [root / f"shard{index}" for index in range(1, count + 1)]
        for index, folder in enumerate(folders, 1):
            run(small, targets, items, folder, Shard(index, count))
        shuffled = data.draw(st.permutations(folders))
        assert merged(small, shuffled, root / "merged") == bytes_of(root / "whole")

        files = [path for folder in folders for path in folder.iterdir() if json.loads(path.read_bytes())["results"]]
        path = data.draw(st.sampled_from(files))
        index = json.loads(path.read_bytes())["shard"]["index"]
        match data.draw(st.sampled_from(["removed", "duplicated", "changed", "one result less", "other suite", "other target"])):
            case "removed":
                path.unlink()
                expected = f"shard {index}/{count}" if len(files) + broken > 1 else "no result files in"
            case "duplicated":
                shutil.copy(path, root / "merged" / path.name)
                for other in (root / "merged").iterdir():
                    if other.name != path.name:
                        other.unlink()
                folders.append(root / "merged")
                expected = f"{path} and {root / 'merged' / path.name} both have"
            case "changed":
                expected = edit(path, lambda found: next(iter(found["summary"].values())).update(crash=77), "summary: it counts ")
            case "one result less":
                edit(path, less_one)
                expected = f"shard {index}/{count}"
            case "other suite":
                edit(path, lambda found: found["suite"].update(digest="sha256:" + "0" * 64))
                expected = (
                    f"{path.parent}: cases sha256:000000000000" if len(files) + broken > 1 else "all results are of the cases sha256:0"
                )
            case "other target":
                edit(path, lambda found: found["target"].update(id="t0", version="3.8.1"))
                expected = "3.8.1" if sum(json.loads(other.read_bytes())["target"]["id"] == "t0" for other in files) > 1 else ""
        if expected:
            with pytest.raises(ConformanceError) as caught:
                merge(small, folders)
            assert expected in str(caught.value)
            assert "both have" not in str(caught.value) or "are not those of the run" not in str(caught.value)


def edit(path: Path, change: Callable[[dict[str, Any]], object], message: str = "") -> str:
    found = json.loads(path.read_bytes())
    change(found)
    path.write_text(json.dumps(found), encoding="ascii")
    return message


def less_one(found: dict[str, Any]) -> None:
    """Take a result away as somebody would who also mends the sums."""
    case, result = found["results"].popitem()
    level = "observed" if int(case[-1]) % 2 else "documented"
    found["summary"][level][result["verdict"]] -= 1
    found["complete"] = False


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/3", "", "1/ 3"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnknownShard, match="--shard"):
        Shard.parse(text)


@settings(deadline=None)
@given(st.lists(st.integers(), max_size=30), st.integers(1, 40))
def test_every_item_is_in_exactly_one_shard(items: list[int], count: int) -> None:
    parts = [list(Shard.parse(f"{index}/{count}").part(items)) for index in range(1, count + 1)]
    assert [item for part in parts for item in part] == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


# Results of runs on different targets, without shards.


@pytest.fixture
def two(small: Catalogue, tmp_path: Path) -> list[Path]:
    """Two folders of whole results, on a target each."""
    for name in ("one", "two"):
        target = a_target(name)
        run(small, [target], [(target, a_result(case, Verdict.PASS)) for case in small.cases], tmp_path / name)
    return [tmp_path / "one", tmp_path / "two"]


def test_disjoint_targets_are_united(small: Catalogue, two: list[Path], tmp_path: Path) -> None:
    assert merged(small, two, tmp_path / "out") == {**bytes_of(two[0]), **bytes_of(two[1])}


def refused(catalogue: Catalogue, folders: list[Path]) -> str:
    with pytest.raises(ConformanceError) as caught:
        merge(catalogue, folders)
    return str(caught.value)


def test_a_folder_without_results_is_refused(small: Catalogue, two: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert f"{tmp_path / 'empty'}: no result files there" in refused(small, [*two, tmp_path / "empty"])
    assert "no such folder" in refused(small, [*two, tmp_path / "nowhere"])
    assert "no result files in" in refused(small, [tmp_path / "empty"])


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
        (
            lambda found: found["results"].update({"thing/none": {"verdict": "pass", "clauses": []}}),
            "summary: it counts 5 pass, and the results hold 6",
        ),
        (lambda found: found["results"]["thing/case-0"].update(clauses=["thing.observed"]), "thing/case-0: its clauses are not those"),
        (lambda found: found["results"]["thing/case-0"].update(observed="x"), "it passes, and says more"),
        (lambda found: found["results"]["thing/case-0"].update(verdict="fail"), "the verdict is fail, and it lacks 'expected' and"),
        (lambda found: found.update(complete=False), "complete: false, and it has all cases"),
        (lambda found: found.update(unavailable="gone", complete=False), "unavailable: it has results"),
        (lambda found: found["summary"].pop("observed"), "summary: it counts 3 pass, and the results hold 5"),
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
    run(small, [target], [(target, a_result("thing/case-1", Verdict.CRASH))], two[0])
    assert set(bytes_of(two[0])) == {"one.json", "one.partial.json"}
    assert [column.complete for column in read_columns(small, two[0])] == [True]
    assert len(merge(small, two)) == 2
    (two[0] / "one.json").unlink()
    assert [column.complete for column in read_columns(small, two[0])] == [False]
    assert "missing on one" in refused(small, two)


def test_a_report_of_parts_says_to_unite_them(small: Catalogue, tmp_path: Path) -> None:
    target = a_target("one")
    items = [(target, a_result(case, Verdict.PASS)) for case in small.cases]
    for index in (1, 2):
        run(small, [target], items, tmp_path / "out", Shard(index, 2))
    assert set(bytes_of(tmp_path / "out")) == {"one.shard-1-of-2.json", "one.shard-2-of-2.json"}
    with pytest.raises(InvalidResults, match="both are of the target one: unite them with imp-conformance merge"):
        read_columns(small, tmp_path / "out")
    assert [column.complete for column in merge(small, [tmp_path / "out"])] == [True]


# The commands.


@pytest.fixture(scope="module")
def targets() -> list[str]:
    return ["--python", interpreter("3.8"), "--python", interpreter("3.6")]


def test_shards_of_a_candidate_that_fails_are_one_whole_run(cli: Cli, tmp_path: Path, targets: list[str]) -> None:
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    options = ["run", "-q", "--tb=no", "--candidate", "shim.py", *targets, "new_module", "--results"]
    assert cli(*options, "whole").returncode == 1
    for index, workers in (("1", []), ("2", ["-n", "2"]), ("3", [])):
        assert cli(*options, f"s{index}", "--shard", f"{index}/3", *workers).returncode == 1
    done = cli("merge", "s1", "s2", "s3", "--output", "out")
    assert done.returncode == 1, done.stderr
    assert "differing: cpython-3.6" in done.stdout
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")
    gap = cli("merge", "s1", "s3", "--output", "never")
    assert gap.returncode == 2
    assert "shard 2/3 is missing, with 12 of the 36 items" in gap.stderr
    assert not (tmp_path / "never").exists()
    itself = cli("merge", "s1", "s2", "s3", "--output", "s1")
    assert itself.returncode == 2


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_shard_without_items_is_no_failure(workers: list[str], cli: Cli, tmp_path: Path, targets: list[str]) -> None:
    done = cli("run", "-q", *targets[:2], "--shard", "1/3", "--results", "out", "new_module/not-registered", *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shard 1/3: 0 of 1 items" in done.stdout
    assert list((tmp_path / "out").iterdir()) == []


def test_wrong_shards_are_told(cli: Cli) -> None:
    done = cli("run", "--shard", "4/3")
    assert done.returncode == 2
    assert "there is no part 4 of 3" in done.stderr
    assert "Traceback" not in done.stderr
