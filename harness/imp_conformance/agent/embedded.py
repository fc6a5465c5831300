"""The agent in the very process that runs the case, for a Python without processes or without fork.

Whoever calls it keeps the time and gives each case a clean state: by another process, or by a copy of memory.
"""

import json
import os
import time

from imp_conformance.agent.candidate import Candidate, Unloadable, ignore_warnings
from imp_conformance.agent.captured import Namespace, real_chdir, real_exit, real_getcwd, real_getpid
from imp_conformance.agent.cleaning import adopt_orphans, kill_children
from imp_conformance.agent.environment import settle_temporary
from imp_conformance.agent.facts import greeting, interpreter_facts
from imp_conformance.agent.job import Job
from imp_conformance.agent.observing import observation
from imp_conformance.agent.process import flush_output, set_bounds, silence
from imp_conformance.agent.scratch import scratch_directory
from imp_conformance.agent.started import POLL_SECONDS, Program, how_ended
from imp_conformance.agent.wire import to_json
from imp_conformance.portable.protocol import PROGRAM, WARM
from imp_conformance.portable.removal import remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # noqa: F401  # novm


class Embedded:
    """Answers one case after the other in this process; each method takes and gives JSON text."""

    def __init__(self, root: "str | None" = None) -> None:
        """Begin.

        Args:
            root: the scratch directory to make, for a caller that takes the output itself and puts back every state. Where it
                is left out, a temporary one is made, output goes to files there, and the process is good for one case.
        """
        self.lasts = root is not None
        if root is None:
            root = scratch_directory()
            settle_temporary(root)
            adopt_orphans()
        else:
            os.mkdir(root)
        self.root = root
        self.candidate = None  # type: Any
        self.request = None  # type: Any
        self.module = None  # type: Any
        self.job = None  # type: Any
        self.ended = {"how": "exit", "number": 0}  # type: dict[str, Any]
        self.facts = interpreter_facts()

    def hello(self) -> str:
        """Return the greeting; to the host, what lasts is as good as what forks."""
        return to_json(greeting(self.root, self.facts, forks=self.lasts))

    def take(self, request: str) -> None:
        """Take the candidate, without importing it."""
        self.request = json.loads(request)
        self.candidate = Candidate(self.request, self.root)
        if not self.lasts:
            silence()
            set_bounds(self.candidate.limits)
        if self.request["process"] == WARM:
            self.candidate.enter_path()
        else:
            self.candidate.enter_first()

    def load(self) -> str:
        """Import the candidate and say which of the names it has, or why it cannot be imported.

        For a case that is to import it itself, nothing is imported, and none of the names is there.
        """
        if self.request["process"] != WARM:
            return to_json({"loaded": True, "answer": [], "aside": []})
        try:
            self.module = self.candidate.load()
        except Unloadable as error:
            return to_json({"loaded": False, "answer": str(error)})
        return to_json({"loaded": True, "answer": self.candidate.present(self.module), "aside": self.candidate.aside})

    def begin(self, request: str) -> str:
        """Make a case's files."""
        self.job = Job(json.loads(request), self.root, self.candidate)
        if self.lasts:
            self.job.task["output"] = None
        return to_json({"cwd": self.job.cwd, "failure": self.job.failure})

    def run(self) -> str:
        """Observe the case that was begun."""
        if self.job.process == PROGRAM:
            return self.run_program()
        back, me = real_getcwd(), real_getpid()
        ignore_warnings()
        data = observation(self.job.task, self.candidate, self.module, Namespace(**self.facts))
        if real_getpid() != me:
            real_exit(71)  # a fork of the case that goes on where the case should: it does not answer for it
        flush_output()
        real_chdir(back)
        return data.decode("ascii")

    def run_program(self) -> str:
        """Run the program that was begun, and observe it; whoever calls this keeps the time."""
        process, status = Program(self.job, self.candidate), None  # type: Any, Any
        while status is None:
            time.sleep(POLL_SECONDS)
            status = process.ended()
        self.ended = how_ended(status)
        return str(process.observation().decode("ascii"))

    def told(self) -> str:
        """Say how the case ended, and what it printed."""
        failure = self.job.failure
        ended = self.ended if failure is None else {"how": "not-run", "detail": failure}
        return to_json({"ended": ended, "output": self.job.printed(), "cwd": self.job.cwd, "warm": False})

    def close(self) -> None:
        """End every process that a case has left, and delete every file that this target was made of."""
        if not self.lasts:
            kill_children(())
        remove_tree(self.root)
