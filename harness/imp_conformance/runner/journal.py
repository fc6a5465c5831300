"""The journal of a run: each result as soon as it is known, so that a run that is cut off can go on."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imp_conformance.errors import JournalBusy, JournalInTheWay, OtherRun, ResultsUnwritable
from imp_conformance.results.folders import JOURNALS
from imp_conformance.results.judge import Result
from imp_conformance.runner.fingerprint import differences

FORMAT = 2
"""The number of the format; a journal of another one is of another run."""

Recorded = dict[str, dict[str, Result]]
"""Target id → case id → result."""

_WRITTEN = b'{"written": true}\n'


@dataclass(frozen=True, slots=True)
class _Content:
    """What a journal says, up to the first line that is not whole."""

    header: Mapping[str, Any] | None
    recorded: Recorded
    unread: int
    """How many results it has in another format, which are not read."""
    written: bool
    """Whether all of it is in result files too: the run was interrupted, and had the time to write them."""
    size: int
    """Bytes of the lines that are whole."""

    @property
    def count(self) -> int:
        return self.unread + sum(map(len, self.recorded.values()))


@dataclass(slots=True)
class Journal:
    """A journal that this process alone writes to."""

    path: Path
    recorded: Recorded
    """The results that were in it when it was opened."""
    notices: list[str]
    """What a user is to know of the journals in the folder."""
    _descriptor: int
    _size: int
    _broken: str | None = field(default=None)

    @property
    def count(self) -> int:
        """How many results were in it when it was opened."""
        return sum(map(len, self.recorded.values()))

    def append(self, target_id: str, result: Result) -> str | None:
        """Record a result; where that fails, once, return why: the run goes on without a journal."""
        if self._broken is not None or result.case in self.recorded.get(target_id, ()):
            return None
        self._broken = self._write(_line({"target": target_id, "case": result.case, "result": result.to_json()}))
        return (
            self._broken and f"the journal {self.path} cannot be written any more ({self._broken}): this run cannot be resumed from here on"
        )

    def _write(self, line: bytes) -> str | None:
        """Write a line in one call: what the kernel has taken outlives this process, whatever ends it."""
        try:
            if os.write(self._descriptor, line) == len(line):
                self._size += len(line)
                return None
            error = "the disk is full"
        except OSError as problem:
            error = str(problem.strerror)
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self._size)
        return error

    def finish(self, ended: bool) -> None:
        """Close it, after the result files have been written.

        Args:
            ended: whether the run came to its end, so that there is nothing to resume.
        """
        if ended or self._empty:
            self.path.unlink(missing_ok=True)
        else:
            self._write(_WRITTEN)
        os.close(self._descriptor)

    def abandon(self) -> None:
        """Close it without result files having been written."""
        if self._empty:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    @property
    def _empty(self) -> bool:
        return _read(self._descriptor).count == 0


def open_journal(folder: Path, header: Mapping[str, Any], resume: bool) -> Journal:
    """Open the journal of a run in its folder of results, where it may find what an earlier try has left.

    Args:
        folder: the folder, which exists.
        header: what tells this run from others: ``suite``, ``targets`` (each with an ``id``), ``selection``.
        resume: whether to go on with what is there.

    Raises:
        JournalBusy: where another process has it open.
        JournalInTheWay: where it has results that are nowhere else, and they are not to be resumed.
        OtherRun: where it is to be resumed and is not there, but that of another run is.
        ResultsUnwritable: where it cannot be written.
    """
    header = {"journal": FORMAT, **json.loads(json.dumps(header))}
    line = _line(header)
    path = folder / f"journal-{hashlib.sha256(line).hexdigest()[:12]}.jsonl"
    notices: list[str] = []
    descriptor = _lock(path, patience=1.0)
    if descriptor is None:
        raise JournalBusy(f"{folder}: another run of the same cases on the same targets is under way there: wait, or name another folder")
    try:
        content = _read(descriptor)
        if content.count and not resume:
            if not content.written:
                raise JournalInTheWay(
                    f"{path}: {content.count} results of a run like this one, which was cut off: "
                    "add --resume to go on with them, or delete the file to start afresh"
                )
            notices.append(f"starting afresh: an interrupted run had {content.count} results; --resume would go on with them")
        if content.count and resume:
            os.ftruncate(descriptor, content.size)
            notices.append(f"resumed: {content.count} results are those of the interrupted run")
            return Journal(path, content.recorded, notices, descriptor, content.size)
        notices += _other_runs(folder, path, header, resume)
        os.ftruncate(descriptor, 0)
        journal = Journal(path, {}, notices, descriptor, 0)
        problem = journal._write(line)
        if problem is not None:
            raise ResultsUnwritable(f"{path}: {problem}: make room there, or name another folder")
        return journal
    except BaseException:
        if _read(descriptor).count == 0:
            path.unlink(missing_ok=True)
        os.close(descriptor)
        raise


def _other_runs(folder: Path, own: Path, header: Mapping[str, Any], resume: bool) -> Iterator[str]:
    """Say what journals of other runs are there; those whose results are in files that this run replaces are dropped."""
    mine = {target["id"] for target in header["targets"]}
    for path in sorted(folder.glob(JOURNALS)):
        if path == own:
            continue
        descriptor = _lock(path)
        if descriptor is None:
            continue  # a run of its own, under way
        try:
            content = _read(descriptor)
            if content.header is None or content.count == 0:
                path.unlink(missing_ok=True)
            elif resume:
                raise OtherRun(
                    f"--resume: the interrupted run in {path} ({content.count} results) is not this one: "
                    f"{'; '.join(differences(content.header, header))}: "
                    "call it as that run was called, or leave out --resume to start this one"
                )
            elif content.written and mine & {target["id"] for target in content.header["targets"]}:
                path.unlink(missing_ok=True)
                what = "; ".join(differences(content.header, header))
                yield f"starting afresh: the interrupted run there, with {content.count} results, was another one: {what}"
            else:
                ids = ", ".join(target["id"] for target in content.header["targets"])
                yield f"another run, of {ids}, was cut off there: {path} has {content.count} results of it, to be resumed as it was called"
        finally:
            os.close(descriptor)
    if resume:
        yield f"nothing to resume in {folder}: running everything"


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, ensure_ascii=True).encode("ascii") + b"\n"


def _lock(path: Path, patience: float = 0.0) -> int | None:
    """Open a file and lock it, so that nobody else has it until this process ends, however it ends; None where somebody has.

    Args:
        path: the file, made where it is not there.
        patience: seconds to wait for one that somebody has, such as a run that only looks whose journal it is.
    """
    deadline = time.monotonic() + patience
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.05)
            continue
        except OSError:
            return descriptor  # a file system without locks
        try:
            if os.path.samestat(path.stat(), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)  # its owner deleted it in between


def _read(descriptor: int) -> _Content:
    """Read a journal up to the first line that is torn or is none of its own."""
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        data = file.read()
    header: Mapping[str, Any] | None = None
    recorded: Recorded = {}
    written, size, unread = False, 0, 0
    for line in data.splitlines(keepends=True):
        try:
            if not line.endswith(b"\n"):
                break
            if header is None:
                header = json.loads(line)
                _ = header["journal"], header["suite"], header["selection"], [target["id"] for target in header["targets"]]
            elif line == _WRITTEN:
                written = True
            elif header["journal"] != FORMAT:
                unread += 1
                written = False
            else:
                entry = json.loads(line)
                result = Result.from_json(entry["case"], entry["result"])
                recorded.setdefault(entry["target"], {})[result.case] = result
                written = False
        except (ValueError, KeyError, TypeError):
            break
        size += len(line)
    return _Content(header if size else None, recorded, unread, written, size)
