"""What is gated and scored: every other result is told, and changes neither a score nor an exit status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from imp_conformance.catalogue.model import Case, Catalogue, Level

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Gate:
    """The least binding level, and the last edition of the catalogue, whose cases count."""

    level: Level = Level.OBSERVED
    edition: int | None = None
    """None for every edition."""

    def why_not(self, catalogue: Catalogue, name: str) -> str:
        """Say why a case is not gated, such as ``not gated: incidental``; empty where it is.

        A case that the catalogue does not have is gated: nothing is known of it that would say otherwise.
        """
        case = catalogue.cases.get(name)
        if case is None:
            return ""
        level = catalogue.level(case)
        if not level.binds_like(self.level):
            return f"not gated: {level}"
        return "" if self.takes_in(case) else f"not gated: edition {case.edition}"

    def takes_in(self, case: Case) -> bool:
        """Whether a case is of an edition that counts, whatever its level."""
        return self.edition is None or case.edition <= self.edition

    def newer(self, catalogue: Catalogue, results: Mapping[str, _T]) -> dict[str, _T]:
        """Return what is said of the cases that would be gated if their edition were, by their ids."""
        any_edition = Gate(self.level)
        late = {case: found for case, found in results.items() if case in catalogue.cases and not self.takes_in(catalogue.cases[case])}
        return any_edition.gated(catalogue, late)

    def gated(self, catalogue: Catalogue, results: Mapping[str, _T]) -> dict[str, _T]:
        """Return what is said of the cases that are gated, by their ids."""
        return {case: found for case, found in results.items() if not self.why_not(catalogue, case)}
