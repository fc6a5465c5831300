"""Run every case on every genuine interpreter, many times and in every way of starting it: all must pass."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adequacy.fork_and_fresh import DRAWN, SEED, fork_report
from adequacy.genuine import genuine_interpreters, own_catalogue
from adequacy.ways import Way, ways
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import FIRST, Release
from imp_conformance.errors import ConformanceError, TargetUnavailable
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import start_loaded

ALWAYS_LACKED = ("multi-phase initialization", "frozen modules", "non-ASCII names")
"""Words of reasons for which cases may be not applicable in any way: builds and locales differ in these."""

WAY_SERIES = ("3.4", "3.6", "3.8", "3.11")
"""The series that are started in each way, unless all are to be."""


def sample(catalogue: Catalogue) -> list[Case]:
    """Return the cases that are run in each way of starting: the same ones each time."""
    return random.Random(SEED).sample(list(catalogue.cases.values()), min(DRAWN, len(catalogue.cases)))


def disagreements(command: Sequence[str], catalogue: Catalogue, cases: Sequence[Case], way: Way) -> list[str]:
    """Run cases once on an interpreter's own imp; return a line for each that does not pass, or is not asked for a wrong reason.

    Raises:
        TargetUnavailable: it cannot be started in this way.
    """
    session = start_loaded(command, OWN, catalogue.names)
    try:
        release = Release.parse(session.identity.version)
        lacking = {need: reason for need, reason in session.identity.lacking.items() if reason is not None}
        results = [ask(session, case, release) for case in cases]
    finally:
        session.close()
    unexpected = [reason for reason in lacking.values() if not any(text in reason for text in (*way.lacks, *ALWAYS_LACKED))]
    wrong = [f"{result.case}: {result.verdict}: {result.reason}" for result in results if not result.conforms]
    return [*wrong, *(f"lacks without need: {reason}" for reason in unexpected)]


@click.command()
@click.option("--times", type=click.IntRange(1), default=20, help="Number of runs of all cases without a special way of starting.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Number of interpreters that run at once.")
@click.option("--all", "everything", is_flag=True, help=f"Ask all cases everywhere, not {DRAWN} drawn ones.")
@click.option("--python", multiple=True, metavar="PATH", help="One more interpreter, which discovery does not find.")
def main(times: int, workers: int, everything: bool, python: Sequence[str]) -> None:
    """Run every case on every genuine interpreter, and some in forks and in fresh processes. The exit status is 1 where they disagree."""
    try:
        catalogue = own_catalogue()
    except ConformanceError as error:
        click.echo(f"agreement: {error}", err=True)
        sys.exit(error.exit_status)
    interpreters = [(item.version_text, item.path) for item in genuine_interpreters()] + [(path, path) for path in python]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    wrong = out_of_reach = 0
    cases = list(catalogue.cases.values())
    drawn = cases if everything else sample(catalogue)
    with ways() as found_ways, tempfile.TemporaryDirectory() as folder, Progress(*columns) as progress, ThreadPoolExecutor(workers) as pool:
        Path(folder).chmod(0o755)
        jobs: list[tuple[str, str, Way, Sequence[Case]]] = []
        for name, path in interpreters:
            jobs += [(name, path, Way(f"run {number + 1}"), cases) for number in range(times)]
            if everything or path in python or name.rpartition(".")[0] in WAY_SERIES:
                jobs += [(name, path, way, drawn) for way in found_ways if not _genuine_before(name, way.since)]
        task = progress.add_task("agreement", total=len(jobs))

        def run(job: tuple[str, str, Way, Sequence[Case]]) -> list[str] | TargetUnavailable:
            _, path, way, asked = job
            try:
                with tempfile.TemporaryDirectory(dir=folder) as made:
                    Path(made).chmod(0o755)
                    return disagreements(way.command(path, Path(made)), catalogue, asked, way)
            except TargetUnavailable as error:
                return error if way.restricted else [f"cannot be started: {error}"]

        for (name, _, way, _), found in zip(jobs, pool.map(run, jobs), strict=True):
            progress.advance(task)
            unreachable = isinstance(found, TargetUnavailable)
            out_of_reach += unreachable
            told = [f"not run: {found}"] if isinstance(found, TargetUnavailable) else found
            wrong += 0 if unreachable else len(told)
            for text in told:
                progress.console.print(f"{name}, {way.name}: {text}", markup=False, highlight=False, soft_wrap=True)
        for text in fork_report(catalogue, everything, workers):
            wrong += 1
            progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
        progress.console.print(
            f"{len(jobs) - out_of_reach} runs on {len(interpreters)} interpreters: {wrong} disagreements; {out_of_reach} not run"
        )
    sys.exit(1 if wrong else 0)


def _genuine_before(version: str, since: Release) -> bool:
    """Return whether a version is older than a release; a path, whose version is unknown, may be."""
    try:
        return Release.parse(version) < since
    except ValueError:
        return since > FIRST


if __name__ == "__main__":
    main()
