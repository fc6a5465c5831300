"""A process that speaks lines of JSON, with a deadline on every exchange and no way to outlive its owner."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

CLOSE_GRACE = 5.0
"""Seconds that a process may take to clean up after its input has ended."""

LINE_LIMIT = 16 << 20
"""Bytes of one line that are read; the agent sends less."""

_KEPT = ("PYTHONPATH", "PYTHONHOME")


class ProcessEnded(Exception):
    """The process closed its output; the text is the end of what it said on standard error, and its exit."""


class DeadlinePassed(Exception):
    """The process did not answer in time."""


class Channel:
    """A child process in a session of its own, and both directions of its lines."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the command.

        Raises:
            OSError: where it cannot be started.
        """
        # What users set for their own Python (PYTHONOPTIMIZE, PYTHONPYCACHEPREFIX, ...) is not to change a verdict.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key in _KEPT}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                env=environment,
            )
        except OSError:
            self._errors.close()
            raise
        assert self._process.stdin is not None and self._process.stdout is not None
        self._sink, self._source = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._sink, False)
        os.set_blocking(self._source, False)
        self._buffer = b""
        self._scratch: Path | None = None

    def owns(self, scratch: str) -> None:
        """Note the process's scratch directory, to be deleted where the process cannot do it any more."""
        self._scratch = Path(scratch)

    def send(self, data: bytes, seconds: float) -> None:
        """Write all of the data.

        Raises:
            ProcessEnded, DeadlinePassed: where that could not be done.
        """
        deadline = time.monotonic() + seconds
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._sink, view) :]
            except BlockingIOError:
                self._wait(self._sink, selectors.EVENT_WRITE, deadline)
            except BrokenPipeError:
                raise ProcessEnded(self.last_words()) from None

    def exchange(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Send a message and return the answer.

        Raises:
            ProcessEnded, DeadlinePassed: where none came.
        """
        self.send(json.dumps(message).encode("ascii") + b"\n", seconds)
        return self.receive(seconds)

    def receive(self, seconds: float) -> dict[str, Any]:
        """Return the next message.

        Raises:
            ProcessEnded, DeadlinePassed: where none came, or something that is no message.
        """
        deadline = time.monotonic() + seconds
        pieces = [self._buffer]
        while b"\n" not in pieces[-1]:
            self._wait(self._source, selectors.EVENT_READ, deadline)
            data = os.read(self._source, 1 << 16)
            if not data or sum(map(len, pieces)) > LINE_LIMIT:
                raise ProcessEnded(self.last_words())
            pieces.append(data)
        line, _, self._buffer = b"".join(pieces).partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            raise ProcessEnded(f"it says what is no message: {line[:80]!r}") from None
        if not isinstance(message, dict):
            raise ProcessEnded(f"it says what is no message: {line[:80]!r}")
        return message

    def last_words(self) -> str:
        """Say how the process ended, with the last line of its standard error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        status = self._process.poll()
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        if status is None:
            how = "it closed its output"
        elif status < 0:
            how = f"ended by signal {-status}"
        else:
            how = f"exit status {status}"
        return f"{lines[-1]} ({how})" if lines else how

    def close(self, kill: bool = False) -> None:
        """End the process: by closing its input, or at once; and leave nothing of it behind."""
        process = self._process
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            if not kill:
                process.wait(CLOSE_GRACE)
        except subprocess.TimeoutExpired:
            kill = True
        finally:
            if kill or process.poll() is None:
                _kill_session(process.pid)
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
            self._errors.close()
            if self._scratch is not None:
                shutil.rmtree(self._scratch, ignore_errors=True)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise DeadlinePassed


def _kill_session(leader: int) -> None:
    """Kill every process of a session, also those whose parent is gone."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader:
                process.kill()
