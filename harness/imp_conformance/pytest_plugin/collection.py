"""Which items a run has: each case on each target, one target after the other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from imp_conformance.portable.protocol import OWN
from imp_conformance.pytest_plugin.item import CaseItem
from imp_conformance.pytest_plugin.private import node_id_as_text
from imp_conformance.pytest_plugin.state import RUN
from imp_conformance.resources import catalogue_root
from imp_conformance.results.shard import Plan


class CaseFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make an item of each case on each target."""
        run = self.config.stash[RUN]
        subject = self.path.stem
        cases = [case for case in run.catalogue.cases.values() if case.subject == subject]
        for target in run.runnable:
            for case in cases:
                name = f"{case.id}[{target.id}]"
                yield CaseItem.from_parent(self, name=name, nodeid=node_id_as_text(self, name), case=case, target=target)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the files of cases, and nothing else."""
    run = parent.config.stash[RUN]
    if file_path.parent != catalogue_root() / "cases" or file_path.suffix != ".yaml":
        return None
    if file_path.stem not in run.catalogue.summaries:
        return None  # the list of retired ids
    collector: CaseFile = CaseFile.from_parent(parent, path=file_path)
    return collector


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
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    own = Counter(item.target.id for item in items if isinstance(item, CaseItem) and item.case.process == OWN)
    run.own_cases = {target: math.ceil(count / workers) for target, count in own.items()}
