"""Shards: together they are one whole run, byte for byte; what is not one whole is refused, and named."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results_made as made
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ConformanceError, UnknownShard
from imp_conformance.results.judge import Verdict
from imp_conformance.results.merge import merge
from imp_conformance.results.shard import Shard
from imp_conformance.results.writing import write_results
from runs_made import COUNT, a_target, edit, less_one, run, small_catalogue


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(tmp_path_factory.mktemp("catalogue"))


def merged(catalogue: Catalogue, folders: list[Path], output: Path) -> dict[str, bytes]:
    columns = merge(catalogue, folders)
    output.mkdir()
    for column in columns:
        write_results(output, column)
    return made.bytes_of(output)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[str], list[int], list[Verdict], bool, int]:
    """Names of targets, which cases are selected, verdicts, whether a target is unavailable, number of shards."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 3)))]
    selected = draw(st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=COUNT, unique=True))
    verdicts = draw(st.lists(st.sampled_from(list(Verdict)), min_size=len(names) * COUNT, max_size=len(names) * COUNT))
    return names, sorted(selected), verdicts, draw(st.booleans()), draw(st.integers(1, len(names) * len(selected) + 3))


@given(drawn=runs(), data=st.data())
def test_shards_are_the_whole_and_nothing_less_or_more_is_taken_for_it(drawn: Any, data: st.DataObject, small: Catalogue) -> None:
    names, selected, verdicts, broken, count = drawn
    targets = [a_target(name) for name in names]
    items = [
        (target, made.result(f"thing/case-{case}", verdicts[number * COUNT + case]))
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
        assert merged(small, shuffled, root / "merged") == made.bytes_of(root / "whole")

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
                expected = edit(path, lambda found: next(iter(found["counts"].values())).update(crash=77), "counts: it counts ")
            case "one result less":
                edit(path, less_one)
                expected = f"shard {index}/{count}"
            case "other suite":
                edit(path, lambda found: found["suite"].update(digest="sha256:" + "0" * 64))
                expected = (
                    f"{path.parent}: cases sha256:000000000000" if len(files) + broken > 1 else "all results are of the cases sha256:0"
                )
            case "other target":
                edit(path, lambda found: found["targets"][0].update(id="t0", python="3.8.1"))
                expected = "3.8.1" if sum(json.loads(other.read_bytes())["targets"][0]["id"] == "t0" for other in files) > 1 else ""
        if expected:
            with pytest.raises(ConformanceError) as caught:
                merge(small, folders)
            assert expected in str(caught.value)
            assert "both have" not in str(caught.value) or "are not those of the run" not in str(caught.value)


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/3", "", "1/ 3"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnknownShard, match="--shard"):
        Shard.parse(text)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 40))
def test_every_item_is_in_exactly_one_shard(items: list[int], count: int) -> None:
    parts = [list(Shard.parse(f"{index}/{count}").part(items)) for index in range(1, count + 1)]
    assert [item for part in parts for item in part] == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
