"""Targets by name, in containers, and on roots of their own: nothing is shared with them but three streams."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from test_agent import WATCH_ALL, eventually

from conftest import Cli, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.errors import TargetUnavailable, UnknownTarget
from imp_conformance.portable.observation import decode
from imp_conformance.portable.protocol import BOOT, MARK
from imp_conformance.resources import catalogue_root
from imp_conformance.targets import target as target_module
from imp_conformance.targets.candidate import OWN, find_candidate
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
    assert (target.id, target.command) == ("pypy-3.9", (path,))


@pytest.mark.parametrize("text", ["pypy", "pypy3", "graalpy", "pypy3.10"])
def test_an_implementation_that_is_not_here_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "newest", lambda implementation, numbers: None)
    with pytest.raises(UnknownTarget, match=rf"--python {text}: no (pypy|graalpy)[ \d.]* on this machine"):
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

        eventually(lambda: len(inside()) == 3)  # the agent's supervisor and forkserver, and the process of the next case
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


# ---------------------------------------------------------------------------------------------------------------------
# Roots of their own.


def libraries(prefix: Path, python: Path) -> list[Path]:
    """Return the shared libraries, the loader among them, that an interpreter and its extension modules need."""
    modules = sorted(prefix.glob("lib/python3*/lib-dynload/*.so"))
    done = subprocess.run(["ldd", python, *modules], capture_output=True, text=True, check=False)
    words = {word for line in done.stdout.splitlines() for word in line.split() if word.startswith("/") and not word.endswith(":")}
    return sorted(Path(word) for word in words if not word.startswith(str(prefix)))


def bubblewrap(python: Path, prefix: Path, _: Path) -> list[str]:
    binds = [word for path in libraries(prefix, python) for word in ("--ro-bind", str(path.resolve()), str(path))]
    line = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", str(prefix), str(prefix), *binds, "--tmpfs", "/tmp"]
    return [*line, "--remount-ro", "/", str(python)]


def changed_root(python: Path, prefix: Path, folder: Path) -> list[str]:
    if os.geteuid() != 0:
        pytest.skip("only root may change its root")
    unneeded = shutil.ignore_patterns("test", "tests", "site-packages", "__pycache__", "config-*", "*.a", "idlelib", "ensurepip", "include")
    shutil.copytree(prefix, folder / prefix.relative_to("/"), symlinks=True, ignore=unneeded)
    for path in libraries(prefix, python):
        copy = folder / path.relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    (folder / "tmp").mkdir(exist_ok=True)
    return ["chroot", str(folder), str(python)]


@pytest.fixture(scope="module", params=[bubblewrap, changed_root], ids=lambda make: make.__name__)
def rooted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the command of an interpreter that sees a root of its own: its own files, libraries and an empty /tmp."""
    python = Path(interpreter("3.8"))
    prefix = Path(
        subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True).stdout.strip()
    )
    if prefix in (Path("/usr"), Path("/")):
        pytest.skip(f"the files of {python} are not in a folder of their own")
    tool = "bwrap" if request.param is bubblewrap else "chroot"
    if shutil.which(tool) is None or shutil.which("ldd") is None:
        pytest.skip(f"there is no {tool}, or no ldd, on PATH")
    command: list[str] = request.param(python, prefix, tmp_path_factory.mktemp("root"))
    done = subprocess.run([*command, "-c", "import os, hashlib"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{tool} does not work here: {done.stderr.strip()[-200:]}")
    return command


@pytest.fixture
def session(rooted: list[str], scratch: Path) -> Iterator[Session]:
    running = Session(rooted)
    yield running
    running.close()


def test_a_root_of_its_own_shares_no_files(session: Session, one_case: MakeCase, scratch: Path) -> None:
    session.load(OWN, ())
    paths = [str(scratch), str(catalogue_root()), "/etc", "/home", "/dev/null", "/proc/self/fd", "/tmp"]
    seen = session.observe(one_case(f"import os; imp\n[path for path in {paths!r} if os.path.exists(path)]"))
    assert seen.answer is not None
    assert decode(seen.answer["value"]) == ["/tmp"]
    assert not Path(session._root).exists(), "its scratch directory is on its own root"


def test_all_that_a_case_needs_travels_and_all_that_it_did_comes_back(session: Session, one_case: MakeCase, tmp_path: Path) -> None:
    (tmp_path / "candidate" / "imp").mkdir(parents=True)
    (tmp_path / "candidate" / "imp" / "__init__.py").write_text("from imp.part import marker\n", encoding="ascii")
    (tmp_path / "candidate" / "imp" / "part.py").write_text("marker = 'traveled'\n", encoding="ascii")
    session.load(find_candidate(str(tmp_path / "candidate"), "3.8"), ("marker", "absent"))
    assert session.present == {"marker"}
    code = "left = open('made', 'w')\nprint('out')\nimp.marker, open('pkg/given.py').read(), __import__('os').path.exists('/proc')"
    seen = session.observe(one_case(code, WATCH_ALL + '    files: {pkg/given.py: "x = 5"}\n'))
    assert seen.answer is not None
    assert decode(seen.answer["value"]) == ("traveled", "x = 5", False)
    assert (seen.answer["files"]["added"], seen.answer["open_files"]) == (["made"], ["made"])
    assert seen.output["stdout"] == "out\n"


def test_verdicts_do_not_depend_on_the_root(rooted: list[str], cli: Cli, tmp_path: Path, scratch: Path) -> None:
    line = "cmd:" + " ".join(rooted)
    subjects = ("new_module", "load_package", "find_module/package")
    done = cli("run", "-q", "--python", line, "--python", interpreter("3.8"), "--results", tmp_path / "out", *subjects)
    assert done.returncode == 0, done.stdout + done.stderr
    own, here = (json.loads(path.read_text(encoding="ascii")) for path in sorted((tmp_path / "out").iterdir()))
    assert own["results"] == here["results"]
    assert len(own["results"]) > 50
    assert rooted[-1] not in json.dumps(own), "the command line is a matter of this machine"
    assert list(scratch.iterdir()) == []


def test_nothing_is_left_on_a_root_of_its_own(rooted: list[str], scratch: Path, one_case: MakeCase) -> None:
    if rooted[0] != "chroot":
        pytest.skip("what bubblewrap mounts goes with it")
    session = Session(rooted)
    session.load(OWN, ())
    folder = Path(rooted[1] + session._root)
    assert folder.is_dir()
    session.observe(one_case("imp\nwhile True: pass", "    limit: 0.2\n"))
    session.close()
    assert list(folder.parent.iterdir()) == []


def wrapped(rooted: list[str], *options: str, without: str = "") -> list[str]:
    if rooted[0] != "bwrap":
        pytest.skip("done with bubblewrap")
    words = rooted.copy()
    if without:
        del words[words.index(without) : words.index(without) + 2]
    return [words[0], *options, *words[1:]]


def test_a_user_without_name_home_and_locale_is_enough(rooted: list[str], one_case: MakeCase) -> None:
    session = Session(wrapped(rooted, "--uid", "12345", "--gid", "54321", "--clearenv"))
    try:
        session.load(OWN, ())
        seen = session.observe(one_case("import os; imp\nos.getuid(), 'HOME' in os.environ, 'LANG' in os.environ"))
        assert seen.answer is not None
        assert decode(seen.answer["value"]) == (12345, False, False)
    finally:
        session.close()


@pytest.mark.parametrize("options", [(), ("--dir", "/tmp")], ids=["absent", "read-only"])
def test_a_target_without_a_place_for_files_is_told(options: tuple[str, ...], rooted: list[str]) -> None:
    with pytest.raises(TargetUnavailable, match=r"no directory for temporary files .* make /tmp writable there, or name another in TMPDIR"):
        Session(wrapped(rooted, *options, without="--tmpfs"))


def test_a_release_of_debian_on_a_root_of_its_own_conforms(cli: Cli, tmp_path: Path) -> None:
    root = os.environ.get("IMP_CONFORMANCE_ROOT")
    if not root:
        pytest.skip("IMP_CONFORMANCE_ROOT names no root that debootstrap made, with its python3")
    done = cli("run", "-q", "--python", f"cmd:chroot {root} python3", "--results", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = (json.loads(path.read_text(encoding="ascii")) for path in (tmp_path / "out").iterdir())
    assert found["complete"] is True
