"""Facts of the interpreter, never of the candidate: what it is, what it has, what it lacks."""

import _imp
import ast
import os
import platform
import sys

from imp_conformance.agent.captured import bootstrap
from imp_conformance.agent.describing import Describer
from imp_conformance.portable.protocol import LIMITS, PROTOCOL

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


EXTENSION_NAMES = ("_bisect", "_heapq", "_random", "_csv", "_json", "_struct", "array", "cmath", "math", "_opcode", "_lsprof", "_queue")


def interpreter_facts() -> "dict[str, Any]":
    """Say what this interpreter is and has; snippets and expectations both read these as facts.NAME."""
    extension, extension_path = dynamic_extension()
    return {
        "tag": sys.implementation.cache_tag,
        "magic": bootstrap.MAGIC_NUMBER,
        "source_suffixes": list(bootstrap.SOURCE_SUFFIXES),
        "bytecode_suffixes": list(bootstrap.BYTECODE_SUFFIXES),
        "extension_suffixes": _imp.extension_suffixes(),
        "optimize": sys.flags.optimize,
        "extension": extension,
        "extension_path": extension_path,
        "prefix": sys.prefix,
        "stdlib": os.path.dirname(os.path.abspath(ast.__file__)),  # that of os may be made up: os is frozen in 3.11
        "implementation": sys.implementation.name,
    }


def full_version() -> str:
    """Name the release to the letter, with the implementation's own version where it has one."""
    own = getattr(sys, "pypy_version_info", None)
    text = platform.python_version()
    return text if own is None else "{} (PyPy {}.{}.{})".format(text, *own[:3])


def dynamic_extension() -> "tuple[str | None, str | None]":
    """Find a module of the standard library that this interpreter loads from a shared library of its own."""
    for name in EXTENSION_NAMES:
        if name in sys.builtin_module_names:
            continue
        try:
            spec = bootstrap.PathFinder.find_spec(name)
        except (ImportError, OSError, ValueError):
            continue
        if spec is not None and isinstance(spec.loader, bootstrap.ExtensionFileLoader):
            return name, spec.origin
    return None, None


def capabilities(root: str, facts: "dict[str, Any]") -> "dict[str, str | None]":
    """Map each thing that a case may need to None where it is there, and to the reason where it is not."""
    lacking = dict.fromkeys(("threads", "dynamic-extension", "frozen", "library-files", "non-ascii-filenames", "cache-tag"))  # type: dict[str, str | None]
    try:
        import _thread

        if sys.platform in ("emscripten", "wasi") or not hasattr(_thread, "start_new_thread"):
            raise ImportError
    except ImportError:
        lacking["threads"] = "the interpreter has no threads"
    if facts["extension"] is None:
        lacking["dynamic-extension"] = "no module of the standard library is a dynamic extension here"
    try:
        if not (_imp.is_frozen("__hello__") and _imp.is_frozen_package("__phello__")):
            raise ImportError
    except (ImportError, AttributeError):
        lacking["frozen"] = "the frozen modules __hello__ and __phello__ are not there"
    probe = os.path.join(root, "\u00e9\u2603")
    try:
        os.mkdir(probe)
        os.rmdir(probe)
    except (OSError, UnicodeError):
        lacking["non-ascii-filenames"] = "the file system takes no non-ASCII names"
    if not os.path.isfile(os.path.join(facts["stdlib"], "textwrap.py")):
        lacking["library-files"] = "the standard library is not a directory of source files"
    if facts["tag"] is None:
        lacking["cache-tag"] = "sys.implementation.cache_tag is None"
    return lacking


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
        "lacking": capabilities(root, facts),
    }
