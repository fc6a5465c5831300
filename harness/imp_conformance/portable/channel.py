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

from imp_conformance.portable.printable import printable
from imp_conformance.portable.protocol import CLEANING, CLEANING_SECONDS, CLOSE_SECONDS, ENVIRONMENT_KEPT, LINE_BYTES, MARK
from imp_conformance.portable.removal import remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping, Sequence  # novm
    from typing import Any  # novm

POLLIN, POLLOUT = 1, 4
"""What to wait for, as select.poll has it where that is there."""

_AT_ONCE = 4096
"""Bytes that can be written to a pipe that is ready for some: what POSIX asks of PIPE_BUF and Linux has."""

_HINT = re.compile(r"(Run|See) '.* --help'")
"""What docker says last when something else is wrong."""

_CAUSE = re.compile(r"[A-Z]\w*Error: ")
"""The exception that a fatal error is caused by."""

_JAVA_FRAME = re.compile(r"\s+(at |\.\.\. \d+ more|Suppressed: )|Caused by: ")
"""A line of a trace of Java's that is below the exception, or below what it was caused by."""

_ERROR_BYTES = 16 << 10
"""Bytes of standard error, the last ones, in which it is looked for why a process ended."""

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
        self,
        command: "Sequence[str]",
        folder: "str | None" = None,
        kill_rest: "Callable[[int, str], None]" = kill_session,
        mark: "str | None" = None,
    ) -> None:
        """Start the command.

        Args:
            command: the words of its command line.
            folder: its working directory; this process's where left out.
            kill_rest: kills what a process that had to be killed may have left, given its id and its mark.
            mark: what it is recognised by; one of its own where left out.

        Raises:
            OSError: where it cannot be started.
        """
        # What users set for their own Python (PYTHONOPTIMIZE, PYTHONPYCACHEPREFIX, ...) is not to change a verdict.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key in ENVIRONMENT_KEPT}
        self.mark = environment[MARK] = mark or binascii.hexlify(os.urandom(8)).decode("ascii")
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
        self._closed = False

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
            self._wait(self._sink, POLLOUT, deadline)
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
        """Return the next message, so many seconds after the target has cleaned up at the latest.

        Raises:
            ProcessEnded, DeadlinePassed: where none came, or something that is no message.
        """
        end = time.monotonic() + CLEANING_SECONDS
        while True:
            line = self.receive_line(seconds)
            message = read_object(line)
            if message is None:
                raise ProcessEnded("it says what is no message: {!r}".format(line[:80]))
            if message != CLEANING:
                return message
            if time.monotonic() > end:
                raise DeadlinePassed

    def receive_line(self, seconds: float) -> bytes:
        """Return the next line, without its end.

        Raises:
            ProcessEnded, DeadlinePassed: where none came, or one that does not end.
        """
        deadline = time.monotonic() + seconds
        pieces = [self._buffer]
        size = len(self._buffer)
        while b"\n" not in pieces[-1]:
            self._wait(self._source, POLLIN, deadline)
            data = os.read(self._source, 1 << 16)
            size += len(data)
            if not data or size > LINE_BYTES:
                raise ProcessEnded(self.last_words())
            pieces.append(data)
        line, _, self._buffer = b"".join(pieces).partition(b"\n")
        return line

    def last_words(self) -> str:
        """Say how the process ended, with what it said last on standard error and, of a traceback, the agent's last place."""
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            pass
        status = self.process.poll()
        if status is None:
            how = "it closed its output"
        elif status < 0:
            how = "ended by signal {}".format(-status)
        else:
            how = "exit status {}".format(status)
        text = self._errors_text()
        places = _PLACE.findall(text)
        if places:
            how = "{} line {}; {}".format(places[-1][0], places[-1][1], how)
        said = last_line(text)
        return printable("{} ({})".format(said, how) if said else how)

    def said(self) -> str:
        """Return what the process has said last on standard error, empty where that is nothing."""
        return printable(last_line(self._errors_text()))

    def _errors_text(self) -> str:
        """Return the end of what the process has written to standard error."""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _ERROR_BYTES))
        return self._errors.read().decode("utf-8", "replace").strip()

    def close(self, kill: bool = False) -> "list[str]":
        """End the process: by closing its input, or at once; and leave nothing of it behind. Say what cannot be deleted."""
        if self._closed:
            return []
        self._closed = True
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
            left = remove_marked(self.mark)
        return left

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        if not hasattr(select, "poll"):  # a Python without it runs the scripts of repro
            sources, sinks = ([descriptor], []) if event == POLLIN else ([], [descriptor])
            if not any(select.select(sources, sinks, [], max(0.0, deadline - time.monotonic()))):
                raise DeadlinePassed
            return
        poll = select.poll()
        poll.register(descriptor, event)
        while True:
            try:
                if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                    raise DeadlinePassed
                return
            except InterruptedError:  # up to 3.4, a signal ends the call
                continue


def last_line(text: str) -> str:
    """Return what a process said last on standard error, empty where that is nothing.

    Of an interpreter that could not start, it is what it said before its empty list of frames; of a trace of Java, the exception.
    """
    lines = [line for line in text.splitlines() if line.strip() and not _HINT.match(line)]
    for number, line in enumerate(lines):
        if line.startswith("Fatal Python error"):
            return " ".join([line] + [cause for cause in lines[number + 1 :] if _CAUSE.match(cause)][:1])
    while len(lines) > 1 and _JAVA_FRAME.match(lines[-1]):
        lines.pop()
    return lines[-1].strip() if lines else ""


def remove_marked(mark: str) -> "list[str]":
    """Delete the scratch directories of a target that it has not deleted or named itself, and say of which that cannot be done."""
    folder = tempfile.gettempdir()
    try:
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []
    left = [path for path in paths if _belongs(path, mark) and not remove_tree(path)]
    return ["{} cannot be deleted: a case has left something there, such as a mount".format(path) for path in left]


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
