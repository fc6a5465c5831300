"""The pytest plugin: it puts its parts together, and a run into pytest's config."""

from __future__ import annotations

import pytest

from imp_conformance.catalogue.cache import sound_catalogue
from imp_conformance.config import check_edition
from imp_conformance.errors import ConformanceError
from imp_conformance.pytest_plugin.baseline import BaselineReporter, KnownDifferences
from imp_conformance.pytest_plugin.memory import PassedReports
from imp_conformance.pytest_plugin.options import Options
from imp_conformance.pytest_plugin.preparation import prepare_run
from imp_conformance.pytest_plugin.private import show_whole_node_ids
from imp_conformance.pytest_plugin.reporting import Reporter
from imp_conformance.pytest_plugin.state import BASELINE, GATE, OUTCOME, RUN, Outcome
from imp_conformance.pytest_plugin.unwritable import FilesOfPytest
from imp_conformance.pytest_plugin.workers import given_to_worker, join_run
from imp_conformance.resources import catalogue_root
from imp_conformance.results.gate import Gate
from imp_conformance.results.scope import Scope
from imp_conformance.results.shard import Shard

pytest_plugins = (
    "imp_conformance.pytest_plugin.options",
    "imp_conformance.pytest_plugin.collection",
    "imp_conformance.pytest_plugin.item",
    "imp_conformance.pytest_plugin.workers",
)


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the run, or in a worker join it."""
    options, given = Options.of(config), given_to_worker(config)
    try:
        shard = None if options.shard is None else Shard.parse(options.shard)
        catalogue = sound_catalogue(catalogue_root())
        check_edition(options.edition, catalogue.edition)
        scope = Scope.parse(catalogue, options.scope)
        run, baseline = prepare_run(config, options, catalogue, scope) if given is None else join_run(config, catalogue, given, scope)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    run.shard = shard
    edition = options.edition or (None if baseline is None else baseline.edition)
    config.stash[RUN], config.stash[BASELINE], config.stash[OUTCOME] = run, baseline, Outcome()
    config.stash[GATE] = gate = Gate(options.level, edition)
    show_whole_node_ids(config)
    if baseline is not None:
        config.pluginmanager.register(KnownDifferences(baseline))
    if given is None:
        if baseline is not None:
            config.pluginmanager.register(BaselineReporter(config, run, baseline, gate))
        config.pluginmanager.register(Reporter(config))
        config.pluginmanager.register(FilesOfPytest())
        config.pluginmanager.register(PassedReports(config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what is still open."""
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()
