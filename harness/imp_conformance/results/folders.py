"""The results of several targets, from a folder or a single file, held against the cases that they are of."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.errors import InvalidResults
from imp_conformance.results.judge import Verdict
from imp_conformance.results.model import TargetResults, column_order, count_results
from imp_conformance.results.reading import ANEW, read_results
from imp_conformance.results.writing import PARTIAL

JOURNALS = "journal-*.jsonl"
"""What the journals of runs are called that go on or did not end."""


@dataclass(frozen=True, slots=True)
class ResultSet:
    """What was read from one place: targets by id, in the order of their files."""

    place: str
    targets: Mapping[str, TargetResults]
    files: Mapping[str, Path]
    left_out: tuple[Path, ...] = ()
    """Results of a part of the cases, which lie beside those of the whole of the same target."""


def read_result_set(path: Path) -> ResultSet:
    """Read a result file, or every result file of a folder.

    Raises:
        InvalidResults: where there is none, one is not one, or two are of the same target.
    """
    if not path.exists():
        raise InvalidResults(f"{path}: no such file or folder: name a result file, or the folder of imp-conformance run --results")
    left_out: list[Path] = []
    if not path.is_dir():
        found = [(path, results) for results in read_results(path)]
    else:
        found, left_out = read_folder(path)
    if not found and path.is_dir() and any(path.glob(JOURNALS)):
        todo = f"the same imp-conformance run --results {path} with --resume goes on and writes them"
        raise InvalidResults(f"{path}: no result files there yet, only the journal of a run that did not end: {todo}")
    if not found:
        raise InvalidResults(f"{path}: no result files there: make some with imp-conformance run --results {path}")
    targets: dict[str, TargetResults] = {}
    files: dict[str, Path] = {}
    for file, results in found:
        if results.id in targets:
            todo = "keep one of the two" if results.shard is None else "unite them with imp-conformance merge"
            raise InvalidResults(f"{files[results.id]} and {file}: both are of the target {results.id}: {todo}")
        targets[results.id], files[results.id] = results, file
    return ResultSet(str(path), targets, files, tuple(left_out))


def read_folder(folder: Path) -> tuple[list[tuple[Path, TargetResults]], list[Path]]:
    """Read every result file of a folder.

    Returns:
        The results of each target with their file, and the files that are left out: parts of a run beside the whole.

    Raises:
        InvalidResults: where a file is no result file.
    """
    found: list[tuple[Path, TargetResults]] = []
    left_out = []
    # A part of a run stands behind the whole, so that the whole is met first.
    for file in sorted(folder.glob("*.json"), key=lambda file: (file.name.endswith(PARTIAL), file.name)):
        content = read_results(file)
        if file.name.endswith(PARTIAL) and any(other.id == content[0].id and other.complete for _, other in found):
            left_out.append(file)
        else:
            found += [(file, results) for results in content]
    return found, left_out


def read_columns(catalogue: Catalogue, path: Path) -> list[TargetResults]:
    """Read what read_result_set() reads, checked by check_cases(), in the order of a matrix's columns.

    Raises:
        InvalidResults: as these do.
    """
    found = read_result_set(path)
    check_cases(catalogue, found)
    return sorted(found.targets.values(), key=column_order)


def check_cases(catalogue: Catalogue, found: ResultSet) -> None:
    """Hold results that say they are of this catalogue's cases against them; results of other cases are left alone.

    Raises:
        InvalidResults: for a case that does not exist, one that is not there, and counts at other levels.
    """
    for results in found.targets.values():
        if results.current(catalogue):
            what = contradiction(catalogue, results)
            if what is not None:
                raise InvalidResults(f"{found.files[results.id]}: {what}: {ANEW}")


def contradiction(catalogue: Catalogue, results: TargetResults) -> str | None:
    """Say where results of this catalogue's cases contradict it; None where they do not."""
    for case in results.results:
        if case not in catalogue.cases:
            close = difflib.get_close_matches(case, catalogue.cases, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            return f"results.{case}: these cases have none of that id{hint}"
    if results.complete:
        absent = [case for case in catalogue.cases if case not in results.results]
        if absent:
            more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
            return f"complete: true, and the results lack {absent[0]}{more}"
    counts = count_results(catalogue, results.results)
    for level in Level:
        for verdict in Verdict:
            said, counted = (found.get(level, {}).get(verdict, 0) for found in (results.counts, counts))
            if said != counted:
                return f"counts.{level}: it counts {said} {verdict}, and the results hold {counted}"
    return None
