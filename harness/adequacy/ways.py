"""The ways in which an interpreter may be started: options, variables, limits, directories, and where its library lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imp_conformance.catalogue.versions import FIRST, Release

NOBODY = 65534
LEFT_OUT = ("test", "tests", "site-packages", "__pycache__", "idlelib", "lib2to3", "ensurepip")
"""Folders of the standard library that no case needs."""
_IN_DIRECTORY = ("sh", "-c", 'cd "$0" && exec "$@"')


@dataclass(frozen=True, slots=True)
class Way:
    """A way to start an interpreter: the words before and after its path."""

    name: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    since: Release = FIRST
    restricted: bool = False
    """Whether some interpreters cannot be started in it; that is reported and is no disagreement."""
    lacks: tuple[str, ...] = ()
    """Words of the reason for which cases may be not applicable in this way alone."""
    home: Callable[[str, Path], Path] | None = None
    """Makes a copy of an interpreter's library in a folder, and returns what PYTHONHOME is then."""

    def command(self, python: str, folder: Path) -> tuple[str, ...]:
        """Return the command line that starts an interpreter in this way; folder is for what has to be made for it."""
        before = self.before if self.home is None else ("env", f"PYTHONHOME={self.home(python, folder)}", *self.before)
        return *before, python, *self.after


def _options() -> Iterator[Way]:
    for option in ("-O", "-OO", "-B", "-E", "-s", "-S", "-I", "-u", "-q", "-b", "-bb", "-W error", "-X faulthandler", "-X tracemalloc"):
        yield Way(option, after=tuple(option.split()))
    for option, since in (("-X dev", "3.7.0"), ("-X utf8", "3.7.0"), ("-P", "3.11.0"), ("-X frozen_modules=off", "3.11.0")):
        yield Way(option, after=tuple(option.split()), since=Release.parse(since))
    yield Way("-X pycache_prefix", after=("-X", "pycache_prefix=/nonexistent/prefix"), since=Release(3, 8, 0))
    yield Way("-X warn_default_encoding", after=("-X", "warn_default_encoding"), since=Release(3, 10, 0))
    yield Way("-v", after=("-v",), lacks=("-v or PYTHONVERBOSE",))
    yield Way("-X importtime", after=("-X", "importtime"), since=Release(3, 7, 0), lacks=("-X importtime",))


def _variables() -> Iterator[Way]:
    for setting in (
        "PYTHONIOENCODING=utf-16",
        "PYTHONIOENCODING=ascii:strict",
        "PYTHONDONTWRITEBYTECODE=1",
        "PYTHONOPTIMIZE=2",
        "PYTHONWARNINGS=error",
        "PYTHONPYCACHEPREFIX=/nonexistent/prefix",
        "PYTHONWARNDEFAULTENCODING=1",
        "PYTHONSAFEPATH=1",
        "PYTHONHASHSEED=7",
        "PYTHONUNBUFFERED=1",
        "PYTHONINTMAXSTRDIGITS=640",
        "SOURCE_DATE_EPOCH=1",
        "LC_ALL=C",
        "LC_ALL=C.UTF-8",
        "LC_ALL=POSIX",
        "TMPDIR=/nonexistent/folder",
    ):
        yield Way(setting, before=("env", setting))
    yield Way("PYTHONVERBOSE=1", before=("env", "PYTHONVERBOSE=1"), lacks=("-v or PYTHONVERBOSE",))
    yield Way("PYTHONMALLOCSTATS=1", before=("env", "PYTHONMALLOCSTATS=1"), lacks=("PYTHONMALLOCSTATS",))


def _limits() -> Iterator[Way]:
    for limit in ("-n 64", "-f 1024", "-c unlimited", "-s 1024"):
        yield Way(f"ulimit {limit}", before=("sh", "-c", f'ulimit -S {limit} && exec "$@"', "sh"))
    for mask in ("000", "077", "777"):
        yield Way(f"umask {mask}", before=("sh", "-c", f'umask {mask} && exec "$@"', "sh"))
    yield Way("signals ignored", before=("sh", "-c", "trap '' HUP INT TERM CHLD; exec \"$@\"", "sh"))


@contextmanager
def ways() -> Iterator[list[Way]]:
    """Yield every way that this machine allows; delete afterwards what they needed."""
    with tempfile.TemporaryDirectory() as made:
        fixed, crowded, odd = (Path(made, name) for name in ("fixed", "crowded", "odd name \u00e9"))
        for folder in (fixed, crowded, odd):
            folder.mkdir()
        fixed.chmod(0o555)
        for name in sys.stdlib_module_names:
            (crowded / f"{name}.py").write_text("raise RuntimeError('this is no module of the standard library')\n", encoding="ascii")
        Path(made).chmod(0o755)
        found = [*_options(), *_variables(), *_limits()]
        found.append(Way("read-only directory", before=(*_IN_DIRECTORY, str(fixed))))
        found.append(Way("directory of modules named as the library's", before=(*_IN_DIRECTORY, str(crowded))))
        found.append(Way("odd TMPDIR", before=("env", f"TMPDIR={odd}")))
        found.append(Way("library elsewhere", home=copied_library))
        found.append(Way("library in a zip", home=zipped_library, lacks=("standard library is not a directory",)))
        if os.geteuid() == 0 and shutil.which("setpriv"):
            user = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
            found.append(Way("ordinary user", before=user, restricted=True, lacks=("does not know the file",)))
        yield found


def copied_library(python: str, folder: Path) -> Path:
    """Copy an interpreter's library into a folder; return its new home."""
    library = _library(python)
    target = folder / "lib" / library.name
    if not target.exists():
        shutil.copytree(library, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return folder


def zipped_library(python: str, folder: Path) -> Path:
    """Put an interpreter's library into an archive in a folder, its shared libraries beside it; return its new home."""
    library = _library(python)
    archive = folder / "lib" / f"{library.name.replace('.', '')}.zip"
    if not archive.exists():
        shutil.copytree(library / "lib-dynload", folder / "lib" / library.name / "lib-dynload")
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(library.rglob("*.py")):
                inner = path.relative_to(library)
                if not set(inner.parts) & set(LEFT_OUT):
                    file.write(path, inner)
    return folder


def _library(python: str) -> Path:
    code = "import ast, os; print(os.path.dirname(ast.__file__))"
    told = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return Path(told.stdout.strip())
