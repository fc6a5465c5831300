"""`imp-conformance merge`: the results of several runs as those of one."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.text import Text

from imp_conformance.commands.common import PATH, chosen_gate, console, own_catalogue, told
from imp_conformance.config import configured
from imp_conformance.errors import ExitStatus, ResultsUnwritable
from imp_conformance.render.terminal import matrix_view, results_note
from imp_conformance.results.merge import merge
from imp_conformance.results.scores import build_matrix
from imp_conformance.results.writing import prepare_folder, write_folded


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=PATH, metavar="DIR...")
@click.option("--output", required=True, type=PATH, metavar="DIR", help="Write the result files there.")
@told
def command(folders: tuple[Path, ...], output: Path) -> None:
    """Unite the results of all shards, or of runs on different targets, as if one run had made them.

    Targets with equal results share a file. A single folder may be its own --output: its files are then put into this form.
    It refuses what is not one whole, and then writes nothing. Exit status: 0 all conform, 1 something differs, 2 refused,
    3 a target is unavailable.
    """
    if len(folders) > 1 and output.resolve() in {folder.resolve() for folder in folders}:
        raise ResultsUnwritable(f"--output {output}: one of the folders that are merged: name another one")
    catalogue = own_catalogue()
    columns = merge(catalogue, folders)
    prepare_folder(output, "--output")
    written = write_folded(output, columns)
    screen = console()
    matrix = build_matrix(catalogue, columns, chosen_gate(configured(Path.cwd()), catalogue))
    screen.print(matrix_view(catalogue, matrix, screen.width))
    screen.print(Text(f"\nresults: {len(columns)} targets in {len(written)} files in {output}"))
    screen.print(Text(results_note(matrix)))
    if any(column.unavailable is not None for column in columns):
        sys.exit(ExitStatus.INCOMPLETE)
    sys.exit(ExitStatus.CONFORMS if all(matrix.conforms(column) for column in columns) else ExitStatus.DIFFERS)
