"""Releases of CPython, ranges of them, and the points at which a behaviour changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from imp_conformance.errors import Malformed

LAST = 999
"""The micro number that stands for the last release of a series, where only X.Y was given."""

_RELEASE = re.compile(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?\Z")


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A release of CPython; ``3.11`` without a third number is the last one of its series."""

    major: int
    minor: int
    micro: int = LAST

    @classmethod
    def parse(cls, text: str) -> Release:
        """Read ``X.Y`` or ``X.Y.Z``.

        Raises:
            Malformed: for anything else.
        """
        found = _RELEASE.match(text)
        if found is None:
            raise Malformed(f"{text!r} is no release", "write X.Y or X.Y.Z, such as 3.6 or 3.6.3")
        major, minor, micro = found.groups()
        return cls(int(major), int(minor), LAST if micro is None else int(micro))

    @property
    def series(self) -> tuple[int, int]:
        """The X.Y of this release."""
        return self.major, self.minor

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" + ("" if self.micro == LAST else f".{self.micro}")


FIRST = Release(3, 4, 0)
FINAL = Release(3, 11)
SERIES = tuple((3, minor) for minor in range(FIRST.minor, FINAL.minor + 1))
"""The series of CPython that imp is judged by: from its deprecation to its last one."""

# Enough of each series to see on which side of a boundary a range lies; no series that had imp went past this.
JUDGED = tuple(Release(major, minor, micro) for major, minor in SERIES for micro in (*range(26), LAST))


@dataclass(frozen=True, slots=True)
class Range:
    """A set of releases, written as a version specifier of PEP 440 such as ``>=3.5.3`` or ``>=3.5,<3.7``."""

    text: str
    specifiers: SpecifierSet

    @staticmethod
    @cache
    def parse(text: str) -> Range:
        """Read a version specifier; the few that a catalogue has are read once each.

        Raises:
            Malformed: where it is none, or says ``<=3.6``, which leaves out 3.6.1.
        """
        try:
            specifiers = SpecifierSet(text)
        except InvalidSpecifier:
            raise Malformed(f"{text!r} is no version range", "write one such as '>=3.5.3' or '>=3.5,<3.7'") from None
        for specifier in specifiers:
            if specifier.operator in ("<=", ">", "==") and len(specifier.version.split(".")) < 3:
                raise Malformed(f"'{specifier}' means {specifier.version}.0 alone", "name the third number, or use < or >=")
        return Range(text, specifiers)

    def __reduce__(self) -> tuple[Callable[[str], Range], tuple[str]]:
        return Range.parse, (self.text,)

    def __contains__(self, release: Release) -> bool:
        return _contained(self.text, release)

    def releases(self) -> frozenset[Release]:
        """The releases that imp is judged by and that lie in this range."""
        return _judged_within(self.text)

    def __str__(self) -> str:
        return self.text


@cache
def _contained(text: str, release: Release) -> bool:
    """Answer ``release in range`` once for each of the few ranges and releases that a run has."""
    return Range.parse(text).specifiers.contains(Version(f"{release.major}.{release.minor}.{release.micro}"))


@cache
def _judged_within(text: str) -> frozenset[Release]:
    """Answer Range.releases once for each range."""
    specifiers = Range.parse(text)
    return frozenset(release for release in JUDGED if release in specifiers)


EVERYWHERE = Range.parse(">=3.4")


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The releases with which a behaviour changed: one for each series that the change was brought to."""

    releases: tuple[Release, ...]

    @classmethod
    def parse(cls, texts: list[str]) -> ChangePoint:
        """Read one release a series; X.Y means X.Y.0.

        Raises:
            Malformed: for an unreadable release, or two of one series.
        """
        found = sorted(Release.parse(text if text.count(".") == 2 else f"{text}.0") for text in texts)
        if len({release.series for release in found}) < len(found):
            raise Malformed("two releases of one series", "name the first release of each series that had the change")
        return cls(tuple(found))

    def reached(self, release: Release) -> bool:
        """Say whether a release has the change.

        In a series that is named, from the named release on; else where the series is later than every named one.
        """
        for point in self.releases:
            if point.series == release.series:
                return release >= point
        return release > self.releases[-1]

    def follows(self, other: ChangePoint) -> bool:
        """Say whether this point names the same series as another one, and of each a later release."""
        pairs = zip(self.releases, other.releases, strict=False)
        return len(self.releases) == len(other.releases) and all(mine.series == its.series and mine > its for mine, its in pairs)

    def __str__(self) -> str:
        return ", ".join(str(release) for release in self.releases)
