"""End what a case or a candidate has started: processes, their groups and their orphans."""

import os
import sys
import time

from imp_conformance.agent.captured import (
    READ_FLAGS,
    SIGKILL,
    SIGSTOP,
    WNOHANG,
    real_close,
    real_getpgid,
    real_getpid,
    real_kill,
    real_listdir,
    real_open,
    real_read,
    real_waitpid,
)
from imp_conformance.portable.protocol import LIMITS

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Container  # novm
    from typing import Any  # novm


LOOKED_FOR_PRCTL = []  # type: list[Any]  # modules that it needs, which must not be let go: up to 3.4 it would crash
PRCTL = []  # type: list[Any]


def reap(pid: int, seconds: float) -> None:
    """Wait for a child that was killed to have gone, but no longer than that."""
    deadline = time.monotonic() + seconds
    try:
        while not real_waitpid(pid, WNOHANG)[0] and time.monotonic() < deadline:
            time.sleep(0.0005)
    except ChildProcessError:
        pass


def send_signal(kill: "Any", pid: int, number: int) -> None:
    """Signal a process that may have ended."""
    try:
        kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def kill_group(pid: int, leader: bool = True) -> None:
    """Kill a process group; and its leader, which may not have made the group yet, unless it is known to have ended.

    The number may come from memory that a candidate can write: it is never this process's own, and never that of all.
    """
    if pid <= 1 or pid in (os.getpid(), real_getpgid(0)):
        return
    send_signal(real_kill, -pid, SIGKILL)  # which is what killpg() does, and there where that is not
    if leader:
        send_signal(real_kill, pid, SIGKILL)


def kill_children(spared: "Container[int]") -> bool:
    """Kill every child of this process that is not to be spared, and say whether there was any."""
    killed, deadline = False, time.monotonic() + LIMITS.reap_seconds
    while time.monotonic() < deadline:
        pids = [pid for pid in own_children() if pid not in spared]
        if not pids:
            break
        for pid in pids:
            send_signal(real_kill, pid, SIGSTOP)  # so that one that keeps forking stops doing so
        for pid in pids:
            send_signal(real_kill, pid, SIGKILL)
        for pid in pids:
            reap(pid, 0.05)  # one that is traced stays until its tracer, which may come after it, has gone
        killed = True
    return killed


def has_others(kept: "list[int]") -> bool:
    """Say whether this process has children beside those, when it waits for none; they are looked for where there are any at all."""
    try:
        while not kept:
            if not real_waitpid(-1, WNOHANG)[0]:
                return True
    except ChildProcessError:
        return False
    return any(pid not in kept for pid in own_children())


def own_children() -> "list[int]":
    """Return the process ids of this process's children, where the system tells them."""
    me = real_getpid()
    try:
        source = real_open("/proc/self/task/%d/children" % me, READ_FLAGS)
    except OSError:
        return [pid for pid in all_processes() if parent_of(pid) == me]
    try:
        return [int(word) for word in real_read(source, 1 << 16).split()]
    finally:
        real_close(source)


def all_processes() -> "list[int]":
    """Return the ids of all processes that are shown here."""
    try:
        return [int(name) for name in real_listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def parent_of(pid: int) -> "int | None":
    """Return the id of a process's parent."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own (Linux), so that none is out of reach."""
    for prctl in process_control():
        prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def leave_orphans() -> "list[int]":
    """Undo that in a fork, where what was imported may have asked for orphans; return the children that it has already."""
    for prctl in PRCTL:
        prctl(36, 0, 0, 0, 0)
    return own_children()


def process_control(allowed: bool = True) -> "list[Any]":
    """Return prctl(), or nothing where it is not there; it is looked for once, which takes longer than all else that a start does.

    Args:
        allowed: whether ctypes may be imported for it.
    """
    if not LOOKED_FOR_PRCTL:
        LOOKED_FOR_PRCTL.append(sys)
        if not allowed:
            return PRCTL
        before = set(sys.modules)
        try:
            import ctypes

            PRCTL.append(ctypes.CDLL(None).prctl)
        except (ImportError, OSError, AttributeError, TypeError):
            pass
        for name in set(sys.modules).difference(before):
            LOOKED_FOR_PRCTL.append(sys.modules.pop(name))  # the candidate is not to find more than a fresh interpreter has
    return PRCTL
