"""What starting costs: `list` beside an empty Python, and `run` up to its first case beside pytest up to its first item.

`run` is asked for every case on one interpreter, named by its version as users name it: it finds the interpreter, starts
it, and collects all cases. Pytest's own is pytest with one empty item. Both end where the first item would run. Commands
take turns; each round gives one difference. The first round, in which the catalogue may have to be read, is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imp_conformance
from bench.timing import Spread, spend

HARNESS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class StartUp:
    """Seconds beyond what has to be there anyway."""

    list: Spread
    run: Spread


def measure(series: str, rounds: int, step: Callable[[], object]) -> StartUp:
    """Start each command so many times, in turn.

    Args:
        series: the version of an interpreter that is here, such as 3.11.
        rounds: how many times over.
        step: called after each round.

    Raises:
        NotMeasured: where a command does not do its work.
    """
    listing, running = [], []
    conformance = [sys.executable, "-m", "imp_conformance"]
    for number in range(rounds + 1):
        empty = spend([sys.executable, "-c", "pass"]).wall
        listed = spend([*conformance, "list"], path=HARNESS).wall
        own = spend(bare_pytest(1, "-p", "bench.first_item"), path=HARNESS).wall
        first = spend([*conformance, "run", "-p", "bench.first_item", "--python", series], path=HARNESS).wall
        if number:
            listing.append(listed - empty)
            running.append(first - own)
            step()
    return StartUp(Spread.of(listing), Spread.of(running))


def bare_pytest(items: int, *options: str) -> list[str]:
    """Return the command that runs so many empty items under pytest with the configuration of `run`."""
    configuration = Path(imp_conformance.__file__).with_name("pytest_plugin") / "pytest.ini"
    fixed = ["-q", "-p", "bench.bare_items", "-p", "no:cacheprovider", f"--config-file={configuration}", f"--rootdir={HARNESS}"]
    return [sys.executable, "-m", "pytest", *fixed, f"--bare-items={items}", *options, str(Path(__file__))]
