"""The pytest plugin: a case on a target is an item, and its result goes into the target's file."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import imp_conformance.pytest_plugin.worker
from imp_conformance.baseline.model import Baseline, load_baseline
from imp_conformance.catalogue.cache import sound_catalogue
from imp_conformance.catalogue.lookup import node_id
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.errors import ConformanceError, OtherRun, TargetLost, UnknownTarget
from imp_conformance.pytest_plugin.baseline import BaselineReporter, KnownDifferences
from imp_conformance.pytest_plugin.item import run_call
from imp_conformance.pytest_plugin.memory import PassedReports
from imp_conformance.pytest_plugin.reporting import Reporter
from imp_conformance.repro.command_line import repro_line
from imp_conformance.resources import catalogue_root
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.shard import Plan, Shard
from imp_conformance.results.writing import prepare_folder
from imp_conformance.runner.fingerprint import content, describe_run
from imp_conformance.runner.journal import open_journal
from imp_conformance.runner.run import Run, ask
from imp_conformance.targets.target import Target, emulated, find_interpreters, open_targets

RUN = pytest.StashKey[Run]()
BASELINE = pytest.StashKey[Baseline | None]()
_ATTRIBUTE = "imp_conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("imp-conformance", "targets of imp-conformance")
    group.addoption("--python", action="append", dest="imp_python", metavar="PYTHON")
    group.addoption("--candidate", action="append", dest="imp_candidate", metavar="CANDIDATE")
    group.addoption("--emulates", dest="imp_emulates", metavar="X.Y[.Z]")
    group.addoption("--shard", dest="imp_shard", metavar="I/N")
    group.addoption("--resume", action="store_true", dest="imp_resume")
    group.addoption("--results", dest="imp_results", metavar="DIR", type=lambda text: Path(text).absolute())
    group.addoption("--baseline", dest="imp_baseline", metavar="FILE", type=lambda text: Path(text).absolute())


def pytest_configure(config: pytest.Config) -> None:
    baseline = None
    try:
        catalogue = sound_catalogue(catalogue_root())
        worker = getattr(config, "workerinput", None)
        if worker is not None:  # of pytest-xdist: the controller has done the rest
            run = _join(config, catalogue, worker[_ATTRIBUTE])
            if worker[_ATTRIBUTE]["baseline"] is not None:
                baseline = Baseline.from_json(worker[_ATTRIBUTE]["baseline"])
        else:
            if config.args_source is pytest.Config.ArgsSource.ARGS:
                config.args[:] = [node_id(catalogue, catalogue_root(), argument) for argument in config.args]
            else:
                config.args[:] = [str(catalogue_root() / "cases")]
            if config.option.imp_baseline is not None:
                baseline = load_baseline(config.option.imp_baseline)
            run = _prepare(config, catalogue, baseline)
        run.shard = None if config.option.imp_shard is None else Shard.parse(config.option.imp_shard)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RUN] = run
    # Node ids are what people pass to run, list and note: they are told as they are, not relative to where a run was started.
    config.cwd_relative_nodeid = lambda nodeid: nodeid  # type: ignore[method-assign]
    config.stash[BASELINE] = baseline
    if baseline is not None:
        config.pluginmanager.register(KnownDifferences(baseline))
    if worker is None:
        if baseline is not None:
            config.pluginmanager.register(BaselineReporter(config, run, baseline))
        config.pluginmanager.register(Reporter(config, run))
        config.pluginmanager.register(PassedReports(config))


def _prepare(config: pytest.Config, catalogue: Catalogue, baseline: Baseline | None) -> Run:
    """Start every target once, to learn what it is; the first one stays open, the others are opened when their turn comes."""
    if config.option.imp_shard is not None:
        Shard.parse(config.option.imp_shard)
    if config.option.imp_resume and config.option.imp_results is None:
        raise OtherRun("--resume: it goes on with what an interrupted run has left in its --results DIR: name that folder")
    if config.option.imp_results is not None:
        prepare_folder(config.option.imp_results)
    requests = [request for text in config.option.imp_python or [None] for request in find_interpreters(text)]
    candidates = config.option.imp_candidate or [None]
    if len(candidates) > 1:
        raise UnknownTarget("--candidate is given twice: judge one after the other")
    promises = emulated(config.option.imp_emulates)
    run = Run(catalogue, [], config.option.imp_results)
    journaled = run.folder is not None and not config.option.collectonly
    found = []
    try:
        for target, session in open_targets(requests, candidates[0], promises, catalogue.names):
            found.append((target, content(catalogue, target, session) if journaled else ""))
            run.add(target, session, keep=not config.option.__dict__.get("tx"))
        if baseline is not None:
            baseline.check_targets(run.results)
        if run.folder is not None and journaled:
            run.journal = open_journal(run.folder, describe_run(catalogue, found, _selection(config)), config.option.imp_resume)
            run.recorded = run.journal.recorded
    except BaseException:
        run.close()
        raise
    return run


def _selection(config: pytest.Config) -> dict[str, Any]:
    """Return which items a run is to have, as its user said it."""
    option = config.option
    return {
        "cases": [argument.removeprefix(f"{catalogue_root()}/") for argument in config.args],
        "-k": option.keyword,
        "-m": option.markexpr,
        "--deselect": option.deselect or [],
        "--lf": bool(option.__dict__.get("lf")),
        "--sw": bool(option.__dict__.get("stepwise")),
        "--shard": option.imp_shard,
    }


def _join(config: pytest.Config, catalogue: Catalogue, given: dict[str, Any]) -> Run:
    """Take a run over from the controller, which may be on another machine."""
    if given["digest"] != catalogue.digest:
        raise UnknownTarget(f"{sys.executable} has other cases than the run that it is to work for: install the same imp-conformance there")
    root = catalogue_root()
    config.args[:] = [str(root / argument) for argument in given["args"]]
    run = Run(catalogue, [Target.from_json(data) for data in given["targets"]], None)
    recorded = json.loads(given["recorded"])
    run.recorded = {target: {case: Result.from_json(case, data) for case, data in results.items()} for target, results in recorded.items()}
    return run


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_getremotemodule() -> Any:
    return imp_conformance.pytest_plugin.worker


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the targets to a worker of pytest-xdist, which then starts them without looking for them again."""
    run = node.config.stash[RUN]
    baseline = node.config.stash[BASELINE]
    recorded = {target: {case: result.to_json() for case, result in results.items()} for target, results in run.recorded.items()}
    node.workerinput[_ATTRIBUTE] = {
        "digest": run.catalogue.digest,
        "args": [os.path.relpath(argument, catalogue_root()) for argument in node.config.args],
        "targets": [target.to_json() for target in run.targets],
        "recorded": json.dumps(recorded),
        "baseline": None if baseline is None else baseline.to_json(),
    }


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    run = parent.config.stash[RUN]
    if file_path.parent != catalogue_root() / "cases" or file_path.suffix != ".yaml":
        return None
    if file_path.stem not in run.catalogue.summaries:
        return None  # the list of retired ids
    collector: CaseFile = CaseFile.from_parent(parent, path=file_path)
    return collector


class CaseFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        run = self.config.stash[RUN]
        subject = self.path.stem
        cases = [case for case in run.catalogue.cases.values() if case.subject == subject]
        for target in run.runnable:
            for case in cases:
                name = f"{case.id}[{target.id}]"
                # The node id is given as text, so that pytest reads the brackets in it as it does those of an id in its cache.
                yield CaseItem.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}", case=case, target=target)


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

    def runtest(self) -> None:
        run = self.config.stash[RUN]
        try:
            # What was found before the run was cut off counts as if it were found now.
            known = run.recorded.get(self.target.id, {})
            following = self.following if self.following is None or self.following.id not in known else None
            self.result = known.get(self.case.id) or ask(run.session(self.target), self.case, self.target.release, following)
        except TargetLost:
            self.lost = True
            raise
        if self.result.verdict is Verdict.NOT_APPLICABLE:
            pytest.skip(self.result.reason)
        if not self.result.conforms:
            raise Nonconformance(self.case, self.result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        error = excinfo.value
        if isinstance(error, Nonconformance):
            result = error.result
            lines = [
                f"{error.case.id} on {self.target.id}: {result.verdict}",
                f"  shows:    {error.case.title}",
                f"  clauses:  {', '.join(error.case.clauses)}",
                f"  expected: {result.expected}",
                f"  observed: {result.observed}",
                f"  reason:   {result.reason}",
                f"  written:  {error.case.file}:{error.case.line}",
                f"  script:   {repro_line(error.case.id, self.options)}",
            ]
            return "\n".join(lines)
        if isinstance(error, ConformanceError):
            return str(error)
        return super().repr_failure(excinfo, style)

    @property
    def options(self) -> list[str]:
        """The options by which this target alone is asked for again."""
        given = self.config.option
        requests, command = given.imp_python or [None], self.target.command
        # One interpreter is asked for as the user did, and each of several, or of a range, by its own command.
        if len(requests) == 1 and (requests[0] is None or requests[0][:1] not in "<>=!~"):
            python = requests[0]
        else:
            python = command[0] if len(command) == 1 else f"cmd:{shlex.join(command)}"
        options = {"--python": python, "--candidate": (given.imp_candidate or [None])[0], "--emulates": given.imp_emulates}
        return [word for name, text in options.items() if text is not None for word in (name, text)]

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, f"{self.case.id}[{self.target.id}]"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, CaseItem) and report.when == "call":
        data: dict[str, Any] = {"target": item.target.id, "case": item.case.id, "lost": item.lost}
        plan = item.config.stash[RUN].plan
        if plan is not None:
            data["plan"] = asdict(plan)
        if item.result is not None:
            data["result"] = item.result.to_json()
        setattr(report, _ATTRIBUTE, data)
    return report


@pytest.hookimpl(trylast=True)  # after those that leave items out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run one target after the other, so that few interpreters are alive at a time; of a shard, its part of that."""
    run = config.stash[RUN]
    order = {target.id: number for number, target in enumerate(run.targets)}
    items.sort(key=lambda item: order[item.target.id] if isinstance(item, CaseItem) else -1)
    if run.shard is not None:
        run.plan = Plan.of((item.target.id, item.case.id) for item in items if isinstance(item, CaseItem))
        mine = list(run.shard.part(items))
        chosen = set(mine)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = mine


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the controller of pytest-xdist what the whole is, of which this worker had a part."""
    output, plan = getattr(session.config, "workeroutput", None), session.config.stash[RUN].plan
    if output is not None and plan is not None:
        output[_ATTRIBUTE] = asdict(plan)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not isinstance(item, CaseItem):
        return None
    if isinstance(nextitem, CaseItem) and nextitem.target is item.target:
        item.following = nextitem.case
    run_call(item)
    if item.following is None:
        item.config.stash[RUN].close_session(item.target)
    return True


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()
