"""The examples for other people's CI, with their own commands; and workers of pytest-xdist on another machine."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import imp_conformance
from conftest import Cli, interpreter
from imp_conformance.resources import catalogue_root
from imp_conformance.targets.discovery import newest

EXAMPLES = Path(__file__).parents[2] / "examples"
GITHUB, GITLAB = EXAMPLES / "github-actions-sharded.yml", EXAMPLES / "gitlab-ci-sharded.yml"
DOCUMENTATION = Path(__file__).parents[2] / "many-machines.md"

SELECTION = "--shard 1/1 new_module"
"""What the tests add to the examples' runs, so that they ask few cases and these still make up a whole."""


@pytest.mark.parametrize(
    ("path", "schema"),
    [(GITHUB, ["vendor.github-workflows"]), (GITLAB, ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"])],
    ids=["GitHub", "GitLab"],
)
def test_the_examples_are_valid(path: Path, schema: list[str]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def here(pythons: list[str]) -> list[str]:
    """Return those of a matrix that are on this machine."""
    found = [python for python in pythons if newest("cpython", tuple(map(int, python.split("."))))]
    if len(found) < 2:
        pytest.skip(f"not two of CPython {', '.join(pythons)} are on this machine")
    return found


@pytest.fixture
def path_of_commands(tmp_path: Path) -> str:
    """A PATH on which imp-conformance is this checkout's, and pip has installed it already."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (
        ("imp-conformance", f'exec "{sys.executable}" -m imp_conformance "$@"'),
        ("pip", 'test "$*" = "install imp-conformance"'),
    ):
        script(folder / name, text)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def shell(commands: str, folder: Path, environment: dict[str, str]) -> int:
    commands = commands.replace("imp-conformance run ", f"imp-conformance run {SELECTION} ")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", commands],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    print(commands, done.stdout, done.stderr)
    return done.returncode


def checkout(folder: Path, candidate: str) -> Path:
    path = folder / candidate
    path.parent.mkdir(parents=True)
    path.write_text("def new_module(name): return 3\n", encoding="ascii")
    return folder


class Workflow:
    """As much of a GitHub runner as the example needs: matrix, steps, artifacts."""

    def __init__(self, root: Path, path_of_commands: str) -> None:
        self.found = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
        self.root, self.artifacts = root, root / "artifacts"
        self.environment = {**self.found["env"], "PATH": path_of_commands, "GITHUB_STEP_SUMMARY": str(root / "summary.md")}

    def matrix(self) -> Iterator[str]:
        yield from here(self.found["jobs"]["conformance"]["strategy"]["matrix"]["python"])

    def run(self, job: str, python: str = "") -> bool:
        folder = self.root / f"{job}-{python}"
        folder.mkdir()
        succeeds = True
        for step in self.found["jobs"][job]["steps"]:
            if not succeeds and "!cancelled()" not in step.get("if", ""):
                continue
            given = {name: self.expand(value, python) for name, value in step.get("with", {}).items()}
            action = step.get("uses", "").partition("@")[0]
            if action == "actions/checkout":
                checkout(folder, self.environment["CANDIDATE"])
            elif action == "actions/upload-artifact":
                shutil.copytree(folder / given["path"], self.artifacts / given["name"])
            elif action == "actions/download-artifact":
                for artifact in self.artifacts.glob(given["pattern"]):
                    shutil.copytree(artifact, folder / given["path"] / artifact.name)
            elif "run" in step:
                succeeds = shell(self.expand(step["run"], python), folder, self.environment) == 0 and succeeds
            else:
                assert action == "actions/setup-python", f"an action that this test does not know: {step}"
        return succeeds

    @staticmethod
    def expand(text: str, python: str) -> str:
        found = re.sub(r"\$\{\{ matrix\.python \}\}", python, text)
        assert "${{" not in found
        return found


def whole(cli: Cli, root: Path, pythons: list[str], candidate: str) -> dict[str, bytes]:
    options = [word for python in pythons for word in ("--python", python)]
    done = cli(
        "run", "-q", "--tb=no", *options, "--candidate", candidate, "--results", "whole", "new_module", cwd=checkout(root, candidate)
    )
    assert done.returncode == 1
    return results(root / "whole")


def results(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def test_the_github_workflow(tmp_path: Path, cli: Cli, path_of_commands: str) -> None:
    workflow = Workflow(tmp_path, path_of_commands)
    pythons = list(workflow.matrix())
    assert all(workflow.run("conformance", python) for python in pythons)
    assert workflow.run("report") is False  # the shim does not conform
    expected = whole(cli, tmp_path / "undivided", pythons, workflow.environment["CANDIDATE"])
    assert results(workflow.artifacts / "merged") == expected
    assert "| `new_module` |" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_the_gitlab_pipeline(tmp_path: Path, cli: Cli, path_of_commands: str) -> None:
    found = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    environment = {**found["variables"], "PATH": path_of_commands}
    (matrix,) = found["conformance"]["parallel"]["matrix"]
    pythons = here(matrix["PYTHON"])
    artifacts = tmp_path / "artifacts"

    def run(name: str, variables: dict[str, str], folder: Path) -> int:
        job: dict[str, Any] = found[name]
        if "needs" in job:
            shutil.copytree(artifacts, folder, dirs_exist_ok=True)
        status = shell("\n".join(job["script"]), folder, {**environment, **variables})
        if status == 0 or job["artifacts"].get("when") == "always":
            for path in job["artifacts"]["paths"]:
                shutil.copytree(folder / path, artifacts / path, dirs_exist_ok=True)
        return status

    for python in pythons:
        assert run("conformance", {"PYTHON": python}, checkout(tmp_path / python, environment["CANDIDATE"])) == 0
    assert run("report", {}, tmp_path / "report") == 1  # the shim does not conform
    assert results(artifacts / "merged") == whole(cli, tmp_path / "undivided", pythons, environment["CANDIDATE"])


@pytest.fixture
def farm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another machine, as far as ssh is concerned: another home and working directory, and imp-conformance in another place."""
    place = tmp_path / "farm"
    package = place / "site" / "imp_conformance"
    shutil.copytree(Path(imp_conformance.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("specs", "cases"):
        shutil.copytree(catalogue_root() / name, package / "catalogue_data" / name)
    commands = tmp_path / "bin"
    commands.mkdir()
    script(
        commands / "ssh",
        f'test "$1 $2" = "-C farm" || exit 9\nshift 2\ncd "{place}"\n'
        f'exec env -i HOME="{place}" PATH="{os.environ["PATH"]}" TMPDIR="{os.environ.get("TMPDIR", "/tmp")}" '
        f'PYTHONPATH="{place / "site"}" sh -c "$*"',
    )
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    return package


def test_workers_on_another_machine(tmp_path: Path, cli: Cli, farm: Path) -> None:
    (tmp_path / "shim.py").write_text("def new_module(name): return 3\n", encoding="ascii")
    options = ["run", "-q", "--tb=no", "--python", interpreter("3.8"), "--candidate", "shim.py", "new_module"]
    assert cli(*options, "--results", "here").returncode == 1
    workers = ["--dist=load", f"--tx=2*ssh=farm//python={sys.executable}"]
    done = cli(*options, "--results", "there", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    assert results(tmp_path / "there") == results(tmp_path / "here")

    cases = farm / "catalogue_data" / "cases" / "new_module.yaml"
    cases.write_text(cases.read_text(encoding="utf-8").replace("fresh_one", "fresh_two"), encoding="utf-8")
    done = cli(*options, "--results", "other", *workers)
    assert done.returncode == 3
    assert "has other cases than the run that it is to work for: install the same imp-conformance there" in done.stdout + done.stderr


def test_a_machine_whose_installation_is_broken_is_told(cli: Cli, farm: Path) -> None:
    (farm / "__init__.py").write_text("raise ImportError('half of it is missing')\n", encoding="ascii")
    done = cli("run", "--python", interpreter("3.8"), "new_module", "--dist=load", f"--tx=ssh=farm//python={sys.executable}")
    assert done.returncode == 3
    assert re.search(r"worker gw0 \(.*ssh=farm.*\) does not start: ImportError: half of it is missing", done.stdout + done.stderr)
    assert "Traceback" not in done.stdout + done.stderr


def test_workers_of_another_interpreter_and_folder(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "elsewhere").mkdir()
    options = ["run", "-q", "--python", interpreter("3.8"), "new_module"]
    popen = f"2*popen//python={sys.executable}//chdir={tmp_path / 'elsewhere'}"
    assert cli(*options, "--results", "here").returncode == 0
    done = cli(*options, "--results", "there", "--dist=load", f"--tx={popen}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert results(tmp_path / "there") == results(tmp_path / "here")


def test_the_documentation_names_the_options_that_there_are(cli: Cli) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for name in (GITHUB.name, GITLAB.name):
        assert f"examples/{name}" in text
    known = cli("run", "--help").stdout + cli("merge", "--help").stdout
    told = set(re.findall(r"(?<![\w-])--(?:resume|shard|results|output)\b", text))
    assert told
    assert all(option in known for option in told)
