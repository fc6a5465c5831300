"""What the plugin does with a baseline: known differences are expected failures, strictly, and the run fails for any other."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from imp_conformance.baseline.checking import find_problems, settling, summary_lines
from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import Baseline, Found
from imp_conformance.baseline.scope import scope_notes, scope_problems
from imp_conformance.errors import Problem
from imp_conformance.pytest_plugin.state import ATTRIBUTE
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.run import Run


class KnownDifferences:
    """Marks the reports of cases, in the process that runs them."""

    def __init__(self, baseline: Baseline) -> None:
        self.known = Known(baseline)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        data = getattr(report, ATTRIBUTE, {})
        if "result" in data and not data["ungated"]:
            self._mark(report, Result.from_json(data["case"], data["result"]), data["target"])
        return report

    def _mark(self, report: pytest.TestReport, result: Result, target: str) -> None:
        entry = self.known.entry(result.case, target, result)
        problem = self.known.problem(result.case, target, result)
        if problem is not None:
            strict = "[XPASS(strict)] " if result.verdict is Verdict.PASS else ""
            told = [report.longreprtext] if report.failed else []
            report.longrepr = "\n".join([*told, f"{strict}baseline: {problem}"])
            report.outcome = "failed"
        elif entry is not None:
            report.outcome = "skipped"
            report.wasxfail = entry.why


class BaselineReporter:
    """Says how the baseline came out, in the process that sees all results."""

    def __init__(self, config: pytest.Config, run: Run, baseline: Baseline, gate: Gate) -> None:
        self.config, self.run, self.baseline, self.gate = config, run, baseline, gate
        self.problems: list[Problem] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.config.option.collectonly:
            self.problems = scope_problems(self.baseline, self.run.catalogue, self.run.target_results())
            self.problems += find_problems(self.baseline, self.run.catalogue, self._found(), verbose=self.config.get_verbosity() > 0)
        if self.problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.config.option.collectonly:
            return
        for problem in self.problems:
            terminalreporter.write_line(str(problem), red=True)
        lines = summary_lines(self.baseline, self._found(), len(self.problems))
        for line in [*lines, *scope_notes(self.baseline, self.run.catalogue, self.run.target_results())]:
            terminalreporter.write_line(line)
        if self.problems:
            terminalreporter.write_line(settling(self.baseline, self.run.folder))

    def _found(self) -> Found:
        return {target: self.gate.gated(self.run.catalogue, results) for target, results in self.run.results.items()}
