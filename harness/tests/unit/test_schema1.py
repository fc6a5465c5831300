"""Files of schema 1 are read as what they would be today, and written as schema 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imp_conformance.errors import InvalidResults
from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.reading import read_results
from imp_conformance.results.writing import write_results

EDITION_1 = "sha256:3c622a453ddda6ca6c9c661290fbbe2f0b7aa5c1432a8642ce2a999e5e09e6ce"


def content(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "schema": 1,
        "suite": {"version": "0.1.0", "digest": EDITION_1},
        "target": {
            "id": "pypy-3.9.16",
            "implementation": "pypy",
            "version": "3.9.16 (PyPy 7.3.11)",
            "platform": "linux-x86_64",
            "candidate": {"kind": "own"},
            "emulates": "3.9.16",
        },
        "summary": {
            "documented": {"pass": 1, "fail": 1, "missing": 0, "crash": 0, "timeout": 0, "not-applicable": 0},
            "observed": {"not-applicable": 2},
            "docstring": {"pass": 0},
        },
        "results": {
            "a/passes": {"verdict": "pass", "clauses": ["a.b"]},
            "a/fails": {"verdict": "fail", "clauses": ["a.b"], "expected": "1", "observed": "2", "reason": "value: expected 1, observed 2"},
            "a/older": {"verdict": "not-applicable", "clauses": ["a.b"], "reason": "holds for >=3.4,<3.5, not for 3.9.16"},
            "a/needs": {"verdict": "not-applicable", "clauses": ["a.b"], "reason": "no extension module, not for 3.9.16"},
        },
        "complete": True,
    }
    return {**found, **changes}


def write(folder: Path, data: dict[str, Any]) -> Path:
    path = folder / "pypy-3.9.16.json"
    path.write_text(json.dumps(data), encoding="ascii")
    return path


def test_it_is_read_as_schema_2(tmp_path: Path) -> None:
    (found,) = read_results(write(tmp_path, content()))
    assert (found.edition, found.scope, found.seed, found.complete) == (1, "all", 0, True)
    assert found.suite["digest"] != EDITION_1, "the digest leaves prose out now"
    assert (found.target["python"], found.target["release"], found.target["build"]) == ("3.9.16", "7.3.11", "")
    assert found.counts == {"documented": {"pass": 1, "fail": 1}, "observed": {"not-applicable": 2}}
    assert found.results == {
        "a/passes": Result("a/passes", Verdict.PASS),
        "a/fails": Result("a/fails", Verdict.FAIL, "1", "2", Difference(("reason",), "value", "", "value: expected 1, observed 2")),
        "a/older": Result("a/older", Verdict.NOT_APPLICABLE, unasked="holds for >=3.4,<3.5"),
        "a/needs": Result("a/needs", Verdict.NOT_APPLICABLE, unasked="no extension module, not for 3.9.16"),
    }
    assert found.results["a/fails"].reason == "value: expected 1, observed 2"


def test_it_is_written_as_schema_2(tmp_path: Path) -> None:
    path = write(tmp_path, content())
    (found,) = read_results(path)
    written = write_results(tmp_path, found)
    assert (written.name, path.exists()) == ("pypy3.9-7.3.11.json", False), "it takes the place of the file with the id of edition 1"
    data = json.loads(written.read_bytes())
    assert data["schema"] == 2
    assert data["results"]["a/passes"] == "pass"
    assert read_results(written) == [found]


def test_other_cases_keep_their_digest(tmp_path: Path) -> None:
    other = "sha256:" + "1" * 64
    (found,) = read_results(write(tmp_path, content(suite={"version": "0.0.9", "digest": other})))
    assert found.suite == {"version": "0.0.9", "edition": 1, "digest": other}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"results": {"a/fails": {"verdict": "fail", "clauses": []}}},
            "the verdict is fail, and it lacks 'expected' and 'observed' and 'reason'",
        ),
        ({"results": {"a/older": {"verdict": "not-applicable", "clauses": []}}}, "the verdict is not-applicable, and it lacks 'reason'"),
        ({"results": {}}, "summary: it counts 1 pass, and the results hold 0"),
        ({"results": {"a/passes": "pass"}}, "'pass' is not of type 'object'"),
        ({"unavailable": "gone"}, "complete: true, and the target is unavailable"),
        ({"targets": []}, "'targets' was unexpected"),
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path, content(**change))
    with pytest.raises(InvalidResults) as caught:
        read_results(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
