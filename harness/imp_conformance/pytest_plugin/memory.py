"""Forget the reports of cases that passed: pytest would hold each to its end, only to count them."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from imp_conformance.pytest_plugin.private import forget_passed

_SHOWN = frozenset("pPA")  # what -r shows of passing items


class PassedReports:
    """Lets the terminal reporter count one report over and over, where nothing else is asked of those that passed."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self.needed = config.get_verbosity() > 0 or option.durations is not None or bool(_SHOWN.intersection(option.reportchars or ""))
        self.terminal: pytest.TerminalReporter | None = None
        self.first: pytest.TestReport | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self.terminal = None if self.needed else session.config.pluginmanager.get_plugin("terminalreporter")

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        if self.terminal is not None and report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            return "passed", "", ""  # with a word to show, the reporter would keep the item's id as well
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None]:
        yield
        if self.terminal is not None:
            self.first = forget_passed(self.terminal, report, self.first)
