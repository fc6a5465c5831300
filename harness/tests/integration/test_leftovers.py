"""What a case leaves, however it ends: nothing, and no other case is harmed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from test_agent import value

from conftest import interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.observation import Observation
from imp_conformance.results.judge import Verdict, judge
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session

Observe = Callable[..., Observation]
MakeCase = Callable[..., Case]

ENDINGS = {
    "import os; imp; os._exit(0)": (Verdict.CRASH, "ended with exit status 0 before it answered"),
    "import os; imp; os._exit(3)": (Verdict.CRASH, "ended with exit status 3 before it answered"),
    "import os; imp; os.kill(os.getpid(), 11)": (Verdict.CRASH, "ended by signal 11 (SIGSEGV)"),
    "import os; imp; os.kill(os.getpid(), 9)": (Verdict.CRASH, "ended by signal 9 (SIGKILL)"),
    "import os; imp; os.killpg(0, 9)": (Verdict.CRASH, "ended by signal 9 (SIGKILL)"),
    "import os; imp; os.kill(os.getppid(), 9); import time; time.sleep(60)": (Verdict.CRASH, "ended the process that holds the candidate"),
    "imp\nwhile True: pass": (Verdict.TIMEOUT, "no answer within 1 s"),
    "import signal; imp; signal.pthread_sigmask(0, range(1, 32))\nwhile True: pass": (Verdict.TIMEOUT, "no answer within 1 s"),
    "import time; imp; time.sleep(60)": (Verdict.TIMEOUT, "no answer within 1 s"),
    "import os; imp; os.closerange(0, 100); 5": (Verdict.PASS, ""),
    "import os, sys; imp; os.closerange(0, 100); sys.stdout = sys.stderr = None": (Verdict.PASS, ""),
    "import builtins, json, os; imp; del builtins.repr, builtins.len, json.dumps, os.open, os.write; 5": (Verdict.PASS, ""),
    "import os, shutil; imp; shutil.rmtree(os.getcwd()); 5": (Verdict.PASS, ""),
    "import os; imp\nif not os.fork():\n    while True: pass": (Verdict.PASS, ""),
}


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.replace("imp", "")[:40])
def test_a_case_that_ends_badly_gets_its_verdict_and_harms_no_other(code: str, observe: Observe, one_case: MakeCase, scratch: Path) -> None:
    python = interpreter("3.8")
    case = one_case(code, "    limit: 1\n")
    seen = observe(python, code, "    limit: 1\n")
    result = judge(case, Release.parse("3.8"), seen, {})
    verdict, reason = ENDINGS[code]
    assert result.verdict is verdict, (result, seen)
    assert result.reason == reason
    assert value(observe(python, "imp\n5")) == "5"
    eventually(lambda: [path.name for path in Path(seen.root).iterdir() if path.name.startswith(("case-", "answer"))] == [])


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what happens after the answer was sent."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def host_in_a_case(
    command: Sequence[str], make_catalogue: Callable[..., Path], start_limit: float | None = None, does: str = ""
) -> Iterator[int]:
    """Give the process id of a target while a host of its own has asked it a case without end; that host is killed afterwards."""
    root = make_catalogue(
        "subject: thing\ncases:\n  - id: thing/one\n    title: One.\n    clauses: [thing.works]\n"
        f"    run: |\n      imp\n{does}      while True: pass\n    limit: 100\n    expect: {{value: '5'}}\n"
    )
    program = (
        "from pathlib import Path\nfrom imp_conformance.targets.session import Session\n"
        "from imp_conformance.catalogue.loader import load_catalogue\n"
        f"from imp_conformance.targets.candidate import OWN\nsession = Session({tuple(command)!r}, {start_limit!r})\n"
        "session.load(OWN, ())\n"
        f"print(session._channel.process.pid, flush=True)\n"
        f"session.observe(load_catalogue(Path({str(root)!r})).cases['thing/one'])\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        yield int(host.stdout.readline())
        host.send_signal(signal.SIGKILL)


def heed_interrupts() -> None:
    """Undo that a shell lets what it runs in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def processes_of(root: str) -> list[int]:
    """Return the processes that have a target's scratch directory as, or below, their working directory, or its output open."""
    found = []
    for process in psutil.process_iter():
        try:
            paths = [process.cwd(), *(file.path for file in process.open_files())]
        except psutil.Error:
            continue
        if any(path.startswith(root) for path in paths):
            found.append(process.pid)
    return found


