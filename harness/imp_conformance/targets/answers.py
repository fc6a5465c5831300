"""What a target has answered to a case, or has not, as an observation."""

from __future__ import annotations

from typing import Any

from imp_conformance.portable.channel import read_object
from imp_conformance.portable.observation import Observation
from imp_conformance.portable.printable import printable
from imp_conformance.targets.starting import WHY_SHOWN, raise_failure


def observed(answer: dict[str, Any], left: bytes, root: str) -> Observation:
    """Read an answer.

    Args:
        answer: the message that says how the case ended.
        left: the line that follows it, which the case has left.
        root: the target's scratch directory, unless the answer names another.

    Raises:
        AgentFailed: where the agent has failed before the case began.
        KeyError, TypeError, AttributeError: where it is no answer.
    """
    ended = answer["ended"]
    observation = Observation(
        how=str(ended["how"]),
        number=ended.get("number"),
        detail=str(ended.get("detail", "")),
        output=answer["output"],
        cwd=str(answer["cwd"]),
        root=str(answer.get("root", root)),
        answer=read_object(left),
    )
    if observation.answer is not None and "broken" in observation.answer:
        raise_failure({"failed": observation.answer["broken"]})
    return observation


def notices_of(answer: dict[str, Any]) -> list[str]:
    """Return what an answer has for the user."""
    found = answer.get("notices")
    return [printable(str(text))[:WHY_SHOWN] for text in found] if isinstance(found, list) else []


def lost(why: str, root: str) -> Observation:
    """Observe that the target has ended, or can say nothing that makes sense any more."""
    return Observation("lost", None, why, {}, "", root, None)


def late(root: str) -> Observation:
    """Observe that no answer comes."""
    return Observation("timeout", None, "", {}, "", root, None)
