"""Find the Python interpreters of this machine, through findpython."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import findpython
from packaging.specifiers import SpecifierSet


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python interpreter: what it is and where."""

    implementation: str
    version: tuple[int, int, int]
    path: str

    @property
    def version_text(self) -> str:
        """Its version, X.Y.Z."""
        return ".".join(str(number) for number in self.version)


@cache
def found_interpreters(hint: str = "") -> tuple[Interpreter, ...]:
    """Return each interpreter found on PATH and in pyenv, uv, rye, asdf and the like, once, oldest first.

    Args:
        hint: ask only executables whose path has this text in it, which is much faster.
    """
    # findpython asks an executable for its version by running it, so each file is asked once, whatever names it has.
    files: dict[tuple[int, int], findpython.PythonVersion] = {}
    for provider in findpython.Finder().setup_providers():
        for python in provider.find_pythons():
            key = _file_identity(str(python.executable))
            if key is not None and hint in str(python.executable):
                files.setdefault(key, python)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        answers = list(pool.map(_ask, files.values()))
    found: dict[tuple[int, int], Interpreter] = {}
    for interpreter in answers:
        key = None if interpreter is None else _file_identity(interpreter.path)
        if interpreter is not None and key is not None:
            found.setdefault(key, interpreter)
    return tuple(sorted(found.values(), key=lambda item: (item.implementation, item.version, item.path)))


def _file_identity(path: str) -> tuple[int, int] | None:
    """Return what tells one file from another under all its links and names, or None where there is no file."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _ask(python: findpython.PythonVersion) -> Interpreter | None:
    """Run an executable to learn what it is; a launcher, such as pyenv's, answers with the interpreter behind it."""
    if not python.is_valid():
        return None
    version = python.version
    path = str(python.interpreter.resolve())
    return Interpreter(python.implementation, (version.major, version.minor, version.micro), path)


def matching(interpreters: Iterable[Interpreter], implementation: str, version: tuple[int, ...]) -> list[Interpreter]:
    """Return the interpreters whose version begins with the numbers given, the newest first."""
    hits = [item for item in interpreters if item.implementation == implementation and item.version[: len(version)] == version]
    return sorted(hits, key=lambda item: item.version, reverse=True)


def newest(implementation: str, version: tuple[int, ...]) -> Interpreter | None:
    """Return the newest interpreter of a version: of those whose path says so, or else of all."""
    text = ".".join(map(str, version))
    hits = matching(found_interpreters(text), implementation, version) or matching(found_interpreters(), implementation, version)
    return hits[0] if hits else None


def within(interpreters: Iterable[Interpreter], specifiers: SpecifierSet) -> list[Interpreter]:
    """Return the interpreters whose version lies in a range."""
    return [item for item in interpreters if specifiers.contains(item.version_text, prereleases=True)]
