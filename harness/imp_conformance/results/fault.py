"""Whose fault a difference is: a candidate's, or that of an interpreter, since the same candidate does it rightly on CPython."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from imp_conformance.results.judge import Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.targets.names import IMPLEMENTATIONS, numbers_of

_WHAT_IS_JUDGED = ("kind", "name", "version", "digest")
"""What is told of a candidate: equal for the same one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The differences of a target that has a candidate, held against the same candidate on CPython of the same version."""

    reference: str
    """The id of that CPython with the candidate."""
    series: str
    """Of Python, of both."""
    interpreter: str
    """What the target's interpreter is called, such as ``GraalPy 25.0``."""
    also: tuple[str, ...]
    """Cases that differ there too."""
    only: tuple[str, ...]
    """Cases that pass there."""
    unknown: tuple[str, ...]
    """Cases that were not asked there."""

    def __str__(self) -> str:
        parts = [f"also on CPython {self.series}: {len(self.also)}", f"only on {self.interpreter}: {len(self.only)}"]
        parts += [f"not asked on CPython {self.series}: {len(self.unknown)}"] if self.unknown else []
        return ", ".join(parts)


def faults(
    columns: Iterable[TargetResults], differing: Mapping[str, Collection[str]], beside: Iterable[TargetResults] = ()
) -> dict[str, Fault]:
    """Say whose the differences are, by target id; nothing of targets that differ in nothing or have no counterpart on CPython.

    Args:
        columns: the targets.
        differing: the cases in which each of them differs, by its id.
        beside: results of other targets that may serve as counterparts.
    """
    columns = list(columns)
    candidates = [found for found in (*columns, *beside) if found.target.get("implementation") == "cpython" and found.results]
    found = {}
    for column in columns:
        cases = differing[column.id]
        if not cases or column.target.get("implementation", "cpython") == "cpython" or column.target["candidate"]["kind"] == "own":
            continue
        reference = max((other for other in candidates if _same(column, other)), key=lambda other: _rank(column, other), default=None)
        if reference is not None:
            found[column.id] = _fault(column, reference, sorted(cases))
    return found


def _fault(column: TargetResults, reference: TargetResults, cases: Iterable[str]) -> Fault:
    by_verdict: dict[Verdict, list[str]] = {}
    for case in cases:
        there = reference.results.get(case)
        by_verdict.setdefault(Verdict.NOT_APPLICABLE if there is None else there.verdict, []).append(case)
    only, unknown = by_verdict.pop(Verdict.PASS, []), by_verdict.pop(Verdict.NOT_APPLICABLE, [])
    also = sorted(case for same in by_verdict.values() for case in same)
    implementation, release = str(column.target["implementation"]), str(column.target["release"])
    series = re.match(r"\d+\.\d+", release)
    interpreter = f"{IMPLEMENTATIONS.get(implementation, implementation)} {series[0] if series is not None else release}"
    return Fault(reference.id, _series(column), interpreter, tuple(also), tuple(only), tuple(unknown))


def _same(column: TargetResults, other: TargetResults) -> bool:
    """Whether results are of the same candidate on the same Python, judged by the same cases in the same way."""
    one, two = column.target, other.target
    return (
        all(one["candidate"].get(key) == two["candidate"].get(key) for key in _WHAT_IS_JUDGED)
        and _series(column) == _series(other)
        and _two_numbers(one["emulates"]) == _two_numbers(two["emulates"])
        and column.suite["digest"] == other.suite["digest"]
    )


def _rank(column: TargetResults, other: TargetResults) -> tuple[object, ...]:
    """Return what counterparts are chosen by, the best last: all cases, the usual build, the platform, the release."""
    target = other.target
    return (
        other.complete,
        not target["build"],
        target["platform"] == column.target["platform"],
        target["platform"] == "linux-x86_64",
        numbers_of(str(target["python"])),
        other.id,
    )


def _series(results: TargetResults) -> str:
    return _two_numbers(results.target["python"])


def _two_numbers(release: str) -> str:
    """Return the series of a release: what differs between patch releases is little, and told by the case."""
    return ".".join(release.split(".")[:2])
