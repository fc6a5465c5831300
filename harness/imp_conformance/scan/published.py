"""The published results that a scan asks, where there is a checkout: whose imp does what with the clauses that are needed."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import UnknownTarget
from imp_conformance.resources import catalogue_root
from imp_conformance.results.model import TargetResults, column_order
from imp_conformance.results.reading import read_results
from imp_conformance.results.scores import known_results

_DEFAULT_SERIES = "3.13"
_DEFAULT_CANDIDATE = "zombie-imp"
_RECIPES = "migration_recipes"

_SERIES = re.compile(r"\d+\.\d+")
_BARE = re.compile(r"cpython-(\d+)\.(\d+)(?:\.[^+]*)?")
_FIRST_WITHOUT = (3, 12)


@dataclass(frozen=True, slots=True)
class Asked:
    """A target that a scan asks."""

    id: str
    column: TargetResults | None
    """None for an interpreter that has no imp, and for which no candidate is named."""
    decides: bool
    """Whether what it loses counts as broken: the recipes are only told, unless they are asked for."""


def results_folder() -> Path:
    """Return where published results lie in a checkout; an installation has none."""
    return catalogue_root() / "reports" / "results"


def asked_targets(catalogue: Catalogue, names: Sequence[str]) -> list[Asked]:
    """Return the targets of some ids or series; where none is named, zombie-imp and the migration recipes on 3.13.

    Raises:
        UnknownTarget: for a name of which there are no results.
        InvalidResults: where the results are none.
    """
    files = _files()
    if not names:
        chosen = [name for name in files if _series(name) == _DEFAULT_SERIES and name.endswith((f"+{_DEFAULT_CANDIDATE}", f"+{_RECIPES}"))]
        found = [Asked(name, _column(catalogue, files, name), not name.endswith(_RECIPES)) for name in chosen]
        return sorted(found, key=lambda asked: not asked.decides)
    found = []
    for name in names:
        found += [asked for asked in _named(catalogue, files, name) if asked.id not in {other.id for other in found}]
    return found


def _named(catalogue: Catalogue, files: dict[str, Path], name: str) -> list[Asked]:
    if name in files:
        return [Asked(name, _column(catalogue, files, name), decides=True)]
    if _SERIES.fullmatch(name):
        columns = [column for other in files if _series(other) == name and (column := _column(catalogue, files, other)) is not None]
        if columns:
            return [Asked(column.id, column, decides=True) for column in sorted(columns, key=column_order)]
    bare = _BARE.fullmatch(f"cpython-{name}" if _SERIES.fullmatch(name) else name)
    if bare is not None and (int(bare[1]), int(bare[2])) >= _FIRST_WITHOUT:
        return [Asked(bare[0], None, decides=True)]
    if not files:
        raise UnknownTarget(f"--target {name}: there are no published results here: scan in a checkout of imp-conformance, or leave it out")
    close = difflib.get_close_matches(name, files, n=3)
    hint = (
        f"did you mean {' or '.join(close)}?"
        if close
        else f"name one of {', '.join(sorted(other for other in files if '+' in other))}, or a series such as 3.13"
    )
    raise UnknownTarget(f"--target {name}: there are no published results of it: {hint}")


def _files() -> dict[str, Path]:
    """Return the file of each target's results, by its id."""
    found: dict[str, Path] = {}
    for file in sorted(results_folder().glob("*.json")):
        try:
            targets = json.loads(file.read_text(encoding="utf-8"))["targets"]
            found.update((str(target["id"]), file) for target in targets)
        except (OSError, ValueError, KeyError, TypeError):  # whoever reads it wholly says what is wrong with it
            found[file.stem] = file
    return found


def _column(catalogue: Catalogue, files: dict[str, Path], name: str) -> TargetResults | None:
    for results in read_results(files[name]):
        if results.id == name:
            return known_results(catalogue, results)
    return None


def _series(name: str) -> str:
    bare = re.match(r"cpython-(\d+\.\d+)(?=[.+-]|$)", name)
    return "" if bare is None else bare[1]
