"""The process that the host talks to: it keeps the time and cleans up, and never loads the candidate.

It is always in one of seven states. What the host or the forkserver says, or the end of the time, leads from one to the next:

    IDLE      no case is here
    LOADING   the forkserver imports the candidate; the case that it is for waits, if there is one
    RUNNING   the forkserver has been given the case
    STOPPING  the case was killed after its limit; the forkserver has to say that it has ended
    STARTING  a process of the case's own was started, and has not taken the case yet
    ALONE     it has
    REFUSED   the case cannot be run, which is told as soon as what came before it has been told

In each of them but the first, the host's next request is made ready as soon as it comes.
"""

import os
import time

from imp_conformance.agent.alone import Alone
from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import SIGCONT, real_kill, select
from imp_conformance.agent.case_files import CaseFiles
from imp_conformance.agent.case_process import AgentFailure
from imp_conformance.agent.cleaning import adopt_orphans, kill_children, kill_group, send_signal
from imp_conformance.agent.facts import greeting, interpreter_facts
from imp_conformance.agent.forkserver import Forkserver
from imp_conformance.agent.job import Job
from imp_conformance.agent.limits import HeldLimits
from imp_conformance.agent.own_started import Payload
from imp_conformance.agent.sentinel import wake_at_end
from imp_conformance.agent.shared_slot import SharedSlot
from imp_conformance.agent.started import POLL_SECONDS, how_ended
from imp_conformance.agent.wire import HostLink
from imp_conformance.portable.protocol import WARM

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

IDLE, LOADING, RUNNING, STOPPING, REFUSED = "idle", "loading", "running", "stopping", "refused"
STARTING, ALONE = "starting", "alone"


