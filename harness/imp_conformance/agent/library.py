"""Where the interpreter's own library lies: what comes from there is not the candidate's doing."""

import ast
import os
import sys

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Sequence  # novm


def standard_library() -> str:
    """Return the directory of the standard library's sources; where that is frozen, the one that sys.path has, empty where it has none."""
    file = getattr(ast, "__file__", None)  # that of os may be made up: os is frozen in 3.11
    frozen = getattr(getattr(ast, "__spec__", None), "origin", None) == "frozen"  # it may have the __file__ of another machine
    if type(file) is str and not frozen:
        return os.path.dirname(os.path.abspath(file))
    for entry in sys.path:
        if entry and os.path.isfile(os.path.join(entry, "ast.py")):
            return os.path.abspath(entry)
    return ""


STDLIB = standard_library()


def library_places(stdlib: str, path: "Sequence[str]", foreign: "Sequence[str]") -> "tuple[str, ...]":
    """Return the directories and archives of the standard library, among them those that hold its shared libraries.

    Args:
        stdlib: where its Python sources lie.
        path: sys.path.
        foreign: entries of it that the user has added, which are none of the interpreter's.
    """
    version = "%d.%d" % sys.version_info[:2]
    names = (os.path.basename(stdlib), "python" + version, "pypy" + version, "lib-dynload", "lib-python", "lib_pypy", "DLLs")
    found = [stdlib] if stdlib else []
    for entry in path:
        if entry and entry not in foreign and entry not in found and (os.path.basename(entry) in names or is_implementations(entry)):
            found.append(entry)
    return tuple(found)


def is_implementations(entry: str) -> bool:
    """Say whether a directory below the interpreter's own is named after it, as lib/graalpy24.2/modules, and no place of packages."""
    prefix, name = os.path.join(sys.base_prefix, ""), sys.implementation.name
    parts = entry[len(prefix) :].split(os.sep) if entry.startswith(prefix) else []
    return any(part.startswith(name) for part in parts) and not any(part in ("site-packages", "dist-packages") for part in parts)


LIBRARY = library_places(STDLIB, sys.path, os.environ.get("PYTHONPATH", "").split(os.pathsep))
