"""The command line: what each command takes, and how what it found becomes text and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from imp_conformance import __version__
from imp_conformance.catalogue import Case, Catalogue, Clause, Level
from imp_conformance.data import catalogue_root
from imp_conformance.errors import ConformanceError, ExitStatus, UnknownName

PYTHON_HELP = "3.8, pypy3.9, '>=3.12', a path, or cmd:COMMAND LINE; this Python where left out."
CANDIDATE_HELP = "A .py file, a directory, a dotted module name, or pypi:NAME[==VERSION]; the interpreter's own where left out."

_Command = TypeVar("_Command", bound=Callable[..., Any])


def told(command: _Command) -> _Command:
    """Make a command tell the errors that a user can cause in one message, and exit as they say."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConformanceError as error:
            click.echo(f"imp-conformance: {error}", err=True)
            sys.exit(error.exit_status)
        except KeyboardInterrupt:
            click.echo("imp-conformance: interrupted", err=True)
            sys.exit(ExitStatus.INCOMPLETE)
        except BrokenPipeError:
            raise  # the reader of the output has gone: click ends quietly
        except OSError as error:
            click.echo(f"imp-conformance: {error.filename or 'a file'}: {error.strerror}", err=True)
            sys.exit(ExitStatus.USAGE)

    return wrapper  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imp-conformance")
def main() -> None:
    """Whether what calls itself imp behaves as CPython's imp did.

    Exit status: 0 it conforms, 1 it does not, 2 wrong usage or an invalid catalogue, 3 the run is incomplete.
    """


@main.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
    epilog="Everything else goes to pytest: -k EXPRESSION, -x, --lf, --junitxml FILE, -n WORKERS, -v.",
)
@click.option(
    "--python", multiple=True, metavar="PYTHON", help="3.8, pypy3.9, '>=3.12', a path, or cmd:COMMAND LINE; this Python where left out."
)
@click.option(
    "--candidate",
    multiple=True,
    metavar="CANDIDATE",
    help=CANDIDATE_HELP,
)
@click.option("--emulates", metavar="X.Y[.Z]", help="The release whose promises are asked for.")
@click.option("--results", metavar="DIR", help="Write a result file a target there.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[CASE|SUBJECT]... [PYTEST OPTIONS]")
@told
def run(python: tuple[str, ...], candidate: tuple[str, ...], emulates: str | None, results: str | None, arguments: tuple[str, ...]) -> None:
    """Run cases against an imp, through pytest."""
    from imp_conformance.front_door import run_pytest

    options = [word for text in python for word in ("--python", text)]
    options += [word for text in candidate for word in ("--candidate", text)]
    for name, value in (("--emulates", emulates), ("--results", results)):
        options += [] if value is None else [name, value]
    sys.exit(run_pytest(options, list(arguments)))


@main.command()
@click.option("--python", multiple=True, metavar="PYTHON", help="Only these; all that are found where left out.")
@told
def targets(python: tuple[str, ...]) -> None:
    """List the interpreters of this machine and whether each has an imp of its own."""
    from imp_conformance.target import find_interpreters, open_targets

    requests = [request for text in python or (">=3.4",) for request in find_interpreters(text)]
    table = Table(box=None, pad_edge=False)
    for title in ("target", "version", "platform", "own imp", "command"):
        table.add_column(title, overflow="fold")
    status = ExitStatus.CONFORMS
    console = _console()
    with console.status("starting each interpreter"):
        for target, session in open_targets(requests, None, None, ()):
            if session is not None:
                session.close()
            own = "yes" if target.unavailable is None else f"no: {target.unavailable}"
            version = target.identity.get("release", "not started")
            if not target.identity and target.named:
                status = ExitStatus.INCOMPLETE
            command = " ".join(target.command)
            table.add_row(*(Text(text) for text in (target.id, version, target.identity.get("platform", ""), own, command)))
    console.print(table)
    sys.exit(status)


