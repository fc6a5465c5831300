"""Pyodide: fetched once, found by name, and as safe to run cases on as an interpreter that forks."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from test_leftovers import ENDINGS, eventually, host_in_a_case

from conftest import Cli, answered
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import TargetUnavailable, UnknownTarget
from imp_conformance.portable.observation import decode
from imp_conformance.results.judge import Verdict, judge
from imp_conformance.targets import pyodide
from imp_conformance.targets.candidate import OWN, find_candidate
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import find_interpreters

MakeCase = Callable[..., Case]


@pytest.fixture(scope="module")
def command() -> tuple[str, ...]:
    """Return the command line of Pyodide with Python 3.11, or skip where it cannot be had."""
    try:
        (request,) = find_interpreters("pyodide")
    except UnknownTarget as error:
        pytest.skip(str(error))
    return request.command


@pytest.fixture(scope="module")
def session(command: tuple[str, ...]) -> Iterator[Session]:
    """One Pyodide for many tests: each of them must leave it as it was."""
    running = Session(command)
    running.load(OWN, ())
    yield running
    running.close()


# ---------------------------------------------------------------------------------------------------------------------
# Cases.


def test_pyodide_has_a_column_of_its_own(command: tuple[str, ...], cli: Cli, tmp_path: Path, scratch: Path) -> None:
    subjects = ("new_module", "load_package", "lock_held", "load_dynamic", "get_frozen_object")
    done = cli("run", "-q", "--python", "pyodide", "--results", tmp_path / "out", *subjects)
    assert done.returncode == 0, done.stdout + done.stderr
    release = pyodide.RELEASES[pyodide.LAST]
    found = json.loads((tmp_path / "out" / f"pyodide-{release}.json").read_text(encoding="ascii"))
    (target,) = found["targets"]
    assert target == {
        "build": "",
        "candidate": {"kind": "own"},
        "emulates": "3.11.3",
        "id": f"pyodide-{release}",
        "implementation": "pyodide",
        "platform": "emscripten-wasm32",
        "python": "3.11.3",
        "release": release,
    }
    reasons = {result["reason"] for result in found["results"].values() if result != "pass"}
    lacks = ("the interpreter has no threads: its platform is emscripten", "the platform has no processes: it is emscripten")
    extensions = ("no module of the standard library is a shared library", "no shared library among the modules")
    told = {reason for reason in reasons if not reason.startswith("holds ")}
    assert all(reason.startswith(lacks + extensions) for reason in told), told
    assert lacks[0] in told
    assert list(scratch.iterdir()) == []


PROBE = """\
import builtins, gc, json, os, sys
imp
try:
    imp.load_dynamic('m', 'no_such_library.so')
except ImportError as error:
    path = error.path
