"""What was given is what is judged: no other module of its name takes its place, and none that is clever is refused."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Cli, answered, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.errors import TargetUnavailable
from imp_conformance.targets.candidate import find_candidate
from imp_conformance.targets.session import Session

CaseOf = Callable[..., Case]
Loaded = Callable[..., Session]

MINE = "marker = 'mine'\n"
OTHER = "marker = 'other'\n"

EARLIER = {
    "a module that is there already": """
import sys, types
other = sys.modules['imp'] = types.ModuleType('imp')
other.marker = 'other'
""",
    "a finder of the interpreter's": """
import sys
from importlib.machinery import ModuleSpec
class Finder:
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Finder, origin='other') if name == 'imp' else None
    def create_module(spec):
        return None
    def exec_module(module):
        module.marker = 'other'
sys.meta_path.insert(0, Finder)
""",
    "a frozen module": """
import sys
from importlib.machinery import ModuleSpec
class FrozenImporter:
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, FrozenImporter, origin='frozen') if name == 'imp' else None
    def create_module(spec):
        return None
    def exec_module(module):
        module.marker = 'other'
sys.meta_path.insert(0, FrozenImporter)
""",
    "an earlier entry of sys.path": """
import sys
class Path(list):
    def insert(self, index, entry):
        list.insert(self, index + 1, entry)
    def __setitem__(self, key, value):
        list.__setitem__(self, key, [{folder!r}] + [entry for entry in value if entry != {folder!r}])
sys.path = Path(sys.path)
sys.path[:] = list(sys.path)
""",
}
"""What comes before a candidate, put there by a sitecustomize: the name, and the code."""

CLEVER = {
    "it replaces itself by an object": "import sys\nclass Imp:\n    marker = 'mine'\nsys.modules[__name__] = Imp()\n",
    "it replaces itself by a module": """
import sys, types
other = sys.modules[__name__] = types.ModuleType('x')
other.marker = 'mine'
""",
    "it has no file": MINE + "del __file__, __spec__, __loader__\n",
    "it lies about its file": MINE + "__file__ = '/elsewhere/imp.py'\n__spec__ = None\n",
    "it is another's": "import sys\nsys.path.append({extra!r})\nimport wholly\nsys.modules[__name__] = wholly\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder for a sitecustomize, with another imp beside it."""
    folder = tmp_path / "site"
    (folder / "other").mkdir(parents=True)
    (folder / "other" / "imp.py").write_text(OTHER, encoding="ascii")
    return folder


@pytest.fixture
def loaded(site: Path) -> Iterator[Loaded]:
    """Load a candidate in an interpreter, after some code; end it after the test."""
    sessions: list[Session] = []

    def load(python: str, given: Path | str, code: str = "", forks: bool = True) -> Session:
        code = code.replace("{folder!r}", repr(str(site / "other")))
        code += "" if forks else "\nimport os\ndel os.fork\n"
        (site / "sitecustomize.py").write_text(code, encoding="ascii")
        sessions.append(Session(["env", f"PYTHONPATH={site}", python]))
        sessions[-1].load(find_candidate(str(given), sessions[-1].identity.series), ("marker",))
        return sessions[-1]

    yield load
    for session in sessions:
        session.close()


def written(folder: Path, route: str, source: str = MINE) -> Path:
    """Write a candidate, as a file or a directory, and return it."""
    path = {"file": folder / "shim.py", "module": folder / "tree/imp.py", "package": folder / "tree/imp/__init__.py"}[route]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="ascii")
    return path if route == "file" else folder / "tree"


def markers(session: Session, case_of: CaseOf) -> dict[str, object]:
    """Return the marker that a case of each kind of process sees."""
    value = "      value: ...\n"
    seen: dict[str, object] = {
        "given": answered(session.observe(case_of("imp.marker", "warm", value)))["value"].get("value"),
        "warm": answered(session.observe(case_of("import imp\nimp.marker", "warm", value)))["value"].get("value"),
        "own": answered(session.observe(case_of("import imp\nimp.marker", "own", value)))["value"].get("value"),
    }
    if session.lacking.get("program") is None:
        seen["program"] = session.observe(case_of("import imp\nprint(imp.marker)", "program")).output["stdout"].strip()
    return seen


@pytest.mark.parametrize("route", ["file", "module", "package", "file, no fork", "package, no fork"])
@pytest.mark.parametrize("name", EARLIER)
def test_what_comes_before_a_candidate_is_put_aside(name: str, route: str, loaded: Loaded, case_of: CaseOf, tmp_path: Path) -> None:
    kind, _, without = route.partition(", ")
    session = loaded(interpreter("3.8"), written(tmp_path, kind), EARLIER[name], forks=not without)
    assert session.identity.forks is not bool(without)
    seen = markers(session, case_of)
    # A program has no agent that could put anything aside: where something comes before the candidate, it is not asked.
    assert set(seen.values()) == {"mine"}, seen
    if "program" not in seen:
        assert str(session.lacking["program"]).startswith("in a program, import imp finds ")


