"""Results made by hand, for tests of what reads them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imp_conformance import __version__
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.difference import Difference
from imp_conformance.results.folders import ResultSet
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults

CASES = ("new_module/not-registered", "new_module/returns-module", "get_tag/silent", "get_tag/no-tag")

Entry = str | dict[str, Any]
"""A case's entry in a result file."""


def result(case: str, verdict: Verdict, text: str = "x") -> Result:
    """A result of a case, with one text of its own where it is not a pass."""
    if verdict is Verdict.PASS:
        return Result(case, verdict)
    if verdict is Verdict.NOT_APPLICABLE:
        return Result(case, verdict, unasked=text)
    return Result(case, verdict, "1", text, Difference(("value",), "value", "1", text))


def entry(verdict: Verdict, text: str = "x") -> Entry:
    """What a file has of such a result."""
    return result("", verdict, text).to_json()


def verdict_of(item: Entry) -> str:
    """The verdict that an entry has."""
    return item if isinstance(item, str) else str(item["verdict"])


def wrong(**difference: Any) -> dict[str, Any]:
    """What a file has of a failure, with other fields of its difference."""
    found = entry(Verdict.FAIL)
    assert isinstance(found, dict)
    found["difference"].update(difference)
    return found


def about(target: str, **changes: Any) -> dict[str, Any]:
    """What a file says of a target."""
    found = {
        "id": target,
        "implementation": "cpython",
        "release": "3.8.18",
        "python": "3.8.18",
        "platform": "linux-x86_64",
        "build": "",
        "candidate": {"kind": "own"},
        "emulates": "3.8.18",
    }
    return {**found, **changes}


def suite(catalogue: Catalogue) -> dict[str, Any]:
    """What a file says of the catalogue's cases."""
    return {"version": __version__, "edition": catalogue.edition, "digest": catalogue.digest}


def counts(catalogue: Catalogue, results: Mapping[str, Entry]) -> dict[str, dict[str, int]]:
    """Count results at the levels that the catalogue gives, those of unknown cases as observed."""
    found: dict[str, Counter[str]] = {}
    for case, item in results.items():
        level = str(catalogue.level(catalogue.cases[case])) if case in catalogue.cases else "observed"
        found.setdefault(level, Counter())[verdict_of(item)] += 1
    return {level: dict(numbers) for level, numbers in found.items()}


def data(catalogue: Catalogue, target: str, results: Mapping[str, Entry], *, complete: bool = False, **more: Any) -> dict[str, Any]:
    """A result file's content."""
    return {
        "schema": 2,
        "suite": suite(catalogue),
        "targets": [about(target)],
        "scope": "all",
        "seed": 0,
        "counts": counts(catalogue, results),
        "results": results,
        "complete": complete,
        **more,
    }


def write(folder: Path, content: Mapping[str, Any], name: str | None = None) -> Path:
    """Write a result file under its first target's id."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"{content['targets'][0]['id']}.json")
    path.write_text(json.dumps(content), encoding="ascii")
    return path


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What the files of a folder hold, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whole(catalogue: Catalogue, target: str, differing: Mapping[str, Verdict]) -> dict[str, Any]:
    """The content of a whole run, in which everything passes that is not said to differ."""
    results = {case: entry(differing.get(case, Verdict.PASS)) for case in catalogue.cases}
    return data(catalogue, target, results, complete=True)


def in_memory(target: str, results: Mapping[str, Entry], complete: bool) -> TargetResults:
    """What is known of a target, as a value."""
    found = {case: Result.from_json(case, item) for case, item in results.items()}
    return TargetResults(suite={}, target={"id": target}, counts={}, results=found, complete=complete)


def result_set(content: dict[str, Any]) -> ResultSet:
    """Results of several targets, as if they were read from one place."""
    targets = {target: in_memory(target, **found) for target, found in content.items()}
    return ResultSet("here", targets, {target: Path(f"{target}.json") for target in targets})
