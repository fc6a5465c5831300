"""The process that holds the loaded candidate and forks the process of each case.

It is a fork of the supervisor that imports the candidate once and then keeps one fork ready for the next task. While a fork
is made, the supervisor is busy with what the one before it left: no case waits for its process.
"""

import os
import struct
import types

from imp_conformance.agent.candidate import Candidate, Unloadable, ignore_warnings
from imp_conformance.agent.captured import (
    SIG_SETMASK,
    Namespace,
    real_close,
    real_exit,
    real_getpid,
    real_loads,
    real_setpgid,
    real_sigmask,
    real_write,
)
from imp_conformance.agent.cleaning import kill_group, reap
from imp_conformance.agent.observing import observation
from imp_conformance.agent.process import flush_output, set_bounds, silence, stop_signals
from imp_conformance.agent.shared_slot import NUMBER, SharedSlot
from imp_conformance.agent.wire import quote, read_exactly, to_json

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterable  # novm
    from typing import Any  # novm

TASK = struct.Struct("<QI")  # what goes before a task: the number of the case, and the task's bytes


class Forkserver:
    """The supervisor's handle on that process.

    A reply names the number of what it replies to. Whatever else comes this way, the candidate has written.
    """

    def __init__(self, candidate: Candidate, facts: "dict[str, Any]", slot: SharedSlot, private: "Iterable[int]") -> None:
        """Fork it; private are the descriptors that are the supervisor's alone."""
        numbers, self.numbers = os.pipe()
        requests, self.requests = os.pipe()
        self.replies, replies = os.pipe()
        self.limits, self.buffer, self.gone = candidate.limits, b"", False
        number = slot.clear()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for descriptor in (self.numbers, self.requests, self.replies) + tuple(private):
                    os.close(descriptor)
                os.setpgid(0, 0)
                serve_forks(numbers, requests, replies, number, candidate, facts, slot)
            except BaseException:
                pass
            finally:
                real_exit(0)
        for descriptor in (numbers, requests, replies):
            os.close(descriptor)

    def ask(self, number: int, data: bytes) -> None:
        """Let the process that it has ready for it run a case, whose number it learns before that process can have ended."""
        try:
            os.write(self.numbers, NUMBER.pack(number))
            data = TASK.pack(number, len(data)) + data
            while data:
                data = data[os.write(self.requests, data) :]
        except BrokenPipeError:
            pass  # it is dead: the reply that does not come says so

    def fill(self) -> None:
        """Take in what it has said, once there is something to read."""
        data = os.read(self.replies, 1 << 16)
        self.gone = not data or len(self.buffer) > self.limits.reply_bytes
        self.buffer += data

    def reply(self, number: int) -> "list[str] | None":
        """Return the reply to a number as its kind and its text, [] where the process is dead, None where none has come yet."""
        while b"\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\n")
            words = line.decode("ascii", "replace").split(" ", 2)
            if len(words) == 3 and words[0] == str(number):
                return words[1:]
        return [] if self.gone else None

    def kill(self) -> None:
        """End it, and with it the process that it has ready."""
        kill_group(self.pid)
        for descriptor in (self.numbers, self.requests, self.replies):
            os.close(descriptor)
        reap(self.pid, self.limits.reap_seconds)


def serve_forks(
    numbers: int, requests: int, replies: int, number: int, candidate: Candidate, facts: "dict[str, Any]", slot: SharedSlot
) -> None:
    """Load the candidate, then keep one fork ready for the next task, until the supervisor closes its end."""
    fork, waitpid = os.fork, os.waitpid

    def say(what: str) -> None:
        data = (str(number) + " " + what + "\n").encode("ascii")
        while data:
            data = data[real_write(replies, data) :]

    def run_one() -> int:
        """Fork the process of the next case and return the status with which it ends."""
        pid = fork()
        if pid == 0:
            try:
                real_close(numbers)
                real_close(replies)
                run_case(take_case(requests, signals, slot), slot, candidate, module, space)
            finally:
                real_exit(70)
        while True:
            try:
                return waitpid(pid, 0)[1]
            except InterruptedError:  # up to 3.4, a signal ends the call
                continue
            except ChildProcessError:  # it has ended, and something that the import has started took its status
                return 0

    silence()
    set_bounds(candidate.limits)
    try:
        module = candidate.load()
    except Unloadable as error:
        say("failed " + quote(str(error)))
        return
    present = candidate.present(module)
    flush_output()  # else each case would inherit what the import has not written yet
    signals = stop_signals()
    ignore_warnings()  # where they are not watched, they are not to raise either, whatever -W says
    space = Namespace(**facts)
    say("ready " + to_json(present))
    while True:
        status = run_one()
        head = read_exactly(numbers, NUMBER.size)
        if head is None:
            return
        number = NUMBER.unpack(head)[0]
        if not slot.pid():  # its process was killed before the case came, which is for the fork of another forkserver
            return
        say("ended %d" % status)


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


def run_case(
    task: "dict[str, Any]", slot: SharedSlot, candidate: Candidate, module: types.ModuleType, facts: types.SimpleNamespace
) -> None:
    """Observe one case and leave the observation where the supervisor looks for it."""
    number, me = task["number"], real_getpid()
    data = observation(task, candidate, module, facts)
    if real_getpid() != me:
        real_exit(71)  # a fork of the case that goes on where the case should: it does not answer for it
    slot.leave(number, data)
    real_exit(0)
