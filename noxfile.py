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
    session.install("-e", ".", *groups["lint"], *groups["test"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    carried = [f"harness/imp_conformance/{name}.py" for name in ("agent", "observed", "matchers", "comparison", "repro_runtime")]
    session.run("vermin", "--quiet", "--violations", "--eval-annotations", "-t=3.4-", *carried)
    session.run("imp-conformance", "check")
    find_browser(session)
    session.run("pytest", "-n", "logical", *session.posargs)


def find_browser(session: nox.Session) -> None:
    """Install Debian's Chromium where it is missing and that can be done; without it the tests of the HTML page are skipped."""
    if shutil.which("chromium"):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        session.warn("There is no Chromium, and only root on Debian can install it here: the tests of the HTML page will be skipped.")
        return
    session.log("There is no Chromium: installing Debian's for the tests of the HTML page.")
    for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "--yes", "--no-install-recommends", "chromium"]):
        session.run(*command, external=True, env={"DEBIAN_FRONTEND": "noninteractive"}, success_codes=range(256))
    if not shutil.which("chromium"):
        session.warn("Chromium could not be installed: the tests of the HTML page will be skipped.")
