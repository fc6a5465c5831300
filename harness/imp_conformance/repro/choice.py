"""Which of the two scripts shows a case: the short one wherever it comes to the verdict of the run."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from imp_conformance.catalogue.model import Case
from imp_conformance.repro.script import script
from imp_conformance.repro.short import NeedsIsolation, short_script
from imp_conformance.repro.wanted import Wanted
from imp_conformance.results.judge import Result, Verdict

_ISOLATED = (Verdict.CRASH, Verdict.TIMEOUT, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A script."""

    text: str
    isolates: str = ""
    """Why it is the isolating one; empty for the short one."""


def chosen(wanted: Wanted, result: Result, command: Sequence[str] | None) -> Chosen:
    """Return the script that shows a case.

    Args:
        wanted: what it is to show.
        result: what came of the case in a run.
        command: what starts the interpreter that it is for, on this machine; None where it cannot run a file of it.
    """
    try:
        heed_verdict(result)
        wanted = replace(wanted, result=result)
        text = short_script(wanted)
        if command is None or _shows(text, command, wanted.case, result):
            return Chosen(text)
        text = short_script(replace(wanted, guarded=True))
        try_out(text, command, wanted.case, result)
        return Chosen(text)
    except NeedsIsolation as error:
        return Chosen(isolating(wanted), str(error))


def isolating(wanted: Wanted) -> str:
    """Return the script that isolates the case as a run does."""
    return script(wanted.catalogue, wanted.case, wanted.release, wanted.candidate, wanted.path)


def heed_verdict(result: Result) -> None:
    """See to it that a result is one of those that a short script shows.

    Raises:
        NeedsIsolation: where it is not.
    """
    if result.verdict in _ISOLATED:
        raise NeedsIsolation(f"what came of it is {result.verdict}: {result.reason}")


def _shows(text: str, command: Sequence[str], case: Case, result: Result) -> bool:
    try:
        try_out(text, command, case, result)
    except NeedsIsolation:
        return False
    return True


def try_out(text: str, command: Sequence[str], case: Case, result: Result) -> None:
    """Run a short script and see to it that it comes to the verdict of the run.

    Args:
        text: the script.
        command: what starts the interpreter that it is for, on this machine.
        case: what it shows.
        result: what came of the case in the run.

    Raises:
        NeedsIsolation: where it does not.
    """
    with tempfile.TemporaryDirectory(prefix="imp-conformance-script-") as folder:
        path = Path(folder, "script.py")
        path.write_text(text, encoding="utf-8")
        environment = {**os.environ, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(
            [*command, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        ) as process:
            try:
                status = process.wait(case.limit + 10)
            except subprocess.TimeoutExpired:
                raise NeedsIsolation("a plain script of it does not come to an end") from None
            finally:
                with suppress(ProcessLookupError, PermissionError):  # it has ended, with all that it started
                    os.killpg(process.pid, signal.SIGKILL)
    if status != (0 if result.conforms else 1):
        raise NeedsIsolation(f"a plain script of it ends with exit status {status}, where the run says {result.verdict}")
