"""Measure what the suite costs, hold it to its bars and write it down: nox -s bench."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import forks
from bench.timing import round_off
from imp_conformance.catalogue import Catalogue
from imp_conformance.check import checked_catalogue
from imp_conformance.data import catalogue_root
from imp_conformance.discovery import Interpreter, found_interpreters
from imp_conformance.errors import ConformanceError
from imp_conformance.versions import FINAL, FIRST

ROUNDS = 3
"""How many times over each figure is measured."""

CASE_BAR = 2.0
"""Bare round trips that a case may cost."""


@dataclass(slots=True)
class Figures:
    """All that is measured, in the form in which it is written down."""

    cases: dict[str, Any] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def interpreters() -> list[Interpreter]:
    """Return the oldest and the newest CPython here that has imp, and PyPy."""
    found = [item for item in found_interpreters() if FIRST.series <= item.version[:2] <= FINAL.series]
    genuine = [item for item in found if item.implementation == "cpython"]
    others = [item for item in found if item.implementation == "pypy"]
    return [*genuine[:1], *genuine[1:][-1:], *others[-1:]]


@click.command()
@click.option("--only", type=click.Choice(["cases"]), multiple=True, help="What to measure; all where left out.")
@click.option(
    "--python", multiple=True, metavar="PATH", help="On which interpreters a case is measured; oldest, newest, PyPy where left out."
)
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, help="How many times over.")
@click.option("--output", type=click.Path(path_type=Path), help="Write bench.json and bench.md there.")
def main(only: Sequence[str], python: Sequence[str], rounds: int, output: Path | None) -> None:
    """Measure what the suite costs. Exit status 1: a bar is missed."""
    console = Console(highlight=False)
    figures = Figures()
    try:
        catalogue = checked_catalogue(catalogue_root())
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            if not only or "cases" in only:
                _cases(list(python) or [item.path for item in interpreters()], catalogue, rounds, figures, progress)
    except ConformanceError as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(error.exit_status)
    for text in figures.missed:
        console.print(f"missed: {text}", markup=False)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        figures_json = json.dumps({"cases": figures.cases, "missed": figures.missed}, indent=1, sort_keys=True)
        (output / "bench.json").write_text(figures_json + "\n", encoding="utf-8")
    sys.exit(1 if figures.missed else 0)


def _cases(pythons: Sequence[str], catalogue: Catalogue, rounds: int, figures: Figures, progress: Progress) -> None:
    for path in pythons:
        task = progress.add_task(Path(path).name, total=rounds)
        cost = forks.measure(path, catalogue, rounds, lambda task=task: progress.advance(task))  # type: ignore[misc]
        figures.cases[cost.target] = {"cases": cost.cases, "ratio": cost.ratio.to_json(), "empty": cost.empty.to_json()}
        progress.console.print(
            f"{cost.target}: a case costs {round_off(cost.ratio.median)} round trips "
            f"({round_off(cost.ratio.least)} to {round_off(cost.ratio.greatest)}), an empty one {round_off(cost.empty.median)}; "
            f"a round trip takes {1e6 * cost.floor:.0f} µs, {cost.cases} cases"
        )
        if cost.ratio.median > CASE_BAR:
            figures.missed.append(f"a case on {cost.target} costs {round_off(cost.ratio.median)} round trips, more than {CASE_BAR:g}")


if __name__ == "__main__":
    main()
