"""Measure how much the cases notice and write the report: nox -s adequacy."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import jinja2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adequacy.coverage import measure
from adequacy.faults import plant, read_faults
from adequacy.genuine import Genuine, genuine_interpreters, own_catalogue
from adequacy.mutants import equivalent, hunt, mutants
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.errors import ConformanceError

MUTATED = ((3, 4), (3, 6), (3, 8), (3, 11))
"""The series whose imp.py is mutated and gets planted faults, where this machine has them."""


@dataclass(slots=True)
class Figures:
    """All figures, in the form of adequacy.json."""

    coverage: dict[str, Any] = field(default_factory=dict)
    mutants: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether everything was reached and noticed."""
        return not any(
            [figures["missed"] for figures in self.coverage.values()]
            + [figures["survived"] for figures in self.mutants.values()]
            + [figures["unnoticed"] for figures in self.faults.values()]
        )


@click.command()
@click.option("--only", type=click.Choice(["coverage", "mutants", "faults"]), multiple=True, help="What to measure; default: all.")
@click.option("--series", multiple=True, metavar="X.Y", help="Series to measure on; default: all on this machine.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Number of processes.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for adequacy.json and adequacy.md.")
def main(only: Sequence[str], series: Sequence[str], workers: int, output: Path | None) -> None:
    """Measure how much the cases notice. The exit status is 1 where something is not reached or not noticed."""
    console = Console(highlight=False)
    try:
        catalogue = own_catalogue()
        figures = Figures()
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
        ) as progress:
            for genuine in _genuine(series):
                if not only or "coverage" in only:
                    _cover(genuine, catalogue, figures, progress)
                if genuine.release.series in MUTATED and (not only or "mutants" in only):
                    _mutate(genuine, figures, progress, workers)
                if genuine.release.series in MUTATED and (not only or "faults" in only):
                    _plant(genuine, catalogue, figures, progress, workers)
    except ConformanceError as error:
        click.echo(f"adequacy: {error}", err=True)
        sys.exit(error.exit_status)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(figures), indent=1, sort_keys=True)
        (output / "adequacy.json").write_text(text + "\n", encoding="utf-8")
        (output / "adequacy.md").write_text(_page(figures, catalogue), encoding="utf-8")
    sys.exit(0 if figures.complete else 1)


def _genuine(series: Sequence[str]) -> Iterable[Genuine]:
    """Return the newest CPython of each series on this machine that has imp."""
    newest = {".".join(map(str, item.version[:2])): item.path for item in genuine_interpreters()}
    missing = [name for name in series if name not in newest]
    if missing:
        raise ConformanceError(f"--series {missing[0]}: not on this machine, which has {', '.join(newest)}")
    return [Genuine.of(path) for name, path in newest.items() if not series or name in series]


def _cover(genuine: Genuine, catalogue: Catalogue, figures: Figures, progress: Progress) -> None:
    task = progress.add_task(f"{genuine.release} coverage", total=1)
    found = measure(genuine, catalogue)
    progress.advance(task)
    figures.coverage[str(genuine.release)] = {"lines": len(found.lines), "branches": len(found.branches), "missed": found.missed}
    for name in found.missed:
        progress.console.print(f"{genuine.release}: not reached: {name}")


def _mutate(genuine: Genuine, figures: Figures, progress: Progress, workers: int) -> None:
    reasons = equivalent()
    task = progress.add_task(f"{genuine.release} mutants", total=sum(1 for _ in mutants(genuine.source)))
    noticed, same, survived = 0, [], []
    for hunted in hunt(genuine, workers):
        progress.advance(task)
        if hunted.noticed_by is not None:
            noticed += 1
        elif hunted.mutant.key in reasons:
            same.append(hunted.mutant.key)
        else:
            survived.append(hunted.mutant.key)
            progress.console.print(f"{genuine.release}: survived: line {hunted.mutant.line}: {hunted.mutant.key}", markup=False)
    total = noticed + len(same) + len(survived)
    figures.mutants[str(genuine.release)] = {
        "made": total,
        "noticed": noticed,
        "equivalent": sorted(same),
        "survived": sorted(survived),
        "score": round(100 * noticed / (total - len(same)), 1),
    }


def _plant(genuine: Genuine, catalogue: Catalogue, figures: Figures, progress: Progress, workers: int) -> None:
    faults = read_faults(catalogue)
    task = progress.add_task(f"{genuine.release} faults", total=sum(genuine.release in fault.versions for fault in faults))
    clauses: dict[str, dict[str, int]] = {}
    unnoticed = []
    for fault, noticed in plant(genuine, faults, workers):
        progress.advance(task)
        of_clause = clauses.setdefault(fault.clause, {"planted": 0, "noticed": 0})
        of_clause["planted"] += 1
        of_clause["noticed"] += noticed is not None
        if noticed is None:
            level = catalogue.clauses[fault.clause].level
            unnoticed.append(fault.id)
            progress.console.print(
                f"{genuine.release}: not noticed by a case of {fault.clause} at {level} level: {fault.id}: {fault.what}", markup=False
            )
    figures.faults[str(genuine.release)] = {"clauses": clauses, "unnoticed": sorted(unnoticed)}


def _page(figures: Figures, catalogue: Catalogue) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    reasons = equivalent()
    used = {key for release in figures.mutants.values() for key in release["equivalent"]}
    template = environment.get_template("adequacy.md.j2")
    return template.render(
        figures=figures,
        catalogue=catalogue,
        reasons={key: reasons[key] for key in sorted(used)},
        levels={release: _by_level(found["clauses"], catalogue) for release, found in figures.faults.items()},
    )


def _by_level(clauses: dict[str, dict[str, int]], catalogue: Catalogue) -> dict[Level, tuple[int, int, int, int]]:
    """Return for each level its clauses, those that a fault breaks, and the faults planted and noticed."""
    found = {}
    for level in Level:
        mine = [clause.id for clause in catalogue.clauses.values() if clause.level is level]
        counts = [clauses[clause] for clause in mine if clause in clauses]
        found[level] = (len(mine), len(counts), sum(item["planted"] for item in counts), sum(item["noticed"] for item in counts))
    return found


if __name__ == "__main__":
    main()
