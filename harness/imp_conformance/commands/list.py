"""`imp-conformance list`: the cases or the clauses, a line each."""

from __future__ import annotations

import click

from imp_conformance.catalogue.cache import cached_index
from imp_conformance.commands.common import told
from imp_conformance.errors import UnknownName
from imp_conformance.resources import catalogue_root


@click.command("list")
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--clauses", is_flag=True, help="List the clauses instead of the cases.")
@told
def command(subjects: tuple[str, ...], clauses: bool) -> None:
    """List the cases, a line each: id, level, versions, title."""
    index = cached_index(catalogue_root())
    unknown = [name for name in subjects if name not in index.subjects]
    if unknown:
        raise UnknownName(f"there is no subject {unknown[0]!r}: the subjects are {', '.join(index.subjects)}")
    lines = [
        f"{line.id}\t{line.level}\t{line.versions}\t{line.text}"
        for line in (index.clauses if clauses else index.cases)
        if not subjects or line.subject in subjects
    ]
    click.echo("\n".join(lines), nl=bool(lines))
