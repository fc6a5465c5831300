"""A target while it runs: its facts, its loaded candidate, and the observations that it makes of cases."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from imp_conformance.bundle import joined
from imp_conformance.catalogue.model import Case
from imp_conformance.errors import TargetLost, TargetUnavailable
from imp_conformance.portable.channel import Channel, DeadlinePassed, ProcessEnded, read_object
from imp_conformance.portable.comparison import fill_facts
from imp_conformance.portable.observation import Observation
from imp_conformance.portable.printable import printable
from imp_conformance.portable.protocol import BOOT, LIMITS, MARGIN_SECONDS, NOT_IMP, OWN, PROGRAM, WARM
from imp_conformance.targets.candidate import Candidate
from imp_conformance.targets.channel import start_channel
from imp_conformance.targets.identity import Identity

WHY_SHOWN = 2000
"""Characters that are told of why a target cannot be started."""

_JOINING = ("ssh", "autossh", "sshpass")
"""Commands that join their words with spaces, for a shell at the other end to read."""


class Session:
    """A running target."""

    def __init__(self, command: Sequence[str], start_limit: float = LIMITS.start_seconds) -> None:
        """Start the interpreter and the agent in it.

        Args:
            command: what runs the interpreter.
            start_limit: seconds that it may take to start for the first time.

        Raises:
            TargetUnavailable: where either does not start.
        """
        self.command = tuple(command)
        self.candidate: Candidate | None = None
        self.names: tuple[str, ...] = ()
        self.present: frozenset[str] = frozenset()
        self.spares = 0
        """How many cases to come need a process of their own, as far as that is known. The target starts some ahead."""
        self._used = False
        self._warm = True
        self._sent: list[Case] = []
        self._channel, self.identity = self._start(start_limit)

    def _start(self, limit: float) -> tuple[Channel, Identity]:
        agent = joined("agent.main").encode("ascii")
        try:
            joins = Path(self.command[0]).name in _JOINING
            channel = start_channel([*self.command, "-c", shlex.quote(BOOT) if joins else BOOT])
        except OSError as error:
            raise TargetUnavailable(f"{self.command[0]} cannot be started: {error.strerror}") from None
        try:
            channel.send(b"%8d" % len(agent) + agent, limit)
            message = channel.receive(limit)
            self._root = str(message.get("root"))
            channel.owns(self._root)
            return channel, Identity.from_hello(message)
        except ProcessEnded as error:
            channel.close(kill=True)
            raise TargetUnavailable(f"it does not start: {error}{_advice(str(error))}") from None
        except DeadlinePassed:
            channel.close(kill=True)
            raise TargetUnavailable(f"it does not start within {limit:g} s") from None
        except ValueError as error:
            channel.close(kill=True)
            raise TargetUnavailable(f"it does not start: {error}") from None
        except BaseException:  # Ctrl-C: it may have made its scratch directory, which only it knows yet
            channel.close()
            raise

    @property
    def lacking(self) -> Mapping[str, str | None]:
        """What cases need that this target does not have, or not for its candidate: None where it is there, else the reason."""
        lacking = self.identity.lacking
        if lacking.get(PROGRAM) is None and self.candidate is not None and self.candidate.module != "imp":
            return {**lacking, PROGRAM: NOT_IMP.format(self.candidate.module)}
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
        message = {
            "kind": candidate.kind,
            "module": candidate.module,
            "files": dict(candidate.files),
            "names": list(names),
            "process": process,
            "limits": LIMITS._asdict(),
        }
        try:
            self._channel.tell(message, LIMITS.load_seconds + MARGIN_SECONDS)
            answer = self._channel.receive(LIMITS.load_seconds + MARGIN_SECONDS)
        except ProcessEnded as error:
            raise TargetUnavailable(f"it ended while it imported its candidate: {error}") from None
        except DeadlinePassed:
            raise TargetUnavailable(f"importing its candidate takes more than {LIMITS.load_seconds:g} s") from None
        loaded, told = answer.get("loaded"), answer.get("answer")
        if loaded is not True or not isinstance(told, list):
            raise TargetUnavailable(self._plain(str(told)))
        if process == WARM:
            self.present = frozenset(map(str, told))

    def _plain(self, text: str) -> str:
        """Name a traveled file as its owner knows it."""
        if self.candidate is not None and self.candidate.about["kind"] == "file":
            name = self.candidate.about["name"]
            text = text.replace(f"{self._root}/candidate/imp.py", name).replace("(imp.py, line", f"({name}, line")
        return printable(text.replace(f"{self._root}/candidate/", ""))[:WHY_SHOWN]

    def observe(self, case: Case, following: Case | None = None) -> Observation:
        """Run one case; a target that dies of it is started again for the next one.

        Args:
            case: the case.
            following: the next one, which the target runs while its host does something else with what this one gave.

        Raises:
            TargetLost: where it cannot be started again.
        """
        if not self.identity.forks and (self._used or case.process != WARM):
            self._restart(kill=False, process=case.process)
        for wanted in (case, following if self.identity.forks else None):
            if wanted is not None and not any(sent is wanted for sent in self._sent):
                self._send(wanted)
        while True:  # what was sent ahead and is not wanted any more is dropped
            first = self._sent[0]
            observation = self._receive(first)
            if first is case:
                return observation

    def _send(self, case: Case) -> None:
        facts = self.identity.facts
        if case.process == OWN and self.spares:
            self.spares -= 1
        message = {
            "code": case.code,
            "process": case.process,
            "options": list(case.options),
            "spares": self.spares,
            "given": case.given,
            "limit": case.limit,
            "watch": case.watched,
            "files": [{**entry, "path": fill_facts(entry["path"], facts)} for entry in case.files],
        }
        self._used = True
        self._sent.append(case)
        with suppress(ProcessEnded, DeadlinePassed):  # receiving finds out
            self._channel.tell(message, case.limit + MARGIN_SECONDS)

    def _receive(self, case: Case) -> Observation:
        """Take the observation of the case that was sent first."""
        root = self._root
        patience = case.limit
        if self.identity.forks:
            patience += MARGIN_SECONDS + (LIMITS.start_seconds if case.process != WARM else 0 if self._warm else LIMITS.load_seconds)
        try:
            answer = self._channel.receive(patience)
            left = self._channel.receive_line(MARGIN_SECONDS)
            ended = answer["ended"]
            observation = Observation(
                how=str(ended["how"]),
                number=ended.get("number"),
                detail=str(ended.get("detail", "")),
                output=answer["output"],
                cwd=str(answer["cwd"]),
                root=root,
                answer=read_object(left),
            )
            self._warm = bool(answer["warm"])
            del self._sent[0]
        except (ProcessEnded, KeyError, TypeError, AttributeError) as error:
            why = str(error) if isinstance(error, ProcessEnded) else "it says what is no answer"
            self._restart(kill=True)
            return Observation("lost", None, why, {}, "", root, None)
        except DeadlinePassed:
            self._restart(kill=True)
            return Observation("timeout", None, "", {}, "", root, None)
        return observation

    def _restart(self, kill: bool, process: str = WARM) -> None:
        """Start the target again, after what it had been sent first; the rest is sent again."""
        self._channel.close(kill)
        waiting = self._sent[1:]
        self._sent.clear()
        self._used = False
        try:
            self._channel, self.identity = self._start(LIMITS.start_seconds)
            assert self.candidate is not None
            self.load(self.candidate, self.names, process)
        except TargetUnavailable as error:
            raise TargetLost(f"the target is lost: {error}") from None
        for case in waiting:
            self._send(case)

    def close(self) -> None:
        """End the target and everything that it started."""
        self._channel.close()


def start_loaded(command: Sequence[str], candidate: Candidate, names: Sequence[str]) -> Session:
    """Start an interpreter and import a candidate in it; where that fails, nothing is left running.

    Raises:
        TargetUnavailable: where either cannot be done.
    """
    session = Session(command)
    try:
        session.load(candidate, names)
    except BaseException:
        session.close()
        raise
    return session


def _advice(why: str) -> str:
    """Say what to do about an interpreter that does not start; empty where nobody knows."""
    if "needs Python 3.4 or later" in why:
        return ": name a newer interpreter with --python"
    if "No module named 'encodings'" in why:
        return ": it does not find its standard library: set PYTHONHOME to where that is, and keep colons out of its path"
    return ""
