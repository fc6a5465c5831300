"""The memory in which a case leaves its observation, whatever it does to its descriptors."""

import os
import struct

from imp_conformance.agent.captured import mmap, real_close, real_getpid, real_lseek, real_open, real_read, real_write
from imp_conformance.agent.means import FILE, MAPPED, MEANS

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

NUMBER = struct.Struct("<Q")  # of a case: a random one, that nothing but its own process learns
PID = struct.Struct("<I")
LEFT = struct.Struct("<QI")  # what goes before an observation: the number of the case, and the observation's bytes
SLOT_HEAD = PID.size + LEFT.size
FAILURE_BYTES = 1024  # at the end of a slot: why a process fails that was to take a case
SLOT_EXTRA = SLOT_HEAD + FAILURE_BYTES


class SharedFile:
    """A file that stands in for memory where no memory can be shared; it is opened each time, since a case may close any descriptor."""

    def __init__(self, path: str) -> None:
        """Make it."""
        self.path = path
        real_close(real_open(path, os.O_RDWR | os.O_CREAT, 0o600))

    def __getitem__(self, span: slice) -> bytes:
        """Return what was written there; nothing where the file has gone."""
        try:
            source = real_open(self.path, os.O_RDONLY)
        except OSError:
            return bytes(span.stop - span.start)
        try:
            real_lseek(source, span.start, 0)
            return bytes(real_read(source, span.stop - span.start)).ljust(span.stop - span.start, b"\0")
        finally:
            real_close(source)

    def __setitem__(self, span: slice, data: bytes) -> None:
        """Write data there; it comes back as long as the span is."""
        sink = real_open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            real_lseek(sink, span.start, 0)
            while data:
                data = data[real_write(sink, data) :]
        finally:
            real_close(sink)


def mapped(path: str, file: int, size: int) -> "Any":
    """Return memory that this process shares with its forks, and with others where it is that of an open file."""
    made = -1
    if file < 0 and MEANS.memory == MAPPED:
        file = made = real_open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(made, size)
    try:
        return mmap.mmap(file, size)
    finally:
        if made >= 0:
            real_close(made)


class SharedSlot:
    """Memory that the three processes share.

    The process that takes a case puts its id there, and then its observation, under a number that only its task names.
    """

    def __init__(self, limit: int, path: str, file: int = -1) -> None:
        """Make room for an observation.

        Args:
            limit: its bytes.
            path: of the file that is mapped or written where memory without a name is not shared.
            file: a descriptor of an open file of that size, for a process that is no fork of this one.
        """
        self.limit, self.number = limit, 0
        self.memory = SharedFile(path) if MEANS.memory == FILE else mapped(path, file, SLOT_EXTRA + limit)  # type: Any

    def clear(self) -> int:
        """Forget the last case and return the number of the next."""
        self.number = NUMBER.unpack(os.urandom(NUMBER.size))[0]
        self.memory[0:SLOT_HEAD] = bytes(SLOT_HEAD)
        return self.number

    def enter(self) -> None:
        """Note that this process has taken the case."""
        self.memory[0 : PID.size] = PID.pack(real_getpid())

    def leave(self, number: int, data: bytes) -> None:
        """Leave an observation; one that is too long is not."""
        length = len(data)
        if length <= self.limit:
            self.memory[SLOT_HEAD : SLOT_HEAD + length] = data
            self.memory[PID.size : SLOT_HEAD] = LEFT.pack(number, length)

    def failure(self) -> str:
        """Return why a process has failed that was to take a case, empty where none says so."""
        text = bytes(self.memory[SLOT_HEAD + self.limit : SLOT_EXTRA + self.limit])
        return text.rstrip(b"\0").decode("utf-8", "replace")

    def fail(self, why: str) -> None:
        """Leave word of why this process takes no case."""
        text = why.encode("utf-8", "replace")[:FAILURE_BYTES]
        self.memory[SLOT_HEAD + self.limit : SLOT_EXTRA + self.limit] = text.ljust(FAILURE_BYTES, b"\0")

    def pid(self) -> int:
        """Return the process id of the case that runs, 0 where none was begun yet."""
        return int(PID.unpack(self.memory[0 : PID.size])[0])

    def observation(self) -> bytes:
        """Return what the case left, ``null`` where that is nothing."""
        number, length = LEFT.unpack(self.memory[PID.size : SLOT_HEAD])
        data = self.memory[SLOT_HEAD : SLOT_HEAD + length] if number == self.number and length <= self.limit else b""
        return data if data and b"\n" not in data else b"null"
