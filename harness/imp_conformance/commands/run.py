"""`imp-conformance run`: cases against an imp, through pytest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imp_conformance.commands.common import EDITION, LEVEL, START_LIMIT, TEXT, told

if TYPE_CHECKING:
    from imp_conformance.catalogue.model import Level

PYTHON_HELP = "3.8, pypy3.9, graalpy, '>=3.12', a path, pyodide, docker:IMAGE, or cmd:COMMAND LINE; this Python where left out."
CANDIDATE_HELP = "A .py file, a directory, a dotted module name, or pypi:NAME[==VERSION]; the interpreter's own where left out."


@click.command(
    "run",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
    epilog="Everything else goes to pytest: -k EXPRESSION, -x, --lf, --junitxml FILE, -n WORKERS, -v.",
)
@click.option("--python", multiple=True, type=TEXT, metavar="PYTHON", help=PYTHON_HELP)
@click.option("--candidate", multiple=True, type=TEXT, metavar="CANDIDATE", help=CANDIDATE_HELP)
@click.option("--emulates", type=TEXT, metavar="X.Y[.Z]", help="The release that the imp is judged as.")
@click.option("--id", "name", type=TEXT, metavar="NAME", help="What the target is called in results; needs a single target.")
@click.option("--results", type=TEXT, metavar="DIR", help="Write a result file a target there.")
@click.option("--baseline", type=TEXT, metavar="FILE", help="The known differences: fail for any other, and for any that is gone.")
@click.option("--scope", type=TEXT, metavar="SCOPE", help="all (the default), provided, or names of imp: load_source,reload.")
@LEVEL
@EDITION
@START_LIMIT
@click.option("--offline", is_flag=True, help="Fetch nothing: what is not here is an error, which says so.")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted run has left in its --results DIR.")
@click.option("--shard", type=TEXT, metavar="I/N", help="Run the I-th of N parts, which imp-conformance merge unites.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[CASE|SUBJECT]... [PYTEST OPTIONS]")
@told
def command(
    *,
    python: tuple[str, ...],
    candidate: tuple[str, ...],
    emulates: str | None,
    name: str | None,
    results: str | None,
    baseline: str | None,
    scope: str | None,
    level: Level | None,
    edition: int | None,
    start_limit: float | None,
    offline: bool,
    resume: bool,
    shard: str | None,
    arguments: tuple[str, ...],
) -> None:
    """Run cases against an imp, through pytest.

    What is left out here comes from [tool.imp-conformance] in the nearest pyproject.toml.
    """
    from imp_conformance.baseline.reading import shown, to_be_made
    from imp_conformance.commands.streams import tell
    from imp_conformance.config import configured
    from imp_conformance.pytest_plugin.launch import run_pytest
    from imp_conformance.render.run_summary import RunSummary

    defaults = configured(Path.cwd())
    to_be = to_be_made(defaults.baseline) if baseline is None else None
    known = baseline or (defaults.baseline if to_be is None else None)
    if to_be is not None:
        where = "" if results or defaults.results else " --results DIR"
        tell(f"there is no {shown(to_be)} yet, so every difference counts: imp-conformance baseline update{where} makes it of results")
    options = [f"--python={text}" for text in python or defaults.python]
    options += [f"--candidate={text}" for text in candidate or (() if defaults.candidate is None else (defaults.candidate,))]
    single = {
        "emulates": emulates or defaults.emulates,
        "id": name or defaults.id,
        "results": results or defaults.results,
        "baseline": known,
        "scope": scope or defaults.scope,
        "level": level or defaults.level,
        "edition": edition or (defaults.edition if known is None else None),
        "start-limit": start_limit or defaults.start_limit,
        "shard": shard,
    }
    options += [f"--{name}={value}" for name, value in single.items() if value is not None]
    options += ["--resume"] if resume else []
    options += ["--offline"] if offline else []
    own = [name for param in click.get_current_context().command.params for name in param.opts]
    sys.exit(run_pytest(options, arguments, [RunSummary(to_be)], own))
