"""The releases of GraalPy that can be fetched: what each is made of, and which one a name stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.names import numbers_of

LAST = "24.2.2"
"""The release that plain ``graalpy`` stands for: the last one that has imp."""

_TEXT = re.compile(r"graalpy(?:[-@]?(\d+(?:\.\d+)*))?\Z", re.IGNORECASE)
_FIRST = 20
"""The least major number of a release of GraalPy; a lesser one is that of a Python."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release of GraalPy."""

    number: str
    python: str
    """The X.Y of its Python."""
    java: tuple[int, int]
    """The first and the last release of Java that it was tried on."""
    artifacts: Mapping[str, str]
    """By Maven coordinates, GROUP:NAME:VERSION: the SHA-256 of the jar, in hexadecimal."""


@cache
def releases() -> Mapping[str, Release]:
    """Return the releases that can be fetched, by number, oldest first."""
    data = json.loads(Path(__file__).with_name("releases.json").read_text(encoding="ascii"))
    return {
        number: Release(number, about["python"], (about["java"][0], about["java"][1]), about["artifacts"]) for number, about in data.items()
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A GraalPy that was asked for: by its own release, its Python's version, or neither."""

    text: str
    numbers: tuple[int, ...]

    @property
    def by_python(self) -> bool:
        """Whether the numbers are those of a Python."""
        return bool(self.numbers) and self.numbers[0] < _FIRST

    def admits(self, release: str, python: str) -> bool:
        """Say whether a GraalPy is one that was asked for."""
        found = numbers_of(python if self.by_python else release)
        return found[: len(self.numbers)] == self.numbers

    def pinned(self) -> Release:
        """Return the newest release that can be fetched and is asked for.

        Raises:
            UnknownTarget: where there is none.
        """
        if not self.numbers:
            return releases()[LAST]
        hits = [release for release in releases().values() if self.admits(release.number, release.python)]
        if not hits:
            known = ", ".join(f"{release.number} (Python {release.python})" for release in releases().values())
            raise UnknownTarget(
                f"--python {self.text}: there is no such GraalPy on PATH, and it is none of those that can be fetched: {known}: "
                "name one of these, or give the path of one"
            )
        return hits[-1]


def wanted(text: str) -> Wanted | None:
    """Read a --python; None where it names no GraalPy.

    ``graalpy`` is any, ``graalpy-24.2`` one of that release, ``graalpy-3.11`` one of that Python.
    """
    match = _TEXT.match(text)
    if match is None:
        return None
    return Wanted(text, tuple(int(number) for number in (match[1] or "").split(".") if number))
