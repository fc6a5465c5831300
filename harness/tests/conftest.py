"""Interpreters to test on, and the command line as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.errors import UnknownTarget
from imp_conformance.portable.observation import Observation
from imp_conformance.resources import catalogue_root
from imp_conformance.targets.candidate import OWN, Candidate
from imp_conformance.targets.discovery import newest
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import find_interpreters

settings.register_profile("suite", deadline=None)  # how fast an example is, depends on the machine
settings.load_profile("suite")

HERE = Path(__file__).parent
KINDS = ("unit", "integration", "browser")
"""Each folder of tests is a marker: ``pytest -m unit``."""

Cli = Callable[..., subprocess.CompletedProcess[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the kind of its folder."""
    for item in items:
        kind = item.path.relative_to(HERE).parts[0]
        if kind in KINDS:
            item.add_marker(kind)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The project's own catalogue."""
    return checked_catalogue(catalogue_root())


def interpreter(series: str, implementation: str = "cpython") -> str:
    """Return the path of an interpreter, or skip the test where it is not on this machine."""
    found = newest(implementation, tuple(int(number) for number in series.split(".")))
    if found is None:
        pytest.skip(f"{implementation} {series} is not on this machine")
    return found.path


def id_of(series: str) -> str:
    """Return the id of the newest CPython of a series with its own imp, or skip the test where it is not on this machine."""
    interpreter(series)
    found = newest("cpython", tuple(int(number) for number in series.split(".")))
    assert found is not None
    return f"cpython-{found.version_text}"


@pytest.fixture(params=["3.6", "3.8", "3.11"])
def python(request: pytest.FixtureRequest) -> str:
    """An old, a middle and the last CPython that has imp."""
    return interpreter(request.param)


@pytest.fixture(params=["3.6", "3.8", "3.11", "pypy3.9"])
def any_python(request: pytest.FixtureRequest) -> str:
    """An old, a middle and the last CPython that has imp, and another implementation."""
    return interpreter("3.9", "pypy") if request.param == "pypy3.9" else interpreter(request.param)


def pyodide_command() -> list[str]:
    """Return the command that runs Pyodide, or skip the test where it cannot be had."""
    try:
        (request,) = find_interpreters("pyodide")
    except UnknownTarget as error:
        pytest.skip(str(error))
    return list(request.command)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory of this test's own, for host and targets alike, so that what is left there can be seen."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def cli(scratch: Path, tmp_path: Path) -> Cli:
    """Run imp-conformance as a user does, outside the checkout."""

    def call(*arguments: str | Path, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "imp_conformance", *map(str, arguments)]
        environment = {**os.environ, "COLUMNS": "200"}
        for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_CURRENT_TEST"):
            environment.pop(name, None)
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=540, check=False
        )

    return call


@pytest.fixture
def make_catalogue(tmp_path: Path) -> Callable[..., Path]:
    """Write a catalogue of one subject and return its folder."""

    def write(cases: str, specs: str | None = None) -> Path:
        root = tmp_path / "catalogue"
        for name in ("specs", "cases"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "cases" / "thing.yaml").write_text(cases, encoding="utf-8")
        (root / "specs" / "thing.yaml").write_text(specs if specs is not None else SPECS, encoding="utf-8")
        return root

    return write


SPECS = """\
subject: thing
summary: A thing.
clauses:
  - id: thing.works
    text: It works.
    level: documented
    sources: [{document: library-3.10, anchor: thing}]
"""

CASE = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: |
{code}
    expect:
      value: ...
"""


@pytest.fixture
def one_case(make_catalogue: Callable[..., Path]) -> Callable[..., Case]:
    """Make a case of a snippet and further keys."""

    def make(code: str, more: str = "") -> Case:
        text = CASE.format(code="\n".join(f"      {line}" for line in code.splitlines())) + more
        return load_catalogue(make_catalogue(text)).cases["thing/one"]

    return make


def answered(seen: Observation) -> Mapping[str, Any]:
    """Return what a case left, which must be something."""
    assert seen.answer is not None, seen
    return seen.answer


@pytest.fixture
def observe(one_case: Callable[..., Case]) -> Iterator[Callable[..., Observation]]:
    """Observe one snippet on an interpreter's own imp, or on a candidate."""
    sessions: list[Session] = []

    def call(python: str, code: str, more: str = "", candidate: Candidate = OWN) -> Observation:
        case = one_case(code, more)
        if not sessions:
            sessions.append(Session([python]))
            sessions[0].load(candidate, ())
        return sessions[0].observe(case)

    yield call
    for session in sessions:
        session.close()


@pytest.fixture
def one_of(make_catalogue: Callable[..., Path]) -> Callable[..., Catalogue]:
    """Make a catalogue of one case of a kind of process."""

    def make(code: str, process: str, expect: str = "      stdout: ''\n", more: str = "") -> Catalogue:
        lines = "".join(f"      {line}\n" for line in code.splitlines())
        text = "subject: thing\ncases:\n  - id: thing/one\n    title: One.\n    clauses: [thing.works]\n"
        text += f"    process: {process}\n    run: |\n{lines}{more}    expect:\n{expect}"
        return load_catalogue(make_catalogue(text))

    return make


@pytest.fixture
def case_of(one_of: Callable[..., Catalogue]) -> Callable[..., Case]:
    """Make one case of a kind of process."""
    return lambda *arguments: one_of(*arguments).cases["thing/one"]
