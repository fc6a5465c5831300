"""`imp-conformance show`: one case, clause or subject."""

from __future__ import annotations

import click
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from imp_conformance.catalogue.lookup import unknown_name
from imp_conformance.catalogue.model import Case, Catalogue, Clause
from imp_conformance.commands.common import console, own_catalogue, told
from imp_conformance.errors import UnknownName


@click.command("show")
@click.argument("name", metavar="CASE|CLAUSE|SUBJECT")
@told
def command(name: str) -> None:
    """Show a case with its clauses, a clause with its sources and cases, or a subject."""
    catalogue = own_catalogue()
    screen = console()
    if name in catalogue.cases:
        _show_case(screen, catalogue, catalogue.cases[name])
    elif name in catalogue.clauses:
        _show_clause(screen, catalogue, catalogue.clauses[name])
    elif name in catalogue.summaries:
        screen.print(Text(f"{name}: {catalogue.summaries[name]}"))
        for clause in catalogue.clauses.values():
            if clause.id.startswith(f"{name}."):
                screen.print(Text(f"  {clause.id} ({clause.level}): {clause.text}"))
    else:
        raise UnknownName(unknown_name(catalogue, name))


def _show_case(screen: Console, catalogue: Catalogue, case: Case) -> None:
    screen.print(Text(f"{case.id} ({catalogue.level(case)}, {case.holds}): {case.title}", style="bold"))
    for clause in case.clauses:
        screen.print(Text(f"  {clause}: {catalogue.clauses[clause].text}"))
    screen.print(Text(f"  subjects: {', '.join(catalogue.subjects(case))}"))
    uses = [f"{name} ({case.uses[name]})" if name in case.uses else name for name in sorted(case.names)]
    screen.print(Text(f"  uses: {', '.join(uses) or 'no name of imp'}"))
    if case.needs:
        screen.print(Text(f"  needs: {', '.join(case.needs)}"))
    screen.print(Text(f"  written: {case.file}:{case.line}"))
    screen.print()
    screen.print(
        Syntax(catalogue.texts[case.id], "yaml", background_color="default", word_wrap=True)
        if screen.is_terminal
        else Text(catalogue.texts[case.id])
    )


def _show_clause(screen: Console, catalogue: Catalogue, clause: Clause) -> None:
    screen.print(Text(f"{clause.id} ({clause.level}, {clause.holds}): {clause.text}", style="bold"))
    for source in clause.sources:
        screen.print(Text(f"  source: {source.document}, {source.anchor}"))
    for erratum in clause.errata:
        versions = f" ({erratum.versions})" if erratum.versions else ""
        screen.print(Text(f"  erratum: {erratum.document}{versions} says: {erratum.says} In fact: {erratum.fact}"))
    for case in catalogue.cases.values():
        if clause.id in case.clauses:
            screen.print(Text(f"  case: {case.id}: {case.title}"))
