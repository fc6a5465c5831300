"""A target while it runs: its facts, its loaded candidate, and the observations that it makes of cases."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from imp_conformance.catalogue.model import Case
from imp_conformance.errors import TargetLost, TargetUnavailable
from imp_conformance.portable.channel import Channel, DeadlinePassed, ProcessEnded
from imp_conformance.portable.observation import Observation
from imp_conformance.portable.protocol import LIMITS, MARGIN_SECONDS, NOT_IMP, OWN, PROGRAM, WARM
from imp_conformance.targets.answers import late, lost, notices_of, observed
from imp_conformance.targets.asking import case_message, load_message
from imp_conformance.targets.candidate import Candidate
from imp_conformance.targets.identity import Identity
from imp_conformance.targets.known import known_extensions
from imp_conformance.targets.own_limits import OwnLimits
from imp_conformance.targets.starting import AGENT_FAILED, WHY_SHOWN, AgentFailed, EndedBySignal, greeted, needed, raise_failure

_STARTS = 3.0
"""How many starts of the interpreter, as slow as the slowest so far, a program may take beyond its limit."""


class Session:
    """A running target."""

    def __init__(self, command: Sequence[str], start_limit: float | None = None) -> None:
        """Start the interpreter and the agent in it.

        Args:
            command: what runs the interpreter.
            start_limit: seconds that it may take to start, each time; LIMITS.start_seconds where left out.

        Raises:
            TargetUnavailable: where either does not start.
        """
        self.command = tuple(command)
        self.candidate: Candidate | None = None
        self.names: tuple[str, ...] = ()
        self.present: frozenset[str] = frozenset()
        self.spares = 0  # how many cases to come need a process of their own, as far as that is known: some are started ahead
        self.notices: list[str] = []  # what the user is to be told, a line each; whoever tells it takes it away
        self._limit = LIMITS.start_seconds if start_limit is None else start_limit
        self._own_limits = OwnLimits()
        self._took = 0.0  # seconds that its slowest start took
        self._refused: dict[str, str] = {}  # what the agent is not to use any more, and why
        self._known: dict[str, Any] = {}  # what its first start has found that costs time to find
        self._lost: str | None = None
        self._aside: list[str] = []  # what an import finds before the candidate
        self._used = False
        self._ended = False  # whether its process has ended, so that it has to be started again for the next case
        self._warm = True
        self._sent: list[Case] = []
        self._channel, self.identity = self._start()

    def _start(self) -> tuple[Channel, Identity]:
        """Start the target; without fork, where the agent fails with it, and without ctypes, which ends some old builds."""
        try:
            return self._greeted()
        except EndedBySignal as error:
            if "NO_CTYPES" in self._refused:
                raise
            self._refused["NO_CTYPES"] = str(error)
            return self._start()
        except AgentFailed as error:
            if not error.forks or "NO_FORK" in self._refused:
                raise TargetUnavailable(f"it does not start: {AGENT_FAILED}: {error}") from None
            self._give_up_fork(str(error))
            return self._start()

    def _give_up_fork(self, why: str) -> None:
        """Let the target run each case in a process of its own from its next start on, and have the user told."""
        self._refused["NO_FORK"] = f"{AGENT_FAILED}: {why}"
        self.notices.append(f"{AGENT_FAILED}: {why}: it goes on without fork: each case has a process of its own, which is slow")

    def _greeted(self) -> tuple[Channel, Identity]:
        begun = time.monotonic()
        started = greeted(self.command, self._limit, self._refused, self._known)
        self._took = max(self._took, time.monotonic() - begun)
        self._root, identity = started.root, started.identity
        if not identity.forks and not self._known:  # it is started for each case, and need not look for shared libraries each time
            self._known = known_extensions(identity.facts, identity.lacking)
        return started.channel, identity

    @property
    def lacking(self) -> Mapping[str, str | None]:
        """What cases need that this target does not have, or not for its candidate: None where it is there, else the reason."""
        lacking = self.identity.lacking
        if lacking.get(PROGRAM) is None and self.candidate is not None and self.candidate.module != "imp":
            return {**lacking, PROGRAM: NOT_IMP.format(self.candidate.module)}
        if lacking.get(PROGRAM) is None and self._aside:
            return {**lacking, PROGRAM: f"in a program, {self._aside[0]}"}
        return lacking

    def load(self, candidate: Candidate, names: Sequence[str], process: str = WARM) -> None:
        """Import the candidate.

        Args:
            candidate: whose imp is judged.
            names: the attributes of imp to look for in it.
            process: the kind of process that a target is which cannot fork; where it is not warm, nothing is imported yet.

        Raises:
            TargetUnavailable: where it cannot be imported.
        """
        self.candidate, self.names = candidate, tuple(names)
        try:
            self._load(process)
        except AgentFailed as error:
            if self.identity.forks:
                self._channel.close(kill=True)
                self._give_up_fork(str(error))
                self._channel, self.identity = self._start()
                self.load(candidate, names, process)
            else:
                raise TargetUnavailable(f"{AGENT_FAILED} while it imported its candidate: {error}") from None

    def _load(self, process: str) -> None:
        """Import the candidate.

        Raises:
            TargetUnavailable: where it cannot be imported.
            AgentFailed: where that is the agent's own doing.
        """
        candidate = self.candidate
        assert candidate is not None
        message = load_message(candidate, self.names, process, LIMITS._replace(start_seconds=self._limit))
        try:
            self._channel.tell(message, LIMITS.load_seconds + MARGIN_SECONDS)
            answer = self._channel.receive(LIMITS.load_seconds + MARGIN_SECONDS)
        except ProcessEnded as error:
            raise TargetUnavailable(f"it ended while it imported its candidate: {needed(str(error))}") from None
        except DeadlinePassed:
            raise TargetUnavailable(f"importing its candidate takes more than {LIMITS.load_seconds:g} s") from None
        raise_failure(answer)
        loaded, told = answer.get("loaded"), answer.get("answer")
        if loaded is not True or not isinstance(told, list):
            raise TargetUnavailable(candidate.as_given(str(told), self._root)[:WHY_SHOWN])
        if process == WARM:
            self.present = frozenset(map(str, told))
            found = answer.get("aside")
            aside = [candidate.as_given(str(text), self._root)[:WHY_SHOWN] for text in found] if isinstance(found, list) else []
            self.notices += [f"{text}: what was given is put before it" for text in aside if text not in self._aside]
            self._aside = aside

    def observe(self, case: Case, following: Case | None = None) -> Observation:
        """Run one case; a target that dies of it is started again for the next one.

        Args:
            case: the case.
            following: the next one, which the target runs while its host does something else with what this one gave.

        Raises:
            TargetLost: where it does not start again, or its agent fails; and again for each case after that.
        """
        if self._lost is not None:
            raise TargetLost(self._lost)
        try:
            try:
                return self._observe(case, following)
            except AgentFailed as error:
                if not self.identity.forks:
                    raise
                if self.candidate is None or self.candidate.kind == "own":
                    self._give_up_fork(str(error))
                self._sent.clear()
                self._restart(kill=True, process=case.process)
                return self._observe_again(case)
        except (AgentFailed, TargetUnavailable) as error:
            why = f"{AGENT_FAILED}: {error}" if isinstance(error, AgentFailed) else str(error)
            self._lost = f"the target is lost: {why}"
            raise TargetLost(self._lost) from None

    def _observe_again(self, case: Case) -> Observation:
        """Run a case once more in which the agent has failed.

        With a candidate that may be its doing: the agent was whole without it, in the rehearsal. So the target forks on, since
        a candidate that can take that away would run as a child of this process, and what it does again is the case's.
        """
        try:
            return self._observe(case, None)
        except AgentFailed as error:
            if not self.identity.forks:
                raise
            self._end()
            return lost(f"its agent fails: {error}", self._root)

    def _observe(self, case: Case, following: Case | None) -> Observation:
        if self._ended or (not self.identity.forks and (self._used or case.process != WARM)):
            self._restart(kill=False, process=case.process)
        for wanted in (case, following if self.identity.forks else None):
            if wanted is not None and not any(sent is wanted for sent in self._sent):
                self._send(wanted)
        while True:  # what was sent ahead and is not wanted any more is dropped
            first = self._sent[0]
            observation = self._receive(first)
            if first is case:
                return observation
            if self._ended:
                self._restart(kill=False)

    def _send(self, case: Case) -> None:
        if case.process == OWN and self.spares:
            self.spares -= 1
        message = case_message(case, self.identity.facts, self.spares, self._patience(case))
        self._used = True
        self._sent.append(case)
        with suppress(ProcessEnded, DeadlinePassed):  # receiving finds out
            self._channel.tell(message, case.limit + MARGIN_SECONDS)

    def _patience(self, case: Case) -> float:
        """Return the seconds that a case has: a program's include those in which the interpreter starts."""
        return case.limit + (_STARTS * self._took if case.process == PROGRAM else 0.0)

    def _receive(self, case: Case) -> Observation:
        """Take the observation of the case that was sent first."""
        patience = self._patience(case)
        if self.identity.forks:
            patience += MARGIN_SECONDS + (self._limit if case.process != WARM else 0 if self._warm else LIMITS.load_seconds)
        try:
            answer = self._channel.receive(patience)
            self.notices += self._own_limits.hold()
            raise_failure(answer)
            left = self._channel.receive_line(MARGIN_SECONDS)
            observation = observed(answer, left, self._root)
            self._warm = bool(answer["warm"])
            self.notices += notices_of(answer)
            del self._sent[0]
            self._ended = answer.get("spent") is True  # a case has taken from it what it needs
        except (ProcessEnded, KeyError, TypeError, AttributeError) as error:
            why = str(error) if isinstance(error, ProcessEnded) else "it says what is no answer"
            self._end()
            return lost(why, self._root)
        except DeadlinePassed:
            self._end()
            return late(self._root)
        return observation

    def _end(self) -> None:
        """End the target's process with the case that was sent first; it is started again when the next one is asked."""
        self.notices += self._channel.close(kill=True)
        self._ended = True
        del self._sent[0]

    def _restart(self, kill: bool, process: str = WARM) -> None:
        """Start the target again; what it has been sent and has not answered is sent again.

        Raises:
            TargetUnavailable: where that cannot be done.
            AgentFailed: where its agent fails while it imports the candidate.
        """
        self.notices += self._channel.close(kill)
        waiting = self._sent[:]
        self._sent.clear()
        self._used = self._ended = False
        self._channel, self.identity = self._start()
        self._load(process)
        for case in waiting:
            self._send(case)

    def close(self) -> None:
        """End the target and everything that it started."""
        self.notices += self._channel.close()


def start_loaded(command: Sequence[str], candidate: Candidate, names: Sequence[str], start_limit: float | None = None) -> Session:
    """Start an interpreter and import a candidate in it; where that fails, nothing is left running.

    Args:
        command, start_limit: as Session takes them.
        candidate: whose imp is judged.
        names: the attributes of imp to look for in it.

    Raises:
        TargetUnavailable: where either cannot be done.
    """
    session = Session(command, start_limit)
    try:
        session.load(candidate, names)
    except BaseException:
        session.close()
        raise
    return session
