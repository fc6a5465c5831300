"""What is costly to make, cached from one process to the next under the digest of all that it depends on.

Whatever is changed, whatever its time and size then say, has another digest, so an entry is right or unused. An entry is
pickles in a folder of the user's cache directory that nobody else can write to, each sealed with its own digest. Where there
can be no such folder, or an entry is not as it was written, there is none, and what it held is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from imp_conformance.errors import FileUnwritable
from imp_conformance.resources import replacing

_SEAL = 20
"""Bytes of the digest that stands before each part of an entry, to tell a damaged one."""


def contents(base: Path, files: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Return files as parts of a digest, in order of their paths, which are told from a base."""
    return [(str(path.relative_to(base)), path.read_bytes()) for path in sorted(files)]


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """Return the digest of named bytes."""
    found = hashlib.blake2b(digest_size=16)
    for name, data in parts:
        found.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        found.update(data)
    return found.hexdigest()


def entry_name(kind: str, parts: Iterable[tuple[str, bytes]]) -> str:
    """Return the name of the entry that depends on these parts."""
    return f"{kind}-{digest(parts)}"


def read(name: str) -> Iterator[Any]:
    """Yield the parts of an entry, each when it is asked for, up to the first that is not there as it was written."""
    with contextlib.suppress(Exception):  # whatever is wrong with an entry, what it held can be made again
        if not _own(os.lstat(_folder())):
            return
        with os.fdopen(os.open(_folder() / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            if not _own(os.fstat(file.fileno())):
                return
            while size := file.read(8):
                seal, data = file.read(_SEAL), file.read(int.from_bytes(size))
                if seal != hashlib.blake2b(data, digest_size=_SEAL).digest():
                    return
                yield pickle.loads(data)


def write(kind: str, name: str, parts: Sequence[object], entries: int) -> None:
    """Cache an entry, whole or not at all, and no more of its kind than so many, the newest ones."""
    pickled = [pickle.dumps(part, pickle.HIGHEST_PROTOCOL) for part in parts]
    data = b"".join(len(part).to_bytes(8) + hashlib.blake2b(part, digest_size=_SEAL).digest() + part for part in pickled)
    with contextlib.suppress(OSError, FileUnwritable):  # a cache directory that cannot be written to: the next process makes it again
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _own(os.lstat(folder)):
            return
        with replacing(folder / name, mode=0o600) as fresh:
            fresh.write_bytes(data)
        found = sorted(folder.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in found[entries:]:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return platformdirs.user_cache_path("imp-conformance")


def _own(status: os.stat_result) -> bool:
    """Say whether nobody but this user can have written something."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
