"""Fetch the jars of a release of GraalPy with Maven, and believe none whose checksum is not ours."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from imp_conformance.errors import UnknownTarget
from imp_conformance.targets.fetching import folder_beside, may_fetch, move_whole
from imp_conformance.targets.graalpy.java import Java
from imp_conformance.targets.graalpy.pinned import Release

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

# Each jar is named, and what a jar says that it needs is not asked: so nothing is fetched whose checksum is not known.
_DEPENDENCY = (
    "<dependency><groupId>{0}</groupId><artifactId>{1}</artifactId><version>{2}</version>"
    "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>"
)
_PROJECT = (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>imp-conformance</groupId>'
    "<artifactId>graalpy</artifactId><version>1</version><packaging>pom</packaging><dependencies>{0}</dependencies></project>"
)


def jars(release: Release, folder: Path) -> list[Path]:
    """Return the paths that a release's jars have in a folder."""
    return [folder / "{1}-{2}.jar".format(*coordinates.split(":")) for coordinates in release.artifacts]


def is_whole(release: Release, folder: Path) -> bool:
    """Say whether a folder has all jars of a release; they were checked before they were put there."""
    return all(jar.is_file() for jar in jars(release, folder))


def fetch(text: str, release: Release, java: Java, folder: Path) -> None:
    """Fetch the jars of a release.

    Args:
        text: what was asked for, to be named in an error.
        release: the release.
        java: what Maven runs on.
        folder: the jars' place.

    Raises:
        UnknownTarget: where it cannot be fetched or put there, or is not what was expected.
    """
    what = f"--python {text}: GraalPy {release.number} is not in {folder}"
    may_fetch(what)
    mvn = shutil.which("mvn")
    if mvn is None:
        raise UnknownTarget(f"{what}, and there is no mvn on PATH to fetch it: install Maven, or give the path of a graalpy that is here")
    with folder_beside(what, folder) as scratch:
        project, fresh = scratch / "pom.xml", scratch / "jars"
        wanted = [_DEPENDENCY.format(*map(escape, coordinates.split(":"))) for coordinates in release.artifacts]
        project.write_text(_PROJECT.format("".join(wanted)), encoding="utf-8")
        line = [mvn, "--batch-mode", "--quiet", "--file", str(project), _PLUGIN, f"-DoutputDirectory={fresh}"]
        environment = {**os.environ, "JAVA_HOME": str(java.home)}
        done = subprocess.run(line, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment)
        if done.returncode or not is_whole(release, fresh):
            raise UnknownTarget(f"{what}, and Maven cannot fetch it: {_complaint(done)}")
        for jar, expected in zip(jars(release, fresh), release.artifacts.values(), strict=True):
            if hashlib.sha256(jar.read_bytes()).hexdigest() != expected:
                raise UnknownTarget(f"{what}, and what Maven fetched as {jar.name} is another file than expected: look at its mirror")
        move_whole(fresh, folder, partial(is_whole, release))


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    plain = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    told = [line.removeprefix("[ERROR]").strip() for line in plain.splitlines() if line.startswith("[ERROR]")]
    return next((line for line in told if line), f"mvn exits with {done.returncode}")
