"""The built wheel, installed away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import interpreter
from imp_conformance.resources import catalogue_root


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin directory of a virtual environment that has the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, catalogue_root()], check=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if name.endswith(("py.typed", "LICENSE"))}, names
    assert {"imp_conformance/agent/main.py", *(f"imp_conformance/targets/pyodide/{name}.mjs" for name in ("supervisor", "instance"))} <= {
        *names
    }
    subprocess.run([folder / "venv/bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-q", wheel], check=True)
    return folder / "venv" / "bin"


def call(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([installed / "imp-conformance", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_installed_command_needs_no_checkout(installed: Path, tmp_path: Path) -> None:
    root = catalogue_root()
    done = call(installed, tmp_path, "check")
    assert done.returncode == 0, done.stderr
    assert "valid" in done.stdout
    done = call(installed, tmp_path, "run", "-q", "--python", interpreter("3.8"), "new_module", "--results", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "out").glob("*.json"))) == 1
    assert str(root) not in done.stdout
    done = call(installed, tmp_path, "run", "-q", "--python", interpreter("3.8"), "-n", "2", "new_module")
    assert done.returncode == 0, done.stdout + done.stderr
    listed = call(installed, tmp_path, "list").stdout.splitlines()
    here = call(Path(sys.executable).parent, tmp_path, "list").stdout.splitlines()
    assert listed == here
