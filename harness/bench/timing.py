"""What repetitions gave, and what a command took: seconds, seconds of processors, and memory."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from imp_conformance.errors import ConformanceError

CORES = len(os.sched_getaffinity(0))
"""Processors that may be used, and so the jobs at a time of all that runs in parallel."""


LOOK = 0.02
"""Seconds between two looks at a process's memory."""


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
            with _watched(process.pid) as peak:
                _, status, usage = os.wait4(process.pid, 0)
                wall = time.perf_counter() - begun
        except BaseException:
            process.kill()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            told.seek(0)
            last = told.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise NotMeasured(f"{' '.join(map(str, command))}: exit status {process.returncode}: {''.join(last)}")
    return Spent(wall, usage.ru_utime + usage.ru_stime, peak[0])


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Look at a process's memory again and again; give the most that was seen, in bytes.

    What wait4 tells of it is of no use: it counts the memory of this process too, which a child has until it executes another program.
    """
    peak, ended = [0], threading.Event()

    def look() -> None:
        with contextlib.suppress(psutil.Error):
            watched = psutil.Process(pid)
            while not ended.wait(LOOK):
                peak[0] = max(peak[0], watched.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def round_off(value: float) -> float:
    """Round to three digits that count."""
    return float(f"{value:.3g}")
