"""What targets are called: an id from what an interpreter is, and the shorter and older names that stand for an id."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from imp_conformance.targets.containers import ENGINES

IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy", "rustpython": "RustPython", "pyodide": "Pyodide"}
"""By sys.implementation.name: what people call it."""

RENAMED = {
    "pypy-3.9.16": ("pypy3.9-7.3.11",),
    "graalpy-3.10": ("graalpy-23.1", "graalpy-24.0"),
    "graalpy-3.11": ("graalpy-24.1", "graalpy-24.2"),
    "graalpy-3.11.7": ("graalpy-24.1", "graalpy-24.2"),
    "graalpy-3.12": ("graalpy-25.0",),
    "rustpython-3.12": ("rustpython-0.3", "rustpython-0.4"),
    "rustpython-3.12.0": ("rustpython-0.3", "rustpython-0.4"),
}
"""Ids of edition 1 that named the Python of an implementation, and the ids or series that they are now. Edition 3 drops them.

``pypy-X.Y`` and ``pypy-X.Y.Z`` are the series ``pypyX.Y``.
"""

_OLD_PYPY = re.compile(r"pypy-(\d+\.\d+)(?:\.\d+)?")
_PLATFORMS = {"linux": "", "win32": "windows", "darwin": "macos"}
_MACHINES = {"amd64": "x86_64", "aarch64": "arm64", "i686": "i386", "i586": "i386", "x86": "i386", "armv7l": "armhf"}
_OBVIOUS = {"": "x86_64", "windows": "x86_64", "emscripten": "wasm32", "wasi": "wasm32"}
"""By platform as ids name it: the machine that they leave out."""

_PARTS = re.compile(r"(?P<interpreter>[^+]*?)(?P<candidate>\+.*?)?(?P<emulates>-as-\d+\.\d+(?:\.\d+)?)?", re.DOTALL)
_INTERPRETER = re.compile(r"(?P<name>[^\W\d]+(?P<series>\d+\.\d+)?)-(?P<release>(?P<first>\d+\.\d+)[\w.]*)(?P<rest>(?:-[\w.]+)*)")
_OWN = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}", re.ASCII)
_SLUG_LIMIT = 100  # characters, since a file is named so
_TAKEN = re.compile(r".*\.(partial|shard-\d+-of-\d+)")


def interpreter_id(about: Mapping[str, Any]) -> str:
    """Return what an id begins with: ``implementation-release[-platform][-build]``.

    The platform is left out where it is Linux on x86_64, the build where it is the usual one. Each release of PyPy is there
    for several series of Python, so the series stands in its name.

    Args:
        about: implementation, release, python, platform and build, as a result file says them.
    """
    name, release = str(about["implementation"]), str(about["release"])
    if name == "pypy":
        name += ".".join(str(about["python"]).split(".")[:2])
    system, _, machine = str(about["platform"]).partition("-")
    system = _PLATFORMS.get(system, system)
    machine = _MACHINES.get(machine.lower(), machine.lower())
    parts = [name, release] if about["implementation"] == "pyodide" else [name, release, system, _shown_machine(system, machine)]
    parts.append(str(about["build"]))
    return "-".join(re.sub(r"[^\w.-]+", "-", part).strip("-") for part in parts if part)


def numbers_of(text: str) -> tuple[int, ...]:
    """Return the numbers that stand in a release, in an order that can be compared, such as (24, 2, 2)."""
    return tuple(map(int, re.findall(r"\d+", text)))


def _shown_machine(system: str, machine: str) -> str:
    return "" if machine == _OBVIOUS.get(system) else machine


def slug(text: str) -> str:
    """Return what a target is called that does not start: the --python that asked for it, without the folders of this machine."""
    if text.startswith("cmd:"):
        text = " ".join(["cmd", *(Path(word).name for word in shlex.split(text.removeprefix("cmd:")))])
    elif not text.startswith(tuple(f"{engine}:" for engine in ENGINES)):
        text = Path(text).name
    return re.sub(r"[^\w.+]+", "-", text)[:_SLUG_LIMIT].strip("-.") or "target"


def is_id(text: str) -> bool:
    """Whether a text can be given as an id: it names files, and no id of another kind of file."""
    return _OWN.fullmatch(text) is not None and _TAKEN.fullmatch(text) is None


@dataclass(frozen=True, slots=True)
class _Parts:
    """An id taken apart."""

    interpreter: str
    tail: str
    """The candidate, and what it is judged as."""
    series: str
    """Such as ``cpython-3.12``, ``pypy3.9`` or ``graalpy-24.2``; empty in an id that somebody has given."""
    release: str
    """Series and release, without platform and build."""
    rest: str
    """Platform and build."""


def _parts(target: str) -> _Parts:
    whole = _PARTS.fullmatch(target)
    assert whole is not None  # it matches everything
    interpreter = whole["interpreter"]
    tail = (whole["candidate"] or "") + (whole["emulates"] or "")
    match = _INTERPRETER.fullmatch(interpreter)
    if match is None:
        return _Parts(interpreter, tail, "", interpreter, "")
    series = match["name"] if match["series"] else f"{match['name']}-{match['first']}"
    return _Parts(interpreter, tail, series, f"{match['name']}-{match['release']}", match["rest"])


def series_of(target: str) -> str:
    """Return the name that stands for each release of a target's series on its platform, such as ``cpython-3.12+shim``."""
    parts = _parts(target)
    return (parts.series or parts.interpreter) + parts.rest + parts.tail


