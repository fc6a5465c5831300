"""A target's process: lines of JSON with a deadline on every exchange, and no way to outlive its owner.

The host and the scripts of `imp-conformance repro` share it: standard library only, CPython 3.4 syntax.
"""

import binascii
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time

from imp_conformance.portable.protocol import CLOSE_SECONDS, ENVIRONMENT_KEPT, LINE_BYTES, MARK
from imp_conformance.portable.removal import remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping, Sequence  # novm
    from typing import Any  # novm

_AT_ONCE = 4096
"""Bytes that can be written to a pipe that is ready for some: what POSIX asks of PIPE_BUF and Linux has."""

_HINT = re.compile(r"(Run|See) '.* --help'")
"""What docker says last when something else is wrong."""

_CAUSE = re.compile(r"[A-Z]\w*Error: ")
"""The exception that a fatal error is caused by."""

_PLACE = re.compile(r'^  File "<imp-conformance (\S+)>", line (\d+)', re.MULTILINE)
"""A line of the agent's in a traceback; each of its modules is compiled under its own name."""


class ProcessEnded(Exception):
    """The process closed its output; the text is the end of what it said on standard error, and its exit."""


class DeadlinePassed(Exception):
    """The process did not answer in time."""


def kill_session(leader: int, mark: str) -> None:  # noqa: ARG001 - one that looks at other processes needs it
    """Kill the process group that a target leads."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except OSError:
        pass


class Channel:
    """A child process in a session of its own, and both directions of its lines."""

    def __init__(
        self, command: "Sequence[str]", folder: "str | None" = None, kill_rest: "Callable[[int, str], None]" = kill_session
    ) -> None:
        """Start the command.

        Args:
            command: the words of its command line.
            folder: its working directory; this process's where left out.
            kill_rest: kills what a process that had to be killed may have left, given its id and its mark.

        Raises:
            OSError: where it cannot be started.
        """
        # What users set for their own Python (PYTHONOPTIMIZE, PYTHONPYCACHEPREFIX, ...) is not to change a verdict.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key in ENVIRONMENT_KEPT}
        self.mark = environment[MARK] = binascii.hexlify(os.urandom(8)).decode("ascii")
        self._kill_rest = kill_rest
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        pipe = subprocess.PIPE
        try:
            self.process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=self._errors, start_new_session=True, env=environment, cwd=folder
            )
        except OSError:
            self._errors.close()
            raise
        self._sink, self._source = self.process.stdin.fileno(), self.process.stdout.fileno()  # type: ignore[union-attr]
        self._buffer = b""
        self._scratch = None  # type: str | None

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
            self._wait(self._sink, select.POLLOUT, deadline)
            try:
                view = view[os.write(self._sink, view[:_AT_ONCE]) :]
            except BrokenPipeError:
                raise ProcessEnded(self.last_words()) from None

    def tell(self, message: "Mapping[str, Any]", seconds: float) -> None:
        """Send a message.

        Raises:
            ProcessEnded, DeadlinePassed: where that could not be done.
        """
        self.send(json.dumps(message).encode("ascii") + b"\n", seconds)

    def receive(self, seconds: float) -> "dict[str, Any]":
        """Return the next message.

        Raises:
            ProcessEnded, DeadlinePassed: where none came, or something that is no message.
        """
        line = self.receive_line(seconds)
        message = read_object(line)
        if message is None:
            raise ProcessEnded("it says what is no message: {!r}".format(line[:80]))
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
            if not data or size > LINE_BYTES:
                raise ProcessEnded(self.last_words())
            pieces.append(data)
        line, _, self._buffer = b"".join(pieces).partition(b"\n")
        return line

    def last_words(self) -> str:
        """Say how the process ended, with the last line of its standard error and, of a traceback, the agent's last place."""
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            pass
        status = self.process.poll()
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        text = self._errors.read().decode("utf-8", "replace").strip()
        lines = [line for line in text.splitlines() if line.strip() and not _HINT.match(line)]
        places = _PLACE.findall(text)
        if status is None:
            how = "it closed its output"
        elif status < 0:
            how = "ended by signal {}".format(-status)
        else:
            how = "exit status {}".format(status)
        if places:
            how = "{} line {}; {}".format(places[-1][0], places[-1][1], how)
        return "{} ({})".format(last_line(lines), how) if lines else how

    def close(self, kill: bool = False) -> None:
        """End the process: by closing its input, or at once; and leave nothing of it behind."""
        process = self.process
        graceful = not kill
        try:
            process.stdin.close()  # type: ignore[union-attr]
        except OSError:
            pass
        try:
            if graceful:
                process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            graceful = False
        finally:
            if not graceful or process.poll() != 0:
                self._kill_rest(process.pid, self.mark)
                try:
                    process.wait(CLOSE_SECONDS)
                except subprocess.TimeoutExpired:  # a process that not even SIGKILL ends
                    pass
            process.stdout.close()  # type: ignore[union-attr]
            self._errors.close()
            if self._scratch is not None and _belongs(self._scratch, self.mark):
                remove_tree(self._scratch)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        while True:
            try:
                if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                    raise DeadlinePassed
                return
            except InterruptedError:  # up to 3.4, a signal ends the call
                continue


def last_line(lines: "list[str]") -> str:
    """Return what a process said last; of an interpreter that could not start, what it said before its empty list of frames."""
    for number, line in enumerate(lines):
        if line.startswith("Fatal Python error"):
            return " ".join([line] + [cause for cause in lines[number + 1 :] if _CAUSE.match(cause)][:1])
    return lines[-1]


def read_object(line: bytes) -> "dict[str, Any] | None":
    """Read a line as a JSON object, None where it is something else."""
    try:
        found = json.loads(line.decode("utf-8"))
    except (ValueError, RuntimeError):  # RuntimeError is RecursionError up to 3.4
        return None
    return found if isinstance(found, dict) else None


def _belongs(scratch: str, mark: str) -> bool:
    """Say whether a directory is the one that this very target made: it may name any, also one of another machine."""
    return os.path.basename(scratch).startswith("imp-conformance-{}-".format(mark)) and os.path.isabs(scratch)