def test_nothing_is_left_after_a_session(observe: Observe, scratch: Path) -> None:
    session = Session([interpreter("3.8")])
    session.load(OWN, ())
    root = session._root
    assert Path(root).is_dir()
    session.close()
    assert list(scratch.iterdir()) == []
    assert processes_of(root) == []


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_host_dies_in_the_middle_of_a_case(
    signal_number: signal.Signals, scratch: Path, make_catalogue: Callable[..., Path]
) -> None:
    root = make_catalogue(
        "subject: thing\ncases:\n  - id: thing/one\n    title: One.\n    clauses: [thing.works]\n"
        "    run: |\n      import time; imp; time.sleep(60)\n    limit: 100\n    expect: {value: '5'}\n"
    )
    program = (
        "import sys; from pathlib import Path\n"
        "from imp_conformance.targets.session import Session; from imp_conformance.catalogue.loader import load_catalogue\n"
        "from imp_conformance.targets.candidate import OWN\n"
        f"case = load_catalogue(Path({str(root)!r})).cases['thing/one']\n"
        f"session = Session([{interpreter('3.8')!r}])\nsession.load(OWN, ())\nprint('ready', flush=True)\nsession.observe(case)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=heed_interrupts
    ) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"ready\n"
        eventually(lambda: any(path.name.startswith("case-") for folder in scratch.iterdir() for path in folder.iterdir()))
        eventually(lambda: processes_of(str(scratch)) != [])
        host.send_signal(signal_number)
    eventually(lambda: processes_of(str(scratch)) == [] and list(scratch.iterdir()) == [])


STOPS_SUPERVISOR = """\
      import os
      with open("/proc/{}/stat".format(os.getppid())) as file:
          supervisor = int(file.read().rpartition(")")[2].split()[1])
      with open("/proc/{0}/task/{0}/children".format(supervisor)) as file:
          children = [int(word) for word in file.read().split() if int(word) != os.getppid()]
      for pid in children if NUMBER else ():
          os.kill(pid, NUMBER)
      os.kill(supervisor, 19)
"""


@pytest.mark.parametrize(
    "number", [0, signal.SIGSTOP, signal.SIGKILL], ids=["alone", "and its sentinel stopped", "and its sentinel killed"]
)
def test_a_supervisor_that_a_case_has_stopped_does_not_outlive_a_killed_host(
    number: int, scratch: Path, make_catalogue: Callable[..., Path]
) -> None:
    does = STOPS_SUPERVISOR.replace("NUMBER", str(int(number)))
    with host_in_a_case([interpreter("3.8")], make_catalogue, does=does) as pid:
        supervisor = psutil.Process(pid)
        eventually(lambda: supervisor.status() == psutil.STATUS_STOPPED)
    eventually(lambda: not supervisor.is_running() and processes_of(str(scratch)) == [] and list(scratch.iterdir()) == [])


USES_UP = """\
import os, tempfile
imp
for folder in (".", tempfile.gettempdir()):
    for number in range(500):
        try:
            os.close(os.open(os.path.join(folder, str(number)), os.O_CREAT))
        except OSError:
            break
5"""


def test_a_case_that_uses_up_the_disk_leaves_room_for_the_next_one(scratch: Path, one_case: MakeCase) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=200", "tmpfs", str(scratch)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        session = Session([interpreter("3.8")])
        try:
            session.load(OWN, ())
            first, second = one_case(USES_UP), one_case("imp; open('f', 'w').close(); 5", "    files: {a: x, b: y}\n")
            assert value(session.observe(first, second)) == "5"
            assert value(session.observe(second)) == "5"
        finally:
            session.close()
        assert list(scratch.iterdir()) == []
    finally:
        subprocess.run(["umount", str(scratch)], check=True)
