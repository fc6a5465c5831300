"""`imp-conformance repro`: a script that shows what a candidate does with one case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from imp_conformance.commands.common import OFFLINE, START_LIMIT, TEXT, known_case, own_catalogue, told
from imp_conformance.commands.run import CANDIDATE_HELP, PYTHON_HELP

_ELSEWHERE = ("docker:", "podman:", "pyodide")
"""What a --python begins with whose interpreter cannot run a file of this machine."""


@click.command("repro")
@click.argument("name", metavar="CASE")
@click.option("--python", type=TEXT, metavar="PYTHON", help=PYTHON_HELP)
@click.option("--candidate", type=TEXT, metavar="CANDIDATE", help=CANDIDATE_HELP)
@click.option("--emulates", type=TEXT, metavar="X.Y[.Z]", help="The release that the imp is judged as.")
@click.option("--embed", is_flag=True, help="Put the candidate's files into the script, not its path.")
@click.option("--full", is_flag=True, help="Print the long script that isolates the case as a run does.")
@START_LIMIT
@OFFLINE
@told
def command(
    *,
    name: str,
    python: str | None,
    candidate: str | None,
    emulates: str | None,
    embed: bool,
    full: bool,
    start_limit: float | None,
) -> None:
    """Print a Python script, without dependencies, that runs CASE and says what is expected and what is found.

    It is one to paste into a bug report: the files, the call, what is expected and why. Its exit status is 1 where the imp
    differs, 0 where it does not. Where the case crashes, hangs or needs processes of its own, and with --full, it is the
    script that isolates the case as a run does.
    """
    from imp_conformance.portable.printable import printable
    from imp_conformance.repro.choice import chosen, isolating
    from imp_conformance.repro.embedded import needed
    from imp_conformance.repro.wanted import Wanted, seen_words
    from imp_conformance.runner.single import Asked, single

    catalogue = own_catalogue()
    case = known_case(catalogue, name)
    asked = single(catalogue, case, Asked(python, candidate, emulates, start_limit), run=not full)
    here = candidate is not None and asked.candidate.about["kind"] in ("file", "directory")
    path = str(Path(candidate).resolve()) if here and candidate is not None and not embed else None
    judged = asked.candidate if path is not None else needed(asked.candidate)
    wanted = Wanted(catalogue, case, asked.release, judged, path, asked.identity.facts, asked.identity.system)
    if full:
        text, why = isolating(wanted), ""
    elif asked.result is None:
        text, why = isolating(wanted), printable(asked.failure)
    else:
        wanted = replace(wanted, seen=seen_words(asked.identity.name, judged, asked.result))
        found = chosen(wanted, asked.result, None if (python or "").startswith(_ELSEWHERE) else asked.command)
        text, why = found.text, found.isolates
    if why:
        click.echo(f"imp-conformance: this is the isolating script, as with --full: {why}", err=True)
    click.echo(text, nl=False)
