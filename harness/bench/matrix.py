"""What the whole matrix costs, compared with a process per case and with two floors.

The matrix is one `run` of every interpreter found that has imp, with as many workers as there are processors.

A process per case: a fresh Python does one case, as many at a time as there are processors. Only a random sample of each
target's cases is measured; its time is scaled up to all cases of the target. There are two variants. One does the same work:
the agent loads the candidate and observes the case. The other is bare: Python imports the candidate and executes the snippet
beside the files that it needs, and nothing is observed, compared or protected.

The floors are processor times: a bare fork-and-pipe round trip of each target (see forks) times the number of its
applicable cases, and one pytest run with as many workers and empty items as the matrix has. Their sum, divided by the
processors, is the least time in which forks and pytest items could make a matrix. The matrix itself is measured in wall time.
Other programs may take processors meanwhile, so the divisor is the number of processors less those that others kept busy.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from bench.forks import Floor, applicable
from bench.startup import HARNESS, bare_pytest
from bench.timing import CORES, spend
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.portable.comparison import fill_facts
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session, start_loaded
from imp_conformance.targets.target import find_interpreters

SAMPLE = 12
"""Cases of each target that get a process of their own."""

TRIPS = 150
"""Round trips of each target from which its floor is calculated."""

RANGE = ">=3.4,<3.12"
"""The targets: every interpreter found that has imp, as --python takes them."""

# Runs on the target: 3.4 syntax. argv: the facts, then the given snippet where there is one, then the case's.
_ONE_CASE = """\
import imp, sys, types
facts = types.SimpleNamespace(**eval(sys.argv[1]))
space = {"imp": imp, "facts": facts, "__name__": "snippet"}
for code in sys.argv[2:]:
    exec(compile(code, "snippet.py", "exec", dont_inherit=True), space)
"""


@dataclass(frozen=True, slots=True)
class MatrixCost:
    """The cost of the whole matrix, as ratios."""

    targets: int
    items: int
    faster: float
    """How many times faster it is than a process per case that observes as much."""
    faster_than_bare: float
    """How many times faster it is than a bare process per case."""
    floors: float
    """Its wall time over the sum of both floors divided by the processors."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """Sums over all targets: wall seconds of a process per case, and processor seconds of the forks."""

    same: float
    bare: float
    forks: float


@dataclass(frozen=True, slots=True)
class _Column:
    python: str
    facts: Mapping[str, Any]
    cases: Sequence[Case]


def measure(asked: str, catalogue: Catalogue, step: Callable[[], object], subject: str | None = None) -> MatrixCost:
    """Measure one half of the comparisons, the matrix, then the other half.

    Args:
        asked: which interpreters, as --python takes them.
        catalogue: the cases.
        step: called 4 times.
        subject: run the cases of this subject only; None means all.

    Raises:
        NotMeasured: a command ended with an unexpected status.
        TargetUnavailable: an interpreter cannot be started.
    """
    cases = [case for case in catalogue.cases.values() if subject is None or case.subject == subject]
    columns = [_column(request.command[0], cases) for request in find_interpreters(asked)]
    chooser = random.Random(len(cases))
    halves = []
    for _ in range(2):
        halves.append(_compared(columns, chooser, catalogue.names))
        step()
        if len(halves) == 1:
            with tempfile.TemporaryDirectory(prefix="imp-conformance-bench-") as folder:
                options = ["-q", "-n", str(CORES), "--tb=no", "-rN", "--results", folder, "--python", asked]
                run = [sys.executable, "-m", "imp_conformance", "run", *options, *([] if subject is None else [subject])]
                wall, free = _free_cores(partial(spend, run, statuses=(0, 1)))
            step()
    same = sum(half.same for half in halves) / 2
    bare = sum(half.bare for half in halves) / 2
    forks = sum(half.forks for half in halves) / 2
    items = len(columns) * len(cases)
    empty = spend(bare_pytest(items, "-n", str(CORES)), path=HARNESS).busy
    step()
    return MatrixCost(len(columns), items, same / wall, bare / wall, wall / ((forks + empty) / free))


def _free_cores(work: Callable[[], Any]) -> tuple[float, float]:
    """Do some work; return its wall seconds, and the number of processors that other programs left for it."""
    before, begun = psutil.cpu_times(), time.perf_counter()
    spent = work()
    after, wall = psutil.cpu_times(), time.perf_counter() - begun
    busy = sum(
        getattr(after, name) - getattr(before, name) for name in ("user", "system", "steal", "irq", "softirq") if hasattr(after, name)
    )
    return spent.wall, max(1.0, CORES - max(0.0, busy - spent.busy) / wall)


def _column(python: str, cases: Sequence[Case]) -> _Column:
    with closing(Session([python])) as session:
        return _Column(python, session.identity.facts, applicable(session, cases))


def _compared(columns: Sequence[_Column], chooser: random.Random, names: Sequence[str]) -> _Compared:
    same = bare = forks = 0.0
    with ThreadPoolExecutor(CORES) as pool:
        for column in columns:
            with closing(Floor(column.python)) as floor:
                forks += floor.round_trips(TRIPS // 2)[1] / (TRIPS // 2) * len(column.cases)
            # A .pyc is compiled by the target, which would take one more process.
            possible = [case for case in column.cases if not any("compile" in entry for entry in case.files)]
            sample = chooser.sample(possible, min(SAMPLE // 2, len(possible)))
            share = len(column.cases) / len(sample)
            same += share * _seconds(lambda: list(pool.map(partial(_observe_apart, column, names), sample)))  # noqa: B023 - called at once
            bare += share * _seconds(lambda: list(pool.map(partial(_run_apart, column), sample)))  # noqa: B023
    return _Compared(same, bare, forks)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _observe_apart(column: _Column, names: Sequence[str], case: Case) -> None:
    """Observe a case in a target started for this case only."""
    with closing(start_loaded([column.python], OWN, names)) as session:
        session.observe(case)


def _run_apart(column: _Column, case: Case) -> None:
    """Run a case in a bare process of its own and ignore its outcome."""
    with tempfile.TemporaryDirectory(prefix="imp-conformance-bench-") as folder:
        facts = {**column.facts, "cwd": folder}
        for entry in case.files:
            path = Path(folder, fill_facts(entry["path"], facts))
            if entry["path"].endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b64decode(entry["data"]))
        command = [column.python, "-W", "ignore", "-c", _ONE_CASE, repr(facts), *([] if case.given is None else [case.given]), case.code]
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=case.limit + 60, check=False)
