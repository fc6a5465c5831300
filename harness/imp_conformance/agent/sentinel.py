"""The process that wakes the supervisor when the host has gone: a case may have stopped it, and what is stopped hears of no end."""

import os
import time

from imp_conformance.agent.captured import SIGCONT, SIGKILL, WNOHANG, real_exit, real_fork, real_kill, real_setpgid, real_waitpid, select
from imp_conformance.agent.cleaning import process_control, reap, send_signal
from imp_conformance.portable.protocol import LIMITS

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable  # novm
    from typing import Any  # noqa: F401  # novm

SENTINEL_SECONDS = 1.0  # between two looks at whether the supervisor is there
parent_id = getattr(os, "getppid", None)  # type: Any


class Sentinel:
    """The supervisor's handle on that process; where it cannot be had, there is none."""

    def __init__(self, source: int, private: "Callable[[], list[int]]") -> None:
        """Fork it.

        Args:
            source: the descriptor whose other end the host has.
            private: says which descriptors are the supervisor's alone.
        """
        self.pid, self.source, self.private = 0, source, private
        self.begin()

    def begin(self) -> None:
        """Fork it."""
        if not hasattr(select, "poll") or parent_id is None:
            return
        source, supervisor = self.source, os.getpid()
        self.pid = real_fork()
        if self.pid == 0:
            try:
                for descriptor in self.private():
                    if descriptor != source:
                        os.close(descriptor)
                real_setpgid(0, 0)
                for prctl in process_control():
                    prctl(1, SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
                watch(source, supervisor)
            finally:
                real_exit(0)

    def keep(self) -> None:
        """See that it is there and runs: a case may have killed or stopped it."""
        try:
            ended = not self.pid or real_waitpid(self.pid, WNOHANG)[0] != 0
        except ChildProcessError:
            ended = True
        if not ended:
            send_signal(real_kill, self.pid, SIGCONT)
            return
        self.pid = 0
        try:
            self.begin()
        except OSError:  # there are too many processes: it is tried again after the next case
            pass

    def close(self) -> None:
        """End it."""
        if self.pid:
            send_signal(real_kill, self.pid, SIGKILL)
            reap(self.pid, LIMITS.reap_seconds)
            self.pid = 0


def wake_at_end() -> None:
    """Have the system let this process go on when its parent ends (Linux): it does so also where no sentinel is left."""
    for prctl in process_control():
        prctl(1, SIGCONT, 0, 0, 0)  # PR_SET_PDEATHSIG


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