shown = builtins.repr(json)[:5], sorted(os.listdir('/')), os.listdir('.'), sorted(os.listdir('/lib')), os.stat('/tmp').st_mode
(shown, path, len(sys.meta_path), sys.path, sorted(os.environ), len(sys.modules), len(__import__('textwrap').__all__), os.isatty(1),
 os.read(0, 5), os.open('x', os.O_CREAT), hasattr(imp, 'leaked'), os.path.getsize('/lib/python311.zip'))"""

CHANGES = {
    "modules": "import sys; imp.leaked = 1; sys.modules.clear(); sys.path.clear(); sys.meta_path.clear()",
    "builtins": "import builtins, json, os; imp; del builtins.repr, builtins.len, json.dumps, os.listdir",
    "files": "import os; imp; os.mkdir('/lib/new'); open('/lib/new/x', 'w'); os.rename('/home', '/away'); os.chmod('/tmp', 0o700)",
    "a file's contents": "imp; open('/lib/python311.zip', 'wb').write(b'broken')",
    "descriptors": "import os; imp; [os.open('/tmp', 0) for _ in range(9)]; os.closerange(0, 5)",
    "environment": "import os; imp; os.environ['LEAKED'] = '1'; os.putenv('TMPDIR', '/')",
    "memory": "imp; import ctypes; ctypes.memset(id(imp), 255, 16)",
    "more memory": "imp; x = bytearray(30 << 20)",
    "libraries": "try:\n    imp.load_dynamic('m', 'no_such_library.so')\nexcept ImportError:\n    pass",
    "javascript": "imp; import js; js.Object.prototype.leaked = 1; js.setTimeout(js.process.exit, 0)",
}


def test_a_case_starts_from_a_clean_state(session: Session, one_case: MakeCase) -> None:
    probe = one_case(PROBE)
    before = session.observe(probe)
    assert before.answer is not None
    assert "value" in before.answer, before.answer
    for what, code in CHANGES.items():
        session.observe(one_case(code))
        after = session.observe(probe)
        assert "value" in answered(after), (what, after)
        assert answered(after)["value"] == answered(before)["value"], what


SAME_AS_ELSEWHERE = [
    "import os; imp; os._exit(0)",
    "imp\nwhile True: pass",
    "import os, sys; imp; os.closerange(0, 100); sys.stdout = sys.stderr = None",
    "import builtins, json, os; imp; del builtins.repr, builtins.len, json.dumps, os.open, os.write; 5",
]
ENDINGS_HERE = {code: ENDINGS[code] for code in SAME_AS_ELSEWHERE} | {
    "import os; imp; os.abort()": (Verdict.CRASH, "ended the target: Aborted(). Build with -sASSERTIONS for more info."),
    "import ctypes; imp; ctypes.string_at(0xfffffff0)": (Verdict.CRASH, "ended the target: memory access out of bounds"),
    "imp; [bytearray(100 << 20) for _ in range(100)]": (Verdict.FAIL, "raised MemoryError"),
    "imp; [open(str(n), 'wb').write(bytes(100 << 20)) for n in range(100)]": (
        Verdict.FAIL,
        "raised OSError: [Errno 51] No space left on device",
    ),
    "import sys; imp; sys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr(self)\nrepr(A())": (
        Verdict.CRASH,
        "ended the target: Maximum call stack size exceeded",
    ),
}


@pytest.mark.parametrize("code", ENDINGS_HERE, ids=lambda code: code.replace("imp", "")[:40])
def test_a_case_that_ends_badly_gets_its_verdict_and_harms_no_other(code: str, session: Session, one_case: MakeCase) -> None:
    case = one_case(code, "    limit: 1\n" if "limit" not in code and "range" not in code else "")
    result = judge(case, Release.parse("3.11"), session.observe(case), {})
    assert (result.verdict, result.reason) == ENDINGS_HERE[code]
    after = session.observe(one_case("imp\n5"))
    assert after.answer is not None
    assert after.answer["value"] == {"kind": "int", "value": "5"}


def test_output_is_kept_up_to_a_limit(session: Session, one_case: MakeCase) -> None:
    code = "import os, sys; imp\nfor _ in range(1000): os.write(1, b'x' * 100000); print('y' * 100000, file=sys.stderr)"
    seen = session.observe(one_case(code))
    assert seen.answer is not None
    assert {len(text) for text in seen.output.values()} == {64 << 10}
    seen = session.observe(one_case("imp; print('\\xe9')"))
    assert seen.output == {"stdout": "\xe9\n", "stderr": ""}


# ---------------------------------------------------------------------------------------------------------------------
# Candidates.


def test_a_candidate_travels(command: tuple[str, ...], one_case: MakeCase, tmp_path: Path) -> None:
    (tmp_path / "mine" / "imp").mkdir(parents=True)
    (tmp_path / "mine" / "imp" / "__init__.py").write_text("from imp.part import *\nloads = []\n", encoding="ascii")
    (tmp_path / "mine" / "imp" / "part.py").write_text("marker = 'mine'\n", encoding="ascii")
    session = Session(command)
    try:
        session.load(find_candidate(str(tmp_path / "mine"), "3.11"), ("marker", "absent"))
        assert session.present == {"marker"}
        for _ in range(2):
            seen = session.observe(one_case("imp.loads.append(1)\nimport imp as again\nimp.marker, again is imp, imp.loads"))
            assert seen.answer is not None
            assert decode(seen.answer["value"]) == ("mine", True, [1])
        ended = session.observe(one_case("import os; imp; os._exit(1)"))
        assert (ended.how, ended.number) == ("exit", 1)
        again = session.observe(one_case("imp.marker"))
        assert again.answer is not None, "a new instance has the candidate too"
        assert decode(again.answer["value"]) == "mine"
    finally:
        session.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import no_such_module\n", "No module named 'no_such_module' (my_imp.py, line 1)"),
        ("import os\nos._exit(0)\n", "importing it ends the process: exit status 0"),
    ],
)
def test_a_candidate_that_cannot_be_imported_is_told(text: str, why: str, command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "my_imp.py").write_text(text, encoding="ascii")
    session = Session(command)
    try:
        with pytest.raises(TargetUnavailable) as caught:
            session.load(find_candidate(str(tmp_path / "my_imp.py"), "3.11"), ())
    finally:
        session.close()
    assert why in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------------
# Processes, and where Pyodide comes from.


def test_nothing_is_left_when_the_host_dies_in_the_middle_of_a_case(command: tuple[str, ...], make_catalogue: Callable[..., Path]) -> None:
    with host_in_a_case(command, make_catalogue) as pid:
        assert psutil.Process(pid).cmdline()[:1] == [command[0]]
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


NPM = """\
#!{python}
import json, pathlib, sys
pathlib.Path({calls!r}).write_text(json.dumps(sys.argv[1:]))
if {broken}:
    sys.exit("npm error code E404\\nnpm error 404 Not Found - nothing of that name\\nnpm error A complete log is in a file")
