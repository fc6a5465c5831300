"""Targets that do not keep to the protocol: a verdict or a lost target, never a traceback."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_hostile import BRIEF, nothing_is_left, write_catalogue

from conftest import Cli
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import TargetLost
from imp_conformance.portable.protocol import LIMITS, PROTOCOL
from imp_conformance.runner.run import ask
from imp_conformance.targets.target import find_interpreters, open_targets

__all__ = ["nothing_is_left"]

TEXT = {"kind": "str", "value": "cpython-311", "length": 11}
HELLO: dict[str, Any] = {
    "protocol": PROTOCOL,
    "implementation": "cpython",
    "version": "3.11.2",
    "release": "3.11.2",
    "platform": "linux-x86_64",
    "forks": True,
    "root": "/nowhere/imp-conformance-fake",
    "facts": {"tag": TEXT, "stdlib": {"kind": "str", "value": "/nowhere", "length": 8}},
    "lacking": {},
    "answer": None,
}
LOADED: dict[str, Any] = {"loaded": True, "answer": ["new_module", "get_tag", "find_module", "load_module", "lock_held"]}
ENDED: dict[str, Any] = {
    "ended": {"how": "exit", "number": 0},
    "output": {"stdout": "", "stderr": ""},
    "cwd": "/nowhere/imp-conformance-fake/case",
    "warm": True,
}
ANSWER: dict[str, Any] = {
    "cwd": "/nowhere",
    "value": TEXT,
    "warnings": [],
    "modules": {"added": []},
    "files": {"added": []},
    "open_files": [],
}


def answered(ended: Any = ENDED, answer: Any = ANSWER) -> bytes:
    return line(ended) + line(answer)


def line(data: Any) -> bytes:
    return json.dumps(data).encode("ascii") + b"\n"


DEEP = b"[" * 20000 + b"]" * 20000
WELL = line(HELLO) + line(LOADED)
# What a target says, whatever it is told.
NONSENSE = {
    "nothing": b"",
    "no line": b"hello",
    "an empty line": b"\n",
    "text": b"Welcome to bash\n",
    "bytes": bytes(range(256)) + b"\n",
    "no object": b"[]\n",
    "deep nesting": DEEP + b"\n",
    "a greeting of another kind": b'{"hello": "world"}\n',
    "a greeting too long": b"x" * (17 << 20),
    "deep facts": line({**HELLO, "facts": {"tag": "..."}}).replace(b'"..."', b'{"kind":"list","items":[' * 400 + b"]}" * 400),
    "a root that is no path": line({**HELLO, "root": 5}) + line(LOADED),
    "a version that is none": line({**HELLO, "version": "x"}) + line(LOADED),
    "a greeting alone": line(HELLO),
    "a greeting, then text": line(HELLO) + b"hello\n",
    "a greeting, then no object": line(HELLO) + b"5\n",
    "a greeting, then another": line(HELLO) * 2,
    "loaded, with no names": line(HELLO) + line({"loaded": True}),
    "loaded, with odd names": line(HELLO) + line({"loaded": True, "answer": [[], {}]}),
    "not loaded, for no reason": line(HELLO) + line({"loaded": False}),
    "not loaded, with control characters": line(HELLO) + line({"loaded": False, "answer": "\x1b[2J\ud800\0\n"}),
    "no answer": WELL,
    "an answer that is text": WELL + b"hello\n",
    "an answer that is no object": WELL + b"null\nnull\n" * 9,
    "an answer without end": WELL + b"x" * (17 << 20),
    "a deep answer": WELL + line(ENDED) + DEEP + b"\n",
    "a deep value": WELL
    + answered().replace(
        b'"value": ' + json.dumps(TEXT).encode(),
        b'"value": ' + b'{"kind":"list","length":1,"id":1,"again":false,"items":[' * 400 + b"]}" * 400,
    ),
    "an answer without anything": WELL + answered({}, {}),
    "an observation that is text": WELL + line(ENDED) + b"hello\n",
    "an observation that is no object": WELL + line(ENDED) + b"[]\n",
    "no observation": WELL + line(ENDED) + b"null\n",
    "an ending of no kind": WELL + answered({**ENDED, "ended": {"how": []}}),
    "an ending by odd numbers": WELL
    + answered({**ENDED, "ended": {"how": "signal", "number": []}})
    + answered({**ENDED, "ended": {"how": "signal", "number": 10**30}}),
    "answers to nothing": WELL + line(LOADED) * 50,
}


def fake(folder: Path, says: bytes, lives: bool = True) -> str:
    """Write a program that says this and listens, or ends; return its command line."""
    (folder / "says").write_bytes(says)
    script = folder / "fake.sh"
    listens = "exec 3<&0\ncat <&3 > /dev/null &\n" if lives else ""  # meanwhile: the agent that it is sent is more than a pipe holds
    script.write_text(f"{listens}cat {shlex.quote(str(folder / 'says'))}\n{'wait' if lives else ''}\n", encoding="utf-8")
    return f"cmd:/bin/sh {shlex.quote(str(script))}"


CASE = "  - {{id: thing/{0}, title: The tag., clauses: [thing.works], limit: LIMIT, run: imp.get_tag(), expect: {{value: facts.tag}}}}\n"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    cases = "subject: thing\ncases:\n" + CASE.format("one") + CASE.format("two")
    return write_catalogue(tmp_path_factory.mktemp("catalogue"), cases, BRIEF)


def outcome(command: str, catalogue: Catalogue, start_limit: float | None = None) -> str:
    """Open a target and ask it two cases; return what came of it. An exception that is not the project's own goes through."""
    ((target, session),) = open_targets(find_interpreters(command), None, "3.11", (), start_limit)
    if session is None:
        assert target.unavailable
        assert target.unavailable.isprintable()
        return "unavailable"
    try:
        found = [ask(session, case, target.release) for case in catalogue.cases.values()]
        for result in found:
            assert json.dumps(result.to_json()).isascii()
            assert (result.reason + result.observed).isprintable()
        return " ".join(result.verdict for result in found)
    except TargetLost as error:
        assert str(error).isprintable()
        return "lost"
    finally:
        session.close()


