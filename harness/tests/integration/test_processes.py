"""Cases in processes of their own and programs: what each kind sees, what ends it, and what it leaves behind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import answered, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Release
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN, Candidate, find_candidate
from imp_conformance.targets.session import Session, start_loaded

MakeCatalogue = Callable[..., Path]
Opened = Callable[..., Session]

RELEASE = Release.parse("3.8")


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Start an interpreter with a candidate, and end it after the test."""
    sessions: list[Session] = []

    def open_(any_python: str, candidate: Candidate = OWN, names: tuple[str, ...] = ()) -> Session:
        sessions.append(start_loaded([any_python], candidate, names))
        return sessions[-1]

    yield open_
    for session in sessions:
        session.close()


def values(seen: Any) -> list[Any]:
    return [item.get("value") for item in answered(seen)["value"]["items"]]


def test_an_own_process_has_not_loaded_the_candidate(any_python: str, opened: Opened, case_of: Callable[..., Case]) -> None:
    session = opened(any_python)
    code = "import sys\nbefore = 'imp' in sys.modules\nimport imp\n(before, __name__, imp.__name__, '' in sys.path)"
    own = case_of(code, "own", "      value: ...\n")
    assert [values(session.observe(own)) for _ in range(3)] == [[False, "snippet", "imp", False]] * 3
    parent = "import os, imp\n(os.getpid(), os.getppid())"
    warm, alone = (session.observe(case_of(parent, process, "      value: ...\n")) for process in ("warm", "own"))
    assert values(warm)[1] != values(alone)[1], "one is a child of the forkserver, the other of the supervisor"


