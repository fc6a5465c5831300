"""What starting costs: `list` compared with an empty Python, and `run` up to its first case compared with pytest.

`run` is asked for every case on one interpreter, which is named by its version, as users name it. It finds the interpreter,
starts it and collects all cases. The comparison is pytest with one empty item. Both end where the first item would run. The
commands take turns, and each round gives one difference. The first round fills the catalogue's cache and does not count.
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
    """Seconds beyond the start of Python (list) and of pytest (run)."""

    list: Spread
    run: Spread


def measure(series: str, rounds: int, step: Callable[[], object]) -> StartUp:
    """Start the commands in turn, several times over.

    Args:
        series: the version of an interpreter on this machine, such as 3.11.
        rounds: number of repetitions.
        step: called after each round.

    Raises:
        NotMeasured: a command ended with an unexpected status.
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
    """Return the command that runs a number of empty items under pytest, with the configuration of `run`."""
    configuration = Path(imp_conformance.__file__).with_name("pytest_plugin") / "pytest.ini"
    fixed = ["-q", "-p", "bench.bare_items", "-p", "no:cacheprovider", f"--config-file={configuration}", f"--rootdir={HARNESS}"]
    return [sys.executable, "-m", "pytest", *fixed, f"--bare-items={items}", *options, str(Path(__file__))]
