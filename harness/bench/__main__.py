"""Measure what the suite costs, compare it with the bars, write the report: nox -s bench."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import jinja2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import forks, growth, matrix, startup
from bench.timing import CORES, Spread
from imp_conformance.catalogue.cache import sound_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL, FIRST
from imp_conformance.errors import ConformanceError, UnknownTarget
from imp_conformance.resources import catalogue_root
from imp_conformance.targets.discovery import Interpreter, found_interpreters
from imp_conformance.targets.target import find_interpreters

PARTS = ("cases", "start", "matrix", "growth")
LINEAR = 0.15
"""The share by which the cost of the last five parts may differ from that of the five before them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and its bar where it has one."""

    name: str
    what: str
    value: Spread
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the median is within the bar."""
        too_much = self.at_most is not None and self.value.median > self.at_most
        too_little = self.at_least is not None and self.value.median < self.at_least
        return not too_much and not too_little

    @property
    def bar(self) -> str:
        """The bar in words."""
        words = [
            "" if self.at_least is None else f"at least {self.at_least:g}",
            "" if self.at_most is None else f"at most {self.at_most:g}",
        ]
        return " and ".join(word for word in words if word)

    def to_json(self) -> dict[str, Any]:
        """Return the figure as JSON data."""
        return {"what": self.what, "value": self.value.to_json(), "at_most": self.at_most, "at_least": self.at_least, "met": self.met}


Progressed = Callable[[], object]


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="What to measure; default: all.")
@click.option("--python", multiple=True, metavar="PYTHON", help="Where cases are measured; default: the oldest, the newest and PyPy.")
@click.option("--rounds", type=click.IntRange(1), default=3, help="How many times each measurement is repeated.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for bench.json and bench.md.")
def main(only: Sequence[str], python: Sequence[str], rounds: int, output: Path | None) -> None:
    """Measure what the suite costs. The exit status is 1 where a bar is missed."""
    console = Console(highlight=False)
    figures: list[Figure] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        catalogue = sound_catalogue(catalogue_root())
        chosen = [request.command[0] for text in python for request in find_interpreters(text)] or [item.path for item in _interpreters()]
        with Progress(*columns, console=console) as progress:
            for part in only or PARTS:
                for figure in _measured(part, chosen, catalogue, rounds, progress):
                    figures.append(figure)
                    verdict = "" if not figure.bar else f": {figure.bar}" + ("" if figure.met else ": MISSED")
                    progress.console.print(f"{figure.what}: {figure.value}{verdict}", markup=False)
    except ConformanceError as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(error.exit_status)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        data = {"cores": CORES, "figures": {figure.name: figure.to_json() for figure in figures}}
        (output / "bench.json").write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        (output / "bench.md").write_text(_page(figures, catalogue), encoding="utf-8")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


def _interpreters() -> list[Interpreter]:
    """Return the oldest and the newest CPython on this machine that have imp, and PyPy."""
    found = [item for item in found_interpreters() if FIRST.series <= item.version[:2] <= FINAL.series]
    genuine = [item for item in found if item.implementation == "cpython"]
    if not genuine:
        raise UnknownTarget("no CPython 3.4 to 3.11 on this machine: install one; imp-conformance targets lists what is here")
    return [*genuine[:1], *genuine[1:][-1:], *[item for item in found if item.implementation == "pypy"][-1:]]


def _measured(part: str, pythons: Sequence[str], catalogue: Catalogue, rounds: int, progress: Progress) -> list[Figure]:
    """Measure one part and show the progress."""
    steps = {"cases": rounds * len(pythons), "start": 5 * rounds, "matrix": 4, "growth": 6 * rounds + 1}[part]
    task = progress.add_task(part, total=steps)

    def step() -> None:
        progress.advance(task)

    match part:
        case "cases":
            return [figure for python in pythons for figure in _cases(python, catalogue, rounds, step)]
        case "start":
            return _start(rounds, step)
        case "matrix":
            return _matrix(catalogue, step)
    return _growth(pythons[0], rounds, step)


def _cases(python: str, catalogue: Catalogue, rounds: int, step: Progressed) -> list[Figure]:
    cost = forks.measure(python, catalogue, rounds, step)
    return [
        Figure(f"case {cost.target}", f"a case on {cost.target}, in bare round trips", cost.ratio, at_most=2),
        Figure(f"empty case {cost.target}", f"an empty case on {cost.target}", cost.empty),
        Figure(f"case with threads {cost.target}", f"a case that needs threads on {cost.target}, its own waiting included", cost.threaded),
    ]


def _start(rounds: int, step: Progressed) -> list[Figure]:
    newest = [item for item in _interpreters() if item.implementation == "cpython"][-1]
    cost = startup.measure(".".join(map(str, newest.version[:2])), 5 * rounds, step)
    return [
        Figure("list", "seconds of `list` beyond an empty Python", cost.list, at_most=0.3),
        Figure("first case", "seconds of `run` to its first case, beyond pytest to its first item", cost.run, at_most=0.5),
    ]


def _matrix(catalogue: Catalogue, step: Progressed) -> list[Figure]:
    cost = matrix.measure(matrix.RANGE, catalogue, step)
    size = f"the whole matrix ({cost.targets} targets, {cost.items} items)"
    return [
        Figure(
            "matrix, process a case",
            f"how many times faster {size} is than a process per case that observes as much",
            Spread.of([cost.faster]),
            at_least=15,
        ),
        Figure(
            "matrix, bare process a case",
            f"how many times faster {size} is than a bare process per case, which observes nothing",
            Spread.of([cost.faster_than_bare]),
        ),
        Figure(
            "matrix, floors",
            f"{size}, in multiples of its floor: forks and empty items, divided by the processors",
            Spread.of([cost.floors]),
            at_most=1.5,
        ),
    ]


def _growth(python: str, rounds: int, step: Progressed) -> list[Figure]:
    figures = []
    for name, found in growth.measure(python, rounds, step).items():
        what = f"growth by {name}, from one part to eleven: cost of the last five parts over the five before"
        figures.append(Figure(f"growth by {name}", what, Spread.of([found.time]), at_most=1 + LINEAR, at_least=1 - LINEAR))
        what = f"memory of the host for one more item, by {name}, in empty pytest items"
        figures.append(Figure(f"memory by {name}", what, found.memory, at_most=1))
    return figures


def _page(figures: Sequence[Figure], catalogue: Catalogue) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    return environment.get_template("bench.md.j2").render(figures=figures, catalogue=catalogue, cores=CORES)


if __name__ == "__main__":
    main()
