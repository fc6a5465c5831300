"""GraalPy as a target: the one of PATH that is meant, or a release that Maven fetches once, and the command that starts it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import platformdirs

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.discovery import found_interpreters
from imp_conformance.targets.graalpy.java import find_java
from imp_conformance.targets.graalpy.launcher import launcher
from imp_conformance.targets.graalpy.maven import fetch, is_whole, jars
from imp_conformance.targets.graalpy.pinned import LAST, Release, Wanted, releases, wanted
from imp_conformance.targets.names import numbers_of

__all__ = ["START_LIMIT", "command", "offer", "startable", "wanted"]

_SUPERVISOR = Path(__file__).with_name("supervisor.py")

_IN_CONTEXTS = sys.platform == "linux"
"""Whether cases run in contexts; where nothing tells that one has native code loaded, each has a process of its own."""

START_LIMIT = 120.0
"""Seconds that it may take to start for the first time: a graalpy that is here may unpack its library then."""

_ASK_LIMIT = 60.0
"""Seconds that a GraalPy may take to say which release it is: where its Java does not compile, a start takes some."""

_QUESTION = "print(__graalpython__.get_graalvm_version())"


def command(asked: Wanted) -> tuple[str, ...]:
    """Return what starts the GraalPy that was asked for: the newest such on this machine, or else one that is fetched.

    Raises:
        UnknownTarget: where it is not here and cannot be had.
    """
    here = [(numbers_of(release), path) for release, python, path in _found() if asked.admits(release, python)]
    if here:
        return (max(here)[1],)
    release = asked.pinned()
    java = find_java(asked.text, release)
    folder = _folder(release)
    if not is_whole(release, folder / "jars"):
        fetch(asked.text, release, java, folder / "jars")
    program = str(launcher(asked.text, release, java, jars(release, folder / "jars"), folder))
    return (sys.executable, "-I", str(_SUPERVISOR), program) if _IN_CONTEXTS else (program,)


def startable() -> list[str]:
    """Return a --python for each release that was fetched and can be started as it is."""
    names = [f"graalpy-{release.number}" for release in releases().values() if is_whole(release, _folder(release) / "jars")]
    return [name for name in names if _has_java(name)]


def offer() -> str | None:
    """Say what GraalPy needs where it cannot be started yet, else None."""
    release = releases()[LAST]
    if is_whole(release, _folder(release) / "jars") and _has_java("graalpy"):
        return None
    first, last = release.java
    missing = [] if _has_java("graalpy") else [f"Java {first} to {last}"]
    missing += [] if shutil.which("mvn") else ["mvn on PATH"]
    todo = f"needs {' and '.join(missing)}" if missing else "is fetched with Maven when it is first asked for (200 MB)"
    return f"--python graalpy (GraalPy {LAST}, Python {release.python} on Java) {todo}"


def _has_java(text: str) -> bool:
    asked = wanted(text)
    assert asked is not None
    try:
        find_java(text, asked.pinned())
    except UnknownTarget:
        return False
    return True


def _folder(release: Release) -> Path:
    return platformdirs.user_cache_path("imp-conformance") / "graalpy" / release.number


def _found() -> list[tuple[str, str, str]]:
    """Return the GraalPys of this machine: the release of each, its Python, and its path."""
    here = [item for item in found_interpreters("graalpy") if item.implementation == "graalpy"]
    return [(release, item.version_text, item.path) for item in here if (release := _release(item.path)) is not None]


@cache
def _release(path: str) -> str | None:
    line = [path, "-I", "-S", "-c", _QUESTION]
    try:
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ASK_LIMIT, check=True)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