folder = pathlib.Path(sys.argv[sys.argv.index("--prefix") + 1]) / "node_modules" / "pyodide"
folder.mkdir(parents=True)
(folder / "package.json").write_text(json.dumps({{"version": "0.25.1"}}))
"""


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Have an empty cache, and only the tools named on PATH: a node that is not used, an npm that notes how it is called."""
    folder = tmp_path / "tools"
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(*names: str, broken: bool = False) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        for name in names:
            text = NPM.format(python=sys.executable, calls=str(calls), broken=broken) if name == "npm" else ""
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)
        return calls

    return make


def test_the_package_is_fetched_once(tools: Callable[..., Path], tmp_path: Path) -> None:
    calls = tools("node", "npm")
    assert "is fetched with npm" in (pyodide.offer() or "")
    (request,) = find_interpreters("pyodide")
    assert json.loads(calls.read_text(encoding="utf-8"))[-1] == "pyodide@0.25.1"
    assert request.stem == "pyodide-0.25.1"
    package = Path(request.command[-1])
    assert package.is_relative_to(tmp_path / "cache")
    assert [path.name for path in package.parents[2].iterdir()] == ["0.25.1"]
    tools("node")
    assert find_interpreters("pyodide@0.25.1")[0].command == request.command
    assert find_interpreters("pyodide3.11")[0].command == request.command
    assert (pyodide.startable(), pyodide.offer()) == (["pyodide@0.25.1"], None)


@pytest.mark.parametrize(
    ("here", "text", "why"),
    [
        (["npm"], "pyodide", "Pyodide runs under Node.js, and there is no node on PATH: install Node.js 18 or later"),
        (["node"], "pyodide", "there is no npm on PATH to fetch it: install npm"),
        (["node", "npm"], "pyodide", "and npm cannot fetch it: 404 Not Found - nothing of that name"),
        ([], "pyodide3.9", "3.9 is no release of Pyodide: give a Python that it has (3.11, "),
        ([], "pyodide@latest", "no such interpreter"),
    ],
)
def test_a_pyodide_that_cannot_be_had_is_told(here: list[str], text: str, why: str, tools: Callable[..., Path], tmp_path: Path) -> None:
    tools(*here, broken=True)
    with pytest.raises(UnknownTarget) as caught:
        find_interpreters(text)
    assert str(caught.value).startswith(f"--python {text}: ")
    assert why in str(caught.value)
    assert not any(path.is_file() for path in (tmp_path / "cache").rglob("*"))


def test_a_package_that_is_not_pyodide_is_told(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on PATH")
    with pytest.raises(TargetUnavailable, match=r"it does not start: .*package\.json"):
        Session([node, str(Path(pyodide.__file__).with_name("supervisor.mjs")), os.devnull])
