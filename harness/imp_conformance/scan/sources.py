"""Paths that a user names into the files to scan, and which of these have an imp of their own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imp_conformance.errors import Problem
from imp_conformance.portable.printable import in_a_line
from imp_conformance.scan.model import Scanned
from imp_conformance.scan.reading import unreadable

SUFFIXES = (".py", ".pyw")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to scan."""

    path: Path
    shown: str
    """What messages call it: relative to the working directory where it lies there."""
    own: bool
    """Whether ``import imp`` gives a module of the program's own there."""
    distribution: str = ""
    """What it is of, where it is installed."""


def find_sources(paths: Iterable[Path]) -> Iterator[Source | Scanned]:
    """Give the files under some paths, each once, in the order of their names; what cannot be listed is given as scanned, with why.

    A file that is named is taken whatever it is called. In a folder, what begins with a dot is left out, and so are bytecode
    caches and virtual environments.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _under(path):
            if isinstance(found, Scanned):
                yield found
                continue
            try:
                real = os.path.realpath(found)
                if not stat.S_ISREG(found.stat().st_mode):
                    yield _told(found, "it is no regular file", "name a file of Python, or a folder of them")
                elif real not in seen:
                    seen.add(real)
                    yield Source(found, shown(found), _has_own_imp(found, path))
            except OSError as error:
                yield Scanned(shown(found), problem=unreadable(shown(found), error).problem)


def shown(path: Path) -> str:
    """Return what messages call a path; no character of it is a command."""
    try:
        text = path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        text = path.as_posix()
    return in_a_line(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def _told(path: Path, what: str, todo: str) -> Scanned:
    return Scanned(shown(path), problem=Problem(shown(path), 0, what, todo))


def _under(path: Path) -> Iterator[Path | Scanned]:
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() raises where it may not look
        yield path
        return
    failed: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=failed.append):
        folders[:] = sorted(name for name in folders if not _left_out(Path(folder, name)))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(SUFFIXES) and not name.startswith("."))
        yield from (_unlisted(error) for error in failed)
        failed.clear()
    yield from (_unlisted(error) for error in failed)


def _unlisted(error: OSError) -> Scanned:
    place = shown(Path(error.filename))
    return Scanned(place, problem=unreadable(place, error).problem)


def _left_out(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name == "__pycache__" or os.path.lexists(folder / "pyvenv.cfg")


def _has_own_imp(file: Path, root: Path) -> bool:
    """Whether a file that imports imp gets one of its own project, and not the standard library's.

    A script finds what lies beside it, and a module of a package what lies beside the outermost one.
    """
    folder = file.absolute().parent
    tops = {_top(folder), folder if not _there(folder, "__init__.py") else _top(folder)}
    if _there(root, "."):
        tops.add(_top(root.absolute()))
    return any(_provides_imp(top) for top in tops)


@cache
def _top(folder: Path) -> Path:
    """Return the folder that has to be on sys.path for what lies in another one to be imported by its full name."""
    while _there(folder, "__init__.py") and folder != folder.parent:
        folder = folder.parent
    return folder


@cache
def _provides_imp(folder: Path) -> bool:
    """Whether there is an imp in a folder that is not that of the standard library."""
    if _there(folder, "os.py") and _there(folder, "importlib"):
        return False
    return _there(folder, "imp.py") or _there(folder, "imp/__init__.py")


def _there(folder: Path, name: str) -> bool:
    return os.path.exists(folder / name)  # noqa: PTH110 - Path.exists() raises where it may not look
