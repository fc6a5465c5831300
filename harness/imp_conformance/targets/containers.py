"""Interpreters in container images: the command lines that docker:IMAGE and podman:IMAGE stand for."""

from __future__ import annotations

import shlex
import shutil

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.fetching import is_offline

ENGINES = ("docker", "podman")

START_LIMIT = 600.0
"""Seconds that a container may take to start: its image may have to be fetched first."""

# -i lets the agent read, and ends its input when the client ends, however that happens; the agent then ends the container,
# and --rm deletes it. --init gives the container a first process that reaps what a case leaves behind. A case needs no network.
_OPTIONS = ("run", "--rm", "-i", "--init", "--network=none")


def container_command(text: str) -> tuple[str, ...] | None:
    """Return the command line that a --python of ``ENGINE:IMAGE [INTERPRETER [OPTIONS]]`` stands for, None for any other.

    The interpreter is python3 where left out. Colons belong to the image.

    Raises:
        UnknownTarget: where there is no such engine, or no image is named.
    """
    engine, colon, rest = text.partition(":")
    if engine not in ENGINES or not colon:
        return None
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise UnknownTarget(f"--python {text}: not an image and a command ({error}): fix its quotes") from None
    if not words or words[0].startswith("-"):
        raise UnknownTarget(
            f"--python {text}: names no image: write one such as {engine}:python:3.8-slim; options of {engine}'s own go with "
            f"'cmd:{engine} run --rm -i ...'"
        )
    if shutil.which(engine) is None:
        raise UnknownTarget(f"--python {text}: there is no command {engine!r}: install it, or put it on PATH")
    fetch = ("--pull=never",) if is_offline() else ()
    return (engine, *_OPTIONS, *fetch, words[0], *(words[1:] or ["python3"]))
