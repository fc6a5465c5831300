"""A run of a part of imp: what is not provided is one line, what is lost fails a gate, and full copies see no difference."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conftest import Cli, interpreter

TWO = """\
import importlib, sys
def reload(module):
    return importlib.reload(module)
def get_tag():
    return sys.implementation.cache_tag
"""
ASKED = ("get_tag", "get_magic", "acquire_lock", "module/keywords-reload", "module/import-warns")


@pytest.fixture
def shim(tmp_path: Path) -> list[str | Path]:
    """Options for a run of a shim of two functions."""
    (tmp_path / "shim.py").write_text(TWO, encoding="ascii")
    return ["run", "--python", interpreter("3.12"), "--candidate", "shim.py", "--results", "out"]


def content(tmp_path: Path) -> dict[str, object]:
    """What the one result file says."""
    (path,) = (tmp_path / "out").glob("*.json")
    found: dict[str, object] = json.loads(path.read_bytes())
    return found


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_what_is_not_provided_is_out_of_scope(workers: list[str], shim: list[str], cli: Cli, tmp_path: Path) -> None:
    done = cli(*shim, "--scope", "provided", *workers, *ASKED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^cpython-3\.12\.\d+\+shim: 2 of 34 names; of their \d+ cases \d+ pass$", done.stdout, re.MULTILINE), done.stdout
    assert len(re.findall(r": not provided: acquire_lock, .*… \(32 of 34\)$", done.stdout, re.MULTILINE)) == 1
    assert "missing" not in done.stdout
    found = content(tmp_path)
    assert found["scope"] == ["get_tag", "reload"]
    results = found["results"]
    assert isinstance(results, dict)
    assert results["acquire_lock/counted"] == {
        "verdict": "not-applicable",
        "reason": "out of scope: acquire_lock, release_lock are not provided",
    }
    assert results["module/import-warns"]["verdict"] == "fail", "it is of no name, and so of every scope"
    assert results["get_tag/string"] == "pass"


def test_names_that_are_asked_for_must_be_there(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.imp-conformance]\nscope = ["get_tag", "get_magic"]\n', encoding="ascii")
    done = cli(*shim, *ASKED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^\d+\. imp has no get_magic: \d+ cases \(documented\)$", done.stdout, re.MULTILINE), done.stdout
    found = content(tmp_path)
    assert found["scope"] == ["get_magic", "get_tag"]
    results = found["results"]
    assert isinstance(results, dict)
    assert results["acquire_lock/counted"]["reason"] == "out of scope: acquire_lock, release_lock are not asked for"
    assert results["module/keywords-reload"]["verdict"] == "not-applicable"
    assert results["get_magic/begins-a-compiled-file"]["verdict"] == "missing"


@pytest.mark.parametrize("scope", ["load_sourc", "provded", "reload,", "all,reload"])
def test_a_wrong_scope_is_refused(scope: str, shim: list[str], cli: Cli, tmp_path: Path) -> None:
    done = cli(*shim, "--scope", scope, "get_tag")
    assert done.returncode == 2
    assert f"--scope {scope}: imp has no name" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_own_imp_sees_no_difference(cli: Cli, tmp_path: Path) -> None:
    for scope in ("all", "provided"):
        done = cli("run", "--python", interpreter("3.8"), "--scope", scope, "--results", scope, "get_tag", "module/documented-functions")
        assert done.returncode == 0, done.stdout + done.stderr
        assert " names" not in done.stdout
    one, other = (next((tmp_path / scope).iterdir()) for scope in ("all", "provided"))
    assert one.read_bytes() == other.read_bytes()


def test_a_gate_fails_for_a_name_that_is_lost(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    cases = ["--scope", "provided", "get_tag", "module/keywords-reload"]
    (tmp_path / "known.yaml").write_text("differences: []\n", encoding="ascii")
    gate = ["--baseline", "known.yaml"]
    done = cli(*shim, *cases, *gate)
    assert done.returncode == 1
    assert "and no name is pinned: imp-conformance baseline update writes provides" in done.stdout
    done = cli("baseline", "update", "--results", "out", *gate)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pinned: get_tag, reload" in done.stdout
    assert cli(*shim, *cases, *gate).returncode == 0
    assert cli("baseline", "check", "--results", "out", *gate).returncode == 3, "it holds, and only a part was run"
    (tmp_path / "shim.py").write_text(TWO.replace("def reload", "def _reload"), encoding="ascii")
    done = cli(*shim, *cases, *gate)
    assert done.returncode == 1
    assert re.search(r"^known\.yaml:\d+: \S+ does not provide reload, which is pinned: ", done.stdout, re.MULTILINE), done.stdout
    assert cli("baseline", "check", "--results", "out", *gate).returncode == 1
