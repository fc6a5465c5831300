"""How pytest runs a case: by one call with one report, since a case has nothing that pytest would set up or tear down."""

from __future__ import annotations

from functools import partial

import pytest


def run_call(item: pytest.Item) -> None:
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
