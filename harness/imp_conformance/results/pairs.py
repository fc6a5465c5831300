"""Which target of one set of results is compared with which of another: itself, or another release of its interpreter."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Mapping

from imp_conformance.catalogue.versions import Release
from imp_conformance.results.model import TargetResults
from imp_conformance.targets.names import numbers_of
from imp_conformance.targets.target import promised

Pair = tuple[TargetResults | None, TargetResults | None]

_BY_PYTHON = ("cpython", "pypy")
"""Implementations that maintain several series of Python side by side; a release of another series is another thing."""

_MARK = re.compile(r"-?\b[0-9a-f]{6}\b")
"""The digest that tells builds of one run apart, which says nothing to another run."""


def paired(old: Mapping[str, TargetResults], new: Mapping[str, TargetResults], *, files: bool = False) -> Iterator[Pair]:
    """Pair targets: those of one id first, then releases of one implementation that are as near as can be.

    Two releases are near that have two numbers in common, then one. Of several the newest are paired first. None stands for what
    has nothing to be compared with.

    Args:
        old: targets by id, whose order is kept.
        new: targets by id.
        files: whether each side is a single file, all of whose targets have equal results: then none is left without a partner.
    """
    partners = {target: target for target in old if target in new}
    for common in (2, 1, 0):
        lone_old = _grouped(old, partners.keys(), common)
        lone_new = _grouped(new, partners.values(), common)
        for line, before in lone_old.items():
            partners.update(zip(before, lone_new.get(line, []), strict=False))
    one, other = (next(iter(old.values())), next(iter(new.values()))) if files else (None, None)
    for target, found in old.items():
        yield found, new[partners[target]] if target in partners else other
    taken = set(partners.values()) if other is None or len(partners) == len(old) else {*partners.values(), other.id}
    yield from ((one, found) for target, found in new.items() if target not in taken)


def _grouped(targets: Mapping[str, TargetResults], paired: Collection[str], common: int) -> dict[Hashable, list[str]]:
    """Return the ids of those targets that are not paired, by what they have in common, the newest release first."""
    found: dict[Hashable, list[str]] = {}
    for target, results in targets.items():
        if target not in paired and "implementation" in results.target:
            found.setdefault((_line(results), numbers_of(results.target["release"])[:common]), []).append(target)
    for ids in found.values():
        ids.sort(key=lambda target: (numbers_of(targets[target].target["release"]), target), reverse=True)
    return found


def _line(results: TargetResults) -> Hashable:
    """Return what all releases of an interpreter have in common, with the same imp, judged in the same way."""
    target = results.target
    implementation, python, candidate = target["implementation"], target["python"], target["candidate"]
    series = numbers_of(python)[:2] if implementation in _BY_PYTHON else ()
    emulates = "" if target["emulates"] == _promised(python) else target["emulates"]
    build = _MARK.sub("", target["build"])
    return implementation, series, target["platform"], build, candidate["kind"], candidate.get("name"), emulates


def _promised(python: str) -> str:
    numbers = re.match(r"\d+\.\d+(\.\d+)?", python)
    return "" if numbers is None else promised(str(Release.parse(numbers[0])))
