"""The process that holds the loaded candidate and forks the process of each case.

It is a fork of the supervisor that imports the candidate once and then keeps one fork ready for the next task. While a fork
is made, the supervisor is busy with what the one before it left: no case waits for its process.
"""

import json
import os

from imp_conformance.agent.candidate import Candidate, Unloadable, ignore_warnings
from imp_conformance.agent.captured import (
    Namespace,
    real_close,
    real_exit,
    real_fork,
    real_pipe,
    real_setpgid,
    real_waitpid,
    real_write,
)
from imp_conformance.agent.case_process import FAILED, AgentFailure, fail_before_case, pack_task, run_case, take_case
from imp_conformance.agent.cleaning import has_others, kill_group, leave_orphans, reap
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.limits import HeldLimits
from imp_conformance.agent.process import flush_output, set_bounds, silence, stop_signals
from imp_conformance.agent.shared_slot import NUMBER, SharedSlot
from imp_conformance.agent.wire import quote, read_exactly, to_json

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterable  # novm
    from typing import Any  # novm


FAILURE = b"failure "  # what a line begins with in which the forkserver says that it cannot go on


class Forkserver:
    """The supervisor's handle on that process.

    A reply names the number of what it replies to. Whatever else comes this way, the candidate has written.
    """

    def __init__(self, candidate: Candidate, facts: "dict[str, Any]", slot: SharedSlot, private: "Iterable[int]") -> None:
        """Fork it; private are the descriptors that are the supervisor's alone."""
        numbers, self.numbers = real_pipe()
        requests, self.requests = real_pipe()
        self.replies, replies = real_pipe()
        self.limits, self.buffer, self.gone = candidate.limits, b"", False
        self.failure = ""  # why the forkserver itself fails, where it says so
        number = slot.clear()
        self.pid = real_fork()
        if self.pid == 0:
            try:
                for descriptor in self.descriptors() + list(private):
                    os.close(descriptor)
                real_setpgid(0, 0)
                serve_forks(numbers, requests, replies, number, candidate, facts, slot)
            except BaseException as error:
                real_write(replies, FAILURE + quote(describe_own_failure(error)).encode("ascii") + b"\n")
            finally:
                real_exit(0)
        for descriptor in (numbers, requests, replies):
            os.close(descriptor)

    def ask(self, number: int, data: bytes) -> None:
        """Let the process that it has ready for it run a case, whose number it learns before that process can have ended."""
        try:
            os.write(self.numbers, NUMBER.pack(number))
            data = pack_task(number, data)
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
            if line.startswith(FAILURE):
                self.failure = str(read_reply(line[len(FAILURE) :].decode("ascii", "replace")))
            words = line.decode("ascii", "replace").split(" ", 2)
            if len(words) == 3 and words[0] == str(number):
                return words[1:]
        return [] if self.gone else None

    def told(self, reply: "list[str] | None") -> "tuple[bool, object]":
        """Return whether the candidate is loaded, and what is said of it.

        Raises AgentFailure.
        """
        if reply and reply[0] in ("ready", "failed") and len(reply) == 2:
            return reply[0] == "ready", read_reply(reply[1])
        if reply is None:
            return False, "importing it takes more than {:g} s".format(self.limits.load_seconds)
        if self.failure:
            raise AgentFailure(self.failure)
        return False, "importing it ends the process"

    def descriptors(self) -> "list[int]":
        """Return those by which the supervisor speaks with it."""
        return [self.numbers, self.requests, self.replies]

    def kill(self) -> None:
        """End it, and with it the process that it has ready."""
        kill_group(self.pid)
        for descriptor in self.descriptors():
            os.close(descriptor)
        reap(self.pid, self.limits.reap_seconds)


def serve_forks(
    numbers: int, requests: int, replies: int, number: int, candidate: Candidate, facts: "dict[str, Any]", slot: SharedSlot
) -> None:
    """Load the candidate, then keep one fork ready for the next task, until the supervisor closes its end."""
    fork, waitpid = real_fork, real_waitpid

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
                task = take_case(requests, signals, slot)
            except BaseException as error:
                fail_before_case(slot, error)
            try:
                run_case(task, slot, candidate, module, space)
            finally:
                real_exit(FAILED)
        while True:
            try:
                return int(waitpid(pid, 0)[1])
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
    kept = leave_orphans()
    space = Namespace(**facts)
    limits = HeldLimits()
    say("ready " + to_json({"answer": present, "aside": candidate.aside}))
    while True:
        status = run_one()
        head = read_exactly(numbers, NUMBER.size)
        if head is None:
            return
        number = NUMBER.unpack(head)[0]
        if not slot.pid():  # its process was killed before the case came, which is for the fork of another forkserver
            return
        say("ended %d" % status)
        limits.hold()
        if limits.spent or has_others(kept):  # the next case is for another forkserver, and what is left becomes the supervisor's
            return


def read_reply(text: str) -> object:
    """Read the JSON of a forkserver's reply, which the candidate may have spoilt."""
    try:
        return json.loads(text)
    except (ValueError, RuntimeError):  # RuntimeError is RecursionError up to 3.4
        return "the process that imported it says what makes no sense"
