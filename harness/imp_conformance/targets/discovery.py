"""Find the Python interpreters of this machine, through findpython."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import findpython
from packaging.specifiers import SpecifierSet

ASK_LIMIT = 10.0
"""Seconds that an executable may take to say what it is."""

NAMED = ("graalpy", "rustpython")
"""Commands on PATH that findpython does not look for."""

_SLOW_LIMIT = 60.0
"""Seconds that one of these may take: GraalPy's start is that of a Java program."""

# One short start an executable: findpython would start it once for each thing that is asked. Python 2 fails it.
_QUESTION = "import sys; print('%s %d %d %d %s' % ((sys.implementation.name,) + sys.version_info[:3] + (sys.executable,)))"


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
    # An executable says what it is when it is run, so each file is asked once, whatever names it has.
    files: dict[tuple[int, int], str] = {}
    providers = findpython.Finder().setup_providers()
    # pyenv's and asdf's launchers are slow, and what they launch is found where it is.
    launchers = {provider.root / "shims" for provider in providers if hasattr(provider, "root")}
    for provider in providers:
        for python in provider.find_pythons():
            path = str(python.executable)
            if hint not in path or python.executable.parent in launchers:
                continue
            key = _file_identity(path)
            if key is not None:
                files.setdefault(key, path)
    for name in NAMED:
        where = shutil.which(name) or ""
        key = _file_identity(where) if hint in where else None
        if key is not None:
            files.setdefault(key, where)
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


def _ask(path: str) -> Interpreter | None:
    """Run an executable to learn what it is; a launcher answers with the interpreter behind it."""
    command = [path, "-I", "-S", "-c", _QUESTION]
    try:
        limit = _SLOW_LIMIT if Path(path).name in NAMED else ASK_LIMIT
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit, check=True)
        implementation, major, minor, micro, executable = done.stdout.rstrip("\n").split(" ", 4)
        return Interpreter(implementation, (int(major), int(minor), int(micro)), str(Path(executable).resolve()))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def release_by_option(command: Sequence[str], name: str) -> str | None:
    """Return the release that stands behind a name in an interpreter's --version: its own, where no module of it says that."""
    try:
        done = subprocess.run(
            [*command, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SLOW_LIMIT, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    said = re.match(rf"{name} (\d[\w.-]*)", done.stdout)
    return None if said is None else said[1]


def matching(interpreters: Iterable[Interpreter], implementation: str, version: tuple[int, ...]) -> list[Interpreter]:
    """Return the interpreters whose version begins with the numbers given, the newest first."""
    hits = [item for item in interpreters if item.implementation == implementation and item.version[: len(version)] == version]
    return sorted(hits, key=lambda item: item.version, reverse=True)


def newest(implementation: str, version: tuple[int, ...]) -> Interpreter | None:
    """Return the newest interpreter of a version: of those whose path says what they are, or else of all."""
    text = ".".join(map(str, version)) if implementation == "cpython" else implementation
    hits = matching(found_interpreters(text), implementation, version) or matching(found_interpreters(), implementation, version)
    return hits[0] if hits else None


def within(interpreters: Iterable[Interpreter], specifiers: SpecifierSet) -> list[Interpreter]:
    """Return the interpreters whose version lies in a range."""
    return [item for item in interpreters if specifiers.contains(item.version_text, prereleases=True)]
