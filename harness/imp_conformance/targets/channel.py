"""Start a target's process so that everything it starts can be found again."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence

import psutil

from imp_conformance.portable.channel import Channel
from imp_conformance.portable.protocol import CLOSE_SECONDS, MARK


def start_channel(command: Sequence[str]) -> Channel:
    """Start a target's process; when it is closed, nothing that it has started is left.

    Raises:
        OSError: where it cannot be started.
    """
    return Channel(command, kill_rest=_kill_marked)


def _kill_marked(leader: int, mark: str) -> None:
    """Kill every process that a target has started: those of its session, and those whose mark begins with its own."""
    deadline = time.monotonic() + CLOSE_SECONDS
    found = True
    while found and time.monotonic() < deadline:
        found = False
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
                if process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if os.getsid(process.pid) == leader or process.environ().get(MARK, "").startswith(mark):
                    process.kill()
                    found = True
