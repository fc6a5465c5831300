"""The process of one case: it takes its task, runs it, and leaves the observation in the shared slot."""

import struct
import types

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import (
    SIG_SETMASK,
    real_close,
    real_exit,
    real_getpid,
    real_loads,
    real_setpgid,
    real_sigmask,
)
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.observing import observation
from imp_conformance.agent.shared_slot import SharedSlot
from imp_conformance.agent.wire import read_exactly

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

FAILED = 70  # the exit status of a process that the agent itself ends
TASK = struct.Struct("<QI")  # what goes before a task: the number of the case, and the task's bytes


class AgentFailure(Exception):
    """A process in which the agent has failed; the text says why. It is no case's doing."""


def pack_task(number: int, data: bytes) -> bytes:
    """Return what take_case() reads: a task under the number of its case."""
    return TASK.pack(number, len(data)) + data


def take_case(requests: int, signals: "Any", slot: SharedSlot) -> "dict[str, Any]":
    """Wait, in a process of its own, for the case that this process is to run."""
    try:
        real_setpgid(0, 0)
    except OSError:  # a fork hook of the candidate's has made it the leader of a session, and so of a group
        pass
    if real_sigmask is not None:
        real_sigmask(SIG_SETMASK, signals)
    head = read_exactly(requests, TASK.size)
    if head is None:
        real_exit(0)  # the supervisor has gone
    number, length = TASK.unpack(head)
    task = dict(real_loads(read_exactly(requests, length)))
    real_close(requests)
    slot.enter()
    task["number"] = number
    return task


def fail_before_case(slot: SharedSlot, error: BaseException) -> None:
    """Leave word of why this process takes no case, and end it: that is no case's doing."""
    try:
        slot.fail(describe_own_failure(error))
    finally:
        real_exit(FAILED)


def run_case(
    task: "dict[str, Any]", slot: SharedSlot, candidate: Candidate, module: "types.ModuleType | None", facts: types.SimpleNamespace
) -> None:
    """Observe one case and leave the observation where the supervisor looks for it."""
    number, me = task["number"], real_getpid()
    data = observation(task, candidate, module, facts)
    if real_getpid() != me:
        real_exit(71)  # a fork of the case that goes on where the case should: it does not answer for it
    slot.leave(number, data)
    real_exit(0)
