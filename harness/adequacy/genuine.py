"""Genuine interpreters, and cases run against changed copies of their imp.py."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.catalogue.versions import FINAL, FIRST, Release
from imp_conformance.errors import TargetUnavailable
from imp_conformance.resources import catalogue_root
from imp_conformance.results.judge import Result
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import Candidate
from imp_conformance.targets.discovery import Interpreter, found_interpreters
from imp_conformance.targets.session import start_loaded

IMPORT = "import"
"""What first_noticing() returns in place of a case where the import fails."""


@cache
def own_catalogue() -> Catalogue:
    """Return the project's catalogue; each process reads it once."""
    return checked_catalogue(catalogue_root())


def genuine_interpreters() -> list[Interpreter]:
    """Return every CPython found that has imp, oldest first."""
    return [item for item in found_interpreters() if item.implementation == "cpython" and FIRST.series <= item.version[:2] <= FINAL.series]


@dataclass(frozen=True, slots=True)
class Genuine:
    """An interpreter and the text of its imp.py."""

    python: str
    release: Release
    source: str

    @classmethod
    def of(cls, python: str) -> Genuine:
        """Ask an interpreter for its imp.py.

        Raises:
            subprocess.CalledProcessError: it has none.
        """
        code = "import sys; sys.stdout.write('%d.%d.%d ' % sys.version_info[:3]); import imp; sys.stdout.write(imp.__file__)"
        told = subprocess.run([python, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True).stdout
        version, _, path = told.partition(" ")
        return cls(python, Release.parse(version), Path(path).read_text(encoding="utf-8"))


def as_candidate(source: str) -> Candidate:
    """Return a candidate whose imp.py has this text."""
    encoded = base64.b64encode(source.encode("utf-8")).decode("ascii")
    return Candidate("tree", "imp", "changed", {"kind": "file", "name": "imp.py"}, {"imp.py": encoded})


def results(genuine: Genuine, source: str, catalogue: Catalogue, cases: Iterable[Case]) -> Generator[Result, None, None]:
    """Run cases against a changed imp.py on its own interpreter, each when its result is asked for.

    Raises:
        TargetUnavailable: the changed imp.py cannot be imported.
    """
    session = start_loaded([genuine.python], as_candidate(source), catalogue.names)
    try:
        for case in cases:
            yield ask(session, case, genuine.release)
    finally:
        session.close()


def first_noticing(genuine: Genuine, source: str, catalogue: Catalogue, cases: Sequence[Case]) -> str | None:
    """Return the id of the first case that does not pass, ``import`` where the import fails, or None where all pass."""
    found = results(genuine, source, catalogue, cases)
    try:
        return next((result.case for result in found if not result.conforms), None)
    except TargetUnavailable:
        return IMPORT
    finally:
        found.close()
