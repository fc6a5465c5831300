"""Give each target of a run an id that no other has, and that does not depend on their order."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import replace

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.names import interpreter_id, is_id
from imp_conformance.targets.target import Request, Target

_MARK_LENGTH = 6
"""Characters of a digest: they tell apart the few builds of a run that agree in all else."""


def told_apart(targets: Sequence[Target]) -> list[Target | None]:
    """Return the targets of a run with unlike ids, which do not depend on their order.

    Where builds agree in all that an id says, each gets a digest of what it says of itself. One build that is asked for by several
    commands, such as with options, gets one of each command. A build that a range finds again is None there.

    Raises:
        UnknownTarget: where one command is asked for twice.
    """
    alike: dict[str, list[Target]] = {}
    for target in targets:
        alike.setdefault(target.id, []).append(target)
    kept: dict[int, Target] = {}
    for group in alike.values():
        chosen = _without_copies(group)
        kept.update({id(target): _marked(target, chosen) if len(chosen) > 1 else target for target in chosen})
    return [kept.get(id(target)) for target in targets]


def _without_copies(group: Sequence[Target]) -> list[Target]:
    """Return targets that have one id, without those of a range that are copies of another one."""
    chosen: list[Target] = []
    for target in sorted(group, key=lambda target: (not target.named, target.command)):
        copies = [other for other in chosen if other.stamp == target.stamp and (target.stamp or other.command == target.command)]
        twice = next((other for other in copies if other.command == target.command), None)
        if twice is not None and target.named:
            raise UnknownTarget(f"--python {twice.asked} and --python {target.asked} are one target, {target.id}: leave one of them out")
        if target.named or not copies:
            chosen.append(target)
    return chosen


def _marked(target: Target, group: Sequence[Target]) -> Target:
    """Return a target with a digest in its id, and in what is said of its build, which no other of the group has."""
    alone = sum(other.stamp == target.stamp for other in group) == 1
    told = target.stamp if alone else f"{target.stamp}\0{shlex.join(target.command)}"
    mark = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:_MARK_LENGTH]
    if not target.identity:
        return replace(target, id=f"{target.id}-{mark}")
    identity = {**target.identity, "build": "-".join(filter(None, (target.identity["build"], mark)))}
    tail = target.id.removeprefix(interpreter_id(target.identity))
    return replace(target, id=interpreter_id(identity) + tail, identity=identity)


def given_id(text: str, requests: Sequence[Request]) -> str:
    """Check an --id.

    Raises:
        UnknownTarget: where it cannot name a file, or there are several targets.
    """
    if len(requests) > 1:
        raise UnknownTarget(f"--id {text}: there are {len(requests)} targets: give it with one --python, or leave it out")
    if not is_id(text):
        raise UnknownTarget(
            f"--id {text}: it names files: begin with a letter or a digit, and use at most 100 letters, digits, dots, hyphens, "
            "underscores and plus signs; .partial and .shard-1-of-2 are endings of other files"
        )
    return text
