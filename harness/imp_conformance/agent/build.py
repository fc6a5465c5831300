"""Which build of an interpreter this is: its own release, the machine that it was made for, and what is unusual about it."""

import _imp
import platform
import re
import sys

from imp_conformance.agent.captured import optional

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # noqa: F401  # novm


def both_releases() -> str:
    """Name the release of Python to the letter, with the implementation's own behind it where it has one that can be told here."""
    own, text = own_release(), platform.python_version()
    return text if own is None else "{} ({} {})".format(text, sys.implementation.name, own)


def own_release() -> "str | None":
    """Return the implementation's own release; None where it has none, or only its --version says it."""
    own = getattr(sys, "pypy_version_info", getattr(sys.implementation, "version", None))  # type: Any
    if own is not None and tuple(own[:3]) != tuple(sys.version_info[:3]):
        level = {"final": "", "alpha": "a", "beta": "b", "candidate": "rc"}.get(own[3], str(own[3]))
        return "%d.%d.%d%s" % (own[0], own[1], own[2], level and "{}{}".format(level, own[4]))
    graal = optional("__graalpython__")
    if graal is not None and hasattr(graal, "get_graalvm_version"):  # up to 24.2; later ones say it above
        return str(graal.get_graalvm_version())
    said = re.search(r"\[" + re.escape(sys.implementation.name) + r" (\d[\w.-]*)", sys.version, re.IGNORECASE)
    return None if said is None else said.group(1)


def made_for() -> str:
    """Return platform and machine of the build, not of the kernel, which may run programs of others, such as i386's on x86_64."""
    machine = platform.machine()
    triplet = str(getattr(sys.implementation, "_multiarch", ""))
    if "-linux" in triplet:
        machine = triplet.partition("-")[0]
        if machine == "arm":
            machine = "armhf" if triplet.endswith("hf") else "armel"
    elif sys.maxsize < 2**32:
        machine = {"x86_64": "i386", "AMD64": "i386", "amd64": "i386", "aarch64": "armhf"}.get(machine, machine)
    return "{}-{}".format(sys.platform, machine)


def unusual() -> "list[str]":
    """Name what tells this build from the usual one of its release, such as ``debug``, in a fixed order."""
    flags = str(getattr(sys, "abiflags", ""))
    cpython = sys.implementation.name == "cpython"
    threadless = sys.platform not in ("emscripten", "wasi") and not hasattr(optional("_thread"), "start_new_thread")
    found = [
        ("dev", sys.version.split(" ")[0].endswith("+")),  # of a tree that has gone on since the release
        ("stackless", "Stackless" in sys.version),
        ("nogil", hasattr(sys.flags, "nogil")),
        ("freethreaded", "t" in flags),
        ("debug", "d" in flags or hasattr(sys, "gettotalrefcount")),
        ("tracerefs", hasattr(sys, "getobjects")),
        ("nopymalloc", cpython and sys.version_info < (3, 8) and hasattr(sys, "abiflags") and "m" not in flags),
        ("nothreads", threadless),
        ("nodynload", cpython and not _imp.extension_suffixes()),
        ("musl", "musl" in str(getattr(sys.implementation, "_multiarch", ""))),
    ]
    return [name for name, is_so in found if is_so]
