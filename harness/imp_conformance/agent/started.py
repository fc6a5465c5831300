"""Processes that the supervisor starts from the interpreter's own file, each for one case: no fork of the agent runs in them."""

import binascii
import marshal
import os
import sys

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import KEPT, real_exit, real_lstat
from imp_conformance.agent.case_process import FAILED, AgentFailure, fail_before_case, pack_task
from imp_conformance.agent.cleaning import kill_group, reap
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.job import Job
from imp_conformance.agent.means import FILE, MEANS
from imp_conformance.agent.own_process import serve_own
from imp_conformance.agent.process import open_nothing, set_bounds
from imp_conformance.agent.scratch import make_folders
from imp_conformance.agent.shared_slot import SLOT_EXTRA, SharedSlot
from imp_conformance.agent.watching import changes, snapshot_files
from imp_conformance.agent.wire import to_json
from imp_conformance.portable.protocol import LIMITS, OWN_BOOT
from imp_conformance.portable.removal import remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping, Sequence  # novm
    from typing import Any  # novm

CODES = globals().get("AGENT_CODES")  # type: Any  # the agent's modules, compiled: BOOT leaves them here
SIGNAL_BITS = 0x7F  # of what waitpid() gives; os has no functions for that on Windows
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
    """Start this interpreter once more, in a process group of its own where there are any, and return the process's id.

    Args:
        arguments: what follows the interpreter on its command line.
        environment: its environment.
        descriptors: its standard input, output and error.
        folder: its working directory.
        prepare: what the process does before it becomes the interpreter; nothing where there is no fork.
    """
    if not MEANS.forks:
        import subprocess

        command = [sys.executable] + list(arguments)
        stdin, stdout, stderr = descriptors
        process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, env=dict(environment), cwd=folder, start_new_session=True
        )
        KEPT.append(process)
        return process.pid
    failures, failure = os.pipe()  # the latter is closed when the process has become the interpreter
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            os.chdir(folder)
            prepare()
            os.execve(sys.executable, [sys.executable] + list(arguments), dict(environment))
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
    return pid


class Started:
    """A child of the supervisor's that runs one case."""

    pid = 0

    def ended(self) -> "int | None":
        """Return the status with which it ended, as waitpid() gives it, None while it runs."""
        if hasattr(os, "WNOHANG"):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return status if pid else None
        code = next(process.poll() for process in KEPT if getattr(process, "pid", None) == self.pid)
        return None if code is None else code << 8

    def kill(self, seconds: float) -> None:
        """End it and its process group."""
        kill_group(self.pid)
        reap(self.pid, seconds)


class OwnProcess(Started):
    """A process with the agent in it, which waits for its case."""

    def __init__(self, candidate: Candidate, payload: "Payload", private: "Sequence[int]", forked: bool) -> None:
        """Start it.

        Args:
            candidate: whose imp the case is about.
            payload: what it has to know.
            private: the descriptors that are the supervisor's alone.
            forked: whether it is a fork of the supervisor, which never loads the candidate, and no interpreter of its own.
        """
        (memory, self.path), nothing = payload.room(), open_nothing()
        tasks, self.tasks = os.pipe()
        self.slot = SharedSlot(candidate.limits.observation_bytes, self.path, memory)
        if forked:
            self.pid = os.fork()
            if self.pid == 0:
                try:
                    for descriptor in [self.tasks] + list(private):
                        os.close(descriptor)
                    os.setpgid(0, 0)
                    for number in range(3):
                        os.dup2(nothing, number)
                    serve_own(payload.given, tasks, memory, self.path)
                except BaseException as error:
                    fail_before_case(self.slot, error)
                finally:
                    real_exit(FAILED)
        else:
            self.pid = self.start(candidate, payload, (tasks, memory, nothing))
        for descriptor in (memory, nothing, tasks):
            os.close(descriptor)

    def start(self, candidate: Candidate, payload: "Payload", inherited: "tuple[int, int, int]") -> int:
        """Start an interpreter, which inherits the descriptors of its task, its slot and of nothing; return its process's id."""
        tasks, memory, nothing = inherited
        brief = candidate.kind != "module" and not sys.flags.no_site  # what is installed may need its .pth file to be found
        code = OWN_BOOT.format(brief=brief, serve=serve_own.__name__, tasks=tasks, slot=memory, path=self.path)

        def inherit() -> None:
            os.set_inheritable(tasks, True)
            os.set_inheritable(memory, True)

        program = payload.open()
        options = interpreter_options() + ["-S"] * brief
        pid = start_process(options + ["-c", code], os.environ, (program, nothing, nothing), os.getcwd(), inherit)
        os.close(program)
        return pid

    def ask(self, data: bytes) -> None:
        """Have it run a case."""
        data = pack_task(self.slot.clear(), data)
        try:
            while data:
                data = data[os.write(self.tasks, data) :]
        except BrokenPipeError:
            pass  # it is dead, which its end says

    def begun(self) -> bool:
        """Say whether it has taken the case."""
        return self.slot.pid() != 0

    def failure(self) -> str:
        """Return why it takes no case, empty where it does not say so."""
        return self.slot.failure()

    def observation(self) -> bytes:
        """Return what the case left, ``null`` where that is nothing."""
        return self.slot.observation()

    def close(self) -> None:
        """Let go what the supervisor has of it."""
        os.close(self.tasks)
        if MEANS.memory == FILE:
            remove_tree(self.path)


class Payload:
    """What every process of a case's own needs: the agent and what the supervisor knows, in a file."""

    def __init__(self, request: "dict[str, Any]", root: str, facts: "dict[str, Any]") -> None:
        """Take what is to be told of the candidate; its files are there already."""
        self.root = root
        self.given = {"request": dict(request, files={}), "root": root, "facts": facts, "path": list(sys.path), "memory": MEANS.memory}
        self.room_bytes = SLOT_EXTRA + int(request["limits"]["observation_bytes"])

    def open(self) -> int:
        """Return a descriptor of the file, which is written where it is not there."""
        path = os.path.join(self.root, "agent")
        try:
            return os.open(path, os.O_RDONLY)
        except OSError:
            make_folders(self.root)
            with open(path, "wb") as file:
                marshal.dump((CODES, self.given), file)
            return os.open(path, os.O_RDONLY)

    def room(self) -> "tuple[int, str]":
        """Make a file that is as large as a shared slot; return a descriptor of it, and its path, which stays where it is read."""
        path = os.path.join(self.root, "slot-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if MEANS.memory != FILE:
            os.unlink(path)
        os.ftruncate(descriptor, self.room_bytes)
        return descriptor, path


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

        self.pid = start_process(job.options + ["m.py"], program_environment(candidate), descriptors, job.cwd, prepare)
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
        if status is not None and not status & SIGNAL_BITS:
            self.status = status >> 8
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
    if status & SIGNAL_BITS:
        return {"how": "signal", "number": status & SIGNAL_BITS}
    return {"how": "exit", "number": status >> 8}
