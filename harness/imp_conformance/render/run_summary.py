"""What a run prints at its end: the matrix of its results, and what went wrong on the way."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

import pytest

from imp_conformance.pytest_plugin.reporting import REPORTER, Reporter
from imp_conformance.results.writing import PARTIAL

if TYPE_CHECKING:
    from imp_conformance.results.model import TargetResults


class RunSummary:
    """A pytest plugin for the process that sees all results; workers of pytest-xdist do not load it."""

    @pytest.hookimpl(tryfirst=True)  # a baseline's verdict on the same results comes below them
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        from imp_conformance.render.terminal import results_note  # here and below: the first case does not wait for rich

        reporter = config.stash[REPORTER]
        if config.option.collectonly:
            return
        if reporter.nothing:
            what = "nothing was asked: no case is what was selected (-k, -m, --deselect, --lf): imp-conformance list shows all"
            terminalreporter.write_line(what, red=True, bold=True)
            return
        columns = reporter.run.target_results()
        terminalreporter.section("imp-conformance")
        terminalreporter.write(_matrix_text(terminalreporter, reporter, columns))
        _write_notices(terminalreporter, reporter)
        terminalreporter.write_line(results_note(columns))


def _matrix_text(terminal: pytest.TerminalReporter, reporter: Reporter, columns: list[TargetResults]) -> str:
    from rich.console import Console

    from imp_conformance.render.terminal import PLAIN_WIDTH, matrix_view
    from imp_conformance.results.scores import build_matrix

    catalogue = reporter.run.catalogue
    width = shutil.get_terminal_size().columns if terminal.isatty else PLAIN_WIDTH
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=terminal.hasmarkup, highlight=False)
    console.print(matrix_view(catalogue, build_matrix(catalogue, columns), width))
    return text.getvalue() + "\n"


def _write_notices(terminal: pytest.TerminalReporter, reporter: Reporter) -> None:
    run = reporter.run
    for target in run.targets:
        if target.unavailable is not None:
            terminal.write_line(f"UNAVAILABLE {target.id}: {target.unavailable}", red=True, bold=True)
    for target_id, why in reporter.lost.items():
        terminal.write_line(f"LOST {target_id}: {why}", red=True, bold=True)
    for target_id, path in run.written.items():
        if path.name.endswith(PARTIAL):
            terminal.write_line(f"{target_id}: only a part of the cases was run, written beside the whole results to {path.name}")
    if run.written:
        terminal.write_line(f"results: {len(run.written)} files in {run.folder}")
    if reporter.resumable:
        terminal.write_line("not everything was asked: the same command with --resume asks the rest", yellow=True, bold=True)
    if run.shard is not None and run.plan is not None:
        size = run.shard.size(run.plan.items)
        terminal.write_line(f"shard {run.shard}: {size} of {run.plan.items} items; unite all with imp-conformance merge")
