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
@told
def command(folder: Path | None) -> None:
    """Validate specs and cases: those of this installation, or those in FOLDER."""
    catalogue = checked_catalogue(folder or catalogue_root())
    errata = sum(len(clause.errata) for clause in catalogue.clauses.values())
    counts = [f"{sum(clause.level is level for clause in catalogue.clauses.values())} {level}" for level in Level]
    click.echo(f"{len(catalogue.cases)} cases for {len(catalogue.clauses)} clauses ({', '.join(counts)}), {errata} errata: valid")
