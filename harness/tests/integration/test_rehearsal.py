"""Interpreters with parts missing or broken: the same verdicts, or unavailable in words; a failure of the agent is told as one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adequacy.sweep import BREAKAGES, differences, sample, verdicts
from conftest import Cli, answered, interpreter
from imp_conformance.bundle import LEAN, used_names
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.errors import TargetLost, TargetUnavailable
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session, start_loaded

CaseOf = Callable[..., Case]
Broken = Callable[[str], list[str]]

FEW = {"warm": 6, "own": 3, "program": 1}
RAISES = "def raises(*_, **__):\n    raise OSError(1, 'broken')\n"
FORKS, MAPPED, ALONE, UNAVAILABLE = "forks", "mapped", "alone", "unavailable"

WAYS = {
    "an anonymous mmap is not shared": MAPPED,
    "no mmap is shared": MAPPED,
    "mmap raises": MAPPED,
    "the third fork fails": FORKS,
    "a fork fails after forty": FORKS,
    "fork is of another kind": ALONE,
    "fork returns None in the child": FORKS,
    "limits cannot be set": FORKS,
    "limits are of another shape": FORKS,
    "select finds nothing": ALONE,
    "signals cannot be masked": ALONE,
}
"""Breakages of the sweep that are also tests, and how cases are run with each."""

REMOVED = {
    "os.killpg": FORKS,
    "os.execve": FORKS,
    "os.setpgid": ALONE,
    "resource.setrlimit": FORKS,
    "resource.RLIMIT_AS": FORKS,
    "select.select": UNAVAILABLE,
    "mmap.mmap": MAPPED,
    "os.utime": UNAVAILABLE,
    "json.loads": UNAVAILABLE,
}
"""Names that are taken away, and how cases are run without each."""


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    """Return the command of CPython 3.8 after some code."""

    def command(code: str) -> list[str]:
        (tmp_path / "sitecustomize.py").write_text(code, encoding="ascii")
        return ["env", f"PYTHONPATH={tmp_path}", interpreter("3.8")]

    return command


@pytest.fixture
def started(broken: Broken) -> Iterator[Callable[[str], Session]]:
    """Start CPython 3.8 with its own imp after some code, and end it after the test."""
    sessions: list[Session] = []

    def start(code: str) -> Session:
        sessions.append(start_loaded(broken(code), OWN, ("find_module",)))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


def way(session: Session) -> str:
    """Say how a target runs its cases."""
    text = " ".join(session.identity.without)
    assert session.identity.forks is ("fork (" not in text), text
    return ALONE if "fork (" in text else MAPPED if "memory that forks share" in text else FORKS


@pytest.fixture(scope="module")
def whole(catalogue: Catalogue) -> dict[str, str]:
    """The verdicts of an interpreter that is whole."""
    found = verdicts(interpreter("3.8"), catalogue, sample(catalogue, FEW), None)
    assert isinstance(found, dict)
    assert set(found.values()) <= {"pass", "not-applicable"}
    return found


@pytest.mark.parametrize("name", WAYS)
def test_what_is_broken_changes_no_verdict(
    name: str, catalogue: Catalogue, whole: dict[str, str], started: Callable[[str], Session]
) -> None:
    assert way(started(BREAKAGES[name])) == WAYS[name]
    found = verdicts(interpreter("3.8"), catalogue, sample(catalogue, FEW), BREAKAGES[name])
    assert isinstance(found, dict), found
    assert differences(whole, found) == []


@pytest.mark.parametrize("name", REMOVED)
def test_what_is_missing_is_done_without(name: str, catalogue: Catalogue, whole: dict[str, str], started: Callable[[str], Session]) -> None:
    code = f"import {name.partition('.')[0]}\ndel {name}\n"
    if REMOVED[name] == UNAVAILABLE:
        with pytest.raises(TargetUnavailable, match=f"the agent needs {name}, which this interpreter does not have"):
            started(code)
        return
    assert way(started(code)) == REMOVED[name]
    found = verdicts(interpreter("3.8"), catalogue, sample(catalogue, FEW), code)
    assert isinstance(found, dict), found
    assert differences(whole, found) == []


CTYPES_ENDS_IT = """
import os, sys
class Ends:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "ctypes":
            os.kill(os.getpid(), 11)
sys.meta_path.insert(0, Ends)
"""


def test_ctypes_that_ends_the_interpreter_is_done_without(started: Callable[[str], Session]) -> None:
    (told,) = started(CTYPES_ENDS_IT).identity.without
    assert re.match(r"adopting orphans \(it does not start: ended by signal 11.*\): a process that a case leaves", told)


def test_a_whole_interpreter_does_without_nothing(any_python: str) -> None:
    session = Session([any_python])
    try:
        assert session.identity.without == ()
        assert session.identity.forks
    finally:
        session.close()


@pytest.mark.parametrize("root", LEAN.values())
def test_what_the_agent_cannot_do_without_is_there_on_windows(root: str) -> None:
    posix = {"fork", "execve", "killpg", "setpgid", "getpgid", "waitpid", "WNOHANG", "sysconf", "set_inheritable", "pipe", "WIFSIGNALED"}
    names = used_names(root)
    assert not posix.intersection(names["os"])
    assert not {"SIGKILL", "SIGSTOP", "alarm", "setitimer"}.intersection(names["signal"])
    assert not {"resource", "mmap", "select", "fcntl"}.intersection(names)
    assert {"open", "read", "write", "mkdir"} <= set(names["os"])
    assert "loads" in names["json"]


FORK_FAILS_LATER = """
import os
real, made = os.fork, []
def fork():
    made.append(1)
    if os.path.exists({flag!r}):
        raise BlockingIOError(11, 'no more')
    return real()
