"""What the plugin says and writes in the process that sees all results: header, progress, result files, exit status."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from imp_conformance.errors import ExitStatus
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.shard import Plan
from imp_conformance.runner.run import Run

_ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


class Reporter:
    """Gathers results, and what went wrong on the way."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config, self.run = config, run
        config.stash[REPORTER] = self
        self.lost: dict[str, str] = {}
        self.resumable = False
        self.nothing = False
        self.terminal: pytest.TerminalReporter | None = None

    def pytest_sessionstart(self) -> None:
        # In CI pytest's summary would tell each failure again from its first word to its last.
        self.config.option.force_short_summary = self.config.get_verbosity() < 2
        # A dot a case would be a page of dots: unless -v asks for lines, progress is told by target.
        if self.config.get_verbosity() <= 0:
            self.terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.terminal is not None:
            self.terminal.showfspath = False
        if self.run.journal is not None:
            for notice in self.run.journal.notices:
                self._warn(notice)

    def _warn(self, text: str) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.ensure_newline()
            terminal.write_line(text, yellow=True, bold=True)

    def pytest_report_header(self) -> list[str]:
        lines = [f"cases: {len(self.run.catalogue.cases)}, clauses: {len(self.run.catalogue.clauses)}"]
        for target in self.run.targets:
            version = target.releases
            state = f"{version}, judged as {target.emulates}" if target.unavailable is None else f"UNAVAILABLE: {target.unavailable}"
            lines.append(f"target {target.id}: {state}")
        return lines

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, "imp_conformance", None)
        if data is None:
            self._note_crash(report)
            return
        if "plan" in data:
            self.run.plan = Plan(**data["plan"])
        if data["lost"]:
            self.lost.setdefault(data["target"], report.longreprtext)
        if "result" in data:
            problem = self.run.take(data["target"], Result.from_json(data["case"], data["result"]))
            if problem is not None:
                self._warn(problem)
        self._progress(data["target"])

    def _note_crash(self, report: pytest.TestReport) -> None:
        """Take an item that its worker did not survive for a fault of the harness, not of a target."""
        if str(report.when) == "???":  # as pytest-xdist says it
            target_id = report.nodeid.rpartition("[")[2].removesuffix("]")
            self.lost.setdefault(target_id, report.longreprtext)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Learn from a worker of pytest-xdist what the whole is, also where the shard has nothing of it."""
        if error is not None and not hasattr(node, "workerinfo"):  # pytest-xdist would start it again and again
            why = (str(error).strip().splitlines() or ["it says nothing"])[-1]
            pytest.exit(f"worker {node.gateway.id} ({node.gateway.spec}) does not start: {why}", pytest.ExitCode.INTERNAL_ERROR)
        plan = getattr(node, "workeroutput", {}).get("imp_conformance")
        if plan is not None:
            self.run.plan = Plan(**plan)

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
        empty = self.run.shard is not None and self.run.plan is not None and self.run.plan.items
        if empty and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK  # there are more shards than items
        self.nothing = session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and bool(self.run.runnable)
        self.resumable = self.run.journal is not None and (bool(self.lost) or session.exitstatus not in _ENDED)
        self.run.finish(ended=not self.resumable)
        missed = self.lost or any(target.named and target.unavailable is not None for target in self.run.targets)
        if missed and session.exitstatus in _ENDED:
            session.exitstatus = ExitStatus.INCOMPLETE


REPORTER = pytest.StashKey[Reporter]()
"""Where a summary finds the reporter of its session."""
