"""Facts of the interpreter, never of the candidate: what it is, what it has, what it lacks."""

import _imp
import os
import sys

from imp_conformance.agent.alone import fork_unseen
from imp_conformance.agent.build import both_releases, made_for, unusual
from imp_conformance.agent.captured import bootstrap, or_absent, real_execve, real_exit, real_fork, real_waitpid
from imp_conformance.agent.describing import Describer
from imp_conformance.agent.environment import places, unsettled
from imp_conformance.agent.extensions import EXTENSION_FACTS, found_extensions
from imp_conformance.agent.library import STDLIB
from imp_conformance.agent.means import MEANS
from imp_conformance.agent.process import silence
from imp_conformance.portable.protocol import LIMITS, OWN, PROGRAM, PROTOCOL

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


NOT_STARTED = 127  # an exit status, which the loader of shared libraries has, too
PROBED = "\u00e9\u2603"


def interpreter_facts() -> "dict[str, Any]":
    """Say what this interpreter is and has; snippets and expectations both read these as facts.NAME."""
    extensions = found_extensions()
    facts = {key: getattr(extensions, attribute) for key, attribute in EXTENSION_FACTS.items()}
    facts.update(interpreter_itself())
    return facts


def interpreter_itself() -> "dict[str, Any]":
    """Say what this interpreter is, apart from its shared libraries."""
    return {
        "sep": os.sep,
        "tag": sys.implementation.cache_tag,
        "magic": bootstrap.MAGIC_NUMBER,
        "source_suffixes": list(bootstrap.SOURCE_SUFFIXES),
        "bytecode_suffixes": list(bootstrap.BYTECODE_SUFFIXES),
        "extension_suffixes": _imp.extension_suffixes(),
        "optimize": sys.flags.optimize,
        "prefix": sys.prefix,
        "stdlib": STDLIB,
        "implementation": sys.implementation.name,
    }


def capabilities(root: str) -> "dict[str, str | None]":
    """Map each thing that a case may need to None where it is there, and to the reason where it is not."""
    lacking = dict.fromkeys(("threads", "frozen", "library-files", "non-ascii-filenames", "cache-tag", "surrogates"))  # type: dict[str, str | None]
    lacking.update(found_extensions().lacking())
    lacking.update(unsettled())
    lacking["threads"] = no_threads()
    try:
        if not (_imp.is_frozen("__hello__") and _imp.is_frozen_package("__phello__")):
            raise ImportError
    except (ImportError, AttributeError):
        lacking["frozen"] = "the frozen modules __hello__ and __phello__ are not there"
    probe = os.path.join(root, PROBED)
    try:
        os.mkdir(probe)
        os.rmdir(probe)
    except (OSError, UnicodeError):
        lacking["non-ascii-filenames"] = "the file system takes no non-ASCII names"
    lacking["symbolic-links"] = no_links(root)
    if not os.path.isfile(os.path.join(STDLIB, "textwrap.py")):
        lacking["library-files"] = "the standard library is not a directory of source files: there is no textwrap.py beside its ast"
    if sys.platform in ("emscripten", "wasi"):
        lacking[PROGRAM] = "the platform has no processes: it is " + sys.platform
    else:
        lacking[PROGRAM] = no_start()
        if MEANS.forks and not fork_unseen():
            lacking[OWN] = lacking[PROGRAM]
    if getattr(sys.implementation, "cache_tag", None) is None:
        lacking["cache-tag"] = "sys.implementation.cache_tag is None"
    if ord("\ud800") != 0xD800:
        lacking["surrogates"] = "str holds no lone surrogates here: the literal '\\ud800' is another character"
    return lacking


def no_start() -> "str | None":
    """Say why the interpreter's own file does not start it once more, None where it does.

    The reasons have no path in them: it is one of the machine, and a reason stands in the result.
    """
    if not sys.executable or not os.access(sys.executable, os.X_OK):
        return "the interpreter does not know the file that starts it: sys.executable is " + ("no such file" if sys.executable else "empty")
    if not MEANS.forks or not hasattr(os, "execve"):
        return None  # finding out would take as long as a case, and a program is started in another way
    pid = real_fork()
    if pid == 0:
        try:
            silence()
            real_execve(sys.executable, [sys.executable, "-V"], dict(os.environ))
        finally:
            real_exit(NOT_STARTED)
    if real_waitpid(pid, 0)[1] >> 8 != NOT_STARTED:
        return None
    return "the system does not start sys.executable, as where an emulator runs the interpreter and nobody told the system"


def no_links(root: str) -> "str | None":
    """Say why no symbolic link leads to a file, None where one does."""
    file, link = os.path.join(root, "linked"), os.path.join(root, "link")
    try:
        with open(file, "wb") as made:
            made.write(b"linked")
        or_absent(os, "symlink")(file, link)
        with open(link, "rb") as made:
            return None if made.read() == b"linked" else "a symbolic link does not lead to its file here"
    except (OSError, AttributeError, NotImplementedError):
        return "no symbolic link can be made here and read: on Windows that takes a right that few users have"
    finally:
        for path in (link, file):
            try:
                os.unlink(path)
            except OSError:
                pass  # it is not there


def no_threads() -> "str | None":
    """Say why no thread can be started, None where one can."""
    system = str(sys.platform)
    if system in ("emscripten", "wasi"):
        return "the interpreter has no threads: its platform is " + system
    try:
        import _thread

        starts = hasattr(_thread, "start_new_thread")
    except ImportError:
        starts = False
    return None if starts else "the interpreter has no threads: there is no _thread.start_new_thread"


def greeting(root: str, facts: "dict[str, Any]", forks: bool) -> "dict[str, Any]":
    """Say all that the host learns of this interpreter before it asks anything."""
    describer = Describer(LIMITS)
    return {
        "protocol": PROTOCOL,
        "implementation": sys.implementation.name,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "release": both_releases(),
        "platform": made_for(),
        "build": unusual(),
        "stamp": sys.version,
        "forks": forks,
        "root": root,
        "facts": {name: describer.describe(value) for name, value in facts.items()},
        "lacking": capabilities(root),
        "places": places(),
        "without": list(MEANS.without),
    }
