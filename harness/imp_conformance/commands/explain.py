"""`imp-conformance explain`: what the results in a folder say of one case, and what to change."""

from __future__ import annotations

from pathlib import Path

import click

from imp_conformance.commands.common import PATH, TEXT, known_case, own_catalogue, told


@click.command("explain")
@click.argument("name", metavar="CASE")
@click.option("--results", "folder", type=PATH, metavar="DIR", help="Where the result files are.")
@click.option("--target", "target", type=TEXT, metavar="ID", help="Only this target; all of the folder where left out.")
@told
def command(name: str, folder: Path | None, target: str | None) -> None:
    """Explain what the targets of a folder of results did with CASE: expected, observed, why it matters, what to change.

    --results defaults to what [tool.imp-conformance] in pyproject.toml says.
    """
    from imp_conformance.config import configured, required
    from imp_conformance.render.explanation import explanation
    from imp_conformance.results.folders import read_columns
    from imp_conformance.results.model import named_target
    from imp_conformance.targets.locating import located

    catalogue = own_catalogue()
    case = known_case(catalogue, name)
    defaults = configured(Path.cwd())
    place = required("results", folder or defaults.results)
    columns = read_columns(catalogue, place)
    chosen = columns if target is None else named_target(columns, target, place)
    for line in explanation(catalogue, case, chosen, columns, find=lambda about: located(about, Path.cwd(), defaults.candidate)):
        click.echo(line)
