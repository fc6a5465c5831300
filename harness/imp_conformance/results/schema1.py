"""Schema 1 of result files, which edition 1 of the cases was published in, as schema 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imp_conformance.portable.difference import Difference
from imp_conformance.results.judge import Verdict
from imp_conformance.targets.identity import releases

_DIGESTS = {
    "sha256:3c622a453ddda6ca6c9c661290fbbe2f0b7aa5c1432a8642ce2a999e5e09e6ce": (
        "sha256:c59758ff88710ac4ee2d9990b4ebb4891499a86913098263db5716f51cf2af79"
    ),
}
"""Digest of edition 1 as schema 1 counts it, titles and reasons included → the same cases' digest without them."""

_WRONG_KEYS = ("expected", "observed", "reason")
_KEYS = {**dict.fromkeys(Verdict, _WRONG_KEYS), Verdict.PASS: (), Verdict.NOT_APPLICABLE: ("reason",)}


def lacking_keys(data: Mapping[str, Any]) -> Iterator[str]:
    """Say which entries lack a key that their verdict calls for."""
    for case, entry in data["results"].items():
        lacking = [key for key in _KEYS[Verdict(entry["verdict"])] if key not in entry]
        if lacking:
            yield f"results.{case}: the verdict is {entry['verdict']}, and it lacks {' and '.join(map(repr, lacking))}"


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a valid file of schema 1 as that of one of schema 2."""
    suite = data["suite"]
    counts = {level: {verdict: number for verdict, number in found.items() if number} for level, found in data["summary"].items()}
    return {
        "schema": 2,
        "suite": {"version": suite["version"], "edition": 1, "digest": _DIGESTS.get(suite["digest"], suite["digest"])},
        "targets": [upgraded_target(data["target"])],
        "scope": "all",
        "seed": 0,
        "counts": {level: found for level, found in counts.items() if found},
        "results": {case: _entry(entry) for case, entry in data["results"].items()},
        **{key: data[key] for key in ("complete", "unavailable", "shard") if key in data},
    }


def upgraded_target(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file of schema 1 says of its target as one of schema 2 says it."""
    python, release = releases(about["version"])
    kept = {key: about[key] for key in ("id", "implementation", "platform", "candidate", "emulates")}
    return {**kept, "python": python, "release": release, "build": ""}


def _entry(entry: Mapping[str, Any]) -> str | dict[str, Any]:
    verdict = Verdict(entry["verdict"])
    if verdict is Verdict.PASS:
        return verdict.value
    if verdict is Verdict.NOT_APPLICABLE:
        return {"verdict": verdict.value, "reason": _without_release(entry["reason"])}
    told = Difference.told_as(entry["reason"]).to_json()
    return {"verdict": verdict.value, "expected": entry["expected"], "observed": entry["observed"], "difference": told}


def _without_release(reason: str) -> str:
    """Take the release that was asked out of ``holds for RANGE, not for RELEASE``, so that builds can share results."""
    held, _, _ = reason.rpartition(", not for ")
    return held if held.startswith("holds for ") else reason
