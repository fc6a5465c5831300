"""Tell what is no Python, or none that imp was ever a part of, from a Python that does not start."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from imp_conformance.errors import UnknownTarget
from imp_conformance.portable.printable import printable

_QUESTION = "import sys; print('it is', sys.implementation.name)"
_ANSWER = re.compile(r"^it is (\S+)\s*$", re.MULTILINE)
_SECONDS = 10
_SMALL = ("micropython", "circuitpython")
_NAME_ONE = "name a Python of 3.4 or later, such as 3.8 or pypy3.9; imp-conformance targets lists what is here"


def refuse_foreign(text: str, command: Sequence[str], why: str) -> None:
    """Raise UnknownTarget where what has not started is no interpreter that could have an imp.

    Args:
        text: the --python that asked for it.
        command: what starts it.
        why: what has come of that.
    """
    name = Path(command[0]).name.lower()
    try:
        done = subprocess.run(
            [*command, "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return  # nothing is known of it but that it does not start
    answer = _ANSWER.search(done.stdout)
    if answer is not None and answer[1] in _SMALL:
        raise UnknownTarget(f"--python {text}: {answer[1]} has none of the library that imp is made of, and cannot be judged: {_NAME_ONE}")
    if answer is None and "py" not in name and "python" not in (done.stdout + done.stderr).lower():
        raise UnknownTarget(f"--python {text}: no Python ({printable(why)[:200]}): {_NAME_ONE}")
