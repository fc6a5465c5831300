"""A target while it runs: its facts, its loaded candidate, and the observations that it makes of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imp_conformance.candidate import Candidate
from imp_conformance.catalogue import Case
from imp_conformance.channel import Channel, DeadlinePassed, ProcessEnded
from imp_conformance.comparison import fill_facts
from imp_conformance.data import package_text
from imp_conformance.errors import TargetLost, TargetUnavailable
from imp_conformance.observed import Observation, decode

START_LIMIT = 30.0
"""Seconds that an interpreter may take to start."""

LOAD_LIMIT = 60.0
"""Seconds that importing a candidate may take."""

MARGIN = 15.0
"""Seconds beyond a case's own limit after which the target itself is taken for stuck."""

# Small enough for any command line; what it reads is all that a target ever needs.
BOOT = """\
import os, sys
def take(n):
    data = b''
    while len(data) < n:
        more = os.read(0, n - len(data))
        more or sys.exit('the input ended before the agent had come')
        data += more
    return data
sys.version_info >= (3, 4) or sys.exit('the agent needs Python 3.4 or later, this is ' + sys.version.split()[0])
exec(compile(take(int(take(8))), '<imp-conformance agent>', 'exec'))
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an interpreter says of itself."""

    implementation: str
    version: str
    release: str
    platform: str
    forks: bool
    facts: Mapping[str, Any] = field(repr=False)
    lacking: Mapping[str, str | None] = field(repr=False)

    @property
    def series(self) -> str:
        """Its X.Y."""
        return ".".join(self.version.split(".")[:2])

    @classmethod
    def from_hello(cls, message: Mapping[str, Any]) -> Identity:
        """Read the agent's first message."""
        facts = {name: decode(tree) for name, tree in message["facts"].items()}
        return cls(
            implementation=message["implementation"],
            version=message["version"],
            release=message["release"],
            platform=message["platform"],
            forks=message["forks"],
            facts=facts,
            lacking=message["lacking"],
        )


class Session:
    """A running target."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the interpreter and the agent in it.

        Raises:
            TargetUnavailable: where either does not start.
        """
        self.command = tuple(command)
        self.candidate: Candidate | None = None
        self.names: tuple[str, ...] = ()
        self.present: frozenset[str] = frozenset()
        self._used = False
        self._channel, self.identity = self._start()

    def _start(self) -> tuple[Channel, Identity]:
        agent = package_text("agent.py").encode("utf-8")
        try:
            channel = Channel([*self.command, "-c", BOOT])
        except OSError as error:
            raise TargetUnavailable(f"{self.command[0]} cannot be started: {error.strerror}") from None
        try:
            channel.send(b"%8d" % len(agent) + agent, START_LIMIT)
            message = channel.receive(START_LIMIT)
            channel.owns(message["root"])
            self._root = message["root"]
            return channel, Identity.from_hello(message)
        except ProcessEnded as error:
            channel.close(kill=True)
            raise TargetUnavailable(f"it does not start: {error}") from None
        except DeadlinePassed:
            channel.close(kill=True)
            raise TargetUnavailable(f"it does not start within {START_LIMIT:g} s") from None
        except (KeyError, TypeError, ValueError):
            channel.close(kill=True)
            raise TargetUnavailable("it does not start: what it says is not the agent's greeting") from None
        except BaseException:  # Ctrl-C: it may have made its scratch directory, which only it knows yet
            channel.close()
            raise

    def load(self, candidate: Candidate, names: Sequence[str]) -> None:
        """Import the candidate; names are the attributes of imp to look for in it.

        Raises:
            TargetUnavailable: where it cannot be imported.
        """
        self.candidate, self.names = candidate, tuple(names)
        message = {
            "kind": candidate.kind,
            "module": candidate.module,
            "files": dict(candidate.files),
            "names": list(names),
            "limit": str(LOAD_LIMIT),
        }
        try:
            answer = self._channel.exchange(message, LOAD_LIMIT + MARGIN)
        except ProcessEnded as error:
            raise TargetUnavailable(f"it ended while it imported its candidate: {error}") from None
        except DeadlinePassed:
            raise TargetUnavailable(f"importing its candidate takes more than {LOAD_LIMIT:g} s") from None
        if not answer["loaded"]:
            raise TargetUnavailable(self._plain(str(answer["answer"])))
        self.present = frozenset(answer["answer"])

    def _plain(self, text: str) -> str:
        """Name a traveled file as its owner knows it."""
        if self.candidate is not None and self.candidate.about["kind"] == "file":
            name = self.candidate.about["name"]
            text = text.replace(f"{self._root}/candidate/imp.py", name).replace("(imp.py, line", f"({name}, line")
        return text.replace(f"{self._root}/candidate/", "")

    def observe(self, case: Case) -> Observation:
        """Run one case; a target that dies of it is started again for the next one.

        Raises:
            TargetLost: where it cannot be started again.
        """
        if self._used and not self.identity.forks:
            self._restart()
        self._used = True
        facts = self.identity.facts
        message = {
            "code": case.code,
            "fresh": case.fresh,
            "given": case.given,
            "limit": str(case.limit),
            "files": [{**entry, "path": fill_facts(entry["path"], facts)} for entry in case.files],
        }
        root = self._root
        try:
            answer = self._channel.exchange(message, case.limit + LOAD_LIMIT + MARGIN if self.identity.forks else case.limit)
        except ProcessEnded as error:
            self._restart()
            return Observation("lost", None, str(error), {}, "", root, None)
        except DeadlinePassed:
            self._restart(kill=True)
            return Observation("timeout", None, "", {}, "", root, None)
        ended = answer["ended"]
        return Observation(
            how=ended["how"],
            number=ended.get("number"),
            detail=ended.get("detail", ""),
            output=answer["output"],
            cwd=answer["cwd"],
            root=root,
            answer=answer["answer"],
        )

    def _restart(self, kill: bool = False) -> None:
        self._channel.close(kill=kill)
        self._used = False
        try:
            self._channel, self.identity = self._start()
            assert self.candidate is not None
            self.load(self.candidate, self.names)
        except TargetUnavailable as error:
            raise TargetLost(f"the target is lost: {error}") from None

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
