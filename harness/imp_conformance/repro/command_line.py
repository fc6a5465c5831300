"""The command line that prints the script of a result."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from imp_conformance.targets.target import promised


def repro_line(case: str, options: Sequence[str]) -> str:
    """Return the command line, quoted for a shell."""
    return shlex.join(["imp-conformance", "repro", case, *options])


def options_of(target: Mapping[str, Any]) -> list[str]:
    """Return the options by which a target is asked for again, from what its result file says of it.

    A result file holds no path: a candidate that was a file or a directory is called by its name alone.
    """
    implementation = str(target["implementation"])
    numbers = re.match(r"\d+(\.\d+)*", str(target["python"]))  # pre-releases are asked for by their numbers
    version = numbers[0] if numbers is not None else str(target["python"])
    candidate = target["candidate"]
    name = candidate.get("name", "")
    if implementation == "pyodide":
        options = ["--python", f"pyodide@{target['release']}"]
    else:
        options = ["--python", version if implementation == "cpython" else f"{implementation}{version}"]
    if candidate["kind"] == "pypi":
        options += ["--candidate", f"pypi:{name}=={candidate['version']}" if candidate.get("version") else f"pypi:{name}"]
    elif candidate["kind"] != "own":
        options += ["--candidate", name]
    try:
        usual = promised(version)
    except ValueError:  # files are edited
        usual = None
    return options if target["emulates"] == usual else [*options, "--emulates", target["emulates"]]
