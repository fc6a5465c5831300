"""Faults that whoever writes imp anew would plausibly have, and whether any case at any level notices each.

Their writers knew how shims and interpreters are made, and had not seen a case. realistic/ has the faults as data, each with a
program that prints other things with the fault than without it. judged.yaml says which of them are no faults; whoever judged them
had not written them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from adequacy.genuine import Genuine, own_catalogue
from adequacy.noticing import IMPORT, any_noticing
from imp_conformance.errors import ConformanceError

_FOLDER = Path(__file__).with_name("realistic")
_JUDGED = Path(__file__).with_name("judged.yaml")
_PROOF_LIMIT = 30
"""Seconds that a proof may take."""
_HEAD = "import sys, warnings\nsys.path[0] = {library!r}\nwarnings.simplefilter('ignore', DeprecationWarning)\n"


@dataclass(frozen=True, slots=True)
class Realistic:
    """A realistic fault: code to append to a genuine imp.py, and a program that shows it."""

    id: str
    subject: str
    made_by: str
    """How an implementer would come to it."""
    what: str
    code: str
    proof: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a fault on a release."""

    fault: Realistic
    shows: bool
    """Whether its program tells it from the genuine module on this release."""
    noticed_by: str | None
    """The first case that does not pass."""


def read_realistic() -> list[Realistic]:
    """Read all faults.

    Raises:
        ConformanceError: two have one id, or a judgement is of none of them.
    """
    found: dict[str, Realistic] = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            fault = Realistic(item["id"], item["subject"], item["made_by"], item["what"], item["code"], item["proof"])
            if fault.id in found:
                raise ConformanceError(f"{path.name}: {fault.id}: another fault has this id: choose another one")
            found[fault.id] = fault
    for name in judged():
        if name not in found:
            raise ConformanceError(f"{_JUDGED.name}: {name}: there is no such fault: take the line out")
    return list(found.values())


def judged() -> dict[str, str]:
    """Return those that are no faults of imp, by id, each with the reason."""
    return dict(yaml.safe_load(_JUDGED.read_text(encoding="utf-8")) or {})


def look(genuine: Genuine, faults: list[Realistic], workers: int) -> Iterator[Looked]:
    """Yield what comes of each fault on a release, in their order, found in that many processes.

    Raises:
        ConformanceError: a fault keeps imp from being imported, or its program fails on the genuine module.
    """
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_look_one, [genuine] * len(faults), faults)


def _look_one(genuine: Genuine, fault: Realistic) -> Looked:
    source = f"{genuine.source}\n{fault.code}"
    status, printed = shown(genuine.python, genuine.source, fault.proof)
    if status != 0:
        raise ConformanceError(f"{fault.id}: its proof fails on the genuine {genuine.release}: {printed.strip()[-200:]}")
    if shown(genuine.python, source, fault.proof) == (status, printed):
        return Looked(fault, shows=False, noticed_by=None)
    noticed = any_noticing(genuine, source, own_catalogue(), fault.subject)
    if noticed == IMPORT:
        raise ConformanceError(f"{fault.id}: its code keeps imp from being imported on {genuine.release}: correct it")
    return Looked(fault, shows=True, noticed_by=noticed)


def shown(python: str, source: str, program: str) -> tuple[int | None, str]:
    """Run a program with a text as imp.py, in an empty directory that always has the same path within a process.

    Returns:
        The exit status, or None where it does not end, and what was printed.
    """
    base = Path(tempfile.gettempdir()) / f"realistic-{os.getpid()}"
    library, work = base / "library", base / "work"
    _remove(base)
    try:
        library.mkdir(parents=True)
        work.mkdir()
        (library / "imp.py").write_text(source, encoding="utf-8")
        (base / "proof.py").write_text(_HEAD.format(library=str(library)) + program, encoding="utf-8")
        try:
            done = subprocess.run(
                [python, str(base / "proof.py")],
                cwd=work,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_PROOF_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stdout.decode("utf-8", "backslashreplace")
    finally:
        _remove(base)


def _remove(base: Path) -> None:
    for folder, _, _ in os.walk(base):
        with contextlib.suppress(OSError):
            Path(folder).chmod(0o700)  # a proof may have taken the right to list it
    shutil.rmtree(base, ignore_errors=True)
