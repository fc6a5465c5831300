"""`imp-conformance list`: the cases or the clauses, a line each."""

from __future__ import annotations

import click

from imp_conformance.catalogue import Case, Clause
from imp_conformance.commands.common import own_catalogue, told
from imp_conformance.errors import UnknownName


@click.command("list")
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--clauses", is_flag=True, help="List the clauses in place of the cases.")
@told
def command(subjects: tuple[str, ...], clauses: bool) -> None:
    """List the cases, a line each: id, level, versions, title."""
    catalogue = own_catalogue()
    unknown = [name for name in subjects if name not in catalogue.summaries]
    if unknown:
        raise UnknownName(f"there is no subject {unknown[0]!r}: the subjects are {', '.join(catalogue.summaries)}")
    items: list[Case] | list[Clause]
    items = list(catalogue.clauses.values()) if clauses else list(catalogue.cases.values())
    for item in items:
        if subjects and item.id.replace(".", "/").partition("/")[0] not in subjects:
            continue
        level = item.level if isinstance(item, Clause) else catalogue.level(item)
        text = item.text if isinstance(item, Clause) else item.title
        click.echo(f"{item.id}\t{level}\t{item.versions}\t{text}")
