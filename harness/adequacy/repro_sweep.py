"""Compare the scripts that `imp-conformance repro` writes with a run: each shows the verdict that the run came to.

It takes the results of a run of one target, as `imp-conformance run --results` has written them, and writes for each the script
that the command would. Short scripts are counted that come to another verdict, and for which the command therefore falls back
to the isolating one; that one, too, is run, and must come to the verdict.
"""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from adequacy.genuine import own_catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import ConformanceError
from imp_conformance.repro.choice import Chosen, chosen
from imp_conformance.repro.wanted import Wanted, seen_words
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.reading import read_results
from imp_conformance.targets.candidate import find_candidate
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import find_interpreters, promised

FEW_LINES = 40
SEED = 13
_SECONDS = 120
"""What an isolating script may take; it ends a case itself after its limit."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A result and the script for it."""

    result: Result
    script: Chosen
    """What the command writes where no script is tried out."""
    wanted: Wanted


class Sweep:
    """The results of one target, with what their scripts are made from."""

    def __init__(self, file: Path, python: str, candidate: str | None) -> None:
        """Start the interpreter, to learn its facts.

        Raises:
            ConformanceError: the file is none of results, or there is no such interpreter or candidate.
        """
        (found,) = read_results(file)
        self.results = list(found.results.values())
        self.command = find_interpreters(python)[0].command
        session = Session(self.command)
        session.close()
        self._identity = session.identity
        self._release = Release.parse(promised(self._identity.version))
        self._candidate = find_candidate(candidate, self._identity.series)
        self._path = None if candidate is None else str(Path(candidate).resolve())
        self._catalogue = own_catalogue()

    def shown(self, result: Result) -> Shown:
        """Return a result with the script that the command writes where it tries none out."""
        identity = self._identity
        seen = seen_words(identity.name, self._candidate, result)
        case = self._catalogue.cases[result.case]
        facts, platform = identity.facts, identity.system
        wanted = Wanted(self._catalogue, case, self._release, self._candidate, self._path, facts, platform, seen)
        return Shown(result, chosen(wanted, result, None), wanted)

    def tried(self, shown: Shown) -> tuple[str, str]:
        """Return why the command falls back to the isolating script, and how what it writes differs from the run; empty where not."""
        fell_back, script = "", shown.script
        ast.parse(script.text, feature_version=(3, 4))  # or it would show a failure by its own fault
        if not script.isolates:
            script = chosen(shown.wanted, shown.result, self.command)
            fell_back = script.isolates
        if not script.isolates:
            return "", ""  # it was run to be chosen
        status = _status(self.command, script.text)
        wanted = 0 if shown.result.conforms else 1
        return fell_back, "" if status == wanted else f"isolating script: exit status {status} ({script.isolates})"


def _status(command: Sequence[str], text: str) -> int:
    with tempfile.TemporaryDirectory(prefix="repro-sweep-") as folder:
        path = Path(folder, "script.py")
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*command, str(path)], stdin=subprocess.DEVNULL, capture_output=True, cwd=folder, timeout=_SECONDS, check=False
        )
        return done.returncode


@click.command()
@click.argument("results", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--python", required=True, help="The interpreter that they are of.")
@click.option("--candidate", metavar="PATH", help="The candidate that they are of; the interpreter's own imp where left out.")
@click.option("--passing", is_flag=True, help="Take the cases that pass, not those that fail.")
@click.option("--drawn", type=click.IntRange(1), help="How many to draw and run; default: all.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Number of scripts that run at once.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the drawn scripts, to be read.")
def main(results: Path, *, python: str, candidate: str | None, passing: bool, drawn: int | None, workers: int, output: Path | None) -> None:
    """Compare the scripts of RESULTS, a result file, with its verdicts. The exit status is 1 where one differs."""
    try:
        sweep = Sweep(results, python, candidate)
    except ConformanceError as error:
        click.echo(f"repro_sweep: {error}", err=True)
        sys.exit(error.exit_status)
    mine = [item for item in sweep.results if item.verdict is not Verdict.NOT_APPLICABLE and item.conforms is passing]
    everything = [sweep.shown(result) for result in mine]
    few = sum(shown.script.text.count("\n") < FEW_LINES for shown in everything)
    click.echo(f"{results.name}: {len(everything)} scripts, {few} under {FEW_LINES} lines ({100 * few / max(1, len(everything)):.1f} %)")
    for why, number in Counter(shown.script.isolates[:60] for shown in everything if shown.script.isolates).most_common():
        click.echo(f"  isolating: {number}: {why}")
    if drawn is not None and drawn < len(everything):
        everything = random.Random(SEED).sample(everything, drawn)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        for shown in everything:
            (output / f"{shown.result.case.replace('/', '+')}.py").write_text(shown.script.text, encoding="utf-8")
    fallen = wrong = 0
    with ThreadPoolExecutor(workers) as pool:
        for shown, (fell_back, difference) in zip(everything, pool.map(sweep.tried, everything), strict=True):
            fallen, wrong = fallen + bool(fell_back), wrong + bool(difference)
            if fell_back or difference:
                click.echo(f"  {shown.result.case}: {difference or fell_back}; the run: {shown.result.reason or 'pass'}")
    click.echo(
        f"{len(everything)} run: {wrong} come to another verdict; {fallen} short ones would, and the command writes the isolating one"
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
