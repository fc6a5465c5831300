"""What a run shows at its end: what differs by cause, the matrix, what went wrong with targets, and what to do next."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from imp_conformance.baseline.checking import holding
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.newer import newer_lines
from imp_conformance.errors import InvalidResults
from imp_conformance.pytest_plugin.options import Options
from imp_conformance.pytest_plugin.private import leave_out_failure, tell_failures_elsewhere
from imp_conformance.pytest_plugin.state import ATTRIBUTE, BASELINE, GATE, OUTCOME, RUN, Outcome
from imp_conformance.pytest_plugin.telling import failure_lines
from imp_conformance.results.folders import read_result_set
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Result
from imp_conformance.results.model import TargetResults
from imp_conformance.results.writing import PARTIAL
from imp_conformance.runner.run import Run


class RunSummary:
    """A plugin for the process that sees all results."""

    def __init__(self, to_be: Path | None = None) -> None:
        """Begin with nothing found; to_be is the configured baseline where that is not there yet."""
        self.to_be = to_be
        self.brief = False
        self.differing: dict[str, dict[str, Result]] = {}

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Take over from pytest's own lists of failures, unless -v asks for them."""
        self.brief = session.config.get_verbosity() <= 0
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if self.brief and terminal is not None:
            tell_failures_elsewhere(session.config, terminal)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what does not conform and is not known."""
        data = getattr(report, ATTRIBUTE, {})
        if not report.failed or "result" not in data:
            return
        result = Result.from_json(data["case"], data["result"])
        if not result.conforms:  # else it is no known difference any more, which a line of the baseline says
            self.differing.setdefault(data["target"], {})[result.case] = result
        if self.brief:
            leave_out_failure(report)

    @pytest.hookimpl(trylast=True)  # the scores come last
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
        """Write it to the terminal."""
        run, outcome = config.stash[RUN], config.stash[OUTCOME]
        if config.option.collectonly:
            return
        if outcome.nothing:
            what = "nothing was asked: no case is what was selected (-k, -m, --deselect, --lf): imp-conformance list shows all"
            terminalreporter.write_line(what, red=True, bold=True)
            return
        self._write(terminalreporter, config, run, outcome)
        if exitstatus == pytest.ExitCode.INTERRUPTED and run.folder is None:
            what = "interrupted, and no results are kept: with --results DIR they are, and --resume goes on"
            terminalreporter.write_line(what, yellow=True, bold=True)

    def _write(self, terminal: pytest.TerminalReporter, config: pytest.Config, run: Run, outcome: Outcome) -> None:
        from imp_conformance.render.findings import find_causes, findings  # when all is run: the first case does not wait for these
        from imp_conformance.render.next_steps import next_steps

        options = Options.of(config)
        targets = {target.id: target for target in run.targets}

        def example(target: str, case: str) -> list[str]:
            return failure_lines(run, options, run.catalogue.cases[case], run.results[target][case], targets[target])

        differing = {target: self.differing[target] for target in targets if target in self.differing}
        found = find_causes(run.catalogue, differing)
        if found:
            terminal.section("what differs, by cause", bold=True)
            for line in findings(found, len(run.targets), example, verbose=not self.brief, examples=config.option.tbstyle != "no"):
                terminal.write_line(line)
        _write_scores(terminal, run, outcome, config.stash[GATE], config.stash[BASELINE])
        for line in next_steps(run, options, found, differing, options.baseline or self.to_be, resumable=outcome.resumable):
            terminal.write_line(line)


def _beside(run: Run) -> list[TargetResults]:
    """Return the results of other targets in the run's folder; nothing of a folder that cannot be read as one."""
    if run.folder is None or all(target.candidate.kind == "own" for target in run.targets):
        return []
    try:
        return [found for name, found in read_result_set(run.folder).targets.items() if name not in run.results]
    except InvalidResults:
        return []


def _write_scores(terminal: pytest.TerminalReporter, run: Run, outcome: Outcome, gate: Gate, baseline: Baseline | None) -> None:
    from rich.console import Console

    from imp_conformance.render.terminal import PLAIN_WIDTH, matrix_view, results_note
    from imp_conformance.results.scores import build_matrix

    columns = run.target_results()
    width = shutil.get_terminal_size().columns if terminal.isatty else PLAIN_WIDTH
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=terminal.hasmarkup, highlight=False)
    matrix = build_matrix(run.catalogue, columns, gate, beside=_beside(run))
    console.print(matrix_view(run.catalogue, matrix, width))
    terminal.section("imp-conformance")
    terminal.write("".join(f"{line.rstrip()}\n" for line in [*text.getvalue().splitlines(), ""]))  # a table is padded to its width
    for target in run.targets:
        if target.unavailable is not None:
            told = ": ".join(filter(None, [target.unavailable, target.todo]))
            terminal.write_line(f"UNAVAILABLE {target.id}: {told}", red=True, bold=True)
    for target_id, why in outcome.lost.items():
        terminal.write_line(f"LOST {target_id}: {why}", red=True, bold=True)
    for target_id, path in run.written.items():
        if path.name.endswith(PARTIAL):
            terminal.write_line(f"{target_id}: a part of the cases, written beside the whole ones, into {path.name}")
    for target_id, why in run.unwritten.items():
        terminal.write_line(f"NOT WRITTEN {target_id}: {why}", red=True, bold=True)
    if run.written:
        terminal.write_line(f"results: {len(run.written)} files in {run.folder}")
    if outcome.resumable:
        done, does = ("written", "writes") if run.unwritten else ("asked", "asks")
        kept = f"not everything was {done}: the results so far are kept in {run.folder}, "
        terminal.write_line(f"{kept}and the same command with --resume {does} the rest", yellow=True, bold=True)
    if run.shard is not None and run.plan is not None:
        size = run.shard.size(run.plan.items)
        terminal.write_line(f"shard {run.shard}: {size} of {run.plan.items} items; unite all with imp-conformance merge")
    for line in newer_lines(run.catalogue, gate, run.results, baseline):
        terminal.write_line(line)
    held = None if baseline is None else holding(baseline, run.catalogue, matrix.gated_results(run.catalogue), columns)
    terminal.write_line(results_note(matrix, outcome.lost, held))
