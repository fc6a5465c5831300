"""Result files written: the same bytes whenever the same was found, and equal results of many targets once."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from imp_conformance.errors import InvalidResults, ResultsUnwritable
from imp_conformance.resources import replacing
from imp_conformance.results.model import TargetResults, column_order
from imp_conformance.results.reading import SCHEMA, read_results
from imp_conformance.results.schema1 import upgraded_target
from imp_conformance.targets.names import current_id

PARTIAL = ".partial.json"
"""How the names of files end that hold a part of the cases, beside the whole."""


def prepare_folder(folder: Path, option: str = "--results") -> None:
    """Make a folder for what is to be written before the work for it begins.

    Args:
        folder: the folder.
        option: which names it on the command line.

    Raises:
        ResultsUnwritable: where nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ResultsUnwritable(f"{option} {folder}: {error.strerror}: name a folder that can be written to") from None


def write_results(folder: Path, results: TargetResults) -> Path:
    """Write the file of one target, at once or not at all, and return its path.

    Results of a whole run are never replaced by those of a part of one: these then go into ``<id>.partial.json``. Those of a
    shard go into ``<id>.shard-I-of-N.json``, so that the shards of a target can lie in one folder. Where the target is one of
    several that a file holds the results of, it is taken out of that file.
    """
    if results.shard is not None:
        return _write(folder / f"{results.id}.shard-{results.shard['index']}-of-{results.shard['of']}.json", [results])
    path = folder / f"{results.id}.json"
    partial = folder / f"{results.id}{PARTIAL}"
    with _alone(folder):
        holder, ids = _holder(folder, results.id)
        if not results.complete and _is_complete(holder):
            return _write(partial, [results])
        if len(ids) > 1:
            _take_out(holder, results.id)
        _write(path, [results])
        if holder != path and len(ids) == 1:  # the target's own file, under a name of edition 1
            holder.unlink(missing_ok=True)
        if results.complete:
            partial.unlink(missing_ok=True)
    return path


def _is_complete(path: Path) -> bool:
    try:
        return read_results(path)[0].complete
    except InvalidResults:
        return False


def _take_out(holder: Path, target_id: str) -> None:
    """Take a target out of a file that others share with it, which is named after its first target then too."""
    others = [found for found in read_results(holder) if found.id != target_id]
    named = holder.with_name(f"{others[0].id}.json")
    _write(named, others)
    if named != holder:
        holder.unlink()


def write_folded(folder: Path, columns: Iterable[TargetResults]) -> list[Path]:
    """Write the results of many targets, equal ones into one file, which is named after the first of its targets.

    Every other file of these targets in the folder is removed. To fold what is folded changes nothing.
    """
    groups = folded(columns)
    ids = {results.id for group in groups for results in group}
    with _alone(folder):
        spare = [path for path in folder.glob("*.json") if not ids.isdisjoint(_glance(path).ids)]
        with contextlib.ExitStack() as all_or_none:
            written = [all_or_none.enter_context(_written(folder / f"{group[0].id}.json", group)) for group in groups]
        for path in spare:
            if path not in written:
                path.unlink()
    return written


def folded(columns: Iterable[TargetResults]) -> list[list[TargetResults]]:
    """Return the targets that have equal results together; one that has not all results, or only those of a shard, stays alone."""
    groups: list[list[TargetResults]] = []
    for results in sorted(columns, key=column_order):
        for group in groups:
            if results.complete and results.shard is None and replace(results, target=group[0].target) == group[0]:
                group.append(results)
                break
        else:
            groups.append([results])
    return groups


def _write(path: Path, group: Sequence[TargetResults]) -> Path:
    """Write a file for targets that have the results of the first of them."""
    with _written(path, group):
        return path


@contextlib.contextmanager
def _written(path: Path, group: Sequence[TargetResults]) -> Iterator[Path]:
    """Write a file for targets that have the results of the first of them; it takes its place at the end of the block."""
    first = group[0]
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "suite": first.suite,
        "targets": [results.target for results in group],
        "scope": first.scope,
        "seed": first.seed,
        "counts": first.counts,
        "results": {case: result.to_json() for case, result in first.results.items()},
        "complete": first.complete,
    }
    if first.unavailable is not None:
        data["unavailable"] = first.unavailable
    if first.shard is not None:
        data["shard"] = first.shard
    with replacing(path) as fresh:
        fresh.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n", encoding="ascii")
        yield path


def _holder(folder: Path, target_id: str) -> tuple[Path, list[str]]:
    """Return the file of whole results that a target is in, and the ids of all targets in it; its own file where there is none."""
    own = folder / f"{target_id}.json"
    for path in [own, *sorted(path for path in folder.glob("*.json") if path != own)]:
        content = _glance(path)
        if target_id in content.ids and not content.part:
            return path, content.ids
    return own, []


class _Glance(NamedTuple):
    """What can be seen of a file without the check that reading makes, which takes much longer."""

    ids: list[str]
    part: bool
    """Whether it holds a part of the cases, a shard for example."""


def _glance(path: Path) -> _Glance:
    try:
        data = json.loads(path.read_bytes())
        targets = data["targets"] if "targets" in data else [upgraded_target(data["target"])]
        return _Glance([current_id(target) for target in targets], "shard" in data or path.name.endswith(PARTIAL))
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return _Glance([], part=False)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time move targets between the files of a folder, where its file system has locks."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
