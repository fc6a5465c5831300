"""Find a candidate again of which a result file says the name and the digest alone, since it holds no paths."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from imp_conformance.errors import ConformanceError
from imp_conformance.targets.candidate import find_candidate
from imp_conformance.targets.travelling import stays

_FOLDERS = 5000
"""Folders that are looked through at most."""


def located(about: Mapping[str, str], start: Path, known: str | None) -> str:
    """Return a --candidate for a file or directory that was judged: its path from here, or what to put there.

    What has the digest of the result is it; where nothing has, it was changed since, and its name decides.

    Args:
        about: what a result file says of the candidate.
        start: the directory in which the command will be called.
        known: the candidate of the configuration, if there is one.
    """
    name, digest = about["name"], about.get("digest")
    alike = []
    for path in _named(name, start, known):
        alike.append(path)
        try:
            if find_candidate(str(path), "3.4").about.get("digest") == digest:
                return _from(path, start)
        except ConformanceError:  # too much, or no imp in it
            alike.pop()
    return _from(alike[0], start) if alike else f"PATH-OF-{name}"


def _named(name: str, start: Path, known: str | None) -> Iterator[Path]:
    """Return what has a name, the most likely first: where the configuration says, here, and below."""
    if known is not None and Path(known).exists() and Path(known).resolve().name == name:
        yield Path(known)
    if start.name == name:
        yield start
    for number, (folder, folders, files) in enumerate(os.walk(start)):
        if number >= _FOLDERS:
            return
        here = Path(folder)
        folders[:] = sorted(each for each in folders if not stays(here / each))
        if name in files or name in folders:
            yield here / name


def _from(path: Path, start: Path) -> str:
    """Return the path as one would write it in a directory."""
    text = os.path.relpath(path, start)
    return text if len(text) <= len(str(path)) else str(path)
