"""A scan put together: what was found, what it needs, and what each target that is asked does with that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ExitStatus
from imp_conformance.results.needs import Kept, held
from imp_conformance.scan.model import Import, Scanned, Use
from imp_conformance.scan.needed import all_clauses, clauses_of
from imp_conformance.scan.published import Asked


@dataclass(frozen=True)
class Report:
    """All that a scan has to say."""

    catalogue: Catalogue
    scanned: Sequence[Scanned]
    asked: Sequence[Asked]
    _held: dict[tuple[str, tuple[str, ...]], Kept] = field(default_factory=dict, repr=False)

    @property
    def findings(self) -> Iterator[tuple[Scanned, Import | Use]]:
        """What needs an imp, file by file."""
        for file in self.scanned:
            for finding in file.findings:
                yield file, finding

    @cached_property
    def clauses(self) -> list[str]:
        """Every clause that the program needs."""
        return all_clauses(self.catalogue.needs, self.scanned)

    def needed(self, finding: Import | Use) -> tuple[str, ...]:
        """Return the clauses that a finding needs."""
        return clauses_of(self.catalogue.needs, finding)

    def held(self, asked: Asked, clauses: tuple[str, ...]) -> Kept | None:
        """Say what a target does with clauses; None where it has no imp at all."""
        if asked.column is None:
            return None
        key = (asked.id, clauses)
        if key not in self._held:
            self._held[key] = held(self.catalogue, asked.column, clauses)
        return self._held[key]

    def breaks(self, finding: Import | Use) -> bool:
        """Whether a finding would break on a target that decides, or wherever there is no imp if none is known."""
        deciding = [asked for asked in self.asked if asked.decides]
        if not deciding:
            return True
        clauses = self.needed(finding)
        return any((found := self.held(asked, clauses)) is None or bool(found.lost) for asked in deciding)

    @property
    def exit_status(self) -> ExitStatus:
        """What the command ends with."""
        if any(self.breaks(finding) for _, finding in self.findings):
            return ExitStatus.DIFFERS
        return ExitStatus.INCOMPLETE if any(file.problem is not None for file in self.scanned) else ExitStatus.CONFORMS
