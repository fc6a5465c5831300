"""Genuine interpreters, the texts of their imp.py, and the project's own catalogue."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imp_conformance.catalogue.cache import sound_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL, FIRST, Release
from imp_conformance.resources import catalogue_root
from imp_conformance.targets.discovery import Interpreter, found_interpreters


@cache
def own_catalogue() -> Catalogue:
    """Return the project's catalogue; each process reads it once."""
    return sound_catalogue(catalogue_root())


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
