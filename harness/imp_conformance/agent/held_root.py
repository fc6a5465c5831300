"""The target's directory as it was made: a case can put something else in its place, mount over it, or move it away."""

import os

from imp_conformance.agent.captured import real_fstat, real_lstat
from imp_conformance.portable.removal import mount_numbers, uncover

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # noqa: F401  # novm

read_link = getattr(os, "readlink", None)  # type: Any
file_system = getattr(os, "statvfs", None)  # type: Any
FEW_FILES, FEW_BYTES = 64, 1 << 20  # what a case may need


class HeldRoot:
    """A directory that stays open, so that its number is nobody else's and the system tells where it has gone (Linux)."""

    def __init__(self, path: str) -> None:
        """Note which directory it is, and what is mounted by now."""
        self.path = path
        self.why = ""  # why it is lost
        self.lost = False  # whether something else is in its place: nothing may be written or deleted there
        self.notices = []  # type: list[str]  # for the user
        self.mounts = mount_numbers()
        self.descriptor = -1
        self.note()

    def note(self) -> None:
        """Hold the directory that is there now."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = os.open(self.path, os.O_RDONLY)
        self.made = identity_of(real_fstat(self.descriptor))

    def look(self) -> bool:
        """Say whether it is lost. What is mounted over it is unmounted; one that was deleted is not lost, but can be made anew."""
        if not self.lost and not self.in_place():
            places = uncover(self.path, self.mounts)
            self.notices += ["a case has mounted something over {}, which is unmounted".format(place) for place in places]
            if not self.in_place() and (os.path.lexists(self.path) or real_fstat(self.descriptor).st_nlink):
                self.lost = True
                self.why = "a case has moved {}, or put something else in its place".format(self.path)
                self.notices.append(self.why + ": the target starts again in another directory")
        return self.lost

    def in_place(self) -> bool:
        """Say whether it is where it was made."""
        return is_directory(self.path, self.made)

    def where(self) -> "str | None":
        """Return where it is now, None where that cannot be found out, or it is nowhere."""
        self.look()
        path = self.path
        if not self.in_place() and read_link is not None:
            try:
                path = read_link("/proc/self/fd/{}".format(self.descriptor))
            except OSError:
                return None
        return path if is_directory(path, self.made) else None

    def take_notices(self) -> "list[str]":
        """Return what the user is to be told, once."""
        taken, self.notices = self.notices, []
        return taken

    def is_crowded(self) -> bool:
        """Say whether there is hardly room for another file."""
        if file_system is None:
            return False
        try:
            room = file_system(self.path)
        except OSError:
            return False
        return bool(room.f_bavail * room.f_frsize < FEW_BYTES or (room.f_files and room.f_favail < FEW_FILES))


def identity_of(status: os.stat_result) -> "tuple[int, int]":
    """Return what no two directories share that are there at one time."""
    return status.st_dev, status.st_ino


def is_directory(path: str, made: "tuple[int, int]") -> bool:
    """Say whether a path, which is no link, leads to a directory that is known by its identity."""
    try:
        return identity_of(real_lstat(path)) == made
    except OSError:
        return False
