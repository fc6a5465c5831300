"""`imp-conformance scan`: where a program uses imp, what of it the uses need, and what keeps that."""

from __future__ import annotations

import os
import sys
from itertools import chain
from pathlib import Path

import click

from imp_conformance.commands.common import PATH, TEXT, console, own_catalogue, told


@click.command("scan")
@click.argument("paths", nargs=-1, type=PATH, metavar="PATH...")
@click.option("--installed", is_flag=True, help="Scan what is installed in the environment of this Python.")
@click.option(
    "--target", "targets", multiple=True, type=TEXT, metavar="ID", help="Ask this target, or all candidates on a series such as 3.13."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="json is the profile that --needs takes."
)
@click.option("--verbose", "-v", is_flag=True, help="List also what is guarded.")
@told
def command(paths: tuple[Path, ...], installed: bool, targets: tuple[str, ...], form: str, verbose: bool) -> None:
    """Find the uses of imp in files and folders, the clauses that each needs, and what published targets do with these.

    Where no --target is given, zombie-imp on 3.13 decides, and the migration recipes of the 3.12 notes are told beside it.

    Exit status: 0 nothing would break, 1 something would, 2 wrong usage, 3 nothing is known to break, but files could not be read.
    """
    import json

    from rich.text import Text

    from imp_conformance.render.annotations import annotation_lines
    from imp_conformance.render.scanned import scan_lines
    from imp_conformance.scan.installed import installed_sources
    from imp_conformance.scan.profile import profile
    from imp_conformance.scan.published import asked_targets
    from imp_conformance.scan.report import Report
    from imp_conformance.scan.scanning import scan_sources
    from imp_conformance.scan.sources import find_sources

    if not paths and not installed:
        raise click.UsageError("name files or folders to scan, or give --installed")
    for path in paths:
        if not os.path.lexists(path):
            raise click.UsageError(f"{path}: no such file or folder")
    catalogue = own_catalogue()
    asked = asked_targets(catalogue, targets)
    public = frozenset().union(*catalogue.about.values())
    sources = chain(find_sources(paths), installed_sources() if installed else ())
    report = Report(catalogue, scan_sources(sources, public), asked)
    if form == "json":
        click.echo(json.dumps(profile(report), indent=2, sort_keys=True, ensure_ascii=True))
    elif form == "github":
        for line in annotation_lines(report):
            click.echo(line)
    else:
        screen = console()
        for line in scan_lines(report, verbose=verbose):
            screen.print(Text(line), soft_wrap=True)
    sys.exit(report.exit_status)
