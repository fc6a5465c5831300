"""The bench measures what it says; how fast anything is, no test asks."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from bench import forks, growth, matrix, startup
from bench.timing import NotMeasured, spend
from conftest import interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import TargetUnavailable

FEW = ("lock_held/free", "lock_held/held-as-seen-by-another", "load_source/function")


@pytest.fixture
def few(catalogue: Catalogue) -> Catalogue:
    return replace(catalogue, cases={name: case for name, case in catalogue.cases.items() if name in FEW or case.subject == "get_tag"})


def test_a_case_in_round_trips(few: Catalogue) -> None:
    rounds: list[None] = []
    cost = forks.measure(interpreter("3.8"), few, 2, lambda: rounds.append(None))
    assert cost.target.startswith("cpython-3.8.")
    assert len(rounds) == cost.ratio.repetitions == 2
    assert cost.floor > 0
    assert min(cost.ratio.least, cost.empty.least) > 0


def test_round_trips_are_forks() -> None:
    floor = forks.Floor(interpreter("3.11"))
    passed, busy = floor.round_trips(20)
    floor.close()
    assert busy > 0
    assert passed > 0


def test_no_floor_without_imp() -> None:
    with pytest.raises(TargetUnavailable, match="No module named 'imp'"):
        forks.Floor(interpreter("3.12"))


def test_start_up(catalogue: Catalogue) -> None:
    interpreter("3.8")
    cost = startup.measure("3.8", 1, lambda: None)
    assert cost.list.repetitions == cost.run.repetitions == 1


def test_the_matrix(catalogue: Catalogue) -> None:
    interpreter("3.8")
    cost = matrix.measure("3.8", catalogue, lambda: None, "get_tag")
    assert (cost.targets, cost.items) == (1, sum(case.subject == "get_tag" for case in catalogue.cases.values()))
    assert cost.faster > cost.faster_than_bare > 0
    assert cost.floors > 0


def test_growth() -> None:
    found = growth.measure(interpreter("3.8"), 1, lambda: None, part=10)
    assert set(found) == {"cases", "targets"}
    assert all(growing.memory.repetitions == 1 for growing in found.values())


def test_what_a_command_takes() -> None:
    spent = spend([sys.executable, "-c", "import time; data = bytearray(50 << 20); sum(range(10**6)); time.sleep(0.2)"])
    assert spent.wall > 0.2
    assert spent.busy > 0
    assert spent.peak > 50 << 20
    with pytest.raises(NotMeasured, match="exit status 3: no good"):
        spend([sys.executable, "-c", "import sys; print('no good'); sys.exit(3)"])
    assert spend([sys.executable, "-c", "raise SystemExit(1)"], statuses=(0, 1)).busy > 0