class Supervisor:
    """Answers one case after the other, each in a fork of the process that holds the candidate."""

    def __init__(self, link: HostLink) -> None:
        """Make the target's scratch directory, or exit with what is wrong."""
        self.link = link
        self.state = IDLE
        self.forkserver = None  # type: Forkserver | None
        self.slot = None  # type: Any
        self.candidate = None  # type: Any
        self.alone = None  # type: Any
        self.job = None  # type: Any  # the case in hand
        self.following = None  # type: Job | None  # the one after it, ready to be run
        self.seconds = 0.0  # that this state may last
        self.deadline = None  # type: float | None
        self.files = CaseFiles(link)
        self.root = self.files.root
        self.facts = interpreter_facts()
        adopt_orphans()
        wake_at_end()
        self.limits = HeldLimits()

    def serve(self) -> None:
        """Greet the host, take the candidate, then answer case after case, until the host has gone.

        Raises HostGone.
        """
        self.link.send(greeting(self.root, self.facts, forks=True))
        request = self.link.receive()
        self.candidate = Candidate(request, self.root)
        self.alone = Alone(self.candidate, Payload(request, self.root, self.facts), self.private, self.link.source)
        self.slot = SharedSlot(self.candidate.limits.observation_bytes, os.path.join(self.root, "slot"))
        self.start_forkserver()
        handlers = {LOADING: self.when_loaded, RUNNING: self.when_ended, STOPPING: self.when_stopped}
        handlers.update({STARTING: self.when_alone, ALONE: self.when_alone})
        while True:
            if (self.state == IDLE or (self.job is not None and self.following is None)) and self.link.pending():
                self.take()
            else:
                reply, late = self.wait()
                if self.state == REFUSED and late:
                    self.refuse()
                elif late or reply is not None:
                    self.limits.hold()
                    handlers[self.state](reply)

    def enter(self, state: str, seconds: float = 0.0) -> None:
        """Be in a state, for so many seconds from when the supervisor waits for its end."""
        self.state, self.seconds, self.deadline = state, seconds, None

    def take(self) -> None:
        """Take the host's next request."""
        request = self.link.receive()
        if self.state != IDLE and self.files.held.look():
            return  # it is for another target: this one is spent
        job = Job(request, self.root, self.candidate)
        if self.state == IDLE:
            self.start(job)
        else:
            self.following = job

    def wait(self) -> "tuple[list[str] | None, bool]":
        """Wait for something to come, from the host or the forkserver, and take it in; the host's end is noticed.

        Returns the forkserver's reply if there is one, and whether the state's time is up without one.
        Raises HostGone.
        """
        alone = self.state in (STARTING, ALONE)
        if alone:
            reply = self.alone.reply()
            if reply is not None:
                return reply, False
            if self.state == STARTING and self.alone.process.begun():
                self.enter(ALONE, self.job.limit)
        server = self.forkserver if self.state in (LOADING, RUNNING, STOPPING) else None
        reply = None if server is None else server.reply(self.slot.number)
        if reply is not None:
            return reply, False
        left = None
        if self.state != IDLE:
            now = time.monotonic()
            if self.deadline is None:
                self.deadline = now + self.seconds
            left = max(0.0, self.deadline - now)
        sources = [self.link.source] if server is None else [server.replies, self.link.source]
        polls = alone and left is not None and left > POLL_SECONDS
        ready = select.select(sources, [], [], POLL_SECONDS if polls else left)[0]
        if self.link.source in ready:
            self.link.fill()
        if server is not None and server.replies in ready:
            server.fill()
        return None, not ready and left is not None and not polls

    def start(self, job: Job) -> None:
        """Let the forkserver run a case, or a process of its own; where there is no forkserver, start one first."""
        self.job = job
        self.files.make_ready(job, self.candidate)
        job.tries += 1
        if job.failure is not None:
            self.slot.clear()
            self.enter(REFUSED)
        elif job.process != WARM:
            self.files.empty_temporary()
            self.alone.start(job)
            self.enter(STARTING, self.candidate.limits.start_seconds)
        elif self.forkserver is None:
            self.start_forkserver()
        else:
            self.run()

    def start_forkserver(self) -> None:
        """Have the candidate imported."""
        private = self.private() + self.alone.descriptors()
        self.forkserver = Forkserver(self.candidate, self.facts, self.slot, private)
        self.enter(LOADING, self.candidate.limits.load_seconds)

    def private(self) -> "list[int]":
        """Return the descriptors by which this process speaks with the host and the forkserver: no fork of it is to have them."""
        own = [self.link.source, self.link.sink, self.files.held.descriptor]
        return own + ([] if self.forkserver is None else self.forkserver.descriptors())

    def run(self) -> None:
        """Give the forkserver the case in hand."""
        self.files.empty_temporary()
        self.forkserver.ask(self.slot.clear(), self.job.data)  # type: ignore[union-attr]
        self.enter(RUNNING, self.job.limit)

    def when_loaded(self, reply: "list[str] | None") -> None:
        """Tell the host what came of the import; where a case waits for it, run that."""
        self.alone.sentinel.keep()
        loaded, told = self.forkserver.told(reply)  # type: ignore[union-attr]
        if not loaded:
            self.drop_forkserver()
        if self.job is None:
            self.enter(IDLE)
            known = told if loaded and isinstance(told, dict) else {"answer": told}
            self.link.send(dict(known, loaded=loaded))
        elif loaded:
            self.run()
        else:
            self.job.failure = "the candidate cannot be imported any more: " + str(told)
            self.slot.clear()
            self.refuse()

    def refuse(self) -> None:
        """Tell the host why the case cannot be run."""
        self.conclude({"how": "not-run", "detail": self.job.failure})

    def when_ended(self, reply: "list[str] | None") -> None:
        """Look after what a case left that has ended, or has run out of time."""
        late, begun = reply is None, self.slot.pid() != 0
        if late and begun:
            kill_group(self.slot.pid())
            if self.forkserver is not None:  # a case may have stopped it
                send_signal(real_kill, self.forkserver.pid, SIGCONT)
            self.enter(STOPPING, self.candidate.limits.reap_seconds)
            return
        if begun:
            kill_group(self.slot.pid(), leader=False)
        self.kill_orphans()
        # What a case before it left may have stopped or killed the process that was ready for it.
        if not reply or reply[0] != "ended" or not begun:
            failure = "" if self.forkserver is None else self.forkserver.failure or self.slot.failure()
            self.drop_forkserver()
            self.when_lost("timeout" if late and self.job.tries > 1 else "forkserver-lost", failure)
            return
        if reply[1].isdigit():
            self.conclude(how_ended(int(reply[1])))
        else:
            self.when_lost("forkserver-lost")

    def when_alone(self, reply: "list[str] | None") -> None:
        """Look after what a case left that had a process of its own, which has ended or has run out of time."""
        process, limits = self.alone.process, self.candidate.limits
        begun = process.begun()
        if reply is None:
            process.kill(limits.reap_seconds)
            ended = {"how": "timeout"}  # type: dict[str, Any]
            why = "within {:g} s".format(limits.start_seconds)
        else:
            kill_group(process.pid, leader=False)
            ended = how_ended(int(reply[1]))
            why = "but ends with the status {}".format(int(reply[1]))
        self.kill_orphans()
        if begun:
            self.conclude(ended)
        elif reply is not None and self.job.tries < limits.forkservers:  # a case before it may have killed it
            self.alone.observation()
            self.start(self.job)
        else:
            raise AgentFailure(process.failure() or "the interpreter does not start once more, " + why)

    def when_stopped(self, reply: "list[str] | None") -> None:
        """Look after what a case left that was killed after its limit."""
        self.kill_orphans()
        if not reply or reply[0] != "ended":
            self.drop_forkserver()
        self.conclude({"how": "timeout"})

    def when_lost(self, how: str, failure: str = "") -> None:
        """Run a case again whose forkserver is lost, since it may not be to blame; the agent is, where that says why it fails.

        Raises AgentFailure.
        """
        # A thread or a timer that the import has started may be, which is late for one case or another. Whoever does it will again.
        if how == "forkserver-lost" and self.job.tries < self.candidate.limits.forkservers:
            self.start(self.job)
        elif failure:
            raise AgentFailure(failure)
        else:
            self.conclude({"how": how})

    def conclude(self, ended: "dict[str, Any]") -> None:
        """Tell the host what came of the case in hand; the one that follows runs meanwhile."""
        job, printed, warm = self.job, self.job.printed(), self.forkserver is not None
        left = self.slot.observation() if self.alone.process is None else self.alone.observation()
        following, self.following = self.following, None
        self.job = None
        self.enter(IDLE)
        self.alone.sentinel.keep()
        spent = self.files.held.look() or self.limits.spent
        answer = {"ended": ended, "output": printed, "cwd": job.cwd, "warm": warm, "spent": spent}
        answer["notices"] = self.files.held.take_notices()
        if following is not None and not spent:
            self.files.make_room(following, job)
            self.start(following)
        self.link.send(answer, left)
        self.files.remove(job)
        if not spent:
            self.alone.start_ahead((self.job or job).spares)

    def drop_forkserver(self) -> None:
        """End the process that holds the candidate, the case that it runs, and what they left."""
        server, self.forkserver = self.forkserver, None
        if server is not None:
            server.kill()
        if self.job is not None and self.slot.pid():
            kill_group(self.slot.pid(), leader=False)
        self.kill_orphans()

    def kill_orphans(self) -> None:
        """Kill what left its process group and lost its parent: it is a child of this process now (see adopt_orphans)."""
        spared = self.alone.pids() + ([] if self.forkserver is None else [self.forkserver.pid])
        if kill_children(spared) and self.forkserver is not None:  # a case may have stopped it
            send_signal(real_kill, self.forkserver.pid, SIGCONT)

    def close(self) -> None:
        """End every process and delete every file that this target was made of."""
        if self.alone is not None:
            self.alone.close()
            self.drop_forkserver()
        self.files.close()
