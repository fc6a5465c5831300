"""Let a run whose user asked pytest for a file end with its summary, also where that file cannot be written."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from imp_conformance.errors import ExitStatus, FileUnwritable
from imp_conformance.pytest_plugin.private import junit_file_whole


class FilesOfPytest:
    """Holds back the error of a file that pytest writes at the end, in the process that sees all results."""

    def __init__(self) -> None:
        self.problem: FileUnwritable | None = None

    @pytest.hookimpl(wrapper=True, trylast=True)  # inside that of the terminal, which shows the summary
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Go on where a file cannot be written: pytest would say nothing of the results."""
        try:
            with junit_file_whole(session.config):
                return (yield)
        except FileUnwritable as error:
            self.problem = error
        except BrokenPipeError:
            raise
        except OSError as error:
            self.problem = FileUnwritable(error.filename or "a file that pytest was asked for", error)
        session.exitstatus = ExitStatus.INCOMPLETE
        return []

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say so."""
        if self.problem is not None:
            terminalreporter.write_line(str(self.problem), red=True, bold=True)
