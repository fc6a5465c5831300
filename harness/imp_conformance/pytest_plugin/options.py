"""The plugin's options: what is judged, by what, and where results go."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from imp_conformance.catalogue.model import Level
from imp_conformance.results.scope import ALL
from imp_conformance.targets.target import Target


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("imp-conformance", "targets of imp-conformance")
    group.addoption("--python", action="append", dest="imp_python", metavar="PYTHON")
    group.addoption("--candidate", action="append", dest="imp_candidate", metavar="CANDIDATE")
    group.addoption("--emulates", dest="imp_emulates", metavar="X.Y[.Z]")
    group.addoption("--id", dest="imp_id", metavar="NAME")
    group.addoption("--level", dest="imp_level", choices=[level.value for level in Level], default=Level.OBSERVED.value)
    group.addoption("--edition", dest="imp_edition", metavar="N", type=int)
    group.addoption("--scope", dest="imp_scope", metavar="all|provided|NAMES", default=ALL)
    group.addoption("--shard", dest="imp_shard", metavar="I/N")
    group.addoption("--start-limit", dest="imp_start_limit", metavar="SECONDS", type=seconds)
    group.addoption("--resume", action="store_true", dest="imp_resume")
    group.addoption("--offline", action="store_true", dest="imp_offline")
    group.addoption("--results", dest="imp_results", metavar="DIR", type=lambda text: Path(text).absolute())
    group.addoption("--baseline", dest="imp_baseline", metavar="FILE", type=lambda text: Path(text).absolute())


def seconds(text: str) -> float:
    """Read a number of seconds.

    Raises:
        ValueError: where it is none.
    """
    found = float(text)
    if not 0 < found < float("inf"):
        raise ValueError(f"{text} is no number of seconds")
    return found


@dataclass(frozen=True, slots=True)
class Options:
    """The options as they were given; None, or nothing, where one was left out."""

    pythons: tuple[str, ...]
    candidates: tuple[str, ...]
    emulates: str | None
    id: str | None
    scope: str
    shard: str | None
    resume: bool
    offline: bool
    results: Path | None
    baseline: Path | None
    level: Level
    edition: int | None
    """The last edition that is gated; that of the baseline where left out."""
    start_limit: float | None

    @classmethod
    def of(cls, config: pytest.Config) -> Options:
        """Read them from pytest's configuration."""
        given = config.option
        return cls(
            pythons=tuple(given.imp_python or ()),
            candidates=tuple(given.imp_candidate or ()),
            emulates=given.imp_emulates,
            id=given.imp_id,
            scope=given.imp_scope,
            shard=given.imp_shard,
            resume=given.imp_resume,
            offline=given.imp_offline,
            results=given.imp_results,
            baseline=given.imp_baseline,
            level=Level(given.imp_level),
            edition=given.imp_edition,
            start_limit=given.imp_start_limit,
        )

    def asking_for(self, target: Target) -> list[str]:
        """Return the options by which one target alone is asked for again."""
        # One interpreter is asked for as the user did, and each of several, or of a range, by its own command.
        python = self.pythons[0] if self.pythons else None
        if len(self.pythons) > 1 or any(text[:1] in "<>=!~" for text in self.pythons):
            python = target.command[0] if len(target.command) == 1 else f"cmd:{shlex.join(target.command)}"
        options = {"--python": python, "--candidate": self.candidates[0] if self.candidates else None, "--emulates": self.emulates}
        return [word for name, text in options.items() if text is not None for word in (name, text)]
