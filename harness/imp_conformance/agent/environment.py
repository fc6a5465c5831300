"""Put the interpreter into the state that the catalogue assumes, however it was started, before anything is loaded.

What the user's shell, an image or a command line sets for the interpreter is not to change a verdict. What cannot be put
right once it runs is told by unsettled().
"""

import io
import os
import signal
import sys
import tempfile

from imp_conformance.agent.captured import SIG_SETMASK, real_getrlimit, real_setrlimit, real_sigmask, resource
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.means import MEANS
from imp_conformance.agent.scratch import make_folders
from imp_conformance.portable.protocol import ENVIRONMENT_KEPT
from imp_conformance.portable.removal import remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable  # novm
    from typing import Any  # noqa: F401  # novm

TEMPORARY = "tmp"
STACK_BYTES = 8 << 20
DESCRIPTORS = 1024
NOISY_VARIABLES = ("PYTHONPROFILEIMPORTTIME", "PYTHONMALLOCSTATS")
OTHER_VARIABLES = ("SOURCE_DATE_EPOCH",)  # from 3.7 on, py_compile and others write another kind of bytecode where it is set
NOISE = [name for name in NOISY_VARIABLES if os.environ.get(name) and not sys.flags.ignore_environment]
ENCODING_WARNS = bool(getattr(sys.flags, "warn_default_encoding", False))  # open() without an encoding warns, from 3.10 on


LAST_LOOK = {}  # type: dict[str, tuple[float, ...]]  # of the directory for temporary files, when it was made
PLACES = [getattr(sys, name, None) for name in ("pycache_prefix", "executable", "_base_executable")]  # as the interpreter was started
PLACES.extend((sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, os.environ.get("HOME"), os.environ.get("TMPDIR")))
PLACES.extend(sys.path)


def settle() -> None:
    """Put right all that can be."""
    for step, what in ((settle_umask, "the usual umask"), (raise_limits, "the usual limits"), (heed_signals, "the usual signals")):
        try:
            step()
        except Exception as error:  # whatever it is, cases can be run with what there is
            MEANS.lose(what, describe_own_failure(error), "it stays as it is")
    if hasattr(sys, "pycache_prefix"):
        sys.pycache_prefix = None  # novm
    sys.settrace(None)
    sys.setprofile(None)
    if hasattr(sys, "set_int_max_str_digits"):
        getattr(sys, "set_int_max_str_digits")(getattr(sys.int_info, "default_max_str_digits"))  # noqa: B009 - of 3.11 and later
    for name in [name for name in os.environ if name.startswith("PYTHON") or name in OTHER_VARIABLES]:
        if name not in ENVIRONMENT_KEPT:
            del os.environ[name]
    for name, errors in (("stdout", "surrogateescape"), ("stderr", "backslashreplace")):
        settle_stream(name, errors)


def settle_umask() -> None:
    """Let files that are made be those of a usual user."""
    os.umask(0o022)


def settle_stream(name: str, errors: str) -> None:
    """Let a standard stream write UTF-8, whatever PYTHONIOENCODING or the locale says."""
    stream = getattr(sys, name)  # type: Any
    try:
        buffer = stream.detach()
        settled = io.TextIOWrapper(buffer, "utf-8", errors, line_buffering=stream is sys.stderr)
    except (AttributeError, ValueError, io.UnsupportedOperation):  # it is closed, or something else than usual
        return
    settled.mode = "w"  # type: ignore[misc]
    setattr(sys, name, settled)
    setattr(sys, "__" + name + "__", settled)


def raise_limits() -> None:
    """Give this process what a usual one has, as far as it may take it."""
    if real_getrlimit is None or real_setrlimit is None or not hasattr(resource, "RLIM_INFINITY"):
        return
    wanted = dict.fromkeys(("CPU", "FSIZE", "DATA", "AS", "RSS", "NPROC", "SIGPENDING"), resource.RLIM_INFINITY)
    wanted.update(NOFILE=DESCRIPTORS, STACK=STACK_BYTES)
    for name, amount in wanted.items():
        kind = getattr(resource, "RLIMIT_" + name, None)
        if kind is None:
            continue
        try:
            soft, hard = real_getrlimit(kind)
            least = lower(amount, hard)
            if lower(soft, least) != least:
                real_setrlimit(kind, (least, hard))
        except (OSError, ValueError):
            continue


def lower(one: int, other: int) -> int:
    """Return the lower of two limits."""
    if resource.RLIM_INFINITY in (one, other):
        return other if one == resource.RLIM_INFINITY else one
    return min(one, other)


def heed_signals() -> None:
    """Undo that whoever started the run ignores or blocks signals, as a shell does for what runs in the background."""
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGCHLD"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    if real_sigmask is not None:
        real_sigmask(SIG_SETMASK, [])


def places() -> "list[str]":
    """Return the paths of this machine that may turn up in what a case says, each once."""
    return sorted({place for place in PLACES if type(place) is str and len(place) > 1})


def settle_temporary(root: str) -> None:
    """Let the cases' temporary files be made in a directory of their own below root, whatever TMPDIR says."""
    folder = os.path.join(root, TEMPORARY)
    os.mkdir(folder)
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = folder
    tempfile.tempdir = None  # which it has looked up for root itself


def empty_temporary(root: str, alive: "Callable[[], None]") -> None:
    """Give the next case a directory of its own for temporary files, in the place of that of the case before it.

    Args:
        root: the target's directory.
        alive: as remove_tree() takes it.
    """
    folder = os.path.join(root, TEMPORARY)
    try:
        # To make it anew each time would cost thirty times as much as to see that nothing has been done to it.
        if looked_at(folder) == LAST_LOOK.get(folder) and not os.listdir(folder):
            return
    except OSError:  # the case has deleted it, or put something else in its place
        pass
    remove_tree(folder, alive)
    make_folders(folder)
    LAST_LOOK[folder] = looked_at(folder)


def looked_at(folder: str) -> "tuple[float, ...]":
    """Return what changes where something is mounted on a directory, or its attributes are set."""
    seen = os.lstat(folder)
    return seen.st_dev, seen.st_ino, seen.st_mode, seen.st_mtime, seen.st_ctime


def unsettled() -> "dict[str, str | None]":
    """Map needs to why they are not met: what the interpreter was told at its start and cannot be untold."""
    noise = list(NOISE)
    if sys.flags.verbose:
        noise.append("-v or PYTHONVERBOSE")
    if "importtime" in getattr(sys, "_xoptions", {}):
        noise.append("-X importtime")
    reason = "the interpreter itself writes to standard error, because of " + ", ".join(noise) if noise else None
    return {"quiet-start": reason}