os.fork = fork
"""


def test_a_target_that_cannot_fork_any_more_goes_on_without(started: Callable[[str], Session], case_of: CaseOf, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    session = started(FORK_FAILS_LATER.format(flag=str(flag)))
    assert session.identity.forks
    case = case_of("imp\n5", "warm", "      value: '5'\n")
    assert answered(session.observe(case))["value"]["value"] == "5"
    flag.touch()
    assert [answered(session.observe(case))["value"]["value"] for _ in range(3)] == ["5"] * 3
    assert way(session) == ALONE
    (notice,) = session.notices
    assert notice.startswith("the agent failed here, please report it: ")
    assert "no more" in notice
    assert "agent/" in notice
    assert notice.endswith("it goes on without fork: each case has a process of its own, which is slow")


AGENT_FAILS = """
import os, sys
real = os.listdir
def listdir(path="."):
    if os.path.exists({flag!r}) and sys._getframe(1).f_code.co_filename.startswith("<imp-conformance"):
        raise TypeError("of another kind")
    return real(path)
os.listdir = listdir
"""
WATCHES = "      value: '5'\n      files: {added: []}\n"


def test_a_failure_of_the_agent_is_no_verdict(started: Callable[[str], Session], case_of: CaseOf, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    session = started(AGENT_FAILS.format(flag=str(flag)))
    case = case_of("imp\n5", "warm", WATCHES)
    assert answered(session.observe(case))["value"]["value"] == "5"
    flag.touch()
    for _ in range(2):
        with pytest.raises(
            TargetLost, match=r"the agent failed here, please report it: TypeError: of another kind \(agent/\w+\.py, line \d+\)"
        ):
            session.observe(case)


def test_a_lost_target_ends_a_run_in_words(broken: Broken, cli: Cli, tmp_path: Path, scratch: Path) -> None:
    flag = scratch.parent / "starts"
    code = f"import os\ndel os.fork\nwith open({str(flag)!r}, 'a') as file:\n    file.write('x')\nif os.path.getsize({str(flag)!r}) > 3:\n"
    command = " ".join(broken(code + "    os._exit(9)\n"))
    done = cli("run", "get_tag", "--python", f"cmd:{command}", "--results", tmp_path / "results")
    text = done.stdout + done.stderr
    assert done.returncode == 3, text
    assert "Traceback" not in text
    assert text.count("exit status 9") <= 3, "it is told, and not once for each case that was not asked"
    assert "LOST cmd-" in text or "LOST cpython-" in text, text
    assert "0 of 1 targets conform in the part that was run; lost: " in text, text
    (written,) = (tmp_path / "results").glob("*.json")
    assert json.loads(written.read_text(encoding="utf-8"))["complete"] is False
    assert list(scratch.iterdir()) == []


def test_a_start_can_be_given_longer(broken: Broken, cli: Cli) -> None:
    command = " ".join(broken("import time\ntime.sleep(3)\n"))
    done = cli("run", "get_tag/another-tag", "--python", f"cmd:{command}", "--start-limit", "1")
    assert done.returncode == 3
    assert "it does not start within 1 s: give it longer with --start-limit SECONDS" in done.stdout
    assert cli("run", "get_tag/another-tag", "--python", f"cmd:{command}", "--start-limit", "60").returncode == 0
    assert cli("run", "get_tag/another-tag", "--start-limit", "0").returncode == 2


@pytest.mark.parametrize("what", [(), ("get_tag",), ("get_tag/another-tag",)], ids=["all", "a subject", "a case"])
def test_nothing_starts(what: tuple[str, ...], cli: Cli) -> None:
    done = cli("run", *what, "--python", "cmd:false")
    assert done.returncode == 3, done.stdout
    assert "UNAVAILABLE cmd-false: it does not start: exit status 1" in done.stdout


LAST_WORDS = {
    "a trace of Java's": (
        "import sys\nsys.stderr.write('java.lang.NullPointerException: no co_argcount\\n\\tat com.oracle.A.b(A.java:5)\\n"
        "\\tat c.D.e(D.java:6)\\nCaused by: x.Y\\n\\t... 5 more\\n')\nimport os\nsys.stderr.flush()\nos._exit(1)\n",
        "java.lang.NullPointerException: no co_argcount (exit status 1)",
    ),
    "a line": ("import sys, os\nprint('no more', file=sys.stderr, flush=True)\nos._exit(4)\n", "no more (exit status 4)"),
}


@pytest.mark.parametrize("name", LAST_WORDS)
def test_last_words(name: str, broken: Broken) -> None:
    code, words = LAST_WORDS[name]
    with pytest.raises(TargetUnavailable) as caught:
        Session(broken(code))
    assert str(caught.value) == f"it does not start: {words}"


def test_no_scratch_directory_stays_of_a_target_that_ends_before_it_greets(broken: Broken, scratch: Path) -> None:
    made = "def made(**named):\n    real(**named)\n    os._exit(5)\n"
    with pytest.raises(TargetUnavailable):
        Session(broken(f"import tempfile, os\nreal = tempfile.mkdtemp\n{made}tempfile.mkdtemp = made\n"))
    assert list(scratch.iterdir()) == []
