"""`imp-conformance compare`: what became of every case since another run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from imp_conformance.commands.common import PATH, chosen_gate, console, own_catalogue, told


@click.command("compare")
@click.argument("old", type=PATH, metavar="OLD")
@click.argument("new", type=PATH, metavar="NEW")
@click.option("--verbose", "-v", is_flag=True, help="List also the cases that only one side has.")
@told
def command(old: Path, new: Path, verbose: bool) -> None:
    """Compare two folders of results, or two result files, whichever targets these are of.

    Exit status: 0 nothing regressed, 1 something that passed does not, 2 invalid files, 3 nothing is known to have
    regressed, but results are missing.
    """
    from rich.text import Text

    from imp_conformance.config import configured
    from imp_conformance.render.changes import comparison_view, summary_line
    from imp_conformance.results.diff import compare
    from imp_conformance.results.folders import check_cases, read_result_set

    catalogue = own_catalogue()
    before, after = read_result_set(old), read_result_set(new)
    for found in (before, after):
        check_cases(catalogue, found)
    gate = chosen_gate(configured(Path.cwd()), catalogue)
    ungated = {case for case in catalogue.cases if gate.why_not(catalogue, case)}
    comparison = compare(before, after, ungated, files=old.is_file() and new.is_file())
    screen = console()
    for part in comparison_view(comparison, verbose=verbose):
        screen.print(part)
    screen.print(Text(summary_line(comparison)), soft_wrap=True)
    sys.exit(comparison.exit_status)