@main.command("list")
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--clauses", is_flag=True, help="List the clauses in place of the cases.")
@told
def list_(subjects: tuple[str, ...], clauses: bool) -> None:
    """List the cases, a line each: id, level, versions, title."""
    catalogue = _catalogue()
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


@main.command()
@click.argument("name", metavar="CASE|CLAUSE|SUBJECT")
@told
def show(name: str) -> None:
    """Show a case with its clauses, a clause with its sources and cases, or a subject."""
    catalogue = _catalogue()
    console = _console()
    if name in catalogue.cases:
        _show_case(console, catalogue, catalogue.cases[name])
    elif name in catalogue.clauses:
        _show_clause(console, catalogue, catalogue.clauses[name])
    elif name in catalogue.summaries:
        console.print(Text(f"{name}: {catalogue.summaries[name]}"))
        for clause in catalogue.clauses.values():
            if clause.id.startswith(f"{name}."):
                console.print(Text(f"  {clause.id} ({clause.level}): {clause.text}"))
    else:
        from imp_conformance.names import unknown_name

        raise UnknownName(unknown_name(catalogue, name))


def _show_case(console: Console, catalogue: Catalogue, case: Case) -> None:
    console.print(Text(f"{case.id} ({catalogue.level(case)}, {case.versions}): {case.title}", style="bold"))
    for clause in case.clauses:
        console.print(Text(f"  {clause}: {catalogue.clauses[clause].text}"))
    if case.needs:
        console.print(Text(f"  needs: {', '.join(case.needs)}"))
    console.print(Text(f"  written: {case.file}:{case.line}"))
    console.print()
    console.print(
        Syntax(catalogue.texts[case.id], "yaml", background_color="default", word_wrap=True)
        if console.is_terminal
        else Text(catalogue.texts[case.id])
    )


def _show_clause(console: Console, catalogue: Catalogue, clause: Clause) -> None:
    console.print(Text(f"{clause.id} ({clause.level}, {clause.versions}): {clause.text}", style="bold"))
    for source in clause.sources:
        console.print(Text(f"  source: {source.document}, {source.anchor}"))
    for erratum in clause.errata:
        versions = f" ({erratum.versions})" if erratum.versions else ""
        console.print(Text(f"  erratum: {erratum.document}{versions} says: {erratum.says} In fact: {erratum.fact}"))
    for case in catalogue.cases.values():
        if clause.id in case.clauses:
            console.print(Text(f"  case: {case.id}: {case.title}"))


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@told
def check(folder: Path | None) -> None:
    """Validate specs and cases: those of this installation, or those in FOLDER."""
    from imp_conformance.check import checked_catalogue

    catalogue = checked_catalogue(folder or catalogue_root())
    errata = sum(len(clause.errata) for clause in catalogue.clauses.values())
    counts = [f"{sum(clause.level is level for clause in catalogue.clauses.values())} {level}" for level in Level]
    click.echo(f"{len(catalogue.cases)} cases for {len(catalogue.clauses)} clauses ({', '.join(counts)}), {errata} errata: valid")


@main.command()
@click.option("--results", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the result files are.")
@click.option("--output", required=False, type=click.Path(path_type=Path), metavar="DIR", help="Write matrix.md there.")
@told
def report(folder: Path, output: Path | None) -> None:
    """Show the matrix of the results in a folder, and write it as Markdown."""
    from imp_conformance.markdown import markdown_page
    from imp_conformance.matrix import build_matrix
    from imp_conformance.results import read_folder
    from imp_conformance.terminal import matrix_view, results_note

    matrix = build_matrix(_catalogue(), read_folder(folder))
    console = _console()
    console.print(matrix_view(matrix, console.width))
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        path = output / "matrix.md"
        path.write_text(markdown_page(matrix), encoding="utf-8")
        console.print(Text(f"\nwritten: {path}"))
    console.print(Text("\n" + results_note(matrix.columns)))


def _catalogue() -> Catalogue:
    from imp_conformance.loader import load_catalogue

    return load_catalogue(catalogue_root())


def _console() -> Console:
    from imp_conformance.terminal import PLAIN_WIDTH

    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
