"""What a program needs of imp: the clauses in a profile, the cases that prove these, and what a target does with them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.errors import InvalidProfile
from imp_conformance.resources import package_text
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults

SCHEMA = 1
"""The number of the format of profiles."""

_ANEW = "make it anew with imp-conformance scan PATH --format json"


def read_profile(path: Path, catalogue: Catalogue) -> frozenset[str]:
    """Return the ids of the clauses that a profile says a program needs.

    Raises:
        InvalidProfile: where it is no profile, or names clauses that the catalogue does not have.
    """
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidProfile(f"{path}: not JSON ({error}): {_ANEW}") from None
    except OSError as error:
        raise InvalidProfile(f"{path}: {error.strerror}: make it readable, or {_ANEW}") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise InvalidProfile(f"{path}: schema {schema}: written by a newer imp-conformance: install that")
    problem = jsonschema.exceptions.best_match(_validator().iter_errors(data))
    if problem is not None:
        place = ".".join(str(step) for step in problem.absolute_path) or "the file"
        raise InvalidProfile(f"{path}: {place}: {problem.message[:200]}: {_ANEW}")
    unknown = [clause for clause in data["clauses"] if clause not in catalogue.clauses]
    if unknown:
        raise InvalidProfile(f"{path}: clauses: there is no clause {unknown[0]!r}: {_ANEW}")
    return frozenset(data["clauses"])


def proving_cases(catalogue: Catalogue, needed: Collection[str]) -> frozenset[str]:
    """Return the cases that prove needed clauses.

    A case that is about another clause, too, may fail for that one's sake. It counts only where a needed clause has no case of its own.
    """
    found: set[str] = set()
    for clause in needed:
        found.update(cases_of(catalogue, clause, needed))
    return frozenset(found)


def cases_of(catalogue: Catalogue, clause: str, needed: Collection[str]) -> Sequence[str]:
    """Return the cases by which one clause of those needed is judged."""
    about = catalogue.cases_of[clause]
    alone = [name for name in about if all(other in needed for other in catalogue.cases[name].clauses)]
    return alone or about


@dataclass(frozen=True, slots=True)
class Lost:
    """A clause that a target does not keep."""

    clause: str
    cases: tuple[str, ...]
    """Those that do not conform."""
    asked: int
    """How many of the clause's cases the target was asked."""
    missing: bool
    """Whether what is needed is not there at all."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a target does with needed clauses."""

    kept: tuple[str, ...]
    lost: tuple[Lost, ...]
    unasked: tuple[str, ...]
    """Those of which the target was asked nothing."""


def held(catalogue: Catalogue, column: TargetResults, needed: Collection[str], level: Level = Level.OBSERVED) -> Kept:
    """Hold the results of a target against needed clauses of a level or a more binding one."""
    kept: list[str] = []
    lost: list[Lost] = []
    unasked: list[str] = []
    for clause in sorted(needed):
        if clause not in catalogue.clauses or not catalogue.clauses[clause].level.binds_like(level):
            continue
        results = [
            column.results[name]
            for name in cases_of(catalogue, clause, needed)
            if name in column.results and _binds(catalogue, name, level)
        ]
        asked = [result for result in results if result.verdict is not Verdict.NOT_APPLICABLE]
        wrong = [result for result in asked if not result.conforms]
        if wrong:
            lost.append(Lost(clause, tuple(result.case for result in wrong), len(asked), _all_missing(wrong)))
        else:
            (kept if asked else unasked).append(clause)
    return Kept(tuple(kept), tuple(lost), tuple(unasked))


def _binds(catalogue: Catalogue, case: str, level: Level) -> bool:
    return catalogue.level(catalogue.cases[case]).binds_like(level)


def _all_missing(results: Iterable[Result]) -> bool:
    return all(result.verdict is Verdict.MISSING for result in results)


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(package_text("schema/profile.schema.json")))
