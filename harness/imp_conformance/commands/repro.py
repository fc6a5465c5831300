"""`imp-conformance repro`: a script that shows what a candidate does with one case."""

from __future__ import annotations

import click

from imp_conformance.commands.common import OFFLINE, START_LIMIT, TEXT, known_case, own_catalogue, told
from imp_conformance.commands.run import CANDIDATE_HELP, PYTHON_HELP


@click.command("repro")
@click.argument("name", metavar="CASE")
@click.option("--python", type=TEXT, metavar="PYTHON", help=PYTHON_HELP)
@click.option("--candidate", type=TEXT, metavar="CANDIDATE", help=CANDIDATE_HELP)
@click.option("--emulates", type=TEXT, metavar="X.Y[.Z]", help="The release that the imp is judged as.")
@START_LIMIT
@OFFLINE
@told
def command(name: str, python: str | None, candidate: str | None, emulates: str | None, start_limit: float | None) -> None:
    """Print a Python script, without dependencies, that runs CASE and says what is expected and what is observed.

    The script is for the interpreter of --python, and asks for the promises that a run would ask of it. Called with a file
    or directory, it judges that one in place of the candidate that it holds.
    """
    from imp_conformance.repro.script import script
    from imp_conformance.targets.target import find_one

    catalogue = own_catalogue()
    case = known_case(catalogue, name)
    release, found = find_one(python, candidate, emulates, start_limit)
    click.echo(script(catalogue, case, release, found), nl=False)
