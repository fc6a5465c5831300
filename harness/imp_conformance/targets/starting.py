"""Start an interpreter with the agent in it, up to its greeting, and say in words why that fails."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imp_conformance.bundle import PIECE, joined
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.channel import Channel, DeadlinePassed, ProcessEnded
from imp_conformance.portable.printable import printable
from imp_conformance.portable.protocol import BOOT
from imp_conformance.targets.channel import start_channel
from imp_conformance.targets.identity import Identity
from imp_conformance.targets.known import known_piece

WHY_SHOWN = 2000
"""Characters that are told of why a target cannot be started."""

_JOINING = ("ssh", "autossh", "sshpass")
"""Commands that join their words with spaces, for a shell at the other end to read."""


AGENT_FAILED = "the agent failed here, please report it"
"""What is said of a failure that is this project's own, before its description."""

_ABSENT = re.compile(r"AttributeError: (?:partially initialized )?module '([\w.]+)' has no attribute '(\w+)'")


class AgentFailed(Exception):
    """The agent says that it cannot go on; the text is its own description of why."""

    def __init__(self, why: str, forks: bool) -> None:
        super().__init__(why)
        self.forks = forks


@dataclass(frozen=True, slots=True)
class Started:
    """A target that has greeted."""

    channel: Channel
    identity: Identity
    root: str
    """Its scratch directory."""


class EndedBySignal(TargetUnavailable):
    """The target ends by a signal before it has greeted."""


def greeted(command: Sequence[str], limit: float, refused: Mapping[str, str], known: Mapping[str, Any]) -> Started:
    """Start an interpreter and the agent in it.

    Args:
        command: what runs the interpreter.
        limit: seconds that it may take.
        refused: what the agent is not to use, NO_FORK or NO_CTYPES, and why.
        known: what known_extensions() has returned of an earlier start, or nothing.

    Raises:
        TargetUnavailable: where it does not start; EndedBySignal where a signal ends it.
        AgentFailed: where the agent says that it cannot go on.
    """
    agent = joined("agent.main")
    if refused:
        agent += f"{PIECE}host\n" + "".join(f"{name} = {why!a}\n" for name, why in refused.items())
    if known:
        agent += known_piece(known)
    data = agent.encode("ascii")
    try:
        joins = Path(command[0]).name in _JOINING
        channel = start_channel([*command, "-c", shlex.quote(BOOT) if joins else BOOT])
    except OSError as error:
        raise TargetUnavailable(f"{command[0]} cannot be started: {error.strerror}") from None
    try:
        channel.send(b"%8d" % len(data) + data, limit)
        message = channel.receive(limit)
        raise_failure(message)
        root = str(message.get("root"))
        channel.owns(root)
        identity = Identity.from_hello(message)
    except ProcessEnded as error:
        channel.close(kill=True)
        kind = EndedBySignal if "ended by signal" in str(error) else TargetUnavailable
        raise kind(f"it does not start: {needed(str(error))}{_advice(str(error))}") from None
    except DeadlinePassed:
        said = channel.said()
        channel.close(kill=True)
        told = f"; it has said so far: {said}" if said else ""
        why = f"it does not start within {limit:g} s{told}: give it longer with --start-limit SECONDS"
        raise TargetUnavailable(why) from None
    except ValueError as error:
        channel.close(kill=True)
        raise TargetUnavailable(f"it does not start: {error}") from None
    except BaseException:  # Ctrl-C: it may have made its scratch directory, which only it knows yet
        channel.close()
        raise
    return Started(channel, identity, root)


def raise_failure(message: Mapping[str, Any]) -> None:
    """Raise AgentFailed where a message says that the agent cannot go on."""
    if "failed" in message:
        raise AgentFailed(needed(printable(str(message["failed"]))[:WHY_SHOWN]), message.get("forks") is True)


def needed(why: str) -> str:
    """Say of a name that an interpreter lacks that the agent needs it."""
    return _ABSENT.sub(lambda found: f"the agent needs {found[1]}.{found[2]}, which this interpreter does not have", why)


def _advice(why: str) -> str:
    """Say what to do about an interpreter that does not start; empty where nobody knows."""
    if "needs Python 3.4 or later" in why:
        return ": name a newer interpreter with --python"
    if "No module named 'encodings'" in why:
        return ": it does not find its standard library: set PYTHONHOME to where that is, and keep colons out of its path"
    return ""
