"""GraalPy: found by the name of its release, fetched once and checked, and judged in contexts as it would be in processes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import psutil
import pytest
from test_leftovers import eventually, host_in_a_case

from conftest import Cli
from imp_conformance.catalogue.model import Case
from imp_conformance.errors import UnknownTarget
from imp_conformance.portable.observation import Observation, decode
from imp_conformance.targets import graalpy
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.fetching import go_offline
from imp_conformance.targets.graalpy import java as javas
from imp_conformance.targets.graalpy import maven, pinned
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import find_interpreters

MakeCase = Callable[..., Case]

# ---------------------------------------------------------------------------------------------------------------------
# A GraalPy that was fetched: cases in its contexts.


@pytest.fixture(scope="module")
def command() -> Iterator[tuple[str, ...]]:
    """Return the command line of a GraalPy with an imp of its own, or skip where none was fetched."""
    go_offline()
    try:
        (request,) = find_interpreters("graalpy")
    except UnknownTarget as error:
        pytest.skip(str(error))
    finally:
        go_offline(False)
    if len(request.command) == 1:
        pytest.skip("the graalpy on PATH has a process for each case")
    yield request.command


@pytest.fixture(scope="module")
def session(command: tuple[str, ...]) -> Iterator[Session]:
    """One GraalPy for many tests: each case must find it as it was."""
    running = Session(command, graalpy.START_LIMIT)
    running.load(OWN, ("get_tag",))
    yield running
    running.close()


def value(seen: Observation) -> object:
    assert seen.answer is not None, (seen.how, seen.number, seen.detail)
    return decode(seen.answer["value"])


def test_each_case_starts_from_a_clean_state(session: Session, one_case: MakeCase) -> None:
    left = "import os, sys; imp.mark = os.environ['MARK'] = '1'; os.chdir('/'); os.umask(0); sys.path.clear(); sys.modules.clear()"
    assert session.observe(one_case(left)).how == "exit"
    asked = "import os, sys\nhasattr(imp, 'mark'), os.environ.get('MARK'), os.getcwd() == facts.cwd, os.umask(18), len(sys.path) > 1"
    assert value(session.observe(one_case(asked))) == (False, None, True, 18, True)


@pytest.mark.parametrize("process", ["warm", "own"])
def test_sys_executable_starts_the_same_interpreter(process: str, session: Session, one_case: MakeCase) -> None:
    started = "subprocess.check_output([sys.executable, '-c', 'import sys; print(sys.version)'], text=True)"
    asked = f"import imp, subprocess, sys\n{started}.strip() == sys.version"
    assert value(session.observe(one_case(asked, f"    process: {process}\n"))) is True


@pytest.mark.parametrize(
    ("code", "how", "told"),
    [
        ("import os; imp; os._exit(3)", "lost", "exit status 3"),
        ("import os, signal; imp; os.kill(os.getpid(), signal.SIGKILL)", "lost", "signal 9"),
    ],
)
def test_what_ends_a_process_ends_it(code: str, how: str, told: str, session: Session, one_case: MakeCase) -> None:
    seen = session.observe(one_case(code))
    assert seen.how == how
    assert told in seen.detail
    assert value(session.observe(one_case("imp.__name__"))) == "imp"


def test_a_loop_is_ended(session: Session, one_case: MakeCase) -> None:
    assert session.observe(one_case("imp\nwhile True: pass", "    limit: 2\n")).how == "timeout"
    assert value(session.observe(one_case("imp.__name__"))) == "imp"


def test_a_lock_that_is_left_held_is_not_held_in_the_next_case(session: Session, one_case: MakeCase) -> None:
    left = "import threading; imp.acquire_lock(); threading.Thread(target=imp.acquire_lock, daemon=True).start()"
    assert session.observe(one_case(left)).how == "exit"
    assert value(session.observe(one_case("imp.lock_held()"))) is False


def test_native_code_is_loaded_in_each_case_that_wants_it(session: Session, one_case: MakeCase) -> None:
    assert session.lacking.get("dynamic-extension") is None
    said = "imp.load_dynamic(facts.extension, facts.extension_path).__name__ == facts.extension"  # names what is to be loaded
    silent = "import importlib; imp; importlib.import_module('term' + 'ios').__name__"
    for _ in range(2):
        assert value(session.observe(one_case(said))) is True
        assert value(session.observe(one_case(silent))) == "termios"


def test_nothing_is_left_when_the_host_dies_in_the_middle_of_a_case(command: tuple[str, ...], make_catalogue: Callable[..., Path]) -> None:
    with host_in_a_case(command, make_catalogue, 120.0) as pid:
        started = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        assert len(started) > 1
    eventually(lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in started))


def test_a_run_has_its_results(command: tuple[str, ...], cli: Cli, tmp_path: Path, scratch: Path) -> None:
    done = cli("run", "-q", "--offline", "--python", "graalpy", "--results", tmp_path / "out", "get_tag", "create_dynamic/from-3-5")
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = (tmp_path / "out").glob("*.json")
    assert set(json.loads(file.read_text(encoding="ascii"))["results"].values()) == {"pass"}
    assert list(scratch.iterdir()) == []


# ---------------------------------------------------------------------------------------------------------------------
# Where a GraalPy comes from.

JAR = b"a jar"
MVN = """\
#!{python}
import json, pathlib, re, sys
pathlib.Path({calls!r}).write_text(json.dumps(sys.argv[1:]))
if {broken}:
    print("[ERROR] Could not find artifact g:a:jar:1\\n[ERROR] Re-run Maven")
    sys.exit(1)
