"""Which targets a run has: from --python, --candidate and --emulates to interpreters that answered."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from imp_conformance.catalogue.versions import FINAL, FIRST, Release
from imp_conformance.errors import TargetUnavailable, UnknownTarget
from imp_conformance.portable.protocol import LIMITS
from imp_conformance.targets import containers, graalpy, pyodide
from imp_conformance.targets.advice import advice
from imp_conformance.targets.candidate import Candidate, find_candidate, unfound_candidate
from imp_conformance.targets.discovery import NAMED, found_interpreters, newest, release_by_option, within
from imp_conformance.targets.foreign import refuse_foreign
from imp_conformance.targets.identity import Identity, releases, releases_text
from imp_conformance.targets.names import interpreter_id, slug
from imp_conformance.targets.session import Session

_VERSION = re.compile(r"(?:(cpython|python|pypy)[-@]?)?(\d+(?:\.\d+){0,2})\Z", re.IGNORECASE)
_IDENTITY = ("implementation", "release", "python", "platform", "build")


@dataclass(frozen=True, slots=True)
class Request:
    """One interpreter that was asked for."""

    text: str
    command: tuple[str, ...]
    named: bool
    """Asked for by name, so that a run without it is incomplete."""
    stem: str | None = None
    """What its id begins with where it does not start, so that nobody learns what it is."""
    start_limit: float = LIMITS.start_seconds
    """Seconds that it may take to start."""


@dataclass(frozen=True, slots=True)
class Target:
    """An interpreter and the imp that is judged on it."""

    id: str
    command: tuple[str, ...]
    candidate: Candidate
    emulates: str
    named: bool
    identity: dict[str, str]
    """Its implementation, release (the implementation's own), python, platform and build; empty where it did not start."""
    unavailable: str | None = None
    asked: str = ""
    """The --python that asked for it."""
    stamp: str = ""
    """What differs between builds that agree in their identity."""
    start_limit: float = LIMITS.start_seconds
    """Seconds that it may take to start."""
    without: tuple[str, ...] = ()
    """What is done without there, such as fork: what, why, and what is done in its place."""
    provides: tuple[str, ...] = ()
    """The attributes that its candidate has, of those that were looked for."""
    todo: str = ""
    """What to do where it is unavailable, as far as that is known; it may name paths of this machine."""

    @property
    def about(self) -> dict[str, Any]:
        """What a result file says of it."""
        known = {key: self.identity.get(key, "" if key == "build" else "unknown") for key in _IDENTITY}
        return {"id": self.id, **known, "candidate": dict(self.candidate.about), "emulates": self.emulates}

    @property
    def releases(self) -> str:
        """The releases of Python and of the implementation, for people."""
        known = self.identity
        return releases_text(known["implementation"], known["python"], known["release"]) if known else "not started"

    def to_json(self) -> dict[str, Any]:
        """Return plain data that from_json takes, for a worker on another process or machine."""
        others = [field.name for field in fields(self) if field.name != "candidate"]
        return {**{name: getattr(self, name) for name in others}, "candidate": self.candidate.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Target:
        """Undo to_json."""
        tuples = {name: tuple(data[name]) for name in ("command", "without", "provides")}
        return cls(**{**data, **tuples, "candidate": Candidate.from_json(data["candidate"])})

    @property
    def release(self) -> Release:
        """The release whose promises the target is judged by."""
        return Release.parse(self.emulates)


def find_interpreters(text: str | None) -> list[Request]:
    """Read a --python; None is this very interpreter.

    It is a version, a range of versions, a path, ``pyodide``, ``docker:IMAGE``, ``podman:IMAGE``, or ``cmd:COMMAND LINE``.

    Raises:
        UnknownTarget: where it names no interpreter.
    """
    if text == "":
        raise UnknownTarget("--python is empty: say which interpreter, or leave it out for this one")
    if text is None:
        return [Request(sys.executable, (sys.executable,), named=True)]
    if text.startswith("cmd:"):
        return [Request(text, _command_line(text), named=True)]
    container = containers.container_command(text)
    if container is not None:
        return [Request(text, container, named=True, start_limit=containers.START_LIMIT)]
    release = pyodide.release_named(text)
    if release is not None:
        return [Request(text, pyodide.command(text, release), named=True, stem=f"pyodide-{release}")]
    graal = graalpy.wanted(text)
    if graal is not None:
        return [Request(text, graalpy.command(graal), named=True, start_limit=graalpy.START_LIMIT)]
    if text.lower() in ("pypy", *NAMED):
        return [_by_version(text, text.lower(), "")]
    version = _VERSION.match(text)
    if version is not None:
        return [_by_version(text, _implementation(version.group(1)), version.group(2))]
    if text[:1] in "<>=!~":
        return _by_range(text)
    path = shutil.which(text)
    prefix, colon, _ = text.partition(":")
    if path is None and colon and prefix.isalnum() and not Path(text).exists():
        raise UnknownTarget(
            f"--python {text}: {prefix}: means nothing here: the prefixes are docker:IMAGE, podman:IMAGE and cmd:COMMAND LINE; "
            "a version is given as 3.8 or pypy3.9"
        )
    if path is None:
        what = "not an executable file" if Path(text).exists() else "no such interpreter"
        raise UnknownTarget(
            f"--python {text}: {what}: give a version (3.8, pypy3.9), a range (>=3.12), a path, pyodide, docker:IMAGE, "
            "podman:IMAGE, or cmd:COMMAND LINE; imp-conformance targets lists what is here"
        )
    return [Request(text, (path,), named=True)]


def _implementation(name: str | None) -> str:
    return "cpython" if name is None or name.lower() == "python" else name.lower()


def _command_line(text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text.removeprefix("cmd:")))
    except ValueError as error:
        raise UnknownTarget(f"--python {text}: not a command line ({error}): fix its quotes") from None
    if not words:
        raise UnknownTarget("--python cmd: has no command: write one that runs a Python, such as cmd:python3 -O")
    if shutil.which(words[0]) is None:
        raise UnknownTarget(f"--python {text}: there is no command {words[0]!r}: fix it, or put it on PATH")
    return words


def _by_version(text: str, implementation: str, version: str) -> Request:
    numbers = tuple(int(number) for number in version.split(".")) if version else ()
    if numbers < FIRST.series[: len(numbers)]:
        raise UnknownTarget(f"--python {text}: a target needs Python {FIRST.major}.{FIRST.minor} or later: name such a version")
    hit = newest(implementation, numbers)
    if hit is None:
        raise UnknownTarget(
            f"--python {text}: no {f'{implementation} {version}'.strip()} on this machine (looked on PATH and in pyenv, uv, rye and asdf): "
            "install it or give its path; imp-conformance targets lists what is here"
        )
    return Request(text, (hit.path,), named=True)


def _by_range(text: str) -> list[Request]:
    try:
        specifiers = SpecifierSet(text)
    except InvalidSpecifier:
        raise UnknownTarget(f"--python {text}: no version range: write one such as '>=3.12' or '>=3.4,<3.12'") from None
    hits = within(found_interpreters(), specifiers)
    if not hits:
        raise UnknownTarget(f"--python {text}: no interpreter in that range on this machine: imp-conformance targets lists what is here")
    return [Request(item.path, (item.path,), named=False) for item in hits]


def emulated(text: str | None) -> str | None:
    """Check an --emulates.

    Raises:
        UnknownTarget: where it is no release that had imp.
    """
    if text is None:
        return None
    try:
        release = Release.parse(text)
    except ValueError as error:
        raise UnknownTarget(f"--emulates {error}") from None
    if not FIRST <= release <= FINAL:
        raise UnknownTarget(f"--emulates {text}: imp is judged as of 3.4 to 3.11: give one of these, such as 3.11 or 3.6.3")
    return text


def promised(version: str) -> str:
    """Return the release by which an interpreter of version X.Y.Z is judged unless it is told: its own where that has imp."""
    return version if Release.parse(version).series <= FINAL.series else str(FINAL)


def open_targets(
    requests: Sequence[Request],
    candidate: str | None,
    emulates: str | None,
    names: Sequence[str],
    start_limit: float | None = None,
) -> Iterator[tuple[Target, Session | None]]:
    """Start each interpreter with the candidate, one after the other.

    Builds that agree in all that an id says have the same one: told_apart() makes their ids unlike.

    What cannot be started is a target too, one that says why it is unavailable; its session is None.

    Args:
        requests: the interpreters.
        candidate: whose imp is judged; None for the interpreter's own.
        emulates: the release that it is judged as; None for the one that it is.
        names: the attributes of imp to look for.
        start_limit: seconds that each may take to start; what its kind has where left out.

    Raises:
        UnknownTarget: for a candidate that is nowhere.
    """
    for request in requests:
        asked = request if start_limit is None else replace(request, start_limit=start_limit)
        yield _open_target(asked, candidate, emulates, names)


def _open_target(request: Request, text: str | None, emulates: str | None, names: Sequence[str]) -> tuple[Target, Session | None]:
    candidate = unfound_candidate(text)
    session = None
    identity = None
    try:
        session = Session(request.command, request.start_limit)
        identity = session.identity
        candidate = find_candidate(text, identity.series)
        session.load(candidate, names)
        return replace(_describe(request, candidate, emulates, identity), provides=tuple(sorted(session.present))), session
    except TargetUnavailable as error:
        if session is not None:
            session.close()
        else:
            heed_foreign(request, str(error))
        return replace(_describe(request, candidate, emulates, identity, str(error)), todo=advice(str(error), text)), None
    except BaseException:
        if session is not None:
            session.close()
        raise


def heed_foreign(request: Request, why: str) -> None:
    """Raise UnknownTarget where what has not started was named as a file, and is no Python."""
    # A command line may fail for reasons of its own, today or on this machine: what it starts is unavailable.
    if len(request.command) == 1 and not request.text.startswith("cmd:"):
        refuse_foreign(request.text, request.command, why)


def _describe(
    request: Request, candidate: Candidate, emulates: str | None, identity: Identity | None, unavailable: str | None = None
) -> Target:
    about: dict[str, str] = {}
    stem = request.stem or slug(request.text)
    promises = emulates or str(FINAL)
    if identity is not None:
        python, release = releases(identity.release)
        if identity.implementation == "rustpython" and release == python:
            release = release_by_option(request.command, "RustPython") or release
        about = {
            "implementation": identity.implementation,
            "release": release,
            "python": python,
            "platform": identity.platform,
            "build": identity.build,
        }
        stem = interpreter_id(about)
        promises = emulates or promised(identity.version)
    label = f"+{candidate.label}" if candidate.label else ""
    suffix = f"-as-{emulates}" if emulates else ""
    return Target(
        id=stem + label + suffix,
        command=request.command,
        candidate=candidate,
        emulates=promises,
        named=request.named,
        identity=about,
        unavailable=unavailable,
        asked=request.text,
        stamp="" if identity is None else identity.stamp,
        start_limit=request.start_limit,
        without=() if identity is None else identity.without,
    )
