"""Measure a command, and summarise repeated measurements."""

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

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Processors that this process may use: the number of jobs wherever some run in parallel."""

LOOK = 0.02
"""Seconds between two samples of a process's memory."""


class NotMeasured(ConformanceError):
    """A measured command ended with an unexpected status."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, the least and the greatest of a measurement's repetitions."""

    median: float
    least: float
    greatest: float
    repetitions: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        return cls(median(values), min(values), max(values), len(values))

    def to_json(self) -> dict[str, Any]:
        """Return JSON data, rounded to three digits: no machine repeats more."""
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
    """What a command took: wall seconds, processor seconds with all that it started, and peak memory in bytes."""

    wall: float
    busy: float
    peak: int


def spend(command: Sequence[str | Path], *, path: Path | None = None, cache: Path | None = None, statuses: Sequence[int] = (0,)) -> Spent:
    """Run a command in an empty directory.

    Args:
        command: its words.
        path: a folder for PYTHONPATH.
        cache: the user's cache directory; None means the present one.
        statuses: the exit statuses that are expected.

    Raises:
        NotMeasured: it ends with another status.
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
    """Sample a process's memory while it runs; yield a list that holds its peak, in bytes.

    wait4() is of no use for this: it also counts the memory of this process, which a child shares until it executes its program.
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
    """Round to three significant digits."""
    return float(f"{value:.3g}")