def test_an_own_process_imports_the_candidate_that_was_given(opened: Opened, case_of: Callable[..., Case], tmp_path: Path) -> None:
    for name in ("one.py", "tree/imp.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("print('imported')\nmarker = 'mine'\n", encoding="ascii")
    own = case_of("import imp\nimp.marker", "own", "      value: ...\n      stdout: ''\n      modules: {added: []}\n")
    for path in (tmp_path / "one.py", tmp_path / "tree"):
        seen = opened(interpreter("3.8"), find_candidate(str(path), "3.8")).observe(own)
        assert answered(seen)["value"]["value"] == "mine"
        assert seen.output["stdout"] == "imported\n"
        assert answered(seen)["modules"]["added"] == ["imp"]


def test_a_program_is_a_file_in_its_directory(any_python: str, opened: Opened, case_of: Callable[..., Case]) -> None:
    code = """\
import os, sys
print(os.path.basename(__file__), __name__, sorted(os.listdir('.')), sys.path[0] == os.getcwd(), sys.argv, sys.flags.optimize)
print([name for name in os.environ if name.startswith('PYTHON')], sys.stdin.read() == '')
sys.stderr.write('to stderr')
open('made', 'w').close()
os.remove('gone')
import imp, known
sys.exit(3)"""
    program = case_of(code, "program", "      files: {added: []}\n", "    options: [-O]\n    files: {known.py: '', gone: ''}\n")
    seen = opened(any_python).observe(program)
    first, second = seen.output["stdout"].splitlines()
    assert first == "m.py __main__ ['gone', 'known.py', 'm.py'] True ['m.py'] 1"
    assert second == "[] True"
    assert seen.output["stderr"].startswith("to stderr")
    assert (seen.how, answered(seen)["status"]) == ("exit", 3)
    files = answered(seen)["files"]
    assert (files["changed"], files["removed"]) == ([], ["gone"])
    assert [name for name in files["added"] if "known" not in name] == ["made"]


ENDINGS = {
    "exits 3": ("import imp, os\nos._exit(3)", Verdict.FAIL, "exit status: expected 0, observed 3"),
    "raises": ("import imp\n1 / 0", Verdict.FAIL, "exit status: expected 0, observed 1"),
    "hangs": ("import imp\nwhile True: pass", Verdict.TIMEOUT, "no answer within 2 s"),
    "hangs with signals blocked": (
        "import imp, signal, time\nsignal.pthread_sigmask(0, range(1, 32))\nwhile True: time.sleep(1)",
        Verdict.TIMEOUT,
        "no answer within 2 s",
    ),
    "kills itself": ("import imp, os\nos.kill(os.getpid(), 9)", Verdict.CRASH, "ended by signal 9 (SIGKILL)"),
    "crashes": ("import imp, os\nos.kill(os.getpid(), 11)", Verdict.CRASH, "ended by signal 11 (SIGSEGV)"),
    "deletes its directory": ("import imp, os, shutil\nshutil.rmtree(os.getcwd())", Verdict.PASS, ""),
    "leaves a process": ("import imp, os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(60)", Verdict.PASS, ""),
    "closes its output": ("import imp, os\nos.closerange(0, 100)\nos._exit(0)", Verdict.PASS, ""),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_program_that_ends_badly_gets_its_verdict_and_harms_no_other(name: str, opened: Opened, case_of: Callable[..., Case]) -> None:
    code, verdict, reason = ENDINGS[name]
    session = opened(interpreter("3.8"))
    result = ask(session, case_of(code, "program", "      files: {removed: []}\n      status: 0\n", "    limit: 2\n"), RELEASE)
    if name == "deletes its directory":
        assert (result.verdict, result.reason) == (Verdict.FAIL, "files removed: expected [], observed ['m.py']")
    else:
        assert (result.verdict, result.reason) == (verdict, reason)
    after = session.observe(case_of("import imp\nprint('alive')", "program"))
    assert after.output["stdout"] == "alive\n"
    assert answered(session.observe(case_of("imp\n5", "warm", "      value: '5'\n")))["value"]["value"] == "5"


@pytest.mark.parametrize("process", ["own", "program"])
def test_what_is_printed_is_told_up_to_the_limit(process: str, any_python: str, opened: Opened, case_of: Callable[..., Case]) -> None:
    code = "import sys, imp\nsys.stdout.write('x' * (1 << 20))\nsys.stderr.write('y' * 10)"
    seen = opened(any_python).observe(case_of(code, process, "      stdout: ''\n"))
    assert seen.output["stdout"] == "x" * (64 << 10)
    assert seen.output["stderr"].endswith("y" * 10)


OWN_ENDINGS = {
    "exits 3": ("import imp, os\nos._exit(3)", Verdict.CRASH, "ended with exit status 3 before it answered"),
    "hangs": ("import imp\nwhile True: pass", Verdict.TIMEOUT, "no answer within 2 s"),
    "kills itself": ("import imp, os\nos.kill(os.getpid(), 9)", Verdict.CRASH, "ended by signal 9 (SIGKILL)"),
    "closes all": ("import imp, os\nos.closerange(0, 100)\n5", Verdict.PASS, ""),
    "kills its parent's other children": (
        "import imp, os, signal\nwith open('/proc/%d/task/%d/children' % (os.getppid(), os.getppid())) as file:\n"
        "    others = set(map(int, file.read().split())) - {os.getpid()}\n"
        "for pid in others:\n    os.kill(pid, signal.SIGKILL)\n5",
        Verdict.PASS,
        "",
    ),
}


@pytest.mark.parametrize("name", OWN_ENDINGS)
def test_an_own_process_that_ends_badly_harms_no_other(name: str, opened: Opened, case_of: Callable[..., Case]) -> None:
    code, verdict, reason = OWN_ENDINGS[name]
    session = opened(interpreter("3.8"))
    session.spares = 3
    session.observe(case_of("imp\n5", "warm", "      value: '5'\n"))
    result = ask(session, case_of(code, "own", "      value: ...\n", "    limit: 2\n"), RELEASE)
    assert (result.verdict, result.reason) == (verdict, reason)
    for process in ("own", "warm", "own", "own"):
        seen = session.observe(case_of("import imp\n5", process, "      value: '5'\n"))
        assert answered(seen)["value"]["value"] == "5"


def test_nothing_is_left_of_processes_that_were_started_ahead(opened: Opened, case_of: Callable[..., Case], scratch: Path) -> None:
    session = opened(interpreter("3.8"))
    session.spares = 2
    pids = "import os; imp\n(os.getppid(),)"
    for _ in range(3):
        session.observe(case_of(pids, "warm", "      value: ...\n"))
    root = session._root
    marker = Path(root).name.split("-")[2]
    session.close()
    assert list(scratch.iterdir()) == []
    shown = subprocess.run(["ps", "-eo", "args", "e"], capture_output=True, text=True, check=False).stdout
    assert marker not in shown


ONE_FILE = "import warnings\nwarnings.warn('mine', DeprecationWarning, stacklevel=2)\ndef new_module(name):\n    return 'made ' + name\n"


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_program_finds_the_candidate(kind: str, any_python: str, opened: Opened, case_of: Callable[..., Case], tmp_path: Path) -> None:
    place = tmp_path / ("shim.py" if kind == "file" else "tree/imp/__init__.py")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(ONE_FILE, encoding="ascii")
    candidate = find_candidate(str(place if kind == "file" else tmp_path / "tree"), "3.8")
    session = opened(any_python, candidate)
    beside = case_of("import os, imp\nprint(imp.new_module('a'), os.path.exists('imp.py'))", "program", "      files: {added: []}\n")
    seen = session.observe(beside)
    assert seen.output["stdout"] == f"made a {kind == 'file'}\n"
    assert answered(seen)["files"] == {"added": [], "changed": [], "removed": []}


def test_a_program_is_not_asked_of_a_module_of_another_name(opened: Opened, case_of: Callable[..., Case], tmp_path: Path) -> None:
    (tmp_path / "other_name.py").write_text(ONE_FILE, encoding="ascii")
    session = Session([interpreter("3.8")])
    try:
        session.load(Candidate("tree", "other_name", "other", {"kind": "pypi"}, {"other_name.py": ""}), ())
        result = ask(session, case_of("import imp", "program"), RELEASE)
    finally:
        session.close()
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert result.reason == "a program says import imp, and the candidate's module is called other_name"


def test_a_missing_name_is_missing_in_each_kind(opened: Opened, case_of: Callable[..., Case]) -> None:
    session = opened(interpreter("3.8"), names=("nothing",))
    for process, expect in (("own", "      value: '1'\n"), ("program", "      stdout: ''\n")):
        result = ask(session, case_of("import imp\nimp.nothing()", process, expect), RELEASE)
        assert (result.verdict, result.reason) == (Verdict.MISSING, "imp has no nothing")


def without_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no-fork").mkdir()
    (tmp_path / "no-fork" / "sitecustomize.py").write_text("import os\nos.fork = None\ndel os.fork\n", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "no-fork"))


def test_without_fork_each_kind_says_the_same(
    any_python: str, opened: Opened, case_of: Callable[..., Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [
        case_of("import sys\nbefore = 'imp' in sys.modules\nimport imp\n(before,)", "own", "      value: ...\n"),
        case_of("import imp, sys\nprint('out')\nsys.exit(3)", "program", "      files: {added: []}\n"),
        case_of("imp\n5", "warm", "      value: '5'\n"),
        case_of("import imp, os\nos.kill(os.getpid(), 9)", "program"),
    ]
    forked = [opened(any_python).observe(item) for item in cases]
    without_fork(tmp_path, monkeypatch)
    session = opened(any_python)
    assert session.identity.forks is False
    for item, expected in zip(cases, forked, strict=True):
        seen = session.observe(item)
        assert (seen.how, seen.number, seen.answer) == (expected.how, expected.number, expected.answer)
        assert seen.output["stdout"] == expected.output["stdout"]


def test_a_result_of_a_program_says_what_it_printed(opened: Opened, case_of: Callable[..., Case]) -> None:
    result: Result = ask(opened(interpreter("3.8")), case_of("import imp\nprint('two')", "program", '      stdout: "one\\n"\n'), RELEASE)
    assert result.expected == r"stdout: 'one\n'"
    assert result.reason == r"stdout: expected 'one\n', observed 'two\n'"
    assert result.observed.startswith(r"exit status: 0; stdout: 'two\n'; stderr: ")
