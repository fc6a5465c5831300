"""The command line that prints the script of a result."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from imp_conformance.targets.names import interpreter_id
from imp_conformance.targets.target import promised


def repro_line(case: str, options: Sequence[str]) -> str:
    """Return the command line, quoted for a shell."""
    return shlex.join(["imp-conformance", "repro", case, *options])


def options_of(target: Mapping[str, Any], path: str | None = None) -> list[str]:
    """Return the options by which a target is asked for again, from what its result file says of it.

    A result file holds no path: a candidate that was a file or a directory is called by its name alone, where its path is not given.
    """
    candidate = target["candidate"]
    name = candidate.get("name", "")
    options = ["--python", python_of(target)]
    if candidate["kind"] == "pypi":
        options += ["--candidate", f"pypi:{name}=={candidate['version']}" if candidate.get("version") else f"pypi:{name}"]
    elif candidate["kind"] != "own":
        options += ["--candidate", path or name]
    try:
        usual = promised(_numbers(target) or "")
    except ValueError:  # files are edited
        usual = None
    return options if target["emulates"] == usual else [*options, "--emulates", target["emulates"]]


def python_of(target: Mapping[str, Any]) -> str:
    """Return the --python that starts what was judged, on a machine that has it; capitals say what to put there, where no name does.

    A name stands for the usual build on the usual platform, and that of RustPython for whatever release is on PATH.
    """
    implementation, python, release = (str(target[key]) for key in ("implementation", "python", "release"))
    if implementation == "pyodide":
        return f"pyodide@{release}"
    usual = interpreter_id(target) == interpreter_id({**target, "build": "", "platform": "linux-x86_64"})
    numbers = _numbers(target)
    if usual and numbers is not None and implementation in ("cpython", "pypy"):
        return f"{'' if implementation == 'cpython' else implementation}{numbers}"
    if usual and implementation == "graalpy" and release != python:
        return f"graalpy-{release}"
    return f"PATH-OF-{interpreter_id(target)}"


def _numbers(target: Mapping[str, Any]) -> str | None:
    """Return the release of Python without what follows in a pre-release, which is asked for by its numbers."""
    found = re.match(r"\d+(\.\d+)*", str(target["python"]))
    return None if found is None else found[0]
