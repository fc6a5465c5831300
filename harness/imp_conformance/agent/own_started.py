"""Processes of a case's own, with the agent in them: each is a fork of the supervisor, or the interpreter started once more."""

import binascii
import marshal
import os
import sys

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import real_exit, real_fork, real_pipe, real_set_inheritable, real_setpgid
from imp_conformance.agent.case_process import FAILED, fail_before_case, pack_task
from imp_conformance.agent.means import FILE, MEANS
from imp_conformance.agent.own_process import serve_own
from imp_conformance.agent.process import open_nothing
from imp_conformance.agent.scratch import make_folders
from imp_conformance.agent.shared_slot import SLOT_EXTRA, SharedSlot
from imp_conformance.agent.started import Started, interpreter_options, start_process
from imp_conformance.portable.protocol import OWN_BOOT
from imp_conformance.portable.removal import remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Sequence  # novm
    from typing import Any  # novm

CODES = globals().get("AGENT_CODES")  # type: Any  # the agent's modules, compiled: BOOT leaves them here


class OwnProcess(Started):
    """A process with the agent in it, which waits for its case."""

    def __init__(self, candidate: Candidate, payload: "Payload", private: "Sequence[int]", forked: bool) -> None:
        """Start it.

        Args:
            candidate: whose imp the case is about.
            payload: what it has to know.
            private: the descriptors that are the supervisor's alone.
            forked: whether it is a fork of the supervisor, which never loads the candidate, and no interpreter of its own.
        """
        (memory, self.path), nothing = payload.room(), open_nothing()
        tasks, self.tasks = real_pipe()
        self.slot = SharedSlot(candidate.limits.observation_bytes, self.path, memory)
        if forked:
            self.pid = real_fork()
            if self.pid == 0:
                try:
                    for descriptor in [self.tasks] + list(private):
                        os.close(descriptor)
                    real_setpgid(0, 0)
                    for number in range(3):
                        os.dup2(nothing, number)
                    serve_own(payload.given, tasks, memory, self.path)
                except BaseException as error:
                    fail_before_case(self.slot, error)
                finally:
                    real_exit(FAILED)
        else:
            self.pid = self.start(candidate, payload, (tasks, memory, nothing))
        for descriptor in (memory, nothing, tasks):
            os.close(descriptor)

    def start(self, candidate: Candidate, payload: "Payload", inherited: "tuple[int, int, int]") -> int:
        """Start an interpreter, which inherits the descriptors of its task, its slot and of nothing; return its process's id."""
        tasks, memory, nothing = inherited
        brief = candidate.kind != "module" and not sys.flags.no_site  # what is installed may need its .pth file to be found
        code = OWN_BOOT.format(brief=brief, serve=serve_own.__name__, tasks=tasks, slot=memory, path=self.path)

        def inherit() -> None:
            real_set_inheritable(tasks, True)
            real_set_inheritable(memory, True)

        program = payload.open()
        options = interpreter_options() + ["-S"] * brief
        pid = start_process(options + ["-c", code], os.environ, (program, nothing, nothing), os.getcwd(), inherit)
        os.close(program)
        return pid

    def ask(self, data: bytes) -> None:
        """Have it run a case."""
        data = pack_task(self.slot.clear(), data)
        try:
            while data:
                data = data[os.write(self.tasks, data) :]
        except BrokenPipeError:
            pass  # it is dead, which its end says

    def begun(self) -> bool:
        """Say whether it has taken the case."""
        return self.slot.pid() != 0

    def failure(self) -> str:
        """Return why it takes no case, empty where it does not say so."""
        return self.slot.failure()

    def observation(self) -> bytes:
        """Return what the case left, ``null`` where that is nothing."""
        return self.slot.observation()

    def close(self) -> None:
        """Let go what the supervisor has of it."""
        os.close(self.tasks)
        if MEANS.memory == FILE:
            remove_tree(self.path)


class Payload:
    """What every process of a case's own needs: the agent and what the supervisor knows, in a file."""

    def __init__(self, request: "dict[str, Any]", root: str, facts: "dict[str, Any]") -> None:
        """Take what is to be told of the candidate; its files are there already."""
        self.root = root
        self.given = {"request": dict(request, files={}), "root": root, "facts": facts, "path": list(sys.path), "memory": MEANS.memory}
        self.room_bytes = SLOT_EXTRA + int(request["limits"]["observation_bytes"])

    def open(self) -> int:
        """Return a descriptor of the file, which is written where it is not there."""
        path = os.path.join(self.root, "agent")
        try:
            return os.open(path, os.O_RDONLY)
        except OSError:
            make_folders(self.root)
            remove_tree(path)  # a link may be in its place
            with open(path, "wb") as file:
                marshal.dump((CODES, self.given), file)
            return os.open(path, os.O_RDONLY)

    def room(self) -> "tuple[int, str]":
        """Make a file that is as large as a shared slot; return a descriptor of it, and its path, which stays where it is read."""
        path = os.path.join(self.root, "slot-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if MEANS.memory != FILE:
            os.unlink(path)
        os.ftruncate(descriptor, self.room_bytes)
        return descriptor, path
