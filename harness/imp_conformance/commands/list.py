"""`imp-conformance list`: the cases or the clauses, a line each."""

from __future__ import annotations

import click
from rich.table import Table as Grid
from rich.text import Text

from imp_conformance.catalogue.aspects import Table
from imp_conformance.catalogue.cache import cached_index
from imp_conformance.commands.common import console, own_catalogue, told
from imp_conformance.errors import UnknownName
from imp_conformance.resources import catalogue_root


@click.command("list")
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--clauses", is_flag=True, help="List the clauses instead of the cases.")
@click.option("--aspects", is_flag=True, help="Show what is asked of which function: aspects by functions, with the number of cases.")
@told
def command(subjects: tuple[str, ...], clauses: bool, aspects: bool) -> None:
    """List the cases, a line each: id, level, versions, title."""
    index = cached_index(catalogue_root())
    unknown = [name for name in subjects if name not in index.subjects]
    if unknown:
        raise UnknownName(f"there is no subject {unknown[0]!r}: the subjects are {', '.join(index.subjects)}")
    if aspects:
        _show_aspects(own_catalogue().table, subjects)
        return
    lines = [
        f"{line.id}\t{line.level}\t{line.versions}\t{line.text}"
        for line in (index.clauses if clauses else index.cases)
        if not subjects or line.subject in subjects
    ]
    click.echo("\n".join(lines), nl=bool(lines))


def _show_aspects(table: Table, subjects: tuple[str, ...]) -> None:
    """Show how many cases each cell has; a dash stands for one that has none, with the reason below."""
    forms = [form for form in table.aspects.forms.values() if not subjects or form.function in subjects]
    screen = console()
    for number, form in enumerate(forms, 1):
        screen.print(Text(f"{number:>2} {form.what}"))
    grid = Grid("aspect", *(str(number) for number in range(1, len(forms) + 1)), box=None)
    reasons: dict[str, list[str]] = {}
    for aspect in table.aspects.rows.values():
        cells = [table.cell(aspect, form) for form in forms]
        for number, cell in enumerate(cells, 1):
            if isinstance(cell, str):
                reasons.setdefault(cell, []).append(f"{aspect.id} {number}")
        grid.add_row(Text(aspect.title), *("-" if isinstance(cell, str) else str(len(cell)) for cell in cells))
    screen.print(grid)
    for reason, without in reasons.items():
        screen.print(Text(f"- {reason}: {', '.join(without)}"))
