"""What interpreters that are not CPython do otherwise, by its causes, and which cause explains a difference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import yaml

from imp_conformance.errors import ConformanceError
from imp_conformance.targets.names import names_of

_FILE = Path(__file__).with_name("differences.yaml")
_LABEL = re.compile(r"(.*?) (?:->|RAISES)(?: |$)")


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that one side of a program prints otherwise, or does not print."""

    program: str
    label: str
    genuine: str | None
    other: str | None

    def __str__(self) -> str:
        sides = [("genuine", self.genuine), ("other", self.other)]
        return f"{self.program}: " + ", ".join(f"{side}: {line}" for side, line in sides if line is not None)


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a cause shows: a program, and a pattern for its lines where not all of them are meant."""

    program: str
    lines: re.Pattern[str] | None

    def matches(self, difference: Difference) -> bool:
        """Whether a difference is one of these."""
        if difference.program != self.program:
            return False
        return self.lines is None or any(line is not None and self.lines.search(line) for line in (difference.genuine, difference.other))


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that targets do otherwise."""

    cause: str
    targets: tuple[str, ...]
    """Ids of targets, or of their series, as names_of() gives them."""
    shows: tuple[Shown, ...]
    cases: tuple[str, ...]
    """Those that are about exactly it."""
    outside: str | None
    """Why it is not imp's or loading's own; None where it is."""

    @property
    def subject(self) -> str:
        """The function or topic of imp that it is about, as its first case says."""
        return self.cases[0].partition("/")[0] if self.cases else "no case"

    def explains(self, difference: Difference) -> bool:
        """Whether a difference comes of it."""
        return any(shown.matches(difference) for shown in self.shows)


def label_of(line: str) -> str:
    """Return what a line is about: what stands before its arrow, or else its first word."""
    found = _LABEL.match(line)
    return found[1] if found else line.partition(" ")[0]


def differences(program: str, genuine: Sequence[str], other: Sequence[str]) -> list[Difference]:
    """Compare what a program prints on two sides: lines of one label that come in the same order belong together.

    So do those between them where both sides have as many.
    """
    labels = list(map(label_of, genuine)), list(map(label_of, other))
    found = []
    for _, start, stop, other_start, other_stop in SequenceMatcher(None, labels[0], labels[1], autojunk=False).get_opcodes():
        mine, others = genuine[start:stop], other[other_start:other_stop]
        if len(mine) == len(others):
            pairs = zip(mine, others, strict=True)
            found += [Difference(program, label_of(a), a, b) for a, b in pairs if a != b]
        else:
            found += [Difference(program, label_of(line), line, None) for line in mine]
            found += [Difference(program, label_of(line), None, line) for line in others]
    return found


def read_causes(programs: Iterable[str], cases: Iterable[str], file: Path = _FILE) -> list[Cause]:
    """Read the causes.

    Args:
        programs: the ids of all programs.
        cases: the ids of all cases.
        file: where they are.

    Raises:
        ConformanceError: one names a program or a case that is not there, or does not say whether it is in scope.
    """
    known_programs, known_cases = set(programs), set(cases)
    entries = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or []
    causes = [_cause(entry) for entry in entries]
    for cause in causes:
        unknown = [shown.program for shown in cause.shows if shown.program not in known_programs]
        unknown += [case for case in cause.cases if case not in known_cases]
        if unknown:
            raise ConformanceError(f"{file.name}: {cause.cause}: there is no {unknown[0]}: correct the name")
    return causes


def _cause(entry: dict[str, Any]) -> Cause:
    if ("cases" in entry) == ("outside" in entry):
        raise ConformanceError(f"{entry['cause']}: say either `cases`, or `outside` with the reason")
    return Cause(
        cause=entry["cause"],
        targets=tuple(entry["targets"]),
        shows=tuple(map(_shown, entry["shows"])),
        cases=tuple(entry.get("cases", ())),
        outside=entry.get("outside"),
    )


def _shown(entry: str | dict[str, str]) -> Shown:
    if isinstance(entry, str):
        return Shown(entry, None)
    return Shown(entry["program"], re.compile(entry["lines"]))


def causes_of(target: str, causes: Iterable[Cause]) -> list[Cause]:
    """Return the causes that a target is said to have."""
    names = set(names_of(target))
    return [cause for cause in causes if names.intersection(cause.targets)]
