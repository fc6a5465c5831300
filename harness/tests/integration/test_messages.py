"""Host, agent and Pyodide's supervisor say what the schema of messages says; limits travel; other protocols are refused."""

from __future__ import annotations

import itertools
import json
import marshal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import interpreter, pyodide_command
from imp_conformance.agent.candidate import Candidate as AgentCandidate
from imp_conformance.agent.job import Job
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.channel import Channel
from imp_conformance.portable.observation import Observation
from imp_conformance.portable.protocol import LIMITS, PROTOCOL, Limits
from imp_conformance.resources import package_text
from imp_conformance.targets import session as session_module
from imp_conformance.targets.candidate import OWN, find_candidate
from imp_conformance.targets.session import Session, start_loaded

MakeCase = Callable[..., Case]
SCHEMA = json.loads(package_text("schema/messages.schema.json"))
VALIDATORS = {name: jsonschema.Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{name}"}) for name in SCHEMA["$defs"]}

ODD = {
    "value": "imp\n[1, 2.5, 3j, True, None, ..., 'é\\ud800', b'x', bytearray(b'y'), {1: 'a'}, {2}, frozenset('z'), (), imp, int, object()]",
    "again": "imp\nx = [1]; x.append(x); x",
    "large": "imp\n['x' * 50000, 1 << 70000, 1 << 5000, list(range(5000))]",
    "file": "imp\nopen('f', 'w')",
    "exception": "imp\nraise ImportError('no', name='n', path='p')",
    "exit": "import os; imp; os._exit(3)",
    "signal": "import os; imp; os.kill(os.getpid(), 9)",
    "loop": "imp\nwhile True: pass",
    "forkserver": "import os, time; imp; os.kill(os.getppid(), 9); time.sleep(60)",
}
MORE = "    given: 'True'\n    files: {a.py: 'x = 1', b/: '', c.pyc: {compile: 'x = 1', source: a.py, mtime: 1000000000}}\n    limit: 2\n"
WATCH = "      warnings: []\n      modules: {added: []}\n      files: {added: []}\n      open_files: []\n      stdout: ''\n"


@pytest.fixture(params=["3.6", "3.8", "3.11", "pypy3.9", "pyodide"])
def command(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "pyodide":
        return pyodide_command()
    return [interpreter("3.9", "pypy") if request.param == "pypy3.9" else interpreter(request.param)]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Collect what host and target say to each other, by the name of each message."""
    found: dict[str, list[Any]] = {name: [] for name in VALIDATORS}
    tell, receive_line = Channel.tell, Channel.receive_line
    expected: dict[Channel, Iterator[str]] = {}

    def told(self: Channel, message: Any, seconds: float) -> None:
        found["case" if "code" in message else "load"].append(json.loads(json.dumps(message)))
        tell(self, message, seconds)

    def received(self: Channel, seconds: float) -> bytes:
        line = receive_line(self, seconds)
        order = expected.setdefault(self, itertools.chain(("greeting", "loaded"), itertools.cycle(("ended", "observation"))))
        found[next(order)].append(json.loads(line))
        return line

    monkeypatch.setattr(Channel, "tell", told)
    monkeypatch.setattr(Channel, "receive_line", received)
    return found


def check(said: dict[str, list[Any]]) -> None:
    for name in ("greeting", "load", "loaded", "case", "ended", "observation"):
        assert said[name], name
        for message in said[name]:
            if not (name == "observation" and message is None):
                VALIDATORS[name].validate(message)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["$defs"]["load"]["properties"]["limits"]["properties"]) == set(Limits._fields)
    assert SCHEMA["$defs"]["greeting"]["properties"]["protocol"]["const"] == PROTOCOL


def test_what_is_said_is_as_the_schema_says(command: list[str], said: dict[str, list[Any]], one_case: MakeCase) -> None:
    session = start_loaded(command, OWN, ("find_module", "nothing"))
    try:
        seen = {name: session.observe(one_case(code, WATCH + MORE)) for name, code in ODD.items()}
    finally:
        session.close()
    check(said)
    assert [len(said[name]) for name in ("case", "ended", "observation")] == [len(ODD)] * 3
    assert {name for name, observation in seen.items() if observation.answer is None} >= {"exit", "loop"}


def test_what_cases_of_the_catalogue_leave_is_as_the_schema_says(
    command: list[str], said: dict[str, list[Any]], catalogue: Catalogue
) -> None:
    session = start_loaded(command, OWN, catalogue.names)
    try:
        for case in list(catalogue.cases.values())[::25]:
            session.observe(case)
    finally:
        session.close()
    check(said)


def test_a_target_without_fork_says_the_same(
    said: dict[str, list[Any]], one_case: MakeCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\ndel os.fork\n", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    session = start_loaded([interpreter("3.8")], OWN, ("find_module",))
    try:
        for code in (ODD["value"], ODD["exit"], ODD["exception"]):
            session.observe(one_case(code, WATCH + MORE))
        unmade = session.observe(one_case("imp", "    files: {a/b: '', a: ''}\n"))
    finally:
        session.close()
    assert (unmade.how, unmade.detail[:26]) == ("not-run", "its files cannot be made: ")
    check(said)


def test_a_candidate_that_cannot_be_imported_is_told_as_the_schema_says(
    command: list[str], said: dict[str, list[Any]], tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text("raise ValueError('no')\n", encoding="ascii")
    session = Session(command)
    try:
        with pytest.raises(TargetUnavailable, match="ValueError: no"):
            session.load(find_candidate(str(tmp_path / "bad.py"), "3.8"), ())
    finally:
        session.close()
    (loaded,) = said["loaded"]
    VALIDATORS["loaded"].validate(loaded)
    assert loaded["loaded"] is False


def test_a_task_is_as_the_schema_says(one_case: MakeCase, said: dict[str, list[Any]], tmp_path: Path) -> None:
    session = start_loaded([interpreter("3.8")], OWN, ())
    try:
        session.observe(one_case("imp\nprint(1)", WATCH + MORE))
        session.observe(one_case("imp\n2"))
    finally:
        session.close()
    candidate = AgentCandidate(said["load"][0], str(tmp_path))
    for request in said["case"]:
        job = Job(request, str(tmp_path), candidate)
        assert job.failure is None
        task = marshal.loads(job.data)
        VALIDATORS["task"].validate({**task, "code": None, "given": None})
        assert task == job.task


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL + 1, None, "3"])
def test_another_protocol_is_refused_with_what_to_do(protocol: object, tmp_path: Path) -> None:
    greeting = {
        "protocol": protocol,
        "implementation": "cpython",
        "version": "3.8.1",
        "release": "3.8.1",
        "platform": "linux-x86_64",
        "forks": True,
        "root": "/nowhere",
        "facts": {},
        "lacking": {},
    }
    program = tmp_path / "other.py"
    program.write_text(f"import sys, time\nprint({json.dumps(greeting)!r}, flush=True)\nsys.stdin.read()\n", encoding="ascii")
    with pytest.raises(TargetUnavailable) as caught:
        Session([sys.executable, str(program)])
    if isinstance(protocol, int):
        assert f"it speaks protocol {protocol}, and this imp-conformance speaks {PROTOCOL}: update the program" in str(caught.value)
    else:
        assert "what it says is not the agent's greeting" in str(caught.value)


def test_limits_travel_to_every_kind_of_target(command: list[str], one_case: MakeCase, monkeypatch: pytest.MonkeyPatch) -> None:
    small = LIMITS._replace(output_bytes=7, text_length=5, items=3, observation_bytes=3000)
    monkeypatch.setattr(session_module, "LIMITS", small)
    session = start_loaded(command, OWN, ())
    try:
        seen = session.observe(one_case("imp\nprint('x' * 100)\n['y' * 100, 2, 3, 4]", "      stdout: ''\n"))
        over: Observation = session.observe(
            one_case("imp\n{i: {j: {k: {m: 1 for m in 'abc'} for k in 'abc'} for j in 'abc'} for i in 'abc'}")
        )
    finally:
        session.close()
    assert seen.output["stdout"] == "x" * 7
    assert seen.answer is not None
    assert seen.answer["value"]["items"][0] == {"kind": "str", "value": "y" * 5, "length": 100}
    assert (len(seen.answer["value"]["items"]), seen.answer["value"]["length"]) == (3, 4)
    assert over.answer is None, "it is longer than may be told"


def test_a_traceback_of_the_agent_names_its_module_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import platform\nplatform.machine = lambda: 1 / 0\n", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (line,) = [n for n, text in enumerate(package_text("agent/build.py").splitlines(), 1) if "platform.machine()" in text]
    with pytest.raises(TargetUnavailable) as caught:
        Session([interpreter("3.8")])
    assert f"ZeroDivisionError: division by zero (agent/build.py, line {line})" in str(caught.value)
