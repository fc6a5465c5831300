"""What a run shows at its end: the matrix, what went wrong with targets, and where the results are."""

from __future__ import annotations

import io
import shutil

import pytest

from imp_conformance.errors import InvalidResults
from imp_conformance.pytest_plugin.state import GATE, OUTCOME, RUN, Outcome
from imp_conformance.results.folders import read_result_set
from imp_conformance.results.gate import Gate
from imp_conformance.results.model import TargetResults
from imp_conformance.results.writing import PARTIAL
from imp_conformance.runner.run import Run


class RunSummary:
    """A plugin for the process that sees all results."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
        """Write it to the terminal."""
        run, outcome = config.stash[RUN], config.stash[OUTCOME]
        if config.option.collectonly:
            return
        if outcome.nothing:
            what = "nothing was asked: no case is what was selected (-k, -m, --deselect, --lf): imp-conformance list shows all"
            terminalreporter.write_line(what, red=True, bold=True)
            return
        _write(terminalreporter, run, outcome, config.stash[GATE])
        if exitstatus == pytest.ExitCode.INTERRUPTED and run.journal is None:
            what = "interrupted, and no results are kept: with --results DIR they are, and --resume goes on"
            terminalreporter.write_line(what, yellow=True, bold=True)


def _beside(run: Run) -> list[TargetResults]:
    """Return the results of other targets in the run's folder; nothing of a folder that cannot be read as one."""
    if run.folder is None or all(target.candidate.kind == "own" for target in run.targets):
        return []
    try:
        return [found for name, found in read_result_set(run.folder).targets.items() if name not in run.results]
    except InvalidResults:
        return []


def _write(terminal: pytest.TerminalReporter, run: Run, outcome: Outcome, gate: Gate) -> None:
    from rich.console import Console  # when all is run: the first case does not wait for these

    from imp_conformance.render.terminal import PLAIN_WIDTH, matrix_view, results_note
    from imp_conformance.results.scores import build_matrix

    columns = run.target_results()
    width = shutil.get_terminal_size().columns if terminal.isatty else PLAIN_WIDTH
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=terminal.hasmarkup, highlight=False)
    matrix = build_matrix(run.catalogue, columns, gate, beside=_beside(run))
    console.print(matrix_view(run.catalogue, matrix, width))
    terminal.section("imp-conformance")
    terminal.write(text.getvalue() + "\n")
    for target in run.targets:
        if target.unavailable is not None:
            told = ": ".join(filter(None, [target.unavailable, target.todo]))
            terminal.write_line(f"UNAVAILABLE {target.id}: {told}", red=True, bold=True)
    for target_id, why in outcome.lost.items():
        terminal.write_line(f"LOST {target_id}: {why}", red=True, bold=True)
    for target_id, path in run.written.items():
        if path.name.endswith(PARTIAL):
            terminal.write_line(f"{target_id}: a part of the cases, written beside the whole ones, into {path.name}")
    if run.written:
        terminal.write_line(f"results: {len(run.written)} files in {run.folder}")
    if outcome.resumable:
        kept = f"not everything was asked: the results so far are kept in {run.folder}, "
        terminal.write_line(kept + "and the same command with --resume asks the rest", yellow=True, bold=True)
    if run.shard is not None and run.plan is not None:
        size = run.shard.size(run.plan.items)
        terminal.write_line(f"shard {run.shard}: {size} of {run.plan.items} items; unite all with imp-conformance merge")
    terminal.write_line(results_note(matrix, outcome.lost))
