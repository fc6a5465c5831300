"""Pyodide as a target: which release, where its npm package is cached, and the command that runs it under Node.js."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import platformdirs

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.fetching import folder_beside, may_fetch, move_whole

RELEASES = {"3.11": "0.25.1", "3.12": "0.27.7", "3.13": "0.29.4", "3.14": "314.0.7"}
"""The release of Pyodide that stands for each series of Python."""

LAST = "3.11"
"""The series that plain ``pyodide`` stands for: the last one that has imp."""

_TEXT = re.compile(r"pyodide(?:[-@]?(\d[\w.-]*))?\Z", re.IGNORECASE)
_RELEASE = re.compile(r"\d+\.\d+\.\d+(-[a-z]+\.\d+)?\Z")
_SUPERVISOR = Path(__file__).with_name("supervisor.mjs")


def release_named(text: str) -> str | None:
    """Return the release of Pyodide that a --python names, or None where it names something else.

    ``pyodide`` is the last one with imp, ``pyodide3.11`` one of that Python, ``pyodide@0.25.1`` that very one.

    Raises:
        UnknownTarget: where it is no release of Pyodide.
    """
    match = _TEXT.match(text)
    if match is None:
        return None
    number = match.group(1) or LAST
    release = RELEASES.get(number, number)
    if not _RELEASE.match(release):
        raise UnknownTarget(
            f"--python {text}: {number} is no release of Pyodide: give a Python that it has ({', '.join(RELEASES)}), "
            "as in pyodide3.11, or the whole number of a release, as in pyodide@0.25.1"
        )
    return release


def command(text: str, release: str) -> tuple[str, ...]:
    """Return the command line that runs a release as ``python`` would run the agent; the release is installed where it is not.

    Args:
        text: what was asked for, to be named in an error.
        release: such as 0.25.1.

    Raises:
        UnknownTarget: where Node.js is missing, or the release is not there and npm cannot install it.
    """
    node = shutil.which("node")
    if node is None:
        raise UnknownTarget(f"--python {text}: Pyodide runs under Node.js, and there is no node on PATH: install Node.js 18 or later")
    if release not in installed():
        _install(text, release)
    return node, str(_SUPERVISOR), str(_package(_folder() / release))


def installed() -> list[str]:
    """Return the releases that need not be fetched any more."""
    return sorted(path.name for path in _folder().glob("*") if _version(path) == path.name)


def startable() -> list[str]:
    """Return a --python for each release that can be started as it is."""
    return [f"pyodide@{release}" for release in installed()] if shutil.which("node") else []


def offer() -> str | None:
    """Say what Pyodide needs where it cannot be started yet, else None."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if "node" not in missing and RELEASES[LAST] in installed():
        return None
    todo = f"needs {' and '.join(missing)} on PATH" if missing else "is fetched with npm when it is first asked for"
    return f"--python pyodide (Pyodide {RELEASES[LAST]}, CPython {LAST} in WebAssembly) {todo}"


def _folder() -> Path:
    return platformdirs.user_cache_path("imp-conformance") / "pyodide"


def _package(folder: Path) -> Path:
    return folder / "node_modules" / "pyodide"


def _version(folder: Path) -> str | None:
    try:
        found = json.loads((_package(folder) / "package.json").read_text(encoding="utf-8"))
        return str(found["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _install(text: str, release: str) -> None:
    """Fetch a release."""
    folder = _folder()
    what = f"--python {text}: Pyodide {release} is not in {folder}"
    may_fetch(what)
    npm = shutil.which("npm")
    if npm is None:
        raise UnknownTarget(f"{what}, and there is no npm on PATH to fetch it: install npm, which comes with Node.js")
    with folder_beside(what, folder / release) as scratch:
        fresh = scratch / release
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"]
        line = [npm, "install", "--prefix", str(fresh), *options, f"pyodide@{release}"]
        done = subprocess.run(line, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode or _version(fresh) != release:
            raise UnknownTarget(f"{what}, and npm cannot fetch it: {_complaint(done)}")
        move_whole(fresh, folder / release, lambda place: _version(place) == release)


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.partition("npm error ")[2] or line for line in done.stderr.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("code ", "A complete log", "Log files", "npm warn", "npm WARN"))]
    return told[0] if told else f"npm exits with {done.returncode}"
