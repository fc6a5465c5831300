"""The Javas of this machine, and the one that a release of GraalPy can run on."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.graalpy.pinned import Release

_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.asdf/installs/java/*",
)
"""Where Linux's distributions, macOS, SDKMAN, IntelliJ and asdf put them."""


@dataclass(frozen=True, slots=True)
class Java:
    """A Java."""

    home: Path
    version: str
    """Its version to the letter, which tells one build from the next."""

    @property
    def major(self) -> int:
        """Its release, such as 17."""
        return int(re.split(r"[.+-]", self.version)[0])

    @property
    def program(self) -> Path:
        """What starts it."""
        return self.home / "bin" / "java"


def find_java(text: str, release: Release) -> Java:
    """Return the Java to run a release of GraalPy: JAVA_HOME's, PATH's, or the oldest elsewhere that the release was tried on.

    Args:
        text: what was asked for, to be named in an error.
        release: the release.

    Raises:
        UnknownTarget: where no such Java is here.
    """
    first, last = release.java
    here = list(_javas())
    for java in here:
        if first <= java.major <= last:
            return java
    found = ", ".join(sorted({java.version for java in here})) or "none"
    raise UnknownTarget(
        f"--python {text}: GraalPy {release.number} runs on Java {first} to {last}, and there is none on this machine (found: {found}; "
        f"looked at JAVA_HOME, PATH and the usual folders): install one, such as Debian's openjdk-{first}-jre-headless, or set JAVA_HOME"
    )


def _javas() -> Iterator[Java]:
    """Give each Java once: JAVA_HOME's first, then PATH's, then the others, oldest first."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path is not None:
        homes.append(Path(on_path).resolve().parents[1])
    others = [home for folder in _FOLDERS for home in _matching(Path(folder).expanduser())]
    seen: set[Path] = set()
    named = [java for java in map(_java, homes) if java is not None]
    rest = sorted((java for java in map(_java, others) if java is not None), key=lambda java: (java.major, java.version, java.home))
    for java in [*named, *rest]:
        if java.home not in seen:
            seen.add(java.home)
            yield java


def _matching(folder: Path) -> list[Path]:
    fixed = Path(*folder.parts[: folder.parts.index("*")])
    return list(fixed.glob(str(folder.relative_to(fixed))))


def _java(home: Path) -> Java | None:
    """Read what a Java says of itself in its file named release, which costs no start."""
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    told = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    version = told.get("JAVA_RUNTIME_VERSION") or told.get("JAVA_VERSION", "")
    if not re.match(r"\d+(\D|\Z)", version) or not os.access(home / "bin" / "java", os.X_OK):
        return None
    return Java(home.resolve(), version)
