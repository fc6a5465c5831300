"""The process that wakes the supervisor when the host has gone: a case may have stopped it, and what is stopped hears of no end."""

import os
import time

from imp_conformance.agent.captured import SIGCONT, SIGKILL, real_exit, real_fork, real_kill, real_setpgid, select
from imp_conformance.agent.cleaning import process_control, reap, send_signal
from imp_conformance.portable.protocol import LIMITS

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterable  # novm
    from typing import Any  # noqa: F401  # novm

SENTINEL_SECONDS = 1.0  # between two looks at whether the supervisor is there
parent_id = getattr(os, "getppid", None)  # type: Any


class Sentinel:
    """The supervisor's handle on that process; where it cannot be had, there is none."""

    def __init__(self, source: int, others: "Iterable[int]") -> None:
        """Fork it.

        Args:
            source: the descriptor whose other end the host has.
            others: descriptors that are the supervisor's alone.
        """
        self.pid = 0
        if not hasattr(select, "poll") or parent_id is None:
            return
        supervisor = os.getpid()
        self.pid = real_fork()
        if self.pid == 0:
            try:
                for descriptor in others:
                    os.close(descriptor)
                real_setpgid(0, 0)
                for prctl in process_control():
                    prctl(1, SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
                watch(source, supervisor)
            finally:
                real_exit(0)

    def close(self) -> None:
        """End it."""
        if self.pid:
            send_signal(real_kill, self.pid, SIGKILL)
            reap(self.pid, LIMITS.reap_seconds)
            self.pid = 0


def watch(source: int, supervisor: int) -> None:
    """Wait for the host's end, then let the supervisor go on, as long as it is there."""
    poll = select.poll()
    poll.register(source, 0)  # that nobody can write to it any more is told without being asked for
    while parent_id() == supervisor:
        try:
            if poll.poll(SENTINEL_SECONDS * 1000):
                send_signal(real_kill, supervisor, SIGCONT)
                time.sleep(SENTINEL_SECONDS / 10)
        except InterruptedError:  # up to 3.4, a signal ends the call
            continue
