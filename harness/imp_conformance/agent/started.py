"""Processes that the supervisor starts from the interpreter's own file, each for one case: no fork of the agent runs in them."""

import os
import sys

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import WNOHANG, real_execve, real_exit, real_fork, real_lstat, real_pipe, real_setpgid, real_waitpid
from imp_conformance.agent.case_process import FAILED, AgentFailure
from imp_conformance.agent.cleaning import kill_group, reap
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.job import Job
from imp_conformance.agent.means import MEANS
from imp_conformance.agent.process import open_nothing, set_bounds
from imp_conformance.agent.watching import changes, snapshot_files
from imp_conformance.agent.wire import to_json
from imp_conformance.portable.protocol import LIMITS

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping, Sequence  # novm
    from typing import Any  # novm

POLL_SECONDS = 0.001  # between two looks at whether such a process has ended
FLAGS = (
    ("debug", "d"),
    ("dont_write_bytecode", "B"),
    ("no_site", "S"),
    ("verbose", "v"),
    ("bytes_warning", "b"),
    ("optimize", "O"),
)
"""Fields of sys.flags, and the options that set them as often as their values say."""


def interpreter_options() -> "list[str]":
    """Return the options with which this interpreter was started, for another one that is to be like it."""
    found = []
    flags = sys.flags
    for name, letter in FLAGS:
        found.extend(["-" + letter] * int(getattr(flags, name)))
    if getattr(flags, "isolated", 0):
        found.append("-I")
    else:
        found.extend(["-s"] * int(flags.no_user_site) + ["-E"] * int(flags.ignore_environment))
        if getattr(flags, "safe_path", False):
            found.append("-P")
    for text in sys.warnoptions:
        found.append("-W" + text)
    for key, value in sorted(getattr(sys, "_xoptions", {}).items()):
        found.append("-X" + (key if value is True else "{}={}".format(key, value)))
    return found


def start_process(
    arguments: "Sequence[str]", environment: "Mapping[str, str]", descriptors: "Sequence[int]", folder: str, prepare: "Callable[[], None]"
) -> int:
    """Start this interpreter once more, by fork and in a process group of its own, and return the process's id.

    Args:
        arguments: what follows the interpreter on its command line.
        environment: its environment.
        descriptors: its standard input, output and error.
        folder: its working directory.
        prepare: what the process does before it becomes the interpreter.

    Raises AgentFailure where the process does not become the interpreter.
    """
    failures, failure = real_pipe()  # the latter is closed when the process has become the interpreter
    pid = real_fork()
    if pid == 0:
        try:
            real_setpgid(0, 0)
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            os.chdir(folder)
            prepare()
            real_execve(sys.executable, [sys.executable] + list(arguments), dict(environment))
        except BaseException as error:
            os.write(failure, describe_own_failure(error).encode("utf-8", "replace"))
        finally:
            real_exit(FAILED)
    os.close(failure)
    with open(failures, "rb") as file:
        why = file.read()
    if why:
        reap(pid, LIMITS.reap_seconds)
        raise AgentFailure(why.decode("utf-8", "replace"))
    return int(pid)


def open_process(arguments: "Sequence[str]", environment: "Mapping[str, str]", descriptors: "Sequence[int]", folder: str) -> "Any":
    """Start this interpreter once more without fork, and return its subprocess.Popen."""
    import subprocess

    stdin, stdout, stderr = descriptors
    command = [sys.executable] + list(arguments)
    return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, env=dict(environment), cwd=folder, start_new_session=True)


class Started:
    """A child of the supervisor's that runs one case."""

    pid = 0
    popen = None  # type: Any  # where it was not made by fork

    def ended(self) -> "int | None":
        """Return the status with which it ended, None while it runs."""
        if self.popen is None:
            pid, status = real_waitpid(self.pid, WNOHANG)
            return int(status) if pid else None
        code = self.popen.poll()
        return None if code is None else -code if code < 0 else (code & 0xFF) << 8

    def kill(self, seconds: float) -> None:
        """End it and its process group."""
        kill_group(self.pid)
        reap(self.pid, seconds)


class Program(Started):
    """The interpreter with a case's file, in the case's directory, without the agent."""

    def __init__(self, job: Job, candidate: Candidate) -> None:
        """Start it."""
        self.job, self.limits, self.status = job, candidate.limits, 0
        self.home = real_lstat(job.cwd)
        self.before = self.files()
        nothing = open_nothing()
        sinks = [os.open(str(job.output) + suffix, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for suffix in (".out", ".err")]
        descriptors = [nothing] + sinks

        def prepare() -> None:
            set_bounds(candidate.limits)

        arguments, environment = job.options + ["m.py"], program_environment(candidate)
        if MEANS.forks:
            self.pid = start_process(arguments, environment, descriptors, job.cwd, prepare)
        else:
            self.popen = open_process(arguments, environment, descriptors, job.cwd)
        for descriptor in descriptors:
            os.close(descriptor)

    def files(self) -> "dict[str, Any]":
        """Return the files of the case's directory, if they are watched."""
        if "files" not in self.job.watch:
            return {}
        back = os.getcwd()
        try:
            return snapshot_files(self.job.cwd, self.home, self.limits.files)
        finally:
            os.chdir(back)

    def ended(self) -> "int | None":
        """Return the status with which it ended, None while it runs."""
        status = Started.ended(self)
        if status is not None and how_ended(status)["how"] == "exit":
            self.status = how_ended(status)["number"]
            return 0  # any exit status is an observation
        return status

    def begun(self) -> bool:
        """Return True: there is nothing that it waits for."""
        return True

    def observation(self) -> bytes:
        """Return its exit status and what became of the files."""
        seen = {"status": self.status}  # type: dict[str, Any]
        if "files" in self.job.watch:
            after = {name: what for name, what in self.files().items() if not name.startswith("__pycache__/imp.")}  # the candidate's
            seen["files"] = changes(self.before, after, "changed")
        return to_json(seen).encode("ascii")

    def close(self) -> None:
        """Do nothing: the supervisor holds nothing of it."""


def program_environment(candidate: Candidate) -> "dict[str, str]":
    """Return the environment of a program: the target's, without what is meant for another Python, and with the way to the candidate."""
    found = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key == "PYTHONHOME"}
    paths = [os.environ.get("PYTHONPATH")]
    if not candidate.one_file:
        paths.insert(0, candidate.path)
    text = os.pathsep.join([path for path in paths if path])
    if text:
        found["PYTHONPATH"] = text
    return found


def how_ended(status: int) -> "dict[str, Any]":
    """Say how a process ended, from what waitpid() gives."""
    return {"how": "signal", "number": status & 0x7F} if status & 0x7F else {"how": "exit", "number": status >> 8 & 0xFF}
