"""Every error that a user can cause, and the exit status of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitStatus(IntEnum):
    """What a command's exit status means."""

    CONFORMS = 0
    DIFFERS = 1
    USAGE = 2
    INCOMPLETE = 3


class ConformanceError(Exception):
    """A failure that is told in one message, without a traceback."""

    exit_status = ExitStatus.USAGE


class UnknownTarget(ConformanceError):
    """An option that names no target: --python, --candidate, --emulates or --target."""


class UnknownName(ConformanceError):
    """A case or clause id that the catalogue does not have."""


class NotAsked(ConformanceError):
    """A case that does not apply to the release that it is asked of."""


class InvalidResults(ConformanceError):
    """A result file that cannot be read as one."""


class InvalidReadme(ConformanceError):
    """A README.md.j2 that cannot be filled."""


class ResultsUnwritable(ConformanceError):
    """A folder to which results cannot be written."""


class FileUnwritable(ConformanceError):
    """A file that cannot be written, such as on a full disk; what was there before is there still."""

    def __init__(self, path: object, error: OSError) -> None:
        self.why = error.strerror or str(error)
        super().__init__(f"{path} cannot be written: {self.why}: make that possible, or name another place")


class UnknownShard(ConformanceError):
    """A --shard that is not I/N with I from 1 to N."""


class JournalBusy(ConformanceError):
    """A journal that another process writes to."""


class JournalInTheWay(ConformanceError):
    """A journal whose results are in no result file, where a run is to start afresh."""


class OtherRun(ConformanceError):
    """A --resume of a run that differs from the one in the journal."""


class MergeRefused(ConformanceError):
    """Results that do not unite into one whole set."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join([*problems, "nothing was merged"]))


class TargetUnavailable(ConformanceError):
    """A target that exists but cannot be started or cannot import its candidate."""

    exit_status = ExitStatus.INCOMPLETE


class TargetLost(ConformanceError):
    """A target that stopped answering in the middle of a run."""

    exit_status = ExitStatus.INCOMPLETE


class Malformed(ValueError):
    """A text that a parser cannot read: what is wrong with it, and what to do."""

    def __init__(self, what: str, todo: str) -> None:
        self.what, self.todo = what, todo
        super().__init__(f"{what}: {todo}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file that people write: where it is, what it is, and what to do."""

    file: str
    line: int
    """Counted from 1; 0 where it is about no line, such as of a file that is not there."""
    what: str
    todo: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}: {self.todo}"


class _InvalidFiles(ConformanceError):
    """Files that people write and that break the rules of their formats: all problems, in the order of their places."""

    subject = "the file"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.what))
        lines = [str(problem) for problem in self.problems]
        count = len(lines)
        super().__init__("\n".join([*lines, f"{self.subject} is invalid: {count} problem{'s' if count > 1 else ''}"]))


class InvalidCatalogue(_InvalidFiles):
    """Specs or cases that break the rules of their formats."""

    subject = "the catalogue"


class InvalidBaseline(_InvalidFiles):
    """A baseline that breaks the rules of its format."""

    subject = "the baseline"


class InvalidConfiguration(ConformanceError):
    """A pyproject.toml whose [tool.imp-conformance] cannot be used."""
