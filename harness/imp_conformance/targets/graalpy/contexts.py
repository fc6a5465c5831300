"""Contexts in one Java that lasts, and the agents in them; the processes that a supervisor of GraalPy starts."""

from __future__ import annotations

import os
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from imp_conformance.bundle import PIECE
from imp_conformance.portable.channel import Channel, DeadlinePassed, ProcessEnded
from imp_conformance.portable.protocol import BOOT, LIMITS, MARGIN_SECONDS, MARK
from imp_conformance.portable.removal import remove_tree

_WORKER = Path(__file__).with_name("worker.py")

_REFUSED = b"second GraalPy context"
"""What GraalPy says in an exception where a context tries to, after another one has."""

_COMPILED = f"{PIECE}compiled\nimport marshal\nwith open({{!a}}, 'rb') as file:\n    AGENT_CODES = marshal.load(file)\n" + (
    "for code in AGENT_CODES:\n    exec(code, globals())\ndel file, code\n"
)
"""The agent's program where its modules are compiled already: reading them takes a context most of its time."""

_CONTEXTS = 200
"""Contexts after which a Java is replaced, since what cases leave open adds up."""

_NUMBERS = count()
RUNNING: list[Channel] = []
"""What was started and may still run."""


def channel_to(command: list[str]) -> Channel:
    """Start a process that the host finds by the mark that it knows, which is what the process's own begins with."""
    channel = Channel(command, mark=f"{os.environ.get(MARK, '')}-{next(_NUMBERS)}")
    RUNNING[:] = [other for other in RUNNING if other.process.poll() is None]
    RUNNING.append(channel)
    return channel


def load(channel: Channel, candidate: dict[str, Any]) -> dict[str, Any]:
    """Have an agent import the candidate; return what it says.

    Raises:
        ProcessEnded, DeadlinePassed: where it says nothing.
    """
    channel.tell(candidate, LIMITS.load_seconds)
    return channel.receive(LIMITS.load_seconds)


def sized(agent: str) -> bytes:
    """Return an agent as the boot code takes it."""
    return b"%8d" % len(agent) + agent.encode("ascii")


class Unusual(Exception):
    """A context did not answer as an agent does that lives until the end of its case."""


class Contexts:
    """A Java, and the agents in its contexts: one is always started ahead."""

    def __init__(self, launcher: str, agent: str) -> None:
        self._launcher = launcher
        self._folder = Path(tempfile.mkdtemp(prefix=f"imp-conformance-{os.environ.get(MARK, '')}-"))
        (self._folder / "agent.txt").write_text(agent, encoding="ascii")
        self._channel: Channel | None = None
        self._count = 0
        self._open = False  # whether a context is to be closed before the next one starts

    def start(self, more: str) -> dict[str, Any]:
        """Have a context whose agent has greeted; return the greeting.

        Args:
            more: what is added to the agent's program.

        Raises:
            ProcessEnded, DeadlinePassed: where there is none.
        """
        if self._open and self._channel is not None:
            try:
                self._channel.receive(LIMITS.reap_seconds)
            except (ProcessEnded, DeadlinePassed):  # a thread of its waits for ever
                self.close()
        self._open = True
        if self._channel is None:
            self._channel = channel_to([self._launcher, str(_WORKER), BOOT, str(self._folder)])
            self._count = 0
        self._count += 1
        self._channel.send(b"\n" + sized(_COMPILED.format(str(self._folder / "agent.codes")) + more), LIMITS.start_seconds)
        return self._channel.receive(LIMITS.start_seconds)

    def load(self, candidate: dict[str, Any]) -> dict[str, Any]:
        """Have the agent that was started import the candidate; return what it says.

        Raises:
            Unusual: where it says nothing.
        """
        assert self._channel is not None
        try:
            return load(self._channel, candidate)
        except (ProcessEnded, DeadlinePassed):
            raise Unusual from None

    def ask(self, case: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Have the agent that has loaded the candidate answer a case; return both lines of the answer.

        Raises:
            Unusual: where its answer does not count.
        """
        assert self._channel is not None
        try:
            self._channel.tell(case, case["limit"] + MARGIN_SECONDS)
            told = self._channel.receive(case["limit"])
            if "ended" not in told:
                raise Unusual
            left = self._channel.receive_line(MARGIN_SECONDS)
            if _REFUSED in left:
                raise Unusual
            self.finish()
        except (ProcessEnded, DeadlinePassed):
            raise Unusual from None
        return told, left

    def finish(self) -> None:
        """See the context to its end.

        Raises:
            Unusual: where it did not end as it must, or has loaded native code.
            ProcessEnded, DeadlinePassed: where it does not end.
        """
        assert self._channel is not None
        if self._channel.receive(LIMITS.reap_seconds) != {"status": 0, "native": False}:
            raise Unusual
        if self._count >= _CONTEXTS:
            self.close()

    def close(self) -> None:
        """End the Java, at once."""
        if self._channel is not None:
            self._channel.close(kill=True)
        self._channel, self._open = None, False

    def forget(self) -> None:
        """Delete the agent's files."""
        remove_tree(str(self._folder))
