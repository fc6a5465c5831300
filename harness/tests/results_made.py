"""Results made by hand, for tests of what reads them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imp_conformance.results.files import TargetResults

from imp_conformance import __version__
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.results.judge import Verdict

CASES = ("new_module/not-registered", "new_module/returns-module", "get_tag/silent", "get_tag/no-tag")


def entry(verdict: Verdict, text: str = "x") -> dict[str, Any]:
    """A case's entry in a result file."""
    found: dict[str, Any] = {"verdict": verdict.value, "clauses": ["new_module.returns-module"]}
    if verdict is Verdict.NOT_APPLICABLE:
        found["reason"] = text
    elif verdict is not Verdict.PASS:
        found.update(expected="1", observed=text, reason=f"expected 1, observed {text}")
    return found


def data(
    catalogue: Catalogue, target: str, results: Mapping[str, Mapping[str, Any]], *, complete: bool = False, **more: Any
) -> dict[str, Any]:
    """A result file's content, its summary counted at the levels that the catalogue gives."""
    counted = Counter(
        (str(catalogue.level(catalogue.cases[case])) if case in catalogue.cases else "observed", result["verdict"])
        for case, result in results.items()
    )
    return {
        "schema": 1,
        "suite": {"version": __version__, "digest": catalogue.digest},
        "target": {
            "id": target,
            "implementation": "cpython",
            "version": "3.8.18",
            "platform": "linux-x86_64",
            "candidate": {"kind": "own"},
            "emulates": "3.8.18",
        },
        "summary": {level: {verdict: counted[level, verdict] for verdict in Verdict} for level in Level},
        "results": results,
        "complete": complete,
        **more,
    }


def write(folder: Path, content: Mapping[str, Any], name: str | None = None) -> Path:
    """Write a result file under its target's id."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"{content['target']['id']}.json")
    path.write_text(json.dumps(content), encoding="ascii")
    return path


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What the files of a folder hold, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whole(catalogue: Catalogue, target: str, differing: Mapping[str, Verdict]) -> dict[str, Any]:
    """The content of a whole run, in which everything passes that is not said to differ."""
    results = {case: entry(differing.get(case, Verdict.PASS)) for case in catalogue.cases}
    return data(catalogue, target, results, complete=True)


def in_memory(target: str, results: Mapping[str, Mapping[str, Any]], complete: bool) -> TargetResults:
    """What is known of a target, as a value."""
    return TargetResults(suite={}, target={"id": target}, summary={}, results=results, complete=complete)
