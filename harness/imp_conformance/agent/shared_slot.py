"""The memory in which a case leaves its observation, whatever it does to its descriptors."""

import os
import struct

from imp_conformance.agent.captured import mmap, real_getpid

NUMBER = struct.Struct("<Q")  # of a case: a random one, that nothing but its own process learns
PID = struct.Struct("<I")
LEFT = struct.Struct("<QI")  # what goes before an observation: the number of the case, and the observation's bytes
SLOT_HEAD = PID.size + LEFT.size


class SharedSlot:
    """Memory that the three processes share.

    The process that takes a case puts its id there, and then its observation, under a number that only its task names.
    """

    def __init__(self, limit: int) -> None:
        """Make room for an observation of so many bytes."""
        self.limit, self.number = limit, 0
        self.memory = mmap.mmap(-1, SLOT_HEAD + limit)

    def clear(self) -> int:
        """Forget the last case and return the number of the next."""
        self.number = NUMBER.unpack(os.urandom(NUMBER.size))[0]
        self.memory[:SLOT_HEAD] = bytes(SLOT_HEAD)
        return self.number

    def enter(self) -> None:
        """Note that this process has taken the case."""
        PID.pack_into(self.memory, 0, real_getpid())

    def leave(self, number: int, data: bytes) -> None:
        """Leave an observation; one that is too long is not."""
        length = len(data)
        if length <= self.limit:
            self.memory[SLOT_HEAD : SLOT_HEAD + length] = data
            LEFT.pack_into(self.memory, PID.size, number, length)

    def pid(self) -> int:
        """Return the process id of the case that runs, 0 where none was begun yet."""
        return int(PID.unpack_from(self.memory, 0)[0])

    def observation(self) -> bytes:
        """Return what the case left, ``null`` where that is nothing."""
        number, length = LEFT.unpack_from(self.memory, PID.size)
        data = self.memory[SLOT_HEAD : SLOT_HEAD + length] if number == self.number and length <= self.limit else b""
        return data if data and b"\n" not in data else b"null"
