"""`imp-conformance check`: whether specs and cases are valid."""

from __future__ import annotations

from pathlib import Path

import click

from imp_conformance.catalogue.model import Level
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.commands.common import PATH, told
from imp_conformance.resources import catalogue_root


@click.command("check")
@click.argument("folder", required=False, type=PATH)
@click.option("--uses", is_flag=True, help="List for each case the names of imp that it uses, and its subjects.")
@told
def command(folder: Path | None, uses: bool) -> None:
    """Validate specs and cases: those of this installation, or those in FOLDER.

    A case may use the names that its subjects are about, and others only with a reason.
    """
    catalogue = checked_catalogue(folder or catalogue_root())
    if uses:
        for case in catalogue.cases.values():
            click.echo(f"{case.id}\t{', '.join(sorted(case.names)) or '-'}\t{', '.join(catalogue.subjects(case))}")
    errata = sum(len(clause.errata) for clause in catalogue.clauses.values())
    counts = [f"{sum(clause.level is level for clause in catalogue.clauses.values())} {level}" for level in Level]
    click.echo(f"{len(catalogue.cases)} cases for {len(catalogue.clauses)} clauses ({', '.join(counts)}), {errata} errata: valid")
