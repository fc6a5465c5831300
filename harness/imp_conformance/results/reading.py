"""Result files read back: checked against their schema, and an old one understood as a new one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imp_conformance.errors import InvalidResults
from imp_conformance.resources import package_text
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.schema1 import lacking_keys, upgraded
from imp_conformance.targets.names import current_id

if TYPE_CHECKING:
    import jsonschema

SCHEMA = 2
"""The number of the format; raised when a reader of the old one would misread the new one."""

ANEW = "make it anew with imp-conformance run --results"

_SCHEMAS = {1: "schema/results-1.schema.json", SCHEMA: "schema/results.schema.json"}


def read_results(path: Path) -> list[TargetResults]:
    """Read one result file: the results of one target, or of several that have the same. Ids of edition 1 become those of today.

    Raises:
        InvalidResults: where it is not one.
    """
    data = _data(path)
    problem = next(_problems(data), None)
    if problem is not None:
        raise InvalidResults(f"{path}: {problem}: {ANEW}")
    if data["schema"] == 1:
        data = upgraded(data)
    try:
        results = {case: Result.from_json(case, entry) for case, entry in data["results"].items()}
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidResults(f"{path}: results: {error}: {ANEW}") from None
    names = ("suite", "counts", "complete", "scope", "seed")
    shared: dict[str, Any] = {name: data[name] for name in names}
    shared.update(results=results, unavailable=data.get("unavailable"), shard=data.get("shard"))
    return [TargetResults(target={**target, "id": current_id(target)}, **shared) for target in data["targets"]]


def _data(path: Path) -> Any:
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise InvalidResults(f"{path}: not JSON ({error}): {ANEW}") from None
    except OSError as error:
        raise InvalidResults(f"{path}: {error.strerror}: make it readable") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise InvalidResults(f"{path}: schema {schema}: written by a newer imp-conformance: install that")
    return data


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)
        raise ValueError(f"the key {twice!r} stands twice in an object")
    return found


def _problems(data: Any) -> Iterator[str]:
    """Say what is wrong with the content of a file, what its schema finds first."""
    import jsonschema  # a run that reads no results starts without it

    schema = data.get("schema") if isinstance(data, dict) else None
    validator = _validator(_SCHEMAS[1 if schema == 1 else SCHEMA])
    problem = jsonschema.exceptions.best_match(validator.iter_errors(data))
    if problem is not None:
        place = ".".join(str(step) for step in problem.absolute_path) or "the file"
        yield f"{place}: {problem.message if len(problem.message) <= 200 else problem.message[:197] + '...'}"
        return
    yield from _contradictions(data)


def _contradictions(data: Mapping[str, Any]) -> Iterator[str]:
    """Find what the schema cannot see: keys that a verdict calls for, and counts that are not those of the results."""
    if data["schema"] == 1:
        yield from lacking_keys(data)
    verdicts = Counter(entry if isinstance(entry, str) else entry["verdict"] for entry in data["results"].values())
    counts = "counts" if "counts" in data else "summary"
    for verdict in Verdict:
        counted = sum(found.get(verdict, 0) for found in data[counts].values())
        if counted != verdicts[verdict]:
            yield f"{counts}: it counts {counted} {verdict}, and the results hold {verdicts[verdict]}"
    if data["complete"] and "unavailable" in data:
        yield "complete: true, and the target is unavailable"
    ids = Counter(target["id"] for target in data.get("targets", []))
    yield from (f"targets: {name} stands there {number} times" for name, number in ids.items() if number > 1)


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(package_text(name)))
