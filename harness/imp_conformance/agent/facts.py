"""Facts of the interpreter, never of the candidate: what it is, what it has, what it lacks."""

import _imp
import os
import platform
import sys

from imp_conformance.agent.captured import bootstrap
from imp_conformance.agent.describing import Describer
from imp_conformance.agent.environment import places, unsettled
from imp_conformance.agent.extensions import EXTENSION_FACTS, found_extensions
from imp_conformance.agent.library import STDLIB
from imp_conformance.agent.means import MEANS
from imp_conformance.portable.protocol import LIMITS, OWN, PROGRAM, PROTOCOL

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


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


def full_version() -> str:
    """Name the release to the letter, with the implementation's own version where it has one."""
    own = getattr(sys, "pypy_version_info", None)
    text = platform.python_version()
    return text if own is None else "{} (PyPy {}.{}.{})".format(text, *own[:3])


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
    if not os.path.isfile(os.path.join(STDLIB, "textwrap.py")):
        lacking["library-files"] = "the standard library is not a directory of source files: there is no textwrap.py beside its ast"
    if sys.platform in ("emscripten", "wasi"):
        lacking[PROGRAM] = "the platform has no processes: it is " + sys.platform
    elif not sys.executable or not os.access(sys.executable, os.X_OK):
        # Without the path: it is one of the machine, and a reason stands in the result.
        why = "the interpreter does not know the file that starts it: sys.executable is " + ("no such file" if sys.executable else "empty")
        lacking[OWN] = lacking[PROGRAM] = why
    if getattr(sys.implementation, "cache_tag", None) is None:
        lacking["cache-tag"] = "sys.implementation.cache_tag is None"
    if ord("\ud800") != 0xD800:
        lacking["surrogates"] = "str holds no lone surrogates here: the literal '\\ud800' is another character"
    return lacking


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
        "release": full_version(),
        "platform": "{}-{}".format(sys.platform, platform.machine()),
        "forks": forks,
        "root": root,
        "facts": {name: describer.describe(value) for name, value in facts.items()},
        "lacking": capabilities(root),
        "places": places(),
        "without": list(MEANS.without),
    }
