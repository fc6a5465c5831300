"""What the plugin does in the process that sees all results: header, progress, result files, exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from imp_conformance.errors import ExitStatus
from imp_conformance.pytest_plugin.private import hide_file_names, is_crash_of_worker, summarise_failures_shortly
from imp_conformance.pytest_plugin.state import ATTRIBUTE, GATE, OUTCOME, RUN
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.shard import Plan

_ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


class Reporter:
    """Gathers results and tells of them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.run, self.outcome = config, config.stash[RUN], config.stash[OUTCOME]
        self.terminal: pytest.TerminalReporter | None = None
        self.selected: Counter[str] = Counter()  # items by target: what -k and the like leave out is not waited for
        self.done: Counter[str] = Counter()

    def pytest_sessionstart(self) -> None:
        summarise_failures_shortly(self.config)
        # A dot a case would be a page of dots: unless -v asks for lines, progress is told by target.
        if self.config.get_verbosity() <= 0:
            self.terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.terminal is not None:
            hide_file_names(self.terminal)
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
            lines += [f"target {target.id}: without {text}" for text in target.without]
        return lines

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._select(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)  # of xdist, whose workers collect
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._select(ids)

    def _select(self, node_ids: Iterable[str]) -> None:
        self.selected = Counter(node_id.rpartition("[")[2].removesuffix("]") for node_id in node_ids) or self.selected

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, ATTRIBUTE, None)
        if data is None:
            if is_crash_of_worker(report):  # a fault of the harness, not of a target
                target_id = report.nodeid.rpartition("[")[2].removesuffix("]")
                self.outcome.lost.setdefault(target_id, report.longreprtext)
            return
        if "plan" in data:
            self.run.plan = Plan(**data["plan"])
        for notice in data["notices"]:
            self._warn(f"{data['target']}: {notice}")
        if data["lost"]:
            self.outcome.lost.setdefault(data["target"], report.longreprtext)
        if "result" in data:
            problem = self.run.take(data["target"], Result.from_json(data["case"], data["result"]))
            if problem is not None:
                self._warn(problem)
        self._progress(data["target"])

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        if report.when == "call" and hasattr(report, "wasxfail") and getattr(report, ATTRIBUTE, {}).get("ungated"):
            return "not gated", "" if self.terminal is not None else "u", "NOT GATED"
        if self.terminal is not None and report.when == "call" and hasattr(report, ATTRIBUTE):
            if hasattr(report, "wasxfail"):
                return "xfailed", "", "XFAIL"
            return report.outcome, "", report.outcome.upper()
        return None

    def _progress(self, target_id: str) -> None:
        """Show how far the targets are, and what came of each that has ended."""
        if self.terminal is None:
            return
        results = self.run.results[target_id]
        self.done[target_id] += 1
        whole = self.done[target_id] == self.selected[target_id]
        if self.terminal.isatty:
            part = 100 * self.done.total() // max(1, self.selected.total())
            self.terminal.rewrite(f"[{part:3d}%] {target_id}: {self.done[target_id]} of {self.selected[target_id]} cases", erase=True)
        if whole:
            counts = Counter(result.verdict for result in results.values())
            text = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
            gate = self.config.stash[GATE]
            ungated = sum(not result.conforms and bool(gate.why_not(self.run.catalogue, case)) for case, result in results.items())
            text += f"; {ungated} of what differs is not gated" if ungated else ""
            if self.terminal.isatty:
                self.terminal.rewrite("", erase=True)
            self.terminal.write_line(f"{target_id}: {text}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        empty = self.run.shard is not None and self.run.plan is not None and self.run.plan.items
        if empty and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK  # there are more shards than items
        self.outcome.nothing = session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and bool(self.run.runnable)
        self.outcome.resumable = self.run.journal is not None and (bool(self.outcome.lost) or session.exitstatus not in _ENDED)
        self.run.finish(ended=not self.outcome.resumable)
        self.outcome.resumable = self.outcome.resumable or bool(self.run.unwritten)
        missed = (
            self.outcome.lost or self.run.unwritten or any(target.named and target.unavailable is not None for target in self.run.targets)
        )
        if missed and session.exitstatus in _ENDED:
            session.exitstatus = ExitStatus.INCOMPLETE
