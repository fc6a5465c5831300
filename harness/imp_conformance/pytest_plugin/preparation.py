"""What comes before the first case: the cases that were named, the targets, the baseline and the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.catalogue.lookup import node_id
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import OtherRun, UnknownTarget
from imp_conformance.pytest_plugin.options import Options
from imp_conformance.pytest_plugin.private import replace_arguments
from imp_conformance.resources import catalogue_root
from imp_conformance.results.scope import Scope
from imp_conformance.results.writing import prepare_folder
from imp_conformance.runner.fingerprint import content, describe_run
from imp_conformance.runner.journal import open_journal
from imp_conformance.runner.run import Run
from imp_conformance.targets.apart import given_id, told_apart
from imp_conformance.targets.fetching import go_offline
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import Target, emulated, find_interpreters, open_targets


def prepare_run(config: pytest.Config, options: Options, catalogue: Catalogue, scope: Scope) -> tuple[Run, Baseline | None]:
    """Start every target once, to learn what it is; the first one stays open, the others are opened when their turn comes.

    Raises:
        ConformanceError: of the kind that says what was asked wrongly.
    """
    root = catalogue_root()
    replace_arguments(config, lambda argument: node_id(catalogue, root, argument), str(root / "cases"))
    baseline = None if options.baseline is None else load_baseline(options.baseline)
    if baseline is not None:
        baseline.check_edition(catalogue.edition)
    if options.resume and options.results is None:
        raise OtherRun("--resume: it goes on with what an interrupted run has left in its --results DIR: name that folder")
    if options.results is not None:
        prepare_folder(options.results)
    go_offline(options.offline)
    requests = [request for text in options.pythons or (None,) for request in find_interpreters(text)]
    if len(options.candidates) > 1:
        raise UnknownTarget("--candidate is given twice: judge one after the other")
    candidate = options.candidates[0] if options.candidates else None
    name = None if options.id is None else given_id(options.id, requests)
    run = Run(catalogue, [], options.results)
    run.scope = scope
    journaled = run.folder is not None and not config.option.collectonly
    opened = open_targets(requests, candidate, emulated(options.emulates), catalogue.names, options.start_limit)
    if name is not None:
        opened = ((replace(target, id=name), session) for target, session in opened)
    found = _described(catalogue, opened, digests=journaled, keep=not config.getoption("tx", None))
    try:
        for target, _, session in found:
            run.add(target, session)
        if not run.runnable:  # no case is an item of any target, so that pytest would say that it finds none of that name
            config.args[:] = [str(root / "cases")]
        if baseline is not None:
            baseline = baseline.knowing(target.about for target in run.targets)
            baseline.check_targets(run.results)
        if run.folder is not None and journaled:
            pairs = [(target, digest) for target, digest, _ in found]
            run.journal = open_journal(run.folder, describe_run(catalogue, pairs, _selection(config, options, scope)), options.resume)
            run.recorded = run.journal.recorded
    except BaseException:
        run.close()
        raise
    return run, baseline


def _described(
    catalogue: Catalogue, opened: Iterable[tuple[Target, Session | None]], *, digests: bool, keep: bool
) -> list[tuple[Target, str, Session | None]]:
    """Return the targets of a run, each with an id of its own and, where asked for, a digest of its candidate.

    Args:
        catalogue: the cases.
        opened: the targets and their sessions, all of which are closed but the first, and that too where it is not to be kept.
        digests: whether to make digests.
        keep: whether to keep a session.

    Raises:
        UnknownTarget: where one build is asked for twice.
    """
    found: list[tuple[Target, str, Session | None]] = []
    try:
        for target, session in opened:
            digest = content(catalogue, target, session) if digests else ""
            spare = session is not None and (not keep or any(kept is not None for *_, kept in found))
            if spare and session is not None:
                session.close()
            found.append((target, digest, None if spare else session))
        apart = told_apart([target for target, *_ in found])
    except BaseException:
        for *_, session in found:
            if session is not None:
                session.close()
        raise
    chosen = []
    for target_or_none, (_, digest, session) in zip(apart, found, strict=True):
        if target_or_none is not None:
            chosen.append((target_or_none, digest, session))
        elif session is not None:
            session.close()
    return chosen


def _selection(config: pytest.Config, options: Options, scope: Scope) -> dict[str, Any]:
    """Return which items a run is to have, as its user said it."""
    return {
        "cases": [argument.removeprefix(f"{catalogue_root()}/") for argument in config.args],
        "-k": config.getoption("keyword"),
        "-m": config.getoption("markexpr"),
        "--deselect": config.getoption("deselect") or [],
        "--lf": bool(config.getoption("lf", False)),
        "--sw": bool(config.getoption("stepwise", False)),
        "--scope": str(scope),
        "--shard": options.shard,
    }
