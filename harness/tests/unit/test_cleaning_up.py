"""While a target cleans up, the next case's time has not begun; what a case has lowered of the host's limits is raised again."""

from __future__ import annotations

import resource
import sys

import pytest

from imp_conformance.portable.channel import Channel, DeadlinePassed
from imp_conformance.targets.own_limits import OwnLimits

CLEANS = """
import time
for _ in range(8):
    print('{"cleaning": true}', flush=True)
    time.sleep(0.5)
print('{"ended": 1}', flush=True)
"""


def test_a_deadline_begins_after_cleaning() -> None:
    channel = Channel([sys.executable, "-c", CLEANS])
    try:
        assert channel.receive(3) == {"ended": 1}
    finally:
        channel.close(kill=True)


def test_nobody_cleans_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imp_conformance.portable.channel.CLEANING_SECONDS", 0.0)
    channel = Channel([sys.executable, "-c", CLEANS])
    try:
        with pytest.raises(DeadlinePassed):
            channel.receive(20)
    finally:
        channel.close(kill=True)


def test_limits_of_this_process_are_held() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = OwnLimits()
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    assert limits.hold() == []
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