def names_of(target: str) -> list[str]:
    """Return the names that stand for a target, the most exact first: its id, its series, both for any platform and build."""
    parts = _parts(target)
    if not parts.series:
        return [target]
    found = [parts.interpreter, parts.series + parts.rest, parts.release, parts.series]
    return list(dict.fromkeys(name + parts.tail for name in found))


def current_names(name: str) -> tuple[str, ...]:
    """Return what an id of edition 1 is called now; nothing for a name that has not changed."""
    parts = _parts(name)
    pypy = _OLD_PYPY.fullmatch(parts.release)
    found = RENAMED.get(parts.release, ())
    if pypy is not None and not found:
        found = (f"pypy{pypy[1]}",)
    return tuple(new + parts.rest + parts.tail for new in found)


def current_id(about: Mapping[str, Any]) -> str:
    """Return the id of a target from what a result file says of it, in which the id may be one of edition 1."""
    parts = _parts(str(about["id"]))
    implementation, python = str(about["implementation"]), str(about["python"])
    if about["release"] == python or implementation == "pyodide" or not parts.series:
        return str(about["id"])
    numbers = re.match(r"\d+(?:\.\d+)*", python)
    versions = {python, numbers[0], ".".join(numbers[0].split(".")[:2])} if numbers is not None else {python}
    named_by_python = parts.interpreter in {f"{implementation}-{version}" for version in versions}
    return interpreter_id(about) + parts.tail if named_by_python else str(about["id"])


def former_id(about: Mapping[str, Any]) -> str | None:
    """Return what edition 1 called a target whose candidate it named after its file or folder; None where it has that name still."""
    whole, kind, name = _PARTS.fullmatch(str(about["id"])), about["candidate"].get("kind"), str(about["candidate"].get("name", ""))
    assert whole is not None  # it matches everything
    label = {"file": Path(name).stem, "directory": name}.get(str(kind))
    if label is None or whole["candidate"] is None or _INTERPRETER.fullmatch(whole["interpreter"]) is None:
        return None
    former = f"{whole['interpreter']}+{label}{whole['emulates'] or ''}"
    return None if former == about["id"] else former


def exactness(name: str, target: str) -> int | None:
    """Say how exactly a name stands for a target: 0 for its id, more for what takes in others, None where it does not.

    An id of edition 1 stands for what it is called now.
    """
    names = names_of(target)
    if name in names:
        return names.index(name)
    return len(names) if any(new in names for new in current_names(name)) else None


def pattern_fits(pattern: str, target: str) -> bool:
    """Whether a pattern matches the id of a target, or another name that stands for it, one of edition 1 among them."""
    names = names_of(target)
    parts = _parts(target)
    old = [name for name, new in RENAMED.items() if parts.series in new or parts.release in new]
    if parts.series.startswith("pypy"):
        old.append(f"pypy-{parts.series.removeprefix('pypy')}")
    return any(fnmatchcase(name, pattern) for name in (*names, *(name + parts.tail for name in old)))
