"""What a scan finds in one file: imports of imp, uses of its names, shims, and why a file could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from imp_conformance.errors import Problem

MODULE = "imp"
"""The name of a use that is of the module as a whole."""

COMPUTED = "*"
"""The name of a use whose name is known only when the program runs."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; both numbers are counted from 1."""

    line: int
    column: int


class Kind(StrEnum):
    """What is done with a name of imp."""

    CALL = "call"
    REFERENCE = "reference"
    """It is passed on as a value, and who calls it is not seen."""
    REPLACED = "replaced"
    """Another object is put into imp in its place."""


@dataclass(frozen=True, slots=True)
class Import:
    """A statement or call that gives imp, or names of it."""

    place: Place
    text: str
    """How it is written, such as ``import imp as x``."""
    used: bool
    guard: str
    """Why it does no harm where there is no imp; empty where it does."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a name of imp."""

    place: Place
    name: str
    kind: Kind
    features: frozenset[str]
    """What of it decides which clauses it needs: keys of specs/needs.yaml."""
    reasons: Mapping[str, int]
    """By feature: the line elsewhere in the file that shows it, such as that of a later sys.modules[name]."""
    guard: str
    """Why it does no harm where there is no imp; empty where it does."""

    @property
    def text(self) -> str:
        """What it is called in messages."""
        if self.name == MODULE:
            return MODULE
        name = "getattr(imp, …)" if self.name == COMPUTED else f"imp.{self.name}"
        return f"{name}(...)" if self.kind is Kind.CALL else name


@dataclass(frozen=True, slots=True)
class Shim:
    """A statement that puts a module of the program's own in imp's place."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was found in one file."""

    file: str
    imports: tuple[Import, ...] = ()
    uses: tuple[Use, ...] = ()
    shims: tuple[Shim, ...] = ()
    problem: Problem | None = None
    """Why it could not be read."""
    distribution: str = ""
    """The installed distribution that it is of, with its version."""
    own: bool = field(default=False)
    """Whether what it imports as imp is a module of the program's own."""

    @property
    def findings(self) -> list[Import | Use]:
        """What needs an imp, in the order of its places: uses, and imports of which nothing is used."""
        found: list[Import | Use] = [use for use in self.uses if not use.guard]
        found += [entry for entry in self.imports if not entry.used and not entry.guard]
        return sorted(found, key=lambda item: item.place)

    @property
    def guarded(self) -> list[Import | Use]:
        """What does no harm where there is no imp."""
        found: list[Import | Use] = [use for use in self.uses if use.guard]
        found += [entry for entry in self.imports if not entry.used and entry.guard]
        return sorted(found, key=lambda item: item.place)
