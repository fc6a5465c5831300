"""A process that speaks lines of JSON, with a deadline on every exchange and no way to outlive its owner."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from imp_conformance.agent.main import MARK, remove_tree

CLOSE_GRACE = 5.0
"""Seconds that a process may take to clean up after its input has ended."""

LINE_LIMIT = 16 << 20
"""Bytes of one line that are read; the agent sends less."""

ENVIRONMENT_KEPT = ("PYTHONPATH", "PYTHONHOME")
"""Those of Python's environment variables that a target gets."""

_HINT = re.compile(r"(Run|See) '.* --help'")
"""What docker says last when something else is wrong."""


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
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key in ENVIRONMENT_KEPT}
        self._mark = environment[MARK] = secrets.token_hex(8)
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
        self._scratch: str | None = None

    def owns(self, scratch: str) -> None:
        """Note the process's scratch directory, to be deleted where the process cannot do it any more."""
        self._scratch = scratch

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
                self._wait(self._sink, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise ProcessEnded(self.last_words()) from None

    def tell(self, message: Mapping[str, Any], seconds: float) -> None:
        """Send a message.

        Raises:
            ProcessEnded, DeadlinePassed: where that could not be done.
        """
        self.send(json.dumps(message).encode("ascii") + b"\n", seconds)

    def exchange(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Send a message and return the answer.

        Raises:
            ProcessEnded, DeadlinePassed: where none came.
        """
        self.tell(message, seconds)
        return self.receive(seconds)

    def receive(self, seconds: float) -> dict[str, Any]:
        """Return the next message.

        Raises:
            ProcessEnded, DeadlinePassed: where none came, or something that is no message.
        """
        line = self.receive_line(seconds)
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise ProcessEnded(f"it says what is no message: {line[:80]!r}")
        return message

    def receive_line(self, seconds: float) -> bytes:
        """Return the next line, without its end.

        Raises:
            ProcessEnded, DeadlinePassed: where none came, or one that does not end.
        """
        deadline = time.monotonic() + seconds
        pieces = [self._buffer]
        size = len(self._buffer)
        while b"\n" not in pieces[-1]:
            self._wait(self._source, select.POLLIN, deadline)
            data = os.read(self._source, 1 << 16)
            size += len(data)
            if not data or size > LINE_LIMIT:
                raise ProcessEnded(self.last_words())
            pieces.append(data)
        line, _, self._buffer = b"".join(pieces).partition(b"\n")
        return line

    def last_words(self) -> str:
        """Say how the process ended, with the last line of its standard error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        status = self._process.poll()
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        lines = [line for line in lines if line.strip() and not _HINT.match(line)]
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
        graceful = not kill
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            if graceful:
                process.wait(CLOSE_GRACE)
        except subprocess.TimeoutExpired:
            graceful = False
        finally:
            if not graceful or process.poll() != 0:
                _kill_marked(process.pid, self._mark)
                with contextlib.suppress(subprocess.TimeoutExpired):  # a process that not even SIGKILL ends
                    process.wait(CLOSE_GRACE)
            if process.stdout is not None:
                process.stdout.close()
            self._errors.close()
            if self._scratch is not None and _belongs(self._scratch, self._mark):
                remove_tree(self._scratch)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise DeadlinePassed


def _belongs(scratch: str, mark: str) -> bool:
    """Say whether a directory is the one that this very target made: it may name any, also one of another machine."""
    return Path(scratch).name.startswith(f"imp-conformance-{mark}-") and Path(scratch).is_absolute()


def _kill_marked(leader: int, mark: str) -> None:
    """Kill every process that a target has started: those of its session, and those that carry its mark."""
    deadline = time.monotonic() + CLOSE_GRACE
    found = True
    while found and time.monotonic() < deadline:
        found = False
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
                if process.status() != psutil.STATUS_ZOMBIE and (os.getsid(process.pid) == leader or process.environ().get(MARK) == mark):
                    process.kill()
                    found = True
