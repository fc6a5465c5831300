"""What repetitions gave, and what a command took: seconds, seconds of processors, and memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from imp_conformance.errors import ConformanceError

CORES = len(os.sched_getaffinity(0))
"""Processors that may be used, and so the jobs at a time of all that runs in parallel."""


class NotMeasured(ConformanceError):
    """A command that was to be measured did not do its work."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What repetitions of one measurement gave: their median, and the least and the greatest of them."""

    median: float
    least: float
    greatest: float
    repetitions: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        return cls(median(values), min(values), max(values), len(values))

    def to_json(self) -> dict[str, Any]:
        """Return what is written down: three digits are more than any machine repeats."""
        return {
            "median": round_off(self.median),
            "least": round_off(self.least),
            "greatest": round_off(self.greatest),
            "repetitions": self.repetitions,
        }

    def __str__(self) -> str:
        if self.repetitions == 1:
            return f"{round_off(self.median):g}"
        return f"{round_off(self.median):g} ({round_off(self.least):g} to {round_off(self.greatest):g})"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took: seconds of the clock, seconds of processors with all that it started, and bytes at its peak."""

    wall: float
    busy: float
    peak: int


def spend(command: Sequence[str | Path], *, path: Path | None = None, cache: Path | None = None, statuses: Sequence[int] = (0,)) -> Spent:
    """Run a command in an empty directory.

    Args:
        command: its words.
        path: a folder to import from before all others.
        cache: the user's cache directory; the present one where left out.
        statuses: the exit statuses with which it has done its work.

    Raises:
        NotMeasured: where it ends with another.
    """
    environment: Mapping[str, str] = {
        **os.environ,
        **({} if path is None else {"PYTHONPATH": str(path)}),
        **({} if cache is None else {"XDG_CACHE_HOME": str(cache)}),
    }
    with tempfile.TemporaryDirectory(prefix="imp-conformance-bench-") as folder, tempfile.TemporaryFile() as told:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=told, stderr=told)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            told.seek(0)
            last = told.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise NotMeasured(f"{' '.join(map(str, command))}: exit status {process.returncode}: {''.join(last)}")
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10)


def round_off(value: float) -> float:
    """Round to three digits that count."""
    return float(f"{value:.3g}")