def wait_no_longer_than(seconds: float, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("imp_conformance.targets.session.LIMITS", LIMITS._replace(start_seconds=seconds, load_seconds=seconds))
    patch.setattr("imp_conformance.targets.session.MARGIN_SECONDS", seconds)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no target longer than a second."""
    wait_no_longer_than(0.3, monkeypatch)


def test_a_target_that_keeps_to_the_protocol(catalogue: Catalogue, tmp_path: Path) -> None:
    assert outcome(fake(tmp_path, WELL + answered() * 2), catalogue) == "pass pass"


@pytest.mark.usefixtures("impatient", "nothing_is_left")
@pytest.mark.parametrize("lives", [True, False], ids=["lives", "ends"])
@pytest.mark.parametrize("name", NONSENSE)
def test_a_target_that_talks_nonsense(name: str, lives: bool, catalogue: Catalogue, tmp_path: Path) -> None:
    verdicts = outcome(fake(tmp_path, NONSENSE[name], lives), catalogue, start_limit=5).split()
    assert set(verdicts) <= {"unavailable", "lost", "crash", "timeout", "fail", "missing"}  # missing: it says that it lacks the name
    if NONSENSE[name].startswith(WELL) and lives:
        assert len(verdicts) == 2, "it was there when it was asked for"


@pytest.mark.usefixtures("impatient")
def test_a_target_does_not_choose_what_is_deleted(catalogue: Catalogue, tmp_path: Path) -> None:
    for name in ("precious", "imp-conformance-precious"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kept").write_text("kept", encoding="ascii")
        outcome(fake(tmp_path, line({**HELLO, "root": str(tmp_path / name)}) + line(LOADED)), catalogue)
        assert (tmp_path / name / "kept").read_text(encoding="ascii") == "kept"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["exit", "str", "list", "module", "object", "cwd", "kind"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "value", "items", "length", "id", "again", "how", "x"]), inner, max_size=4)
    ),
    max_leaves=6,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, inner in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(inner, (*path, key))


def replaced(data: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = data.copy()
    copy[path[0]] = replaced(data[path[0]], path[1:], new)
    return copy


MESSAGES: list[Any] = [HELLO, LOADED, ENDED, ANSWER]
PLACES = [(number, path) for number, message in enumerate(MESSAGES) for path in places(message)]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(place=st.sampled_from(PLACES), new=JSON)
def test_a_target_that_says_the_wrong_thing_in_one_place(place: tuple[int, tuple[Any, ...]], new: Any, catalogue: Catalogue) -> None:
    number, path = place
    messages = [replaced(message, path, new) if index == number else message for index, message in enumerate(MESSAGES)]
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        wait_no_longer_than(0.2, patch)
        outcome(fake(Path(folder), b"".join(line(message) for message in messages), lives=False), catalogue)


@pytest.mark.parametrize(
    ("name", "status"),
    [("text", 3), ("a greeting, then text", 3), ("not loaded, with control characters", 3), ("an answer that is text", 1)],
)
def test_a_target_that_talks_nonsense_ends_the_run_in_words(name: str, status: int, cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "-q", "--python", fake(tmp_path, NONSENSE[name]), "get_tag")
    assert done.returncode == status, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr
