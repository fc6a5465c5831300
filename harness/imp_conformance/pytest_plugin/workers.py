"""Workers of pytest-xdist: what the controller hands to each, and what each makes of it, maybe on another machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from imp_conformance.baseline.model import Baseline
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import UnknownTarget
from imp_conformance.pytest_plugin.state import ATTRIBUTE, BASELINE, RUN
from imp_conformance.resources import catalogue_root
from imp_conformance.results.judge import Result
from imp_conformance.results.scope import Scope
from imp_conformance.results.shard import Plan
from imp_conformance.runner.run import Run
from imp_conformance.targets.target import Target

_SET_PATHS = """\
from imp_conformance.pytest_plugin.launch import set_own_paths
set_own_paths()
"""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the targets to a worker, which then starts them without looking for them again."""
    run = node.config.stash[RUN]
    baseline = node.config.stash[BASELINE]
    recorded = {target: {case: result.to_json() for case, result in results.items()} for target, results in run.recorded.items()}
    node.workerinput[ATTRIBUTE] = {
        "digest": run.catalogue.digest,
        "args": [os.path.relpath(argument, catalogue_root()) for argument in node.config.args],
        "targets": [target.to_json() for target in run.targets],
        "recorded": json.dumps(recorded),
        "baseline": None if baseline is None else baseline.to_json(),
    }
    if not node.gateway.spec.popen:  # it does not inherit this process's environment
        channel = node.gateway.remote_exec(_SET_PATHS)
        try:
            channel.waitclose()
        except channel.RemoteError as error:
            _give_up(node, error)


def given_to_worker(config: pytest.Config) -> Mapping[str, Any] | None:
    """Return what the controller has handed to this process; None where it is no worker."""
    given: Mapping[str, Any] | None = getattr(config, "workerinput", {}).get(ATTRIBUTE)
    return given


def join_run(config: pytest.Config, catalogue: Catalogue, given: Mapping[str, Any], scope: Scope) -> tuple[Run, Baseline | None]:
    """Take a run over from the controller.

    Raises:
        UnknownTarget: where this installation has other cases.
    """
    if given["digest"] != catalogue.digest:
        raise UnknownTarget(f"{sys.executable} has other cases than the run that it is to work for: install the same imp-conformance there")
    config.args[:] = [str(catalogue_root() / argument) for argument in given["args"]]
    run = Run(catalogue, [Target.from_json(data) for data in given["targets"]], None)
    recorded = json.loads(given["recorded"])
    run.scope = scope
    run.recorded = {target: {case: Result.from_json(case, data) for case, data in results.items()} for target, results in recorded.items()}
    return run, None if given["baseline"] is None else Baseline.from_json(given["baseline"])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the controller what the whole is, of which this worker had a part."""
    output, plan = getattr(session.config, "workeroutput", None), session.config.stash[RUN].plan
    if output is not None and plan is not None:
        output[ATTRIBUTE] = asdict(plan)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Learn from a worker what the whole is, also where the shard has nothing of it."""
    if error is not None and not hasattr(node, "workerinfo"):  # pytest-xdist would start it again and again
        _give_up(node, error)
    plan = getattr(node, "workeroutput", {}).get(ATTRIBUTE)
    if plan is not None:
        node.config.stash[RUN].plan = Plan(**plan)


def _give_up(node: Any, error: object) -> None:
    """End the run because a worker does not start."""
    why = (str(error).strip().splitlines() or ["it says nothing"])[-1]
    pytest.exit(f"worker {node.gateway.id} ({node.gateway.spec}) does not start: {why}", pytest.ExitCode.INTERNAL_ERROR)
