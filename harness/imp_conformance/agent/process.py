"""What a process that holds a candidate does to itself: its output, its limits, its signals."""

import os
import sys
import tempfile

from imp_conformance.agent.captured import (
    ALL_SIGNALS,
    BOUNDED,
    SIG_BLOCK,
    SIG_DFL,
    SIGCHLD,
    TIMERS,
    WRITE_FLAGS,
    real_close,
    real_dup2,
    real_getrlimit,
    real_open,
    real_setitimer,
    real_setrlimit,
    real_sigmask,
    real_signal,
    real_sysconf,
    resource,
)
from imp_conformance.agent.scratch import without_place
from imp_conformance.portable.protocol import Limits

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


def flush_output() -> None:
    """Write what the interpreter has buffered of its output."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BaseException:  # the snippet may have put anything there
            pass


def silence() -> None:
    """Let nothing that this process prints, at whatever level, go anywhere."""
    lead_nowhere(1, 2)


def lead_nowhere(*numbers: int) -> None:
    """Let descriptors of this process be of what open_nothing() opens."""
    nothing = open_nothing()
    for number in numbers:
        real_dup2(nothing, number)
    real_close(nothing)


def open_nothing() -> int:
    """Return a descriptor of what is empty and takes everything; on a root without devices, of a file without a name."""
    try:
        return real_open(os.devnull, os.O_RDWR)
    except OSError:
        pass
    try:
        number, path = tempfile.mkstemp(prefix="imp-conformance-")
    except OSError as error:
        sys.exit(without_place(error))
    os.unlink(path)
    return number


def set_bounds(limits: Limits) -> None:
    """Bound the memory and the files that this process and its forks may take; a crash leaves no core file."""
    if real_getrlimit is None or real_setrlimit is None:
        return
    bounds = [("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", limits.file_bytes)]
    try:
        with open("/proc/self/statm", "rb") as file:
            bounds.append(("RLIMIT_AS", int(file.read().split()[0]) * real_sysconf("SC_PAGE_SIZE") + limits.memory_bytes))
    except (OSError, ValueError, IndexError, AttributeError):
        pass  # what it has is not told here, so that no bound could be right
    for name, bound in bounds:
        try:
            kind = getattr(resource, name)
            hard = real_getrlimit(kind)[1]
            if hard == resource.RLIM_INFINITY or hard > bound:
                real_setrlimit(kind, (bound, hard))
                if name == "RLIMIT_AS":
                    BOUNDED.append((kind, (hard, hard)))
        except (OSError, ValueError, AttributeError, TypeError):
            continue


def stop_signals() -> "Any":
    """Stop what an import may have set to go off later, or to come between a child and its end, in a process that outlives any case.

    Returns the signals that were blocked before, for the cases, each of which is as the import left it.
    """
    for timer in TIMERS:
        real_setitimer(timer, 0)
    if SIGCHLD is not None:
        real_signal(SIGCHLD, SIG_DFL)  # where it is ignored, no child leaves a status
    try:
        sys.modules["faulthandler"].cancel_dump_traceback_later()
    except BaseException:  # it is not there, or the candidate has put anything there
        pass
    return None if real_sigmask is None else real_sigmask(SIG_BLOCK, ALL_SIGNALS)


def redirect(name: str) -> None:
    """Send this process's output, at whatever level it is written, to two files."""
    for number, suffix in ((1, ".out"), (2, ".err")):
        sink = real_open(name + suffix, WRITE_FLAGS, 0o600)
        real_dup2(sink, number)
        real_close(sink)
