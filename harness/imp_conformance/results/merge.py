"""Unite the results of shards, or of runs on different targets, into those of one whole run; or say why they are not one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidResults, MergeRefused
from imp_conformance.results.folders import contradiction, read_folder
from imp_conformance.results.judge import Result
from imp_conformance.results.model import TargetResults, column_order, count_results
from imp_conformance.results.shard import Plan, Shard

_NAMED = 3
"""How many of the cases that something is wrong with are named."""


@dataclass(frozen=True, slots=True)
class _Input:
    path: Path
    found: TargetResults


def merge(catalogue: Catalogue, folders: Sequence[Path]) -> list[TargetResults]:
    """Unite all result files of the folders, in the order of a matrix's columns.

    Raises:
        InvalidResults: where a folder is not there, or a file is no result file.
        MergeRefused: with everything that keeps them from being one whole.
    """
    inputs, empty = _read(folders)
    problems = _suites(catalogue, inputs)
    if problems:
        raise MergeRefused(problems)  # what else is wrong follows from that
    for item in inputs:
        problems += [
            f"{item.path}: {problem}: make it anew with imp-conformance run" for problem in _inconsistencies(catalogue, item.found)
        ]
    if problems:
        raise MergeRefused(problems)
    by_target: defaultdict[str, list[_Input]] = defaultdict(list)
    by_plan: defaultdict[tuple[int, Plan], list[_Input]] = defaultdict(list)
    for item in inputs:
        by_target[item.found.id].append(item)
        if item.found.shard is not None:
            shard, plan = Plan.read(item.found.shard)
            by_plan[shard.of, plan].append(item)
    for same in by_target.values():
        problems += _differing(same) or _duplicates(same)
    twice, spare = bool(problems), 0
    for (of, plan), parts in by_plan.items():
        gaps, without_items = _gaps(of, plan, parts, twice)
        problems += gaps
        spare += without_items
    for item in inputs:
        problems += _missing_cases(catalogue, item)
    if len(empty) > spare:
        problems += [f"{folder}: no result files there: make them with imp-conformance run --results {folder}" for folder in empty]
    if problems:
        raise MergeRefused(problems)
    return sorted((_united(catalogue, same) for same in by_target.values()), key=column_order)


def _read(folders: Iterable[Path]) -> tuple[list[_Input], list[Path]]:
    """Read all files; return what is in them, and the folders that have none."""
    inputs: list[_Input] = []
    empty: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            raise InvalidResults(f"{folder}: no such folder: name those that imp-conformance run --results has written to")
        found, _ = read_folder(folder)
        inputs += [_Input(path, results) for path, results in found]
        if not found:
            empty.append(folder)
    if not inputs:
        raise InvalidResults(f"no result files in {', '.join(map(str, empty))}: make some with imp-conformance run --results")
    return inputs, empty


def _suites(catalogue: Catalogue, inputs: Sequence[_Input]) -> list[str]:
    """Find what is of different suites, or of another one than is installed here.

    Whole results of one folder may be of several: they lie together already, and those of older cases stay what they are.
    """
    places: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for item in inputs:
        places[item.found.suite["digest"], item.found.suite["version"]][str(item.path.parent)] = None
    if len({item.path.parent for item in inputs}) == 1 and all(item.found.shard is None for item in inputs):
        return []
    if len(places) > 1:
        lines = [f"{', '.join(where)}: cases {digest[:19]}, version {version}" for (digest, version), where in places.items()]
        return ["the results are of different suites: run all with the same imp-conformance", *lines]
    (digest, version) = next(iter(places))
    if digest != catalogue.digest:
        return [
            f"all results are of the cases {digest[:19]} (version {version}), and this imp-conformance has {catalogue.digest[:19]}: "
            "merge them with the version that made them"
        ]
    return []


def _inconsistencies(catalogue: Catalogue, found: TargetResults) -> list[str]:
    """Say in what a file is not as a run writes it, beside what its reader refuses already."""
    against = contradiction(catalogue, found) if found.current(catalogue) else None
    if against is not None:
        return [against]
    problems = []
    if not found.complete and found.unavailable is None and found.results.keys() == catalogue.cases.keys():
        problems.append("complete: false, and it has all cases")
    if found.unavailable is not None and found.results:
        problems.append("unavailable: it has results")
    if found.shard is not None and found.shard["index"] > found.shard["of"]:
        problems.append(f"shard: there is no part {found.shard['index']} of {found.shard['of']}")
    return problems


def _differing(same: Sequence[_Input]) -> list[str]:
    """Find inputs of one target id that are of different targets."""
    first = same[0]
    problems = []
    for other in same[1:]:
        then, now = _identity(first.found), _identity(other.found)
        parts = [f"{key} {then[key]!r} and {now[key]!r}" for key in then if then[key] != now[key]]
        if parts:
            problems.append(f"{first.found.id} is not the same target in {first.path} and {other.path}: {'; '.join(parts)}")
    return problems


def _identity(found: TargetResults) -> dict[str, Any]:
    return {**found.target, "scope": found.scope, "unavailable": found.unavailable}


def _duplicates(same: Sequence[_Input]) -> list[str]:
    """Find cases of one target that two inputs have results of."""
    problems = []
    for number, first in enumerate(same):
        for other in same[number + 1 :]:
            both = [case for case in first.found.results if case in other.found.results]
            if both:
                problems.append(f"{first.path} and {other.path} both have {_some(both)} on {first.found.id}: leave out one of them")
    return problems


def _gaps(of: int, plan: Plan, parts: Sequence[_Input], twice: bool) -> tuple[list[str], int]:
    """Find what the shards of one run lack; return also how many of them have no items, and so no files."""
    problems = []
    here = Counter[int]()
    for item in parts:
        assert item.found.shard is not None
        here[item.found.shard["index"]] += len(item.found.results)
    there = ", ".join(sorted({str(item.path.parent) for item in parts}))
    absent = 0
    for index in range(1, of + 1):
        size = Shard(index, of).size(plan.items)
        if index not in here and size == 0:
            absent += 1
        elif index not in here:
            problems.append(f"shard {index}/{of} is missing, with {size} of the {plan.items} items of the run that {there} is of")
        elif here[index] < size:
            problems.append(f"shard {index}/{of} has {here[index]} results, where its part of {plan.items} items is {size}: run it again")
    if not problems and not twice and Plan.of((item.found.id, case) for item in parts for case in item.found.results) != plan:
        problems.append(f"the cases and targets in {there} are not those of the run that was sharded: run the shards again")
    return problems, absent


def _missing_cases(catalogue: Catalogue, item: _Input) -> list[str]:
    """Find what a file lacks that is no shard's."""
    if item.found.shard is not None or item.found.complete or item.found.unavailable is not None:
        return []
    if not item.found.current(catalogue):
        return [f"{item.path}: only a part of its cases, which are others than here: leave it out"]
    missing = [case for case in catalogue.cases if case not in item.found.results]
    return [f"{item.path}: {_some(missing)} of {len(catalogue.cases)} missing on {item.found.id}: run it to its end (run --resume)"]


def _some(cases: Sequence[str]) -> str:
    names = ", ".join(cases[:_NAMED])
    return f"{len(cases)} case{'s' if len(cases) > 1 else ''} ({names}{', …' if len(cases) > _NAMED else ''})"


def _united(catalogue: Catalogue, same: Sequence[_Input]) -> TargetResults:
    first = same[0].found
    if len(same) == 1 and first.shard is None:
        return first
    results: dict[str, Result] = {}
    for item in same:
        results.update(item.found.results)
    complete = first.unavailable is None and results.keys() == catalogue.cases.keys()
    return replace(first, counts=count_results(catalogue, results), results=results, complete=complete, shard=None)
