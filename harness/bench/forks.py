"""What a case costs, compared with a bare fork-and-pipe round trip of the same warm interpreter.

The floor is a process of the target interpreter that has imported the agent's modules and the candidate, as the forkserver
has. It makes a pipe, forks, lets the child write a few bytes and end by os._exit, reads them, and waits for the child.

A case is Session.observe() on the host, in wall time: from the request to the decoded observation, with pipes, files and
supervisor. As in a run, the request names the next case, which the target prepares meanwhile.

Both take turns, a few cases at a time. A round runs all cases once; its ratio is the mean of a case over the mean of a round
trip. Cases that need threads stand apart, because most wait for a lock, some for a tenth of a second, and would dominate.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import zip_longest

from bench.timing import Spread
from imp_conformance.bundle import joined
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.protocol import WARM
from imp_conformance.results.judge import not_applicable
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session, start_loaded

PORTION = 31
"""The number of cases, then of round trips, that are measured in turn."""

# Runs on the target: 3.4 syntax. Its first line of input is the agent, as JSON: a command line has no room for it. Asked for
# COUNT, it tells the seconds of so many round trips: those of the clock, and those of the processor (its own and its children's).
_FLOOR = """\
import json, os, resource, sys, time, types, warnings
agent = types.ModuleType("agent")
exec(compile(json.loads(sys.stdin.readline()), "agent.py", "exec"), vars(agent))
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
    """A warm interpreter that makes bare round trips, to measure the floor."""

    def __init__(self, python: str) -> None:
        """Start it.

        Raises:
            TargetUnavailable: where it has no imp, or does not start.
        """
        self._python = python
        self._process = subprocess.Popen(
            [python, "-c", _FLOOR], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        try:
            with suppress(BrokenPipeError):  # the first round trip says why it has ended
                print(json.dumps(joined("agent.main")), file=self._process.stdin, flush=True)
            self.round_trips(1)
        except TargetUnavailable:
            self.close()
            raise

    def round_trips(self, count: int) -> tuple[float, float]:
        """Make that many round trips; return their wall seconds and processor seconds.

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
    """What cases cost on one interpreter, in its bare round trips."""

    target: str
    cases: int
    ratio: Spread
    """A case that needs no threads."""
    threaded: Spread
    """A case that needs threads."""
    empty: Spread
    """A case that does nothing."""
    floor: float
    """Seconds of one bare round trip. The report leaves them out, because they depend on the machine."""


def measure(python: str, catalogue: Catalogue, rounds: int, step: Callable[[], object]) -> CaseCost:
    """Run the cases that apply to an interpreter's own imp, in turn with round trips.

    Args:
        python: its path.
        catalogue: the cases.
        rounds: number of repetitions; each gives one ratio.
        step: called after each round.

    Raises:
        TargetUnavailable: where it cannot be started or has no imp.
    """
    with _both(python, catalogue) as (floor, session):
        cases = applicable(session, list(catalogue.cases.values()))
        plain = [case for case in cases if "threads" not in case.needs]
        threaded = [case for case in cases if "threads" in case.needs]
        nothing = [replace(cases[0], code="None", given=None, files=(), process=WARM) for _ in range(10 * PORTION)]
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
    """Return the cases that apply to an interpreter's own imp and run in a fork."""
    release = Release.parse(session.identity.version)
    lacking, system = session.lacking, session.identity.system
    return [case for case in cases if case.process == WARM and not_applicable(case, release, lacking, system) is None]


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
