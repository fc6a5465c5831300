"""What a case costs, beside a bare fork-and-pipe round trip of the same interpreter, as warm as the agent's forkserver is.

The floor is a process of the target interpreter that has the agent's modules and the candidate imported, as the forkserver
has. It makes a pipe, forks, lets the child write a few bytes and end by os._exit, reads them, and waits for the child.
A case is Session.observe() on the host in wall time, as a run calls it, from the request to the decoded answer: pipes,
files, supervisor and all; a run names the case that follows, so that the target makes that one ready meanwhile. Both
take turns, a few cases at a time; a round runs all cases once, and its ratio is the mean of a case over the mean of a
round trip. Cases that need threads stand apart: most of them wait for a lock, some for a tenth of a second, which no
harness could spare them, and the mean of all would tell of nothing else.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest

from bench.timing import Spread
from imp_conformance.bundle import joined
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import TargetUnavailable
from imp_conformance.results.judge import not_applicable
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session, start_loaded

PORTION = 31
"""Cases, and then as many round trips, that are measured before the other has its turn."""

# Runs on the target: 3.4 syntax. argv: the agent. Asked for COUNT, it tells the seconds of so many round trips:
# those of the clock, and those of the processor (its own and its children's).
_FLOOR = """\
import os, resource, sys, time, types, warnings
agent = types.ModuleType("agent")
exec(compile(sys.argv[1], "agent.py", "exec"), vars(agent))
warnings.simplefilter("ignore")
import imp

def busy():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)

def round_trips(count):
    begun, used = time.perf_counter(), busy()
    for _ in range(count):
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(sink, b"answer")
            os._exit(0)
        os.read(source, 16)
        os.waitpid(child, 0)
        os.close(source)
        os.close(sink)
    return time.perf_counter() - begun, busy() - used

for line in sys.stdin:
    print("%.9f %.9f" % round_trips(int(line)))
    sys.stdout.flush()
"""


class Floor:
    """A warm interpreter that makes bare round trips."""

    def __init__(self, python: str) -> None:
        """Start it.

        Raises:
            TargetUnavailable: where it has no imp, or does not start.
        """
        self._python = python
        self._process = subprocess.Popen(
            [python, "-c", _FLOOR, joined("agent.main")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            self.round_trips(1)
        except TargetUnavailable:
            self.close()
            raise

    def round_trips(self, count: int) -> tuple[float, float]:
        """Make so many round trips; return the seconds that passed, and those that processors were busy with it.

        Raises:
            TargetUnavailable: where the interpreter ends instead.
        """
        process = self._process
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            print(count, file=process.stdin, flush=True)
            passed, busy = process.stdout.readline().split()
        except (BrokenPipeError, ValueError):
            last = process.stderr.read().strip().splitlines()[-1:]
            raise TargetUnavailable(f"{self._python}: no floor can be measured: {''.join(last) or 'it ends'}") from None
        return float(passed), float(busy)

    def close(self) -> None:
        """End the interpreter."""
        with self._process as process:
            process.kill()


@dataclass(frozen=True, slots=True)
class CaseCost:
    """What cases cost on one interpreter, in bare round trips of it."""

    target: str
    cases: int
    ratio: Spread
    """Of the cases that do not need threads."""
    threaded: Spread
    """Of those that do."""
    empty: Spread
    """The same of a case that does nothing."""
    floor: float
    """Seconds of one bare round trip, for whoever runs the bench: they are not written down, since they are the machine's."""


def measure(python: str, catalogue: Catalogue, rounds: int, step: Callable[[], object]) -> CaseCost:
    """Run the cases that apply to an interpreter's own imp, so many times over, in turn with round trips.

    Args:
        python: its path.
        catalogue: whose cases.
        rounds: how many times over; each gives one ratio.
        step: called after each round.

    Raises:
        TargetUnavailable: where it cannot be started or has no imp.
    """
    with _both(python, catalogue) as (floor, session):
        cases = applicable(session, list(catalogue.cases.values()))
        plain = [case for case in cases if "threads" not in case.needs]
        threaded = [case for case in cases if "threads" in case.needs]
        nothing = [replace(cases[0], code="None", given=None, files=(), fresh=False) for _ in range(10 * PORTION)]
        for warming in plain[:PORTION]:
            session.observe(warming)
        floors: list[float] = []
        ratios: dict[str, list[float]] = {"plain": [], "threaded": [], "nothing": []}
        for _ in range(rounds):
            for name, group in (("plain", plain), ("threaded", threaded), ("nothing", nothing)):
                each, bare = _in_turn(session, floor, group)
                ratios[name].append(each / bare)
                floors.append(bare)
            step()
        spreads = {name: Spread.of(values) for name, values in ratios.items()}
        target = f"{session.identity.implementation}-{session.identity.version}"
    return CaseCost(target, len(plain), spreads["plain"], spreads["threaded"], spreads["nothing"], Spread.of(floors).median)


def applicable(session: Session, cases: Sequence[Case]) -> list[Case]:
    """Return those cases that an interpreter's own imp has to answer."""
    release = Release.parse(session.identity.version)
    return [case for case in cases if not_applicable(case, release, session.identity.lacking) is None]


@contextmanager
def _both(python: str, catalogue: Catalogue) -> Iterator[tuple[Floor, Session]]:
    with closing(Floor(python)) as floor, closing(start_loaded([python], OWN, catalogue.names)) as session:
        yield floor, session


def _in_turn(session: Session, floor: Floor, cases: Sequence[Case]) -> tuple[float, float]:
    """Return the mean seconds of a case and of a round trip."""
    spent = bare = 0.0
    for start in range(0, len(cases), PORTION):
        portion = cases[start : start + PORTION]
        begun = time.perf_counter()
        for case, following in zip_longest(portion, portion[1:]):
            session.observe(case, following)
        spent += time.perf_counter() - begun
        bare += floor.round_trips(len(portion))[0]
    return spent / len(cases), bare / len(cases)
