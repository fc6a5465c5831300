"""Targets on roots of their own: nothing is shared with them but three streams."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_agent import WATCH_ALL

from conftest import Cli, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.observation import decode
from imp_conformance.resources import catalogue_root
from imp_conformance.targets.candidate import OWN, find_candidate
from imp_conformance.targets.session import Session

MakeCase = Callable[..., Case]


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
    assert session.lacking.get("dynamic-extension") is None, "they are looked for where there are no devices, too"
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
