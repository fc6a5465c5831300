"""The project's jobs: the matrix of all interpreters, one interpreter, one candidate, and what CI runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["matrix"]
nox.options.error_on_external_run = True
nox.needs_version = ">=2024.4.15"

REPORTS = Path("reports")
RESULTS = REPORTS / "results"
SERIES = [f"3.{minor}" for minor in range(4, 12)]
WITHOUT_IMP = ("pypi:zombie-imp", "harness/candidates/migration_recipes.py")  # whose imp is judged where there is none
CONFORMS_OR_DIFFERS = [0, 1]  # a matrix is there to show differences, so one that shows some has not failed


SYSTEM_PACKAGES = {"chromium": "chromium", "pypy3": "pypy3", "bwrap": "bubblewrap"}
"""Commands that tests use and pip does not bring, with the Debian package of each."""


def install_system_packages(session: nox.Session) -> None:
    """Install what is missing where that can be done, as root on Debian; elsewhere the tests that need it skip and say so."""
    missing = [package for command, package in SYSTEM_PACKAGES.items() if shutil.which(command) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        session.warn(f"not here, so some tests will skip: {', '.join(missing)}")
        return
    any_status = range(256)  # a mirror that cannot be reached is no reason to test nothing
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    session.run("apt-get", "update", "-q", external=True, silent=True, success_codes=any_status, env=environment)
    session.run(
        "apt-get",
        "install",
        "--yes",
        "-q",
        "--no-install-recommends",
        *missing,
        external=True,
        silent=True,
        success_codes=any_status,
        env=environment,
    )


@nox.session
def matrix(session: nox.Session) -> None:
    """Run every case on every interpreter found, and on what takes imp's place where there is none; write reports/."""
    session.install(".")
    run = ["imp-conformance", "run", "-q", "-n", "logical", "--tb=no", "-rN", "--results", str(RESULTS)]
    session.run(*run, "--python", ">=3.4,<3.12", *session.posargs, success_codes=CONFORMS_OR_DIFFERS)
    # Exit status 2 is that of a machine which has no Node.js, or no such interpreter, and 3 that of one which cannot fetch
    # Pyodide: told, and no reason to fail.
    session.run(*run, "--python", "pyodide", *session.posargs, success_codes=[*CONFORMS_OR_DIFFERS, 2, 3])
    for name in WITHOUT_IMP:
        allowed = [*CONFORMS_OR_DIFFERS, 2]
        session.run(*run, "--python", ">=3.12", "--candidate", name, *session.posargs, success_codes=allowed)
    # Many builds of a series have equal results: these are stored once.
    session.run("imp-conformance", "merge", str(RESULTS), "--output", str(RESULTS), success_codes=[*CONFORMS_OR_DIFFERS, 3], silent=True)
    session.run("imp-conformance", "report", "--results", str(RESULTS), "--output", str(REPORTS))


@nox.session
@nox.parametrize("version", SERIES, ids=SERIES)
def interpreter(session: nox.Session, version: str) -> None:
    """Run every case on one CPython's own imp, for example: nox -s "interpreter(3.8)"."""
    session.install(".")
    found = session.run("imp-conformance", "targets", "--python", version, success_codes=[0, 2], silent=True) or ""
    if f"cpython-{version}" not in found:
        session.skip(f"CPython {version} is not on this machine: {found.strip()}")
    session.run("imp-conformance", "run", "-q", "--python", version, *session.posargs)


@nox.session
def candidate(session: nox.Session) -> None:
    """Judge a candidate, for example: nox -s candidate -- path/to/imp.py --python 3.12."""
    if not session.posargs:
        session.error("say whose imp to judge: nox -s candidate -- PATH_OR_NAME [OPTIONS OF imp-conformance run]")
    session.install(".")
    session.run("imp-conformance", "run", "-q", "--candidate", *session.posargs)


@nox.session
def adequacy(session: nox.Session) -> None:
    """Measure how much the cases notice; write reports/adequacy.md."""
    groups = nox.project.load_toml("pyproject.toml")["dependency-groups"]
    session.install("-e", ".", *groups["adequacy"])
    session.run("python", "-m", "adequacy", "--output", str(REPORTS), *session.posargs)


@nox.session
def agreement(session: nox.Session) -> None:
    """Run every case 20 times on every genuine interpreter, and in every environment: nothing may flicker."""
    session.install("-e", ".")
    session.run("python", "-m", "adequacy.agreement", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what the suite costs, as ratios; write reports/bench.md. It fails where a bar is missed."""
    session.install("-e", ".")
    session.run("python", "-m", "bench", "--output", str(REPORTS), *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Pass everything that CI asks for: lint, types, the agent's syntax, the catalogue, the harness's own tests."""
    groups = nox.project.load_toml("pyproject.toml")["dependency-groups"]
    install_system_packages(session)
    session.install("-e", ".", *groups["lint"], *groups["test"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    carried = [f"harness/imp_conformance/{name}" for name in ("agent", "portable", "repro/runtime.py")]
    session.run("vermin", "--quiet", "--violations", "--eval-annotations", "-t=3.4-", *carried)
    session.run("imp-conformance", "check")
    session.run("pytest", "-n", "logical", *session.posargs)
