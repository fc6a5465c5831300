"""The cases that run beside the forkserver, one at a time, and the processes that are made ahead for those to come."""

import sys

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.job import Job
from imp_conformance.agent.means import MEANS
from imp_conformance.agent.own_started import OwnProcess, Payload
from imp_conformance.agent.sentinel import Sentinel
from imp_conformance.agent.started import Program
from imp_conformance.portable.protocol import FRESH, PROGRAM

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable  # novm
    from typing import Any  # novm


def fork_unseen() -> bool:
    """Say whether a case cannot tell a fork of a process that never loaded the candidate from an interpreter of its own.

    That costs thirty times as much. adequacy.agreement checks it on CPython. PyPy's import lock, for one, is another one in a fork.
    """
    return sys.implementation.name == "cpython" and MEANS.forks


class Alone:
    """The supervisor's handle on the processes that it starts itself."""

    def __init__(self, candidate: Candidate, payload: Payload, private: "Callable[[], list[int]]", source: int) -> None:
        """Begin with the sentinel; private says which descriptors are the supervisor's alone, source which of them ends with the host."""
        self.candidate, self.payload, self.private = candidate, payload, private
        self.spares = []  # type: list[OwnProcess]
        self.process = None  # type: Any  # that of the case in hand
        self.sentinel = Sentinel(source, lambda: private() + self.descriptors())

    def start(self, job: Job) -> None:
        """Run a case in a process that was started for it."""
        if job.process == PROGRAM:
            self.process = Program(job, self.candidate)
        else:
            fresh = job.process == FRESH
            self.process = self.spares.pop(0) if self.spares and not fresh else self.own_process(fork_unseen() and not fresh)
            self.process.ask(job.data)

    def own_process(self, forked: bool) -> OwnProcess:
        """Start a process that waits for its case."""
        return OwnProcess(self.candidate, self.payload, self.private() + self.descriptors(), forked)

    def start_ahead(self, count: int) -> None:
        """Start one more process, where fewer than the next cases need are waiting for them."""
        if len(self.spares) < min(count, self.candidate.limits.spares):
            try:
                self.spares.append(self.own_process(fork_unseen()))
            except OSError:  # there are as many processes as are allowed: none is needed yet
                pass

    def reply(self) -> "list[str] | None":
        """Return what the forkserver would say of a case that has ended, None while it runs."""
        status = self.process.ended()
        return None if status is None else ["ended", str(status)]

    def observation(self) -> bytes:
        """Return what the case in hand left, and be done with it."""
        process, self.process = self.process, None
        left = bytes(process.observation())
        process.close()  # only now: the slot may be a file, which goes with it
        return left

    def pids(self) -> "list[int]":
        """Return the ids of all these processes."""
        return [process.pid for process in self.processes()] + [self.sentinel.pid]

    def descriptors(self) -> "list[int]":
        """Return the descriptors by which they are told what to do."""
        return [process.tasks for process in self.spares]

    def processes(self) -> "list[Any]":
        """Return all of them."""
        return self.spares + ([] if self.process is None else [self.process])

    def close(self) -> None:
        """End all of them."""
        for process in self.processes():
            process.kill(self.candidate.limits.reap_seconds)
            process.close()
        self.spares, self.process = [], None
        self.sentinel.close()
