"""`imp-conformance targets`: the interpreters of this machine."""

from __future__ import annotations

import sys
from dataclasses import replace

import click
from rich.table import Table
from rich.text import Text

from imp_conformance.commands.common import OFFLINE, START_LIMIT, TEXT, console, told
from imp_conformance.errors import ExitStatus
from imp_conformance.targets import graalpy, pyodide
from imp_conformance.targets.apart import told_apart
from imp_conformance.targets.target import find_interpreters, open_targets


@click.command("targets")
@click.option("--python", multiple=True, type=TEXT, metavar="PYTHON", help="Only these; all that are found where left out.")
@START_LIMIT
@OFFLINE
@told
def command(python: tuple[str, ...], start_limit: float | None) -> None:
    """List the interpreters of this machine, Pyodide and GraalPy included, and whether each has an imp of its own."""
    requests = [request for text in python or (">=3.4",) for request in find_interpreters(text)]
    if not python:
        requests += [
            replace(request, named=False) for text in pyodide.startable() + graalpy.startable() for request in find_interpreters(text)
        ]
    table = Table(box=None, pad_edge=False)
    for title in ("target", "version", "platform", "own imp", "command"):
        table.add_column(title, overflow="fold")
    status = ExitStatus.CONFORMS
    without: list[str] = []
    screen = console()
    with screen.status("starting each interpreter"):
        found = []
        for target, session in open_targets(requests, None, None, (), start_limit):
            if session is not None:
                session.close()
            found.append(target)
            without += [f"{target.id}: without {text}" for text in target.without]
        # A build that is found twice is listed twice: here it is asked where interpreters are. Each has the id that a run of its
        # command has; a run of several that share one tells them apart, as here where they are named.
        for target in (apart or one for one, apart in zip(found, told_apart(found), strict=True)) if python else found:
            own = "yes" if target.unavailable is None else f"no: {target.unavailable}"
            version = target.releases
            if not target.identity and target.named:
                status = ExitStatus.INCOMPLETE
            command = " ".join(target.command)
            table.add_row(*(Text(text) for text in (target.id, version, target.identity.get("platform", ""), own, command)))
    screen.print(table)
    for text in without:
        screen.print(Text(text))
    offers = [] if python else [pyodide.offer(), graalpy.offer()]
    for offer in offers:
        if offer is not None:
            screen.print(Text(offer))
    sys.exit(status)
