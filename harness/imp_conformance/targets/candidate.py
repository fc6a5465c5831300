"""Whose imp is judged: the interpreter's own, a file, a directory, an installed module, or a release on PyPI."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from packaging.requirements import InvalidRequirement, Requirement

from imp_conformance.errors import TargetUnavailable, UnknownTarget
from imp_conformance.portable.printable import printable
from imp_conformance.targets.fetching import may_fetch
from imp_conformance.targets.labels import label_asked, label_of, label_of_release, normalized
from imp_conformance.targets.travelling import read_tree

_DOWNLOADS = "imp-conformance-pypi-"
"""What the temporary directory of a download is called, before the id of its process."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate as a target gets it: the module to import, and the files to lay out first.

    kind is ``own`` (the interpreter's), ``tree`` (files that travel) or ``module`` (installed in the target).
    """

    kind: str
    module: str
    label: str
    about: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that from_json takes, for a worker on another process or machine."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Candidate:
        """Undo to_json."""
        return cls(**data)

    def as_given(self, text: str, root: str) -> str:
        """Return a text of a target's, printable, in which the files that travelled are named as their owner knows them.

        Args:
            text: what the target says.
            root: its scratch directory, in which they lie there.
        """
        if self.about["kind"] == "file":
            name = self.about["name"]
            text = text.replace(f"{root}/candidate/imp.py", name).replace("(imp.py, line", f"({name}, line")
        return printable(text.replace(f"{root}/candidate/", ""))


OWN = Candidate("own", "imp", "", {"kind": "own"})


def unfound_candidate(text: str | None) -> Candidate:
    """Return what is known of a --candidate before it is looked for; its name is that of a file, without the folders of this machine."""
    if text is None:
        return OWN
    name = Path(text).name if "/" in text and not text.startswith("pypi:") else text
    return Candidate("unknown", "", label_asked(text), {"kind": "unknown", "name": name})


def find_candidate(text: str | None, python: str) -> Candidate:
    """Read a --candidate for a target of Python version X.Y.

    Raises:
        UnknownTarget: where it names nothing.
        TargetUnavailable: where PyPI has nothing that this version can use.
    """
    if text is None:
        return OWN
    if text.startswith("pypi:"):
        return _from_pypi(text.removeprefix("pypi:"), python)
    path = Path(text)
    try:
        path.stat()
        if path.is_file():
            return _from_file(path)
        if path.is_dir():
            return _from_directory(path)
        raise UnknownTarget(f"--candidate {text}: neither a file nor a directory: give a .py file, or a directory that holds imp")
    except (FileNotFoundError, NotADirectoryError):
        pass
    except PermissionError as error:
        raise UnknownTarget(f"--candidate {error.filename or path}: {error.strerror}: make it readable") from None
    except OSError as error:
        raise UnknownTarget(f"--candidate {text}: {error.strerror}: give a file or directory that can be read") from None
    if re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", text) and not text.endswith(".py"):
        return Candidate("module", text, text, {"kind": "module", "name": text})
    raise UnknownTarget(
        f"--candidate {text}: no such file or directory: give a .py file, a directory that holds imp, "
        "a dotted module name, or pypi:NAME[==VERSION]"
    )


def _from_file(path: Path) -> Candidate:
    if path.suffix != ".py":
        raise UnknownTarget(f"--candidate {path}: not a .py file: give the source file that is to be loaded as imp")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnknownTarget(f"--candidate {path}: {error.strerror}: make it readable") from None
    about = {"kind": "file", "name": path.name, "digest": _digest({"imp.py": data})}
    return Candidate("tree", "imp", label_of(path), about, _encoded({"imp.py": data}))


def _from_directory(path: Path) -> Candidate:
    files = read_tree(path)
    if not _modules(files, "imp"):
        raise UnknownTarget(f"--candidate {path}: import imp would find nothing there: give the directory that holds imp.py or imp/")
    about = {"kind": "directory", "name": path.resolve().name, "digest": _digest(files)}
    return Candidate("tree", "imp", label_of(path), about, _encoded(files))


@cache
def _from_pypi(text: str, python: str) -> Candidate:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise UnknownTarget(f"--candidate pypi:{text}: not a requirement: write pypi:NAME or pypi:NAME==VERSION") from None
    may_fetch(f"--candidate pypi:{text}: a release on PyPI is fetched for each run")
    _forget_killed()
    with tempfile.TemporaryDirectory(prefix=f"{_DOWNLOADS}{os.getpid()}-") as folder:
        binary = _pip(folder, text, python, "--only-binary=:all:")
        if binary is not None and _pip(folder, text, python, "--no-deps") is not None:
            raise TargetUnavailable(f"pip finds no {text} for Python {python}: {binary}")
        files = read_tree(Path(folder))
    name = normalized(requirement.name)
    version = _installed_version(files, name)
    module = "imp" if _modules(files, "imp") else name.replace("-", "_")
    if not _modules(files, module):
        raise UnknownTarget(f"--candidate pypi:{text}: it has neither a module imp nor one named {module}")
    label = label_of_release(requirement, version)
    return Candidate("tree", module, label, {"kind": "pypi", "name": name, "version": version}, _encoded(files))


def _forget_killed() -> None:
    """Delete what runs that were killed have left of their downloads."""
    for path in Path(tempfile.gettempdir()).glob(f"{_DOWNLOADS}*"):
        owner = path.name.removeprefix(_DOWNLOADS).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


def _pip(folder: str, text: str, python: str, choice: str) -> str | None:
    """Install a release and what it needs into a folder; return pip's complaint, or None where it worked."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
    command += ["--target", folder, "--python-version", python, choice, text]
    own = Path(folder) / ".tmp"
    own.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(own)}
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment)
    if done.returncode == 0:
        return None
    errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
    return (errors or [done.stderr.strip() or f"pip exits with {done.returncode}"])[-1]


def _installed_version(files: Mapping[str, bytes], name: str) -> str:
    for path in files:
        folder, _, file = path.partition("/")
        if file == "METADATA" and folder.endswith(".dist-info"):
            found, _, version = folder.removesuffix(".dist-info").rpartition("-")
            if normalized(found) == name:
                return version
    return "unknown"


def _modules(files: Mapping[str, bytes], module: str) -> list[str]:
    """Return the files that importing a top-level module could begin with."""
    pattern = re.compile(rf"{re.escape(module)}(/__init__)?(\.py|\.pyc|(\.[\w-]+)*\.(so|pyd))")
    return [name for name in files if pattern.fullmatch(name)]


def _encoded(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode("ascii") for name, data in files.items()}


def _digest(files: Mapping[str, bytes]) -> str:
    found = hashlib.sha256()
    for name in sorted(files):
        found.update(f"{name}\0{len(files[name])}\0".encode(errors="surrogateescape"))
        found.update(files[name])
    return "sha256:" + found.hexdigest()
