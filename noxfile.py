"""The project's jobs: the matrix of all interpreters, one interpreter, one candidate, and what CI runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import nox

nox.options.sessions = ["matrix"]
nox.options.error_on_external_run = True
nox.needs_version = ">=2025.2.9"

REPORTS = Path("reports")
RESULTS = REPORTS / "results"
SERIES = [f"3.{minor}" for minor in range(4, 12)]
WINDOWS = ["3.7.9", "3.9.6", "3.10.8", "3.11.3"]
WITHOUT_IMP = ("pypi:zombie-imp", "harness/candidates/migration_recipes.py")  # whose imp is judged where there is none
GRAALPY = {"graalpy-24.2.2": (), "graalpy-25.0.1": ("--candidate", WITHOUT_IMP[0])}
RUSTPYTHON = {
    "0.4.0": (("--features", "freeze-stdlib"), ()),
    "0.5.0": (
        ("--no-default-features", "--features", "freeze-stdlib,stdlib,threading,stdio,importlib,host_env"),
        ("--candidate", WITHOUT_IMP[0]),
    ),
}
"""By release: the options of cargo install, and of the run."""

CONFORMS_OR_DIFFERS = [0, 1]  # a matrix is there to show differences, so one that shows some has not failed

ESLINT = Path("harness/eslint")
GITHUB = {
    "vendor.github-workflows": "workflows/*.yml",
    "custom.github-workflows-require-timeout": "workflows/*.yml",
    "vendor.github-issue-forms": "ISSUE_TEMPLATE/*.yml",
}
"""Schemas that come with check-jsonschema, with the files in .github/ that each is for."""

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


def dependencies(group: str) -> list[str]:
    """Return the requirements of a group of pyproject.toml."""
    return list(nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), group))


def lint_javascript(session: nox.Session) -> None:
    """Lint JavaScript with the versions of ESLint's lock file, in a folder that goes away; skip it where they cannot be had."""
    if shutil.which("npm") is None:
        session.warn("no npm on this machine, so no JavaScript is linted: install Node.js 18.18 or later")
        return
    with tempfile.TemporaryDirectory(prefix="imp-conformance-eslint-") as folder:
        for file in ("package.json", "package-lock.json", "eslint.config.mjs"):
            shutil.copy(ESLINT / file, folder)
        install = ["npm", "ci", "--engine-strict", "--no-audit", "--no-fund", "--prefix", folder]
        session.run(*install, external=True, silent=True, success_codes=range(256))
        program = Path(folder, "node_modules/eslint/bin/eslint.js")
        if not program.exists():
            session.warn("npm cannot install ESLint here, so no JavaScript is linted")
            return
        with session.chdir("harness"):
            session.run("node", str(program), "--config", f"{folder}/eslint.config.mjs", "imp_conformance", "eslint", external=True)


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
def graalpy(session: nox.Session) -> None:
    """Measure GraalPy's own imp, and zombie-imp on one that has none, into reports/results; Maven fetches what is not here."""
    session.install(".")
    for python, options in GRAALPY.items():
        run = ["imp-conformance", "run", "-q", "-n", "2", "--tb=no", "-rN", "--results", str(RESULTS), "--python", python, *options]
        # Exit status 2 is that of a machine which has no Java for it, or no Maven: told, and no reason to fail.
        session.run(*run, *session.posargs, success_codes=[*CONFORMS_OR_DIFFERS, 2])


@nox.session
def rustpython(session: nox.Session) -> None:
    """Measure RustPython's own imp, and zombie-imp on one that has none, into reports/results; cargo builds what is not here."""
    session.install(".")
    for version, (features, options) in RUSTPYTHON.items():
        root = Path(session.cache_dir).absolute() / f"rustpython-{version}"
        program = root / "bin" / "rustpython"
        if not program.exists():
            if shutil.which("cargo") is None:
                session.skip(f"there is no cargo on PATH to build RustPython {version}: install Rust")
            session.run("cargo", "install", "rustpython", "--version", version, "--locked", "--root", str(root), *features, external=True)
        run = ["imp-conformance", "run", "-q", "-n", "2", "--tb=no", "-rN", "--results", str(RESULTS), "--python", str(program), *options]
        session.run(*run, *session.posargs, success_codes=CONFORMS_OR_DIFFERS)


@nox.session
def adequacy(session: nox.Session) -> None:
    """Measure how much the cases notice; write reports/adequacy.md."""
    session.install("-e", ".", *dependencies("adequacy"))
    session.run("python", "-m", "adequacy.sentences")
    session.run("python", "-m", "adequacy", "--output", str(REPORTS), *session.posargs)


@nox.session
def agreement(session: nox.Session) -> None:
    """Run every case 20 times on every genuine interpreter, and in every environment: nothing may flicker."""
    session.install("-e", ".")
    session.run("python", "-m", "adequacy.agreement", *session.posargs)


@nox.session
def elsewhere(session: nox.Session) -> None:
    """Run every case on Debian's CPython 3.11 of other architectures under qemu; fetch what that needs. Name some to have only these."""
    session.install("-e", ".")
    places = session.posargs or ["s390x", "armhf", "i386", "arm64"]
    session.run("python", "-m", "elsewhere", "--results", str(RESULTS), *places)


@nox.session
@nox.parametrize("version", WINDOWS, ids=WINDOWS)
def windows(session: nox.Session, version: str) -> None:
    """Run every case on a CPython for Windows under wine, for example: nox -s "windows(3.10.8)"; fetch what that needs."""
    session.install("-e", ".")
    session.run("python", "-m", "elsewhere", "--results", str(RESULTS), "-n", "logical", f"windows-{version}", *session.posargs)


@nox.session
def sweep(session: nox.Session) -> None:
    """Take parts of Python away from 3.8 and 3.11, one at a time: the verdicts on imp stay, or the target is unavailable."""
    session.install("-e", ".")
    session.run("python", "-m", "adequacy.sweep", *session.posargs)


@nox.session
def picture(session: nox.Session) -> None:
    """Draw a run of a shim that differs, for the top README; it needs CPython 3.12."""
    session.install("-e", ".")
    session.run("python", "-m", "first_run", "--output", str(REPORTS))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what the suite costs, as ratios; write reports/bench.md. It fails where a bar is missed."""
    session.install("-e", ".")
    session.run("python", "-m", "bench", "--output", str(REPORTS), *session.posargs)


@nox.session(reuse_venv=True)
def unit(session: nox.Session) -> None:
    """Run the tests that start nothing, in a few seconds."""
    session.install("-e", ".", *dependencies("unit"))
    session.run("pytest", "-n", "logical", "harness/tests/unit", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Pass everything that CI asks for: lint, types, the agent's syntax, the catalogue, the harness's own tests."""
    install_system_packages(session)
    session.install("-e", ".", *dependencies("lint"), *dependencies("test"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports", "--no-cache", "--no-logo")
    bundled = [f"harness/imp_conformance/{name}" for name in ("agent", "portable", "repro/runtime.py")]
    session.run("vermin", "--quiet", "--violations", "--eval-annotations", "-t=3.4-", *bundled)
    lint_javascript(session)
    for schema, files in GITHUB.items():
        session.run("check-jsonschema", "--builtin-schema", schema, *map(str, sorted(Path(".github").glob(files))))
    session.run("imp-conformance", "check")
    durations = ["--durations=10"] if "CI" in os.environ else []
    session.run("pytest", "-n", "logical", *durations, *session.posargs)
