"""Where the interpreter's own library lies: what comes from there is not the candidate's doing."""

import ast
import os
import sys

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Sequence  # novm

STDLIB = os.path.dirname(os.path.abspath(ast.__file__))  # that of os may be made up: os is frozen in 3.11


def library_places(stdlib: str, path: "Sequence[str]", foreign: "Sequence[str]") -> "tuple[str, ...]":
    """Return the directories and archives of the standard library, among them those that hold its shared libraries.

    Args:
        stdlib: where its Python sources lie.
        path: sys.path.
        foreign: entries of it that the user has added, which are none of the interpreter's.
    """
    version = "%d.%d" % sys.version_info[:2]
    names = (os.path.basename(stdlib), "python" + version, "pypy" + version, "lib-dynload", "lib-python", "lib_pypy", "DLLs")
    found = [stdlib]
    for entry in path:
        if entry and entry not in foreign and entry not in found and os.path.basename(entry) in names:
            found.append(entry)
    return tuple(found)


LIBRARY = library_places(STDLIB, sys.path, os.environ.get("PYTHONPATH", "").split(os.pathsep))
