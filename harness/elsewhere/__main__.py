"""Measure CPython elsewhere and write result files: nox -s elsewhere, nox -s windows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from elsewhere.architectures import EMULATORS, emulated
from elsewhere.fetching import Unfetchable
from elsewhere.windows import RELEASES, windows

WINDOWS = "windows-"
PLACES = [*EMULATORS, *(f"{WINDOWS}{release}" for release in RELEASES)]


@click.command()
@click.argument("places", nargs=-1, required=True, type=click.Choice(PLACES))
@click.option("--results", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder for the result files.")
@click.option(
    "-n", "workers", default="0", help="How many cases to ask at once, or logical; of use on Windows, where each case is a process."
)
def main(places: tuple[str, ...], results: Path, workers: str) -> None:
    """Run every case on CPython in PLACES: an architecture, or Windows and a release."""
    worst = 0
    for place in places:
        provided = windows(place.removeprefix(WINDOWS)) if place.startswith(WINDOWS) else emulated(place)
        try:
            with provided as command:
                run = [sys.executable, "-m", "imp_conformance", "run", "-q", "-n", workers, "--tb=no", "-rN", "--results", str(results)]
                worst = max(worst, subprocess.run([*run, "--python", f"cmd:{command}"], check=False).returncode)
        except Unfetchable as error:
            click.echo(f"{place}: {error}", err=True)
            worst = max(worst, 3)
    sys.exit(worst)


main()
