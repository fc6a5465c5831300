"""How time and memory grow with the number of cases and of targets.

The package is copied beside a generated catalogue whose cases differ only in their ids. It runs without workers, with 1, 6
and 11 parts. A part is a number of cases, or a target that is asked as many cases.

The figure for time is (T(11) - T(6)) / (T(6) - T(1)): the cost of the last five parts over the cost of the five before. It
is 1 where cost is linear, whatever a run costs before its first case. T is the processor time of the run and of all that it
started. T is the least of the repetitions, because other programs can only add to it. The figure for memory is the growth of
the host process's peak for one more item, over that for one more empty item of pytest.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imp_conformance
from bench.startup import HARNESS, bare_pytest
from bench.timing import Spent, Spread, spend

PART = 120
"""Cases in a part."""

BARE = 3000
"""Empty pytest items from which the memory of one is calculated."""

_SPECS = """\
subject: thing
names: [is_builtin]
summary: A function that is repeated.
clauses:
  - id: thing.works
    text: It works.
    level: documented
    sources: [{document: library-3.10, anchor: thing}]
"""

_CASE = """\
  - id: thing/number-{}
    title: A built-in module is one.
    clauses: [thing.works]
    run: |
      imp.is_builtin("sys")
    expect:
      value: ...
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """How the cost of a run grows with its cases or with its targets."""

    time: float
    """Processor time of the last five parts over that of the five before."""
    memory: Spread
    """Bytes that an item takes in the host, over those of an empty pytest item."""


def measure(python: str, rounds: int, step: Callable[[], object], part: int = PART) -> dict[str, Growth]:
    """Measure growth by cases and by targets.

    Args:
        python: the path of an interpreter.
        rounds: number of repetitions.
        step: called after each of the 6 runs of a round, and once at the end.
        part: number of cases in a part.

    Raises:
        NotMeasured: a run ended with an unexpected status.
    """
    found: dict[str, list[tuple[Spent, Spent, Spent]]] = {"cases": [], "targets": []}
    with tempfile.TemporaryDirectory(prefix="imp-conformance-bench-") as folder:
        catalogues = {parts: _installation(Path(folder, str(parts)), parts * part) for parts in (1, 6, 11)}
        cache = Path(folder, "cache")

        def run(parts: int, targets: int) -> Spent:
            # Each is another target for its command line: one that is asked for twice is refused.
            asked = [word for n in range(targets) for word in ("--python", f"cmd:env TARGET={n} {shlex.quote(python)}")]
            spent = spend([sys.executable, "-m", "imp_conformance", "run", "-q", *asked], path=catalogues[parts], cache=cache)
            step()
            return spent

        for path in catalogues.values():  # the catalogue is cached before it is measured
            spend([sys.executable, "-m", "imp_conformance", "run", "-q", "--collect-only"], path=path, cache=cache)
        for _ in range(rounds):
            found["cases"].append((run(1, 1), run(6, 1), run(11, 1)))
            found["targets"].append((run(1, 1), run(1, 6), run(1, 11)))
    few, many = (spend(bare_pytest(items), path=HARNESS).peak for items in (1, BARE + 1))
    step()
    own = (many - few) / BARE
    return {name: _growth(runs, own, part) for name, runs in found.items()}


def _growth(runs: Sequence[tuple[Spent, Spent, Spent]], own: float, part: int) -> Growth:
    one, six, eleven = (min(spent.busy for spent in column) for column in zip(*runs, strict=True))
    sizes = [(most.peak - least.peak) / (10 * part) for least, _, most in runs]
    return Growth((eleven - six) / (six - one), Spread.of([size / own for size in sizes]))


def _installation(folder: Path, cases: int) -> Path:
    """Copy the package with a catalogue of that many cases, laid out as in a wheel; return the folder to import it from."""
    package = folder / "imp_conformance"
    shutil.copytree(Path(imp_conformance.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "catalogue_data"))
    for kind, text in (("specs", _SPECS), ("cases", "subject: thing\ncases:\n" + "".join(_CASE.format(number) for number in range(cases)))):
        (package / "catalogue_data" / kind).mkdir(parents=True)
        (package / "catalogue_data" / kind / "thing.yaml").write_text(text, encoding="utf-8")
    return folder