project = pathlib.Path(sys.argv[sys.argv.index("--file") + 1]).read_text()
folder = pathlib.Path(sys.argv[-1].removeprefix("-DoutputDirectory="))
folder.mkdir()
for name, version in re.findall("<artifactId>([^*<]+)</artifactId><version>([^<]+)</version><exclusions>", project):
    (folder / (name + "-" + version + ".jar")).write_bytes({jar!r})
"""
JAVA = """\
#!{python}
import os, sys
archive = [word.partition("=")[2] for word in sys.argv if word.startswith("-XX:ArchiveClassesAtExit=")]
if archive:
    open(archive[0], "w").close()
else:
    at = sys.argv.index("com.oracle.graal.python.shell.GraalPythonMain")
    os.execv({python!r}, [{python!r}, *sys.argv[at + 1 :]])
"""

ToolMaker = Callable[..., Path]


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ToolMaker:
    """Have an empty cache, a release of one jar, and only the tools named: a mvn that notes its arguments, a java that is this Python."""
    folder, home = tmp_path / "tools", tmp_path / "java home"
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "the cache"))
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setattr(javas, "_FOLDERS", ())
    monkeypatch.setattr(graalpy, "_found", list)
    known = {"24.2.2": pinned.Release("24.2.2", "3.11", (17, 25), {"g:a:1": hashlib.sha256(JAR).hexdigest()})}
    monkeypatch.setattr(pinned, "releases", lambda: known)
    monkeypatch.setattr(graalpy, "releases", lambda: known)
    monkeypatch.setattr(graalpy, "_IN_CONTEXTS", False)  # a process a case: the launcher is the command

    def make(*names: str, java: str | None = "17.0.1", broken: bool = False, jar: bytes = JAR) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        folder.mkdir()
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        programs = {folder / name: MVN.format(python=sys.executable, calls=str(calls), broken=broken, jar=jar) for name in names}
        if java is not None:
            (home / "bin").mkdir(parents=True)
            (home / "release").write_text(f'JAVA_VERSION="{java}"\n', encoding="utf-8")
            programs[home / "bin" / "java"] = JAVA.format(python=sys.executable)
        for path, text in programs.items():
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)
        return calls

    return make


def test_a_release_is_fetched_once_and_started_by_a_launcher(tools: ToolMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = tools("mvn")
    assert "is fetched with Maven" in (graalpy.offer() or "")
    (request,) = find_interpreters("graalpy")
    assert json.loads(calls.read_text(encoding="utf-8"))[-2].startswith("org.apache.maven.plugins:maven-dependency-plugin:")
    (program,) = request.command
    assert Path(program).is_relative_to(tmp_path / "the cache")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-version")
    asked = "import os, sys; print(sys.argv[1:], os.environ.get('JAVA_TOOL_OPTIONS'))"
    environment = {**os.environ, "PATH": os.defpath}
    done = subprocess.run([program, "-c", asked, "a b", "$c"], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "['a b', '$c'] None\n"
    tools()
    for text in ("graalpy-24", "graalpy-24.2", "graalpy-24.2.2", "graalpy@24.2.2", "GraalPy3.11"):
        assert find_interpreters(text)[0].command == request.command
    assert (graalpy.startable(), graalpy.offer()) == (["graalpy-24.2.2"], None)


@pytest.mark.parametrize(
    ("here", "given", "text", "why"),
    [
        (["mvn"], {"java": None}, "graalpy", "runs on Java 17 to 25, and there is none on this machine (found: none; "),
        (["mvn"], {"java": "11.0.2"}, "graalpy", "(found: 11.0.2; looked at JAVA_HOME, PATH and the usual folders): install one"),
        ([], {}, "graalpy", "there is no mvn on PATH to fetch it: install Maven"),
        (["mvn"], {"broken": True}, "graalpy", "and Maven cannot fetch it: Could not find artifact g:a:jar:1"),
        (["mvn"], {"jar": b"another jar"}, "graalpy", "what Maven fetched as a-1.jar is another file than expected"),
        (["mvn"], {}, "graalpy-22.3", "it is none of those that can be fetched: 24.2.2 (Python 3.11)"),
        (["mvn"], {}, "graalpy-3.9", "it is none of those that can be fetched: 24.2.2 (Python 3.11)"),
        (["mvn"], {}, "graalpy-latest", "no such interpreter"),
    ],
)
def test_a_graalpy_that_cannot_be_had_is_told(here: list[str], given: dict[str, object], text: str, why: str, tools: ToolMaker) -> None:
    tools(*here, **given)
    with pytest.raises(UnknownTarget) as caught:
        find_interpreters(text)
    assert str(caught.value).startswith(f"--python {text}: ")
    assert why in str(caught.value)
    assert not any(path.is_file() for path in platformdirs.user_cache_path("imp-conformance").rglob("*"))


@pytest.mark.parametrize("arguments", [["--python", "graalpy-25"], ["--python", "pyodide@0.26.4"], ["--candidate", "pypi:zombie-imp"]])
def test_offline_nothing_is_fetched(arguments: list[str], cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = cli("run", "-q", "--offline", *arguments, "get_tag/string")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "--offline forbids to fetch it" in done.stdout + done.stderr
    assert not (tmp_path / "cache" / "imp-conformance" / "graalpy").exists()


def test_every_pinned_release_names_its_jars_and_their_checksums() -> None:
    for release in pinned.releases().values():
        assert release.number in "".join(release.artifacts)
        assert all(len(digest) == 64 and len(coordinates.split(":")) == 3 for coordinates, digest in release.artifacts.items())
        assert len({path.name for path in maven.jars(release, Path("x"))}) == len(release.artifacts)
