"""Plant faults written by hand into a genuine imp.py, and see whether the cases of their clause notice at its level.

faults.yaml has faults that shims have, most of them in what imp.py takes from C, where mutants do not reach: locks, built-in and
frozen modules, reload, extensions. documented.yaml breaks the documents sentence by sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from adequacy.genuine import IMPORT, Genuine, first_noticing, own_catalogue
from imp_conformance.catalogue.model import Case, Catalogue, Level
from imp_conformance.catalogue.versions import EVERYWHERE, Range
from imp_conformance.errors import ConformanceError

FILES = (Path(__file__).with_name("faults.yaml"), Path(__file__).with_name("documented.yaml"))
BY_DOCUMENTS = (Level.DOCUMENTED, Level.DOCSTRING)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: code to append to a genuine imp.py, and the clause whose cases must notice it."""

    id: str
    what: str
    clause: str
    versions: Range
    code: str


def read_faults(catalogue: Catalogue) -> list[Fault]:
    """Read all files of faults.

    Raises:
        ConformanceError: a fault names a clause that does not exist, two faults have one id, or a clause of the documents has no fault.
    """
    found: dict[str, Fault] = {}
    for path in FILES:
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            versions = Range.parse(item["versions"]) if "versions" in item else EVERYWHERE
            fault = Fault(item["id"], item["what"], item["clause"], versions, item["code"])
            if fault.clause not in catalogue.clauses:
                raise ConformanceError(
                    f"{path.name}: {fault.id}: no clause {fault.clause!r}: name the clause whose cases must notice the fault"
                )
            if fault.id in found:
                raise ConformanceError(f"{path.name}: {fault.id}: another fault has this id: choose another one")
            found[fault.id] = fault
    broken = {fault.clause for fault in found.values()}
    for clause in catalogue.clauses.values():
        if clause.level in BY_DOCUMENTS and clause.id not in broken:
            raise ConformanceError(f"{FILES[-1].name}: no fault breaks the {clause.level} clause {clause.id}: write one")
    return list(found.values())


def cases_that_count(fault: Fault, catalogue: Catalogue) -> list[Case]:
    """Return the cases that may notice a fault: those of its clause whose failure proves as much as the clause says."""
    level = catalogue.clauses[fault.clause].level
    return [case for case in catalogue.cases.values() if fault.clause in case.clauses and catalogue.level(case) == level]


def plant(genuine: Genuine, faults: list[Fault], workers: int) -> Iterator[tuple[Fault, str | None]]:
    """Yield each fault that the release can have, with the case of its clause that notices it, or None."""
    mine = [fault for fault in faults if genuine.release in fault.versions]
    with ProcessPoolExecutor(workers) as pool:
        yield from zip(mine, pool.map(_plant_one, [genuine] * len(mine), mine), strict=True)


def _plant_one(genuine: Genuine, fault: Fault) -> str | None:
    catalogue = own_catalogue()
    noticed = first_noticing(genuine, f"{genuine.source}\n{fault.code}", catalogue, cases_that_count(fault, catalogue))
    return None if noticed == IMPORT else noticed  # a target that is unavailable has no verdict
