"""Plant faults written by hand into a genuine imp.py, and see whether the cases of their clause notice.

Most are in what imp.py takes from C, where mutants do not reach: locks, built-in and frozen modules, reload, extensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from adequacy.genuine import Genuine, first_noticing, own_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import EVERYWHERE, Range
from imp_conformance.errors import ConformanceError

FAULTS = Path(__file__).with_name("faults.yaml")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: code to append to a genuine imp.py, and the clause whose cases must notice it."""

    id: str
    what: str
    clause: str
    versions: Range
    code: str


def read_faults(catalogue: Catalogue) -> list[Fault]:
    """Read faults.yaml.

    Raises:
        ConformanceError: a fault names a clause that does not exist.
    """
    found = []
    for item in yaml.safe_load(FAULTS.read_text(encoding="utf-8")):
        versions = Range.parse(item["versions"]) if "versions" in item else EVERYWHERE
        fault = Fault(item["id"], item["what"], item["clause"], versions, item["code"])
        if fault.clause not in catalogue.clauses:
            raise ConformanceError(
                f"{FAULTS.name}: {fault.id}: no clause {fault.clause!r}: name the clause whose cases must notice the fault"
            )
        found.append(fault)
    return found


def plant(genuine: Genuine, faults: list[Fault], workers: int) -> Iterator[tuple[Fault, str | None]]:
    """Yield each fault that the release can have, with the case of its clause that notices it, or None."""
    mine = [fault for fault in faults if genuine.release in fault.versions]
    with ProcessPoolExecutor(workers) as pool:
        yield from zip(mine, pool.map(_plant_one, [genuine] * len(mine), mine), strict=True)


def _plant_one(genuine: Genuine, fault: Fault) -> str | None:
    catalogue = own_catalogue()
    cases = [case for case in catalogue.cases.values() if fault.clause in case.clauses]
    return first_noticing(genuine, f"{genuine.source}\n{fault.code}", catalogue, cases)
