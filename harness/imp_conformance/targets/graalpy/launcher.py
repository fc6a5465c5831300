"""The program that starts a GraalPy from its jars as ``graalpy`` would be started, and the archive that makes it start fast."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from imp_conformance.errors import FileUnwritable, UnknownTarget
from imp_conformance.resources import replacing
from imp_conformance.targets.graalpy.java import Java
from imp_conformance.targets.graalpy.pinned import Release

_MAIN = "com.oracle.graal.python.shell.GraalPythonMain"

_FOREIGN = (
    *("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"),
    *("GRAAL_PYTHON_ARGS", "GRAAL_PYTHON_VM_ARGS", "GRAALPY_ARGS", "GRAALPY_VM_ARGS"),
)
"""What users set for their own Javas and GraalPys: it may change a verdict, and Java tells it on standard error."""

_TRAINING = """\
import sys
sys.dont_write_bytecode = False  # of the library, which GraalPy would compile at each start
for name in (
    "ast base64 fcntl gc imp importlib.util json marshal mmap os platform py_compile resource select shutil signal site struct "
    "subprocess tempfile threading time traceback types warnings"
).split():
    try:
        __import__(name)
    except ImportError:
        pass
exec(compile("def f(x):\\n    return [y for y in x]\\nf([1])\\n", "x", "exec"))
sys.modules["subprocess"].run(["sh", "-c", ":"])
"""
"""It loads what the agent and most cases load; the classes that Java loads for that are kept in the archive."""

_NATIVE_ACCESS = 24
"""The first Java that warns of what GraalPy does with memory and native code, unless it is told that it may."""


def launcher(text: str, release: Release, java: Java, jars: Sequence[Path], folder: Path) -> Path:
    """Return the program that starts a release as ``python``; it is made where it is not there, once for each Java.

    It is the interpreter's sys.executable too, so that what a case starts is the same interpreter.

    Args:
        text: what was asked for, to be named in an error.
        release: the release.
        java: what it runs on.
        jars: the release's own.
        folder: where it is put, in a folder of its own.

    Raises:
        UnknownTarget: where it cannot be put there.
    """
    # An archive is good for one build of Java, these very options, and these jars in this order alone.
    recipe = "\0".join([java.version, *_line(release, java, jars, Path("graalpy"), []), _TRAINING, *_FOREIGN])
    place = folder / f"java-{java.major}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    program = place / "graalpy"
    if program.is_file():  # it is written last
        return program
    try:
        place.mkdir(parents=True, exist_ok=True)
        archive = place / "classes.jsa"
        with replacing(archive) as fresh:
            fresh.unlink()  # Java writes none where a file is
            _train(release, java, jars, fresh)
        with replacing(program, 0o755) as fresh:
            line = shlex.join(_line(release, java, jars, program, [f"-XX:SharedArchiveFile={archive}"]))
            fresh.write_text(f'#!/bin/sh\nunset {" ".join(_FOREIGN)}\nexec {line} "$@"\n', encoding="utf-8")
    except (OSError, FileUnwritable) as error:
        why = error.why if isinstance(error, FileUnwritable) else error.strerror
        raise UnknownTarget(f"--python {text}: its launcher cannot be put into {place}: {why}: make it writable") from None
    return program


def _line(release: Release, java: Java, jars: Sequence[Path], executable: Path, options: Sequence[str]) -> list[str]:
    """Return the command line that starts a release.

    Args:
        release: the release.
        java: what it runs on.
        jars: the release's own.
        executable: an executable file, which becomes sys.executable.
        options: more of Java's options.
    """
    own = [
        "-XX:TieredStopAtLevel=1",  # a case is over before better code would pay
        "-Xlog:disable",  # what Java has to say of an archive goes to standard output, which is the agent's
        "-Dpolyglot.engine.WarnInterpreterOnly=false",
        f"-Dorg.graalvm.version={release.number}",  # GraalPy 23.1 calls itself a snapshot elsewhere
        f"-Dorg.graalvm.launcher.executablename={executable}",
    ]
    if not release.number.startswith("23."):  # which knows no such option, and unpacks its library where GraalPy does by itself
        own.append(f"-Dpolyglot.engine.userResourceCache={jars[0].parents[1] / 'library'}")
    if java.major >= _NATIVE_ACCESS:
        own += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
    return [str(java.program), *own, *options, "-cp", os.pathsep.join(map(str, jars)), _MAIN]


def _train(release: Release, java: Java, jars: Sequence[Path], archive: Path) -> None:
    """Start a release once, to keep the classes that it loads; where this Java cannot keep them, it starts slowly."""
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    line = [*_line(release, java, jars, java.program, [f"-XX:ArchiveClassesAtExit={archive}"]), "-c", _TRAINING]
    subprocess.run(line, check=False, stdin=subprocess.DEVNULL, capture_output=True, env=environment)
    if not archive.exists():
        archive.touch()
