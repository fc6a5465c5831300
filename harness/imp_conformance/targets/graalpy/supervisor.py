"""The agent's supervisor for GraalPy: it is a target to the host, and has an agent of its own answer each case.

    python supervisor.py LAUNCHER

It takes the agent and then lines of JSON over standard input, as ``python -c`` does with the host's boot code, which may follow as
further arguments. An agent runs in a context of a Java that lasts (worker.py), which takes a tenth of a process's start. A case that
ends its context, overruns its time or has native code loaded is asked again in a process of its own, whose answer counts.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

if __name__ == "__main__":  # started by its path, so that no folder of the user's is looked at
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from imp_conformance.portable.channel import Channel, DeadlinePassed, ProcessEnded
from imp_conformance.portable.observation import decode
from imp_conformance.portable.protocol import BOOT, LIMITS, MARGIN_SECONDS, WARM
from imp_conformance.targets.graalpy.contexts import RUNNING, Contexts, Unusual, channel_to, load, sized
from imp_conformance.targets.known import known_extensions, known_piece

_NATIVE = re.compile(r"dynamic|Extension|C_EXTENSION|\.so\b|facts\.(extension(_path|_kind|_defines)?|multi_phase\w*)\b")
"""What says that a case loads native code, or tries to: it is asked in a process at once."""


class Supervisor:
    """Answers the host."""

    def __init__(self, launcher: str, agent: str) -> None:
        self._launcher = launcher
        self._agent = agent
        self._known = ""  # what is added to the agent once it has greeted
        self.contexts = Contexts(launcher, agent)
        self._ahead: dict[str, Any] | None = None  # the greeting of an agent that waits
        self._loaded = False  # whether it has imported the candidate
        self._candidate: dict[str, Any] = {}

    def hello(self) -> dict[str, Any]:
        """Return the greeting: to the host, what lasts is as good as what forks."""
        first = self.contexts.start(self._known)
        if "failed" in first:
            return first
        self._ahead = first
        facts = {name: decode(tree) for name, tree in first["facts"].items()}
        self._known = known_piece(known_extensions(facts, first["lacking"]))
        return {**first, "forks": True, "without": []}

    def load(self, candidate: dict[str, Any]) -> dict[str, Any]:
        """Take the candidate; return what an agent says of it."""
        self._candidate = candidate
        try:
            answer = self.contexts.load({**candidate, "process": WARM})
            self._loaded = answer.get("loaded") is True
            return answer
        except Unusual:
            self.drop()
        channel = channel_to([self._launcher, "-c", BOOT])
        try:
            self._greet(channel)
            return load(channel, {**candidate, "process": WARM})
        finally:
            channel.close(kill=True)

    def answer(self, case: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the two lines that answer a case."""
        candidate = {**self._candidate, "process": case["process"]}
        if _NATIVE.search(case["code"] + (case["given"] or "")):
            return self._alone(candidate, case)
        try:
            if self._loaded and case["process"] != WARM:
                self.drop()
            root = self.ready()["root"]
            if not self._loaded and self.contexts.load(candidate).get("loaded") is not True:
                raise Unusual
            self._ahead, self._loaded = None, False
            told, left = self.contexts.ask(case)
            return {**told, "root": root, "warm": False}, left
        except Unusual:
            self.drop()
        return self._alone(candidate, case)

    def drop(self) -> None:
        """End the Java and what was started ahead in it."""
        self.contexts.close()
        self._ahead, self._loaded = None, False

    def ready(self) -> dict[str, Any]:
        """Have an agent started ahead; return its greeting.

        Raises:
            Unusual: where there is none.
        """
        if self._ahead is None:
            try:
                self._ahead = self.contexts.start(self._known)
            except (ProcessEnded, DeadlinePassed):
                raise Unusual from None
        return self._ahead

    def _alone(self, candidate: dict[str, Any], case: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Have an agent answer that has a process of its own."""
        channel = channel_to([self._launcher, "-c", BOOT])
        killed = True
        try:
            root = self._greet(channel)["root"]
            loaded = load(channel, candidate)
            if loaded.get("loaded") is not True:
                return ended("not-run", f"the candidate cannot be imported any more: {loaded.get('answer')}"), b"null"
            channel.tell(case, case["limit"] + MARGIN_SECONDS)
            told = channel.receive(case["limit"])
            left = channel.receive_line(MARGIN_SECONDS) if "ended" in told else b"null"
            killed = False
            return {**told, "root": root, "warm": False}, left
        except ProcessEnded as error:
            return ended("lost", str(error)), b"null"
        except DeadlinePassed:
            return ended("timeout", ""), b"null"
        finally:
            channel.close(killed)

    def _greet(self, channel: Channel) -> dict[str, Any]:
        channel.send(sized(self._agent + self._known), LIMITS.start_seconds)
        greeting = channel.receive(LIMITS.start_seconds)
        channel.owns(greeting["root"])
        return greeting

    def close(self) -> None:
        """Leave nothing running."""
        self.contexts.close()
        self.contexts.forget()


def ended(how: str, detail: str) -> dict[str, Any]:
    """Return what is told of a case that left no answer."""
    return {"ended": {"how": how, "detail": detail}, "output": {}, "cwd": "", "warm": False}


def _listen(source: BinaryIO, heard: SimpleQueue[bytes], contexts: Contexts) -> None:
    """Pass on what the host says; when it has gone, whatever runs is ended at once, since nobody waits for it."""
    for line in source:
        heard.put(line)
    for channel in RUNNING:
        channel.close(kill=True)
    contexts.forget()
    os._exit(0)


def main(launcher: str) -> None:
    """Answer the host until it has gone."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    size = source.read(8)
    supervisor = Supervisor(launcher, source.read(int(size)).decode("ascii"))
    heard: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(source, heard, supervisor.contexts), daemon=True).start()

    def say(message: dict[str, Any], left: bytes | None = None) -> None:
        line = json.dumps(message).encode("ascii") + b"\n"
        sink.write(line if left is None else line + left + b"\n")
        sink.flush()

    try:
        say(supervisor.hello())
        say(supervisor.load(json.loads(heard.get())))
        while True:
            say(*supervisor.answer(json.loads(heard.get())))
            with suppress(Unusual):
                supervisor.ready()  # the next agent starts while the host judges
    finally:
        supervisor.close()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (ProcessEnded, DeadlinePassed) as error:
        sys.exit(f"GraalPy does not start: {error or 'it takes too long'}")
