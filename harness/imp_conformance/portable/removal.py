"""Delete a directory, whatever a case has made of it.

The agent and the host share it: standard library only, CPython 3.4 syntax.
"""

import binascii
import errno
import os
import re
import stat
import time

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable  # novm

_COMMANDS = ("/bin", "/usr/bin", "/sbin", "/usr/sbin")
"""Where commands are looked for: a PATH may lead to others of the same names."""


def remove_tree(top: str, alive: "Callable[[], None]" = lambda: None) -> bool:
    """Delete a directory, however deep it is and whatever permissions it has, and say whether it is gone.

    Links are not followed, and what is mounted there is not entered: it is somebody else's.

    Args:
        top: the directory.
        alive: is called every second, for whoever waits.
    """
    if not _removed(top, alive):
        free_tree(top)
        _removed(top, alive)
    return not os.path.lexists(top)


def free_tree(top: str) -> None:
    """Undo what keeps even root from deleting files: mounts, and the attributes immutable and append-only."""
    own = os.path.realpath(top)
    for place in reversed([place for _, place in _mounts() if place == own or place.startswith(own + "/")]):
        _command("umount", "-l", place)
    _command("chattr", "-R", "-f", "-i", "-a", top)


def _removed(top: str, alive: "Callable[[], None]") -> bool:
    """Delete a directory as far as that can be done by the usual means, and say whether it is gone."""
    try:
        os.rmdir(top)
        return True
    except OSError as error:
        if error.errno in (errno.EBUSY, errno.ENOENT):
            return error.errno == errno.ENOENT  # a busy one is where something is mounted
    # What is deep comes up before it is looked into, so that no path grows too long and nothing recurses.
    pending, told = [top], time.monotonic()
    while pending:
        folder = pending.pop()
        try:
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                os.unlink(folder)
                continue
            os.chmod(folder, 0o700)
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            if time.monotonic() - told > 1:
                alive()
                told = time.monotonic()
            path = os.path.join(folder, name)
            try:
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    pending.append(_moved_up(path, top))
                else:
                    os.unlink(path)
            except OSError:
                continue
        if folder != top:
            _remove_directory(folder)
    return _remove_directory(top) or not os.path.lexists(top)


def _moved_up(path: str, top: str) -> str:
    """Move a directory up to the top, and return its path there.

    Raises OSError, also where something is mounted: no look into it, nor any change of its permissions, comes before this.
    """
    moved = os.path.join(top, "trash-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
    try:
        os.rename(path, moved)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise
        os.chmod(path, 0o700)
        os.rename(path, moved)
    return moved


def _remove_directory(path: str) -> bool:
    try:
        os.rmdir(path)
        return True
    except OSError:
        return False  # it is gone, or something in it refuses to go


def mount_numbers() -> "frozenset[str]":
    """Return what tells the mounts that there are now from those to come."""
    return frozenset([number for number, _ in _mounts()])


def uncover(path: str, known: "frozenset[str]") -> "list[str]":
    """Unmount what is mounted over a path or a directory above it, unless it is known, and return the places."""
    covering = [place for number, place in _mounts() if number not in known and (path + "/").startswith(place.rstrip("/") + "/")]
    for place in reversed(covering):
        _command("umount", "-l", place)
    return covering


def _mounts() -> "list[tuple[str, str]]":
    """Return the number of each mount and its place, in the order in which that was done (Linux)."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    fields = [line.split(" ") for line in lines]
    return [(words[0], re.sub(r"\\(\d{3})", lambda found: chr(int(found.group(1), 8)), words[4])) for words in fields]


def _command(name: str, *arguments: str) -> None:
    """Run a command of the system, where it is there."""
    spawn = getattr(os, "spawnv", None)
    path = next((path for path in (os.path.join(folder, name) for folder in _COMMANDS) if os.path.exists(path)), None)
    if spawn is None or path is None:
        return
    try:
        spawn(0, path, [name] + list(arguments))  # 0 is os.P_WAIT
    except OSError:  # there are too many processes
        pass