def test_on_every_interpreter(any_python: str, loaded: Loaded, case_of: CaseOf, tmp_path: Path) -> None:
    for route in ("file", "module", "package"):
        session = loaded(any_python, written(tmp_path / route, route))
        assert set(markers(session, case_of).values()) == {"mine"}
        assert session.notices == []
        assert session.lacking.get("program") is None


@pytest.mark.parametrize("name", CLEVER)
def test_a_clever_candidate_is_judged(name: str, any_python: str, loaded: Loaded, case_of: CaseOf, tmp_path: Path) -> None:
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "wholly.py").write_text(MINE, encoding="ascii")
    given = written(tmp_path, "file", CLEVER[name].replace("{extra!r}", repr(str(tmp_path / "extra"))))
    session = loaded(any_python, given)
    assert session.present == {"marker"}
    assert set(markers(session, case_of).values()) == {"mine"}


def test_a_module_by_name_is_the_one_of_that_name(loaded: Loaded, case_of: CaseOf) -> None:
    session = loaded(interpreter("3.8"), "importlib")
    seen = answered(session.observe(case_of("imp.__name__", "warm", "      value: ...\n")))
    assert seen["value"]["value"] == "importlib"


def test_an_archive_is_followed(loaded: Loaded, case_of: CaseOf, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    with zipfile.ZipFile(folder / "real.zip", "w") as archive:
        archive.writestr("inner.py", MINE)
    (folder / "imp.py").write_text(
        "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'real.zip'))\nfrom inner import marker\n",
        encoding="ascii",
    )
    session = loaded(interpreter("3.8"), folder)
    assert markers(session, case_of)["warm"] == "mine"


def test_an_import_that_is_taken_over_is_refused(loaded: Loaded, tmp_path: Path) -> None:
    code = """
import builtins, sys, types
real = builtins.__import__
def taken(name, *rest, **named):
    if name == 'imp':
        module = sys.modules['imp'] = types.ModuleType('imp')
        module.marker = 'other'
        return module
    return real(name, *rest, **named)
builtins.__import__ = taken
"""
    with pytest.raises(TargetUnavailable, match="import imp gives something that was there before"):
        loaded(interpreter("3.8"), written(tmp_path, "file"), code)


def test_a_name_that_raises_is_there_and_its_case_meets_it(loaded: Loaded, case_of: CaseOf, tmp_path: Path) -> None:
    source = "def __getattr__(name):\n    raise RuntimeError('lazy ' + name)\n"
    session = loaded(interpreter("3.8"), written(tmp_path, "file", source))
    assert session.present == {"marker"}
    seen = answered(session.observe(case_of("imp.marker", "warm", "      value: ...\n")))
    assert seen["raised"]["message"] == "lazy marker"


@pytest.mark.parametrize("python", ["3.8", "3.12"])
def test_broken_candidates_conform_nowhere(python: str, cli: Cli, tmp_path: Path) -> None:
    path = interpreter(python)
    (tmp_path / "raises.py").write_text("raise RuntimeError('no')\n", encoding="ascii")
    (tmp_path / "empty.py").write_text("", encoding="ascii")
    raises = cli("run", "-q", "get_tag", "--python", path, "--candidate", tmp_path / "raises.py")
    assert raises.returncode == 3
    assert "RuntimeError: no" in raises.stdout
    empty = cli("run", "-q", "get_tag", "--python", path, "--candidate", tmp_path / "empty.py")
    assert empty.returncode == 1
    assert "imp has no get_tag" in empty.stdout


def test_a_script_judges_what_was_given(cli: Cli, tmp_path: Path, site: Path) -> None:
    path = interpreter("3.8")
    (tmp_path / "shim.py").write_text("def get_tag():\n    return 'mine'\n", encoding="ascii")
    script = tmp_path / "script.py"
    script.write_text(
        cli("repro", "get_tag/equals-cache-tag", "--full", "--python", path, "--candidate", tmp_path / "shim.py").stdout, encoding="utf-8"
    )
    (site / "sitecustomize.py").write_text(EARLIER["a frozen module"], encoding="ascii")
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "imp.py").write_text("def get_tag():\n    return 'of a folder'\n", encoding="ascii")
    for arguments, said in (((), "'mine'"), ((str(folder),), "'of a folder'")):
        done = subprocess.run(
            ["env", f"PYTHONPATH={site}", path, str(script), *arguments], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert said in done.stdout
