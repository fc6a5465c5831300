"""How cost grows from one part to eleven, ten times more, and how much memory of the host each more item takes.

The installed package is copied beside a generated catalogue, in which a case differs from the next only in its id, and
run without workers, with 1, 6 and 11 parts: a part is a number of cases, or a target with as many cases. The ratio
(T(11) - T(6)) / (T(6) - T(1)), of what the last five parts cost over what the five before them cost, is 1 where cost is
linear, whatever a run costs before its first case. T is the seconds that processors were busy with the run and all that
it started, the least of the repetitions, since other programs can only add to it. Memory is the peak of the host process,
and is held against that of pytest's own empty items.
"""

from __future__ import annotations

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
"""Cases of a part."""

BARE = 3000
"""Empty items of pytest's from which the memory of one is reckoned."""

_SPECS = """\
subject: thing
summary: What is repeated.
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
    """How the cost of a run grows with one of its two dimensions."""

    time: float
    """What the last five parts cost over what the five before them cost."""
    memory: Spread
    """Bytes of the host that an item takes, over those that an empty item of pytest's takes."""


def measure(python: str, rounds: int, step: Callable[[], object], part: int = PART) -> dict[str, Growth]:
    """Measure growth by cases and by targets.

    Args:
        python: the path of an interpreter.
        rounds: how many times over.
        step: called after each of 6 runs a round, and once at the end.
        part: cases of a part.

    Raises:
        NotMeasured: where a run does not do its work.
    """
    found: dict[str, list[tuple[Spent, Spent, Spent]]] = {"cases": [], "targets": []}
    with tempfile.TemporaryDirectory(prefix="imp-conformance-bench-") as folder:
        catalogues = {parts: _installation(Path(folder, str(parts)), parts * part) for parts in (1, 6, 11)}
        cache = Path(folder, "cache")

        def run(parts: int, targets: int) -> Spent:
            asked = ["--python", python] * targets
            spent = spend([sys.executable, "-m", "imp_conformance", "run", "-q", *asked], path=catalogues[parts], cache=cache)
            step()
            return spent

        for path in catalogues.values():  # so that each catalogue has been read before it is measured
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
    """Lay out the package with a catalogue of so many cases, as a wheel does; return the folder to import it from."""
    package = folder / "imp_conformance"
    shutil.copytree(Path(imp_conformance.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "catalogue_data"))
    for kind, text in (("specs", _SPECS), ("cases", "subject: thing\ncases:\n" + "".join(_CASE.format(number) for number in range(cases)))):
        (package / "catalogue_data" / kind).mkdir(parents=True)
        (package / "catalogue_data" / kind / "thing.yaml").write_text(text, encoding="utf-8")
    return folder
