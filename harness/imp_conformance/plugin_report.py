"""What the plugin says and writes in the process that sees all results: header, result files, matrix, exit status."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from imp_conformance.errors import ExitStatus
from imp_conformance.judge import Result, Verdict
from imp_conformance.run import Run


class Reporter:
    """Gathers results and tells of them."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config, self.run = config, run
        self.lost: dict[str, str] = {}
        self.terminal: pytest.TerminalReporter | None = None

    def pytest_sessionstart(self) -> None:
        # A dot a case would be a page of dots: unless -v asks for lines, progress is told by target.
        if self.config.get_verbosity() <= 0:
            self.terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.terminal is not None:
            self.terminal.showfspath = False

    def pytest_report_header(self) -> list[str]:
        lines = [f"cases: {len(self.run.catalogue.cases)}, clauses: {len(self.run.catalogue.clauses)}"]
        for target in self.run.targets:
            version = target.identity.get("release", "not started")
            state = f"{version}, judged as {target.emulates}" if target.unavailable is None else f"UNAVAILABLE: {target.unavailable}"
            lines.append(f"target {target.id}: {state}")
        return lines

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, "imp_conformance", None)
        if data is None:
            return
        if data["lost"]:
            self.lost.setdefault(data["target"], report.longreprtext)
        if "result" in data:
            self.run.take(data["target"], Result.from_json(data["result"]))
        self._progress(data["target"])

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        if self.terminal is not None and report.when == "call" and hasattr(report, "imp_conformance"):
            if hasattr(report, "wasxfail"):
                return "xfailed", "", "XFAIL"
            return report.outcome, "", report.outcome.upper()
        return None

    def _progress(self, target_id: str) -> None:
        """Show how far the targets are, and what came of each that has ended."""
        if self.terminal is None:
            return
        results = self.run.results[target_id]
        whole = len(results) == len(self.run.catalogue.cases)
        if self.terminal.isatty:
            done = sum(map(len, self.run.results.values()))
            planned = max(1, len(self.run.runnable) * len(self.run.catalogue.cases))
            self.terminal.rewrite(f"[{100 * done // planned:3d}%] {target_id}: {len(results)} cases", erase=True)
        if whole:
            counts = Counter(result.verdict for result in results.values())
            text = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
            if self.terminal.isatty:
                self.terminal.rewrite("", erase=True)
            self.terminal.write_line(f"{target_id}: {text}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.run.finish()
        missed = self.lost or any(target.named and target.unavailable is not None for target in self.run.targets)
        if missed and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = ExitStatus.INCOMPLETE

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        from rich.console import Console  # when all is run: the first case does not wait for these

        from imp_conformance.matrix import build_matrix
        from imp_conformance.render.terminal import PLAIN_WIDTH, matrix_view, results_note

        if self.config.option.collectonly:
            return
        columns = self.run.target_results()
        width = terminalreporter._tw.fullwidth if terminalreporter.isatty else PLAIN_WIDTH
        text = io.StringIO()
        console = Console(file=text, width=width, force_terminal=terminalreporter._tw.hasmarkup, highlight=False)
        console.print(matrix_view(build_matrix(self.run.catalogue, columns), width))
        terminalreporter.section("imp-conformance")
        terminalreporter.write(text.getvalue() + "\n")
        for target in self.run.targets:
            if target.unavailable is not None:
                terminalreporter.write_line(f"UNAVAILABLE {target.id}: {target.unavailable}", red=True, bold=True)
        for target_id, why in self.lost.items():
            terminalreporter.write_line(f"LOST {target_id}: {why}", red=True, bold=True)
        for target_id, path in self.run.written.items():
            if path.name.endswith(".partial.json"):
                terminalreporter.write_line(f"{target_id}: a part of the cases, kept beside the whole ones in {path.name}")
        if self.run.written:
            terminalreporter.write_line(f"results: {len(self.run.written)} files in {self.run.folder}")
        terminalreporter.write_line(results_note(columns))
