"""Targets by name, in containers, and at the other end of ssh."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from test_leftovers import eventually

from conftest import Cli, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.errors import UnknownTarget
from imp_conformance.portable.observation import decode
from imp_conformance.portable.protocol import BOOT, MARK
from imp_conformance.targets import target as target_module
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import find_interpreters, open_targets

MakeCase = Callable[..., Case]

# ---------------------------------------------------------------------------------------------------------------------
# Names.


@pytest.mark.parametrize("text", ["pypy", "PyPy", "pypy3", "pypy3.9", "pypy@3", "pypy-3.9"])
def test_pypy_is_a_target_by_name(text: str) -> None:
    path = interpreter("3.9", "pypy")
    (request,) = find_interpreters(text)
    ((target, session),) = list(open_targets([request], None, None, ()))
    assert session is not None
    session.close()
    assert (target.id, target.command) == (f"pypy3.9-{target.identity['release']}", (path,))
    assert re.fullmatch(r"7\.\d+\.\d+", target.identity["release"])


@pytest.mark.parametrize("text", ["pypy", "pypy3", "pypy3.10"])
def test_an_implementation_that_is_not_here_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "newest", lambda implementation, numbers: None)
    with pytest.raises(UnknownTarget, match=rf"--python {text}: no pypy[ \d.]* on this machine"):
        find_interpreters(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cmd:false /home/me/root python3", "cmd-false-root-python3"),
        ("cmd:false --root='/srv/a b/c'", "cmd-false-c"),
        ("cmd:false " + "x" * 500, "cmd-false-" + "x" * 90),
        ("docker:registry:5000/team/python:3.8-slim", "docker-registry-5000-team-python-3.8-slim"),
        ("podman:python:3.8 /usr/bin/python3.8", "podman-python-3.8-usr-bin-python3.8"),
    ],
)
def test_a_target_that_does_not_start_has_a_file_name_without_folders(text: str, name: str, fake_engines: Path) -> None:
    requests = find_interpreters(text)
    (fake_engines / "broken").touch()
    ((target, session),) = list(open_targets(requests, None, None, ()))
    assert (target.id, session) == (name, None)
    assert target.unavailable is not None


# ---------------------------------------------------------------------------------------------------------------------
# Containers.

ENGINE = """\
#!{python}
import json, os, pathlib, subprocess, sys
folder = pathlib.Path(__file__).parent
with open(folder / "calls", "a") as calls:
    print(json.dumps([pathlib.Path(__file__).name, *sys.argv[1:]]), file=calls)
if (folder / "broken").exists():
    sys.exit("docker: the daemon is asleep.\\n\\nRun 'docker run --help' for more information")
words = sys.argv[2:]
while words[0].startswith("-"):
    words.pop(0)
image, *command = words
command[0] = {interpreters}[command[0]]
# As an engine does: the process is not the client's, and its input ends with the client.
process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
while True:
    data = os.read(0, 65536)
    if not data:
        break
    process.stdin.write(data)
    process.stdin.flush()
process.stdin.close()
sys.exit(process.wait())
"""


@pytest.fixture
def fake_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a docker and a podman on PATH that note how they are called and run an interpreter of this machine."""
    folder = tmp_path / "engines"
    folder.mkdir()
    interpreters = {name: interpreter("3.8") for name in ("python3", "python3.8", "/usr/bin/python3.8")}
    for name in ("docker", "podman"):
        (folder / name).write_text(ENGINE.format(python=sys.executable, interpreters=interpreters), encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


OPTIONS = ["run", "--rm", "-i", "--init", "--network=none"]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("docker:python:3.8-slim", ["docker", *OPTIONS, "python:3.8-slim", "python3", "-c", BOOT]),
        ("podman:host:5000/py@sha256:0a", ["podman", *OPTIONS, "host:5000/py@sha256:0a", "python3", "-c", BOOT]),
        ("docker:python python3.8 -O", ["docker", *OPTIONS, "python", "python3.8", "-O", "-c", BOOT]),
    ],
)
def test_a_container_is_a_command_line(text: str, call: list[str], fake_engines: Path, cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "-q", "--python", text, "new_module", "--results", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    calls = [json.loads(line) for line in (fake_engines / "calls").read_text(encoding="utf-8").splitlines()]
    assert calls == [call]
    (file,) = (tmp_path / "out").iterdir()
    assert file.name.startswith("cpython-3.8.")


def test_no_container_is_left_when_the_client_is_killed(fake_engines: Path, scratch: Path, one_case: MakeCase) -> None:
    (request,) = find_interpreters("docker:python")
    session = Session(request.command)
    try:
        session.load(OWN, ())
        assert session.observe(one_case("imp\n5")).answer is not None
        client = session._channel.process.pid

        def inside() -> list[int]:
            return [pid for pid in marked(session._channel.mark) if pid != client]

        # The agent's supervisor and forkserver, the sentinel of the supervisor, and the process of the next case.
        eventually(lambda: len(inside()) == 4)
        left = inside()
        os.kill(client, signal.SIGKILL)
        eventually(lambda: not any(psutil.pid_exists(pid) for pid in left) and list(scratch.iterdir()) == [])
    finally:
        session.close()


def marked(mark: str) -> list[int]:
    """Return the processes that a target has started."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(process.pid)
    return found


def test_what_the_engine_complains_of_is_told(fake_engines: Path, cli: Cli) -> None:
    (fake_engines / "broken").touch()
    done = cli("run", "-q", "--python", "docker:python:3.8-slim", "new_module")
    assert done.returncode == 3
    assert "UNAVAILABLE docker-python-3.8-slim: it does not start: docker: the daemon is asleep. (exit status 1)" in done.stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("docker:", "names no image"),
        ("docker:--privileged python", "names no image"),
        ("docker:'python", "fix its quotes"),
        ("podman:python", "there is no command 'podman'"),
    ],
)
def test_a_container_that_cannot_be_is_told(text: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnknownTarget, match=why):
        find_interpreters(text)


def test_ssh_has_a_shell_read_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_case: MakeCase) -> None:
    (tmp_path / "ssh").write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n', encoding="ascii")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (request,) = find_interpreters(f"cmd:ssh me@host:22 {interpreter('3.8')} -O")
    session = Session(request.command)
    try:
        session.load(OWN, ())
        seen = session.observe(one_case("import sys; imp\nsys.flags.optimize"))
        assert seen.answer is not None
        assert decode(seen.answer["value"]) == 1
    finally:
        session.close()
