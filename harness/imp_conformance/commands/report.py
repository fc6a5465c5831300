"""`imp-conformance report`: the matrix of a folder of results."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import click
from rich.text import Text

from imp_conformance.baseline.checking import holding
from imp_conformance.baseline.reading import load_baseline, to_be_made
from imp_conformance.catalogue.model import Level
from imp_conformance.commands.common import EDITION, LEVEL, PATH, chosen_gate, console, own_catalogue, told
from imp_conformance.config import configured, required
from imp_conformance.render.ci import write_ci_outputs
from imp_conformance.render.pages import write_pages
from imp_conformance.render.terminal import matrix_view, results_note
from imp_conformance.results.folders import read_columns
from imp_conformance.results.scores import build_matrix
from imp_conformance.results.writing import prepare_folder


@click.command("report")
@click.option("--results", "folder", type=PATH, metavar="DIR", help="Where the result files are.")
@click.option("--baseline", type=PATH, metavar="FILE", help="The known differences, which then count as such.")
@click.option("--output", type=PATH, metavar="DIR", help="Write index.html, matrix.md, summary.md and more there.")
@LEVEL
@EDITION
@told
def command(folder: Path | None, baseline: Path | None, output: Path | None, level: Level | None, edition: int | None) -> None:
    """Show the matrix of the results in a folder; write it as HTML, Markdown and a picture, and what a CI shows of it.

    --results and --baseline default to what [tool.imp-conformance] in pyproject.toml says.
    """
    defaults = configured(Path.cwd())
    catalogue = own_catalogue()
    columns = read_columns(catalogue, required("results", folder or defaults.results))
    file = baseline or (None if to_be_made(defaults.baseline) else defaults.baseline)
    known = None if file is None else load_baseline(file)
    gate = chosen_gate(defaults, catalogue, level, edition, None if known is None else known.edition)
    matrix = build_matrix(catalogue, columns, gate)
    if known is not None:
        known = known.knowing(column.target for column in matrix.columns)
        known.check_targets(column.id for column in matrix.columns)
    if output is not None:
        prepare_folder(output, "--output")
    screen = console()
    screen.print(matrix_view(catalogue, matrix, screen.width))
    if output is not None:
        screen.print()
        for path in chain(write_pages(output, catalogue, matrix), write_ci_outputs(output, catalogue, matrix, known)):
            screen.print(Text(f"written: {path}"))
    held = None if known is None else holding(known, catalogue, matrix.gated_results(catalogue), matrix.columns)
    screen.print(Text("\n" + results_note(matrix, holding=held)))
