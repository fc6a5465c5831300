"""What a name may stand for while a program runs, as far as a scan has to know it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """A module, or something in one, by its full name, such as ``imp.load_source`` or ``sys.modules``."""

    name: str
    origin: int = -1
    """Which import gave it: an index; only of imp."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a call of a function of imp gave, or an item of that."""

    use: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant that is written in the source."""

    value: Any


@dataclass(frozen=True, slots=True)
class Decided:
    """How a test of Python's version ends on 3.12 and later."""

    value: bool


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else, where it matters that there is something."""


Value = Known | Made | Literal | Decided | Other
Values = frozenset[Value]
Environment = dict[str, Values]
"""The names that may stand for something of interest; all others are left out."""

NOTHING: Values = frozenset()
OTHER: Values = frozenset({Other()})

ROOTS = frozenset({"imp", "importlib", "sys", "six", "typing"})
"""The modules whose names are followed."""


def joined(environments: Iterable[Environment]) -> Environment:
    """Return what names may stand for where several ways through the program meet."""
    found: Environment = {}
    for environment in environments:
        for name, values in environment.items():
            found[name] = found.get(name, NOTHING) | values
    return found


def names_of_imp(values: Values) -> list[Known]:
    """Return those of the values that are imp or in it."""
    return sorted(
        (value for value in values if isinstance(value, Known) and (value.name == "imp" or value.name.startswith("imp."))),
        key=lambda value: (value.name, value.origin),
    )
