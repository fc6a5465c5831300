"""Debian's CPython of other architectures, each under qemu's emulation of one process."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from elsewhere.fetching import debian_tree, needed

PYTHON = "3.11"
"""The series that Debian bookworm has: 3.11.2, with Debian's own fixes."""

EMULATORS = {"s390x": "s390x", "armhf": "arm", "i386": "i386", "arm64": "aarch64"}
"""Debian's names of architectures, with qemu's: one that is big-endian, two of 32 bits, and the commonest other one."""


@contextmanager
def emulated(architecture: str) -> Iterator[str]:
    """Provide the command line of Debian's Python for an architecture.

    Raises:
        Unfetchable: where it cannot be had.
    """
    emulator = f"qemu-{EMULATORS[architecture]}-static"
    needed(emulator)
    tree = debian_tree(f"debian-{architecture}", [f"python{PYTHON}"], architecture)
    yield shlex.join([emulator, "-L", str(tree), str(tree / f"usr/bin/python{PYTHON}")])
