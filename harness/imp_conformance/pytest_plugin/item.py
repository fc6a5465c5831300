"""A case on a target as an item of pytest: one call and one report, since a case has nothing that pytest would set up."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from imp_conformance.catalogue.model import Case
from imp_conformance.errors import ConformanceError, TargetLost
from imp_conformance.pytest_plugin.options import Options
from imp_conformance.pytest_plugin.state import ATTRIBUTE, GATE, RUN
from imp_conformance.pytest_plugin.telling import failure_lines
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.run import ask
from imp_conformance.targets.target import Target


class Nonconformance(Exception):
    """A case that a target does not pass."""

    def __init__(self, case: Case, result: Result) -> None:
        super().__init__(result.reason)
        self.case, self.result = case, result


class CaseItem(pytest.Item):
    """A case on a target."""

    def __init__(self, *, case: Case, target: Target, **others: Any) -> None:
        super().__init__(**others)
        self.case, self.target = case, target
        self.following: Case | None = None
        self.result: Result | None = None
        self.lost = False
        self.notices: list[str] = []

    def runtest(self) -> None:
        """Ask the target, where the journal does not have the result."""
        run = self.config.stash[RUN]
        try:
            known = run.recorded.get(self.target.id, {})
            following = self.following if self.following is None or self.following.id not in known else None
            self.result = known.get(self.case.id) or ask(
                run.session(self.target), self.case, self.target.release, following, run.asked(self.target)
            )
        except TargetLost as error:
            self.lost = True
            run.lost.setdefault(self.target.id, str(error))
            raise
        finally:
            if self.following is None:
                run.close_session(self.target)
            self.notices = run.notices(self.target)
        if self.result.verdict is Verdict.NOT_APPLICABLE:
            pytest.skip(self.result.reason)
        if not self.result.conforms:
            raise Nonconformance(self.case, self.result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what was expected, what was observed, and how to see it."""
        error = excinfo.value
        if isinstance(error, Nonconformance):
            return "\n".join(failure_lines(self.config.stash[RUN], Options.of(self.config), error.case, error.result, self.target))
        if isinstance(error, ConformanceError):
            return str(error)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the case is written."""
        return self.path, self.case.line - 1, f"{self.case.id}[{self.target.id}]"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a case, and end a target after its last one."""
    if not isinstance(item, CaseItem):
        return None
    if isinstance(nextitem, CaseItem) and nextitem.target is item.target:
        item.following = nextitem.case
    if item.target.id not in item.config.stash[RUN].lost:  # what is lost has no answer to the rest either
        _run_call(item)
    if item.following is None:
        item.config.stash[RUN].close_session(item.target)
    return True


def _run_call(item: CaseItem) -> None:
    """Run an item's call and report it, as pytest's own protocol does, without the two phases around it."""
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    call = pytest.CallInfo.from_call(
        partial(hook.pytest_runtest_call, item=item), when="call", reraise=(pytest.exit.Exception, KeyboardInterrupt)
    )
    report = hook.pytest_runtest_makereport(item=item, call=call)
    hook.pytest_runtest_logreport(report=report)
    if report.failed and call.excinfo is not None:
        hook.pytest_exception_interact(node=item, call=call, report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report carry the result, also from a worker to the controller."""
    report = yield
    if isinstance(item, CaseItem) and report.when == "call":
        data: dict[str, Any] = {"target": item.target.id, "case": item.case.id, "lost": item.lost, "notices": item.notices}
        plan = item.config.stash[RUN].plan
        if plan is not None:
            data["plan"] = asdict(plan)
        if item.result is not None:
            data["result"] = item.result.to_json()
            data["ungated"] = item.config.stash[GATE].why_not(item.config.stash[RUN].catalogue, item.case.id)
            if data["ungated"] and not item.result.conforms:
                report.outcome, report.wasxfail = "skipped", data["ungated"]
        setattr(report, ATTRIBUTE, data)
    return report
