"""Run every case on every genuine interpreter, many times and in every environment: all must pass."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adequacy.fork_and_fresh import DRAWN, fork_report
from adequacy.genuine import genuine_interpreters, own_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FIRST, Release
from imp_conformance.errors import ConformanceError, TargetUnavailable
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import start_loaded

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Environment:
    """A way to run an interpreter: the words before and after its path."""

    name: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    since: Release = FIRST
    restricted: bool = False
    """Whether some interpreters cannot be started in it; that is reported and is no disagreement."""


@contextmanager
def environments() -> Iterator[list[Environment]]:
    """Yield every environment that this machine allows; delete afterwards what they needed."""
    with tempfile.TemporaryDirectory() as folder:
        fixed = Path(folder)
        fixed.chmod(0o555)
        found = [Environment(option, after=(option,)) for option in ("-O", "-OO", "-B", "-E", "-s")]
        found.append(Environment("LC_ALL=C", before=("env", "LC_ALL=C", "LANG=C")))
        found.append(Environment("read-only directory", before=("sh", "-c", 'cd "$0" && exec "$@"', folder)))
        found.append(Environment("-X frozen_modules=off", after=("-X", "frozen_modules=off"), since=Release(3, 11, 0)))
        if os.geteuid() == 0 and shutil.which("setpriv"):
            user = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
            found.append(Environment("ordinary user", before=user, restricted=True))
        yield found


def disagreements(command: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Run all cases once on an interpreter's own imp; return a line for each that does not pass.

    Raises:
        TargetUnavailable: it cannot be started in this way.
    """
    session = start_loaded(command, OWN, catalogue.names)
    try:
        release = Release.parse(session.identity.version)
        results = [ask(session, case, release) for case in catalogue.cases.values()]
    finally:
        session.close()
    return [f"{result.case}: {result.verdict}: {result.reason}" for result in results if not result.conforms]


@click.command()
@click.option("--times", type=click.IntRange(1), default=20, help="Number of runs without a special environment.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Number of interpreters that run at once.")
@click.option("--python", multiple=True, metavar="PATH", help="One more interpreter, which discovery does not find.")
@click.option("--all", "every", is_flag=True, help=f"Compare forks and fresh processes in all cases, not in {DRAWN} of them.")
def main(times: int, workers: int, python: Sequence[str], every: bool) -> None:
    """Run every case on every genuine interpreter, and some in forks and in fresh processes. The exit status is 1 where they disagree."""
    try:
        catalogue = own_catalogue()
    except ConformanceError as error:
        click.echo(f"agreement: {error}", err=True)
        sys.exit(error.exit_status)
    interpreters = [(item.version_text, item.path) for item in genuine_interpreters()] + [(path, path) for path in python]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    wrong = out_of_reach = 0
    with environments() as ways, Progress(*columns) as progress, ThreadPoolExecutor(workers) as pool:
        jobs: list[tuple[str, str, Environment]] = []
        for name, path in interpreters:
            jobs += [(name, path, Environment(f"run {number + 1}")) for number in range(times)]
            jobs += [(name, path, way) for way in ways if not _genuine_before(name, way.since)]
        task = progress.add_task("agreement", total=len(jobs))

        def run(job: tuple[str, str, Environment]) -> list[str] | TargetUnavailable:
            _, path, way = job
            try:
                return disagreements((*way.before, path, *way.after), catalogue)
            except TargetUnavailable as error:
                return error if way.restricted else [f"cannot be started: {error}"]

        for (name, _, way), found in zip(jobs, pool.map(run, jobs), strict=True):
            progress.advance(task)
            unreachable = isinstance(found, TargetUnavailable)
            out_of_reach += unreachable
            told = [f"not run: {found}"] if isinstance(found, TargetUnavailable) else found
            wrong += 0 if unreachable else len(told)
            for text in told:
                progress.console.print(f"{name}, {way.name}: {text}", markup=False, highlight=False, soft_wrap=True)
        for text in fork_report(catalogue, every, workers):
            wrong += 1
            progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
        progress.console.print(
            f"{len(jobs) - out_of_reach} runs of {len(catalogue.cases)} cases on {len(interpreters)} interpreters: "
            f"{wrong} disagreements; {out_of_reach} not run"
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
