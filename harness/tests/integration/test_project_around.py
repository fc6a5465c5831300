"""The project that a run is started in has no part in it: its conftest.py, its options, its modules, the plugins that it has installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from conftest import Cli, interpreter
from imp_conformance.resources import catalogue_root

PLUGINS = (
    *("rerunfailures", "forked", "randomly", "cov", "timeout", "html", "metadata"),
    *("sugar", "asyncio", "repeat", "instafail", "mock", "benchmark", "django", "trio"),
)
"""Plugins of pytest that projects have, each without pytest- before it."""

CONFTEST = """\
import pytest
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session): session.exitstatus = 0
def pytest_collection_modifyitems(items): items[:] = items[:1]
"""
SHADOWS = ("json", "queue", "logging", "types", "pytest", "xdist", "execnet", "rich", "yaml", "imp_conformance")
"""Modules that a run needs, and that a project may have of the same name."""

SHIM = "def get_tag(): return 1\n"
IGNORED = "imp-conformance: PYTEST_ADDOPTS and PYTEST_PLUGINS ignored: give options of pytest on the command line"
RUN = ("-m", "imp_conformance", "run", "--tb=no", "--candidate", "shim.py", "get_tag")
PROGRAM = "import sys; from imp_conformance.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose every file that Python or pytest may read by itself changes what a run comes to."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "shim.py").write_text(SHIM, encoding="ascii")
    (folder / "conftest.py").write_text(CONFTEST, encoding="ascii")
    (folder / "spoils.py").write_text(CONFTEST, encoding="ascii")
    for name in SHADOWS:
        (folder / f"{name}.py").write_text("raise SystemExit('shadowed: ' + __name__)\n", encoding="ascii")
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        (folder / name).write_text(f"[{section}]\naddopts = -p spoils --no-such-option\n", encoding="ascii")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p spoils'\n", encoding="ascii")
    return folder


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    """Return how many cases passed and failed."""
    assert done.returncode == 1, done.stdout + done.stderr
    found = re.search(r"(\d+ failed, \d+ passed|\d+ failed)", done.stdout)
    assert found is not None, done.stdout
    return found[0]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_project_has_no_part_in_a_run(workers: tuple[str, ...], project: Path, tmp_path: Path, cli: Cli) -> None:
    python = interpreter("3.8")
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "shim.py").write_text(SHIM, encoding="ascii")
    expected = outcome(cli("run", "--tb=no", "--candidate", "shim.py", "get_tag", "--python", python, cwd=alone))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    spoilt = {**kept, "PYTEST_ADDOPTS": "-p spoils --no-such-option", "PYTEST_PLUGINS": "spoils", "PYTHONPATH": str(project / "none")}
    command = [sys.executable, "-P", "-c", PROGRAM, *RUN[2:], "--python", python, *workers]
    done = subprocess.run(command, cwd=project, env=spoilt, capture_output=True, text=True, check=False)
    assert outcome(done) == expected
    assert "shadowed" not in done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("PYTEST_") == 2
    assert done.stderr.splitlines() == [IGNORED]


def test_options_of_pytest_on_the_command_line_go_on_working(project: Path, cli: Cli) -> None:
    (project / "asked_for.py").write_text("def pytest_report_header(): return 'it was asked for'\n", encoding="ascii")
    command = ["run", "--candidate", "shim.py", "get_tag", "--python", interpreter("3.8"), "-v", "-x", "-k", "not silent"]
    for name in SHADOWS:
        (project / f"{name}.py").unlink()
    done = cli(*command, "--junitxml", "found.xml", "-p", "asked_for", cwd=project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "it was asked for" in done.stdout
    assert "1 failed" in done.stdout
    assert "deselected" in done.stdout
    assert (project / "found.xml").read_bytes().startswith(b"<?xml")


@pytest.fixture(scope="module")
def with_plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has this suite, many plugins of pytest, and one that breaks whatever loads it; return its Python."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    purelib = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "installed_base": str(folder)}))
    (purelib / "suite.pth").write_text(f"{catalogue_root() / 'harness'}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    names = [f"pytest-{name}" for name in PLUGINS]
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *names]
    done = subprocess.run(install, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"plugins of pytest cannot be had: {done.stderr.strip()[-200:]}")
    (purelib / "broken_plugin.py").write_text("raise SystemExit('a broken plugin is loaded')\n", encoding="ascii")
    about = purelib / "broken_plugin-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1\n", encoding="ascii")
    (about / "entry_points.txt").write_text("[pytest11]\nbroken = broken_plugin\n", encoding="ascii")
    return python


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_of_the_plugins_that_are_installed_only_xdist_is_loaded(workers: tuple[str, ...], with_plugins: Path, tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    outcomes, loaded = [], []
    for python in (sys.executable, with_plugins):
        command = [str(python), *RUN, "--python", interpreter("3.8"), "--trace-config", *workers]
        done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, check=False)
        outcomes.append(outcome(done))
        loaded.append(re.findall(r"^plugins: (.*)", done.stdout, re.MULTILINE))
        for name in PLUGINS:
            assert f"pytest_{name}" not in done.stdout, name
        assert "broken plugin" not in done.stdout + done.stderr
    assert outcomes[0] == outcomes[1]
    assert loaded[0] == loaded[1]
    assert loaded[0] and all(re.fullmatch(r"xdist-[\d.]+", line) for line in loaded[0])


@pytest.mark.parametrize("name", PLUGINS)
def test_each_plugin_is_really_there(name: str, with_plugins: Path) -> None:
    """Without it the test above could not fail."""
    program = f"from importlib.metadata import distribution; print([e.group for e in distribution('pytest-{name}').entry_points])"
    done = subprocess.run([with_plugins, "-c", program], check=True, capture_output=True, text=True)
    assert "pytest11" in done.stdout
