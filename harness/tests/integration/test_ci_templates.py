"""The GitHub action and the GitLab template, run as far as a machine without either can: on a copy of a real shim."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from conftest import interpreter
from jobs_run import ACTION, ROOT, SUBJECT, Runner, environment, expanded, of_subject

TEMPLATE = ROOT / "harness" / "gitlab" / "imp-conformance.yml"
CONFIGURATION = '\n[tool.imp-conformance]\ncandidate = "."\npython = "{}"\nbaseline = "known.yaml"\nresults = "found"\n'
KNOWN = 3
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def snippets(path: Path) -> list[str]:
    """Return the YAML examples of a page."""
    return re.findall(r"^```yaml\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def checked(schema: str, file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_and_the_examples_are_what_github_and_gitlab_take(tmp_path: Path) -> None:
    checked("vendor.github-actions", ACTION)
    checked("vendor.gitlab-ci", TEMPLATE)
    github, gitlab = snippets(ROOT / "harness" / "ci.md")
    for name, text in (("github-workflows", github), ("gitlab-ci", gitlab)):
        file = tmp_path / f"{name}.yml"
        file.write_text(text, encoding="utf-8")
        checked(f"vendor.{name}", file)
        assert len(text.splitlines()) < 10
    action = yaml.safe_load(github)["jobs"]["imp"]["steps"][-1]["uses"]
    assert ROOT / action.partition("@")[0].removeprefix("OWNER/imp-conformance/") / "action.yml" == ACTION
    assert yaml.safe_load(gitlab)["imp"]["extends"] in yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    assert yaml.safe_load(gitlab)["include"][0]["remote"].endswith(str(TEMPLATE.relative_to(ROOT)))


def test_what_users_give_never_becomes_a_script() -> None:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    steps = action["runs"]["steps"]
    for step in steps:
        assert "${{" not in step.get("run", "")
    used = set(re.findall(r"inputs\.(\w+)", str(steps)))
    assert used == set(action["inputs"])
    (job,) = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8")).values()
    assert set(job["variables"]) == set(re.findall(r"^#   (IMP_\w+)", TEMPLATE.read_text(encoding="utf-8"), re.MULTILINE))
    assert "$[[" not in TEMPLATE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of zombie-imp's repository, as its source distribution has it: its own pyproject.toml, and known differences."""
    folder = tmp_path_factory.mktemp("shim")
    download = [*PIP, "download", "--no-deps", "--no-binary=zombie-imp", "--dest", str(folder), "zombie-imp==0.0.4"]
    done = subprocess.run(download, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"zombie-imp cannot be had: {done.stderr.strip()[-200:]}")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    copy = (folder / "zombie_imp-0.0.4").rename(folder / "zombie-imp")
    python = interpreter("3.12")
    call = [sys.executable, "-m", "imp_conformance"]
    run = [*call, "run", "-q", "--tb=no", "--candidate", str(copy), "--python", python, "--results", "found", SUBJECT]
    subprocess.run(run, cwd=folder, env=environment(folder), check=False, capture_output=True)
    update = [*call, "baseline", "update", "--results", "found", "--baseline", str(copy / "known.yaml")]
    subprocess.run(update, cwd=folder, check=True, capture_output=True)
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(python))
    return copy


OF_THE_PROJECT = {
    "conftest.py": "raise SystemExit('conftest.py is loaded')\n",
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
    **{
        f"{name}.py": "raise SystemExit('shadowed: ' + __name__)\n" for name in ("pip", "venv", "yaml", "rich", "pytest", "imp_conformance")
    },
}
"""Files that a shim's repository may have, and that must have no part in the job."""


def copy_of_suite(place: Path) -> Path:
    """Copy what a checkout of this suite has that the action needs."""
    for name in ("harness", "specs", "cases"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place)
    return place


@pytest.fixture(scope="module")
def gitlab(shim: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path, Path]:
    """Run the script of the GitLab job on the shim with the built wheel, and return what came of it, its checkout and its commands."""
    folder = tmp_path_factory.mktemp("gitlab")
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    checkout = folder / "zombie-imp"
    shutil.copytree(shim, checkout)
    for name, text in OF_THE_PROJECT.items():
        (checkout / name).write_text(text, encoding="ascii")
    (job,) = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8")).values()
    variables = {**job["variables"], "IMP_PACKAGE": wheel, "CI_JOB_ID": "1"}
    script = of_subject("\n".join(job["script"]))
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=checkout,
        env=environment(folder, **variables),
        check=False,
        text=True,
        capture_output=True,
    )
    return done, checkout, folder / "imp-conformance-1" / "bin"


def test_the_action_of_a_fork_under_another_name_in_a_project_with_files_of_its_own(
    shim: Path, gitlab: tuple[subprocess.CompletedProcess[str], Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(gitlab[2].parent, tmp_path / "imp-conformance", symlinks=True)
    run = Runner(tmp_path, copy_of_suite(tmp_path / "_actions" / "a fork" / "of imp" / "v1"))
    workspace = tmp_path / "zombie-imp"
    shutil.copytree(shim, workspace)
    for name, text in OF_THE_PROJECT.items():
        (workspace / name).write_text(text, encoding="ascii")
    done = run(workspace)
    assert done.status == 0, done.output
    assert f"{KNOWN} known differences hold, 0 problems" in done.output
    assert "shadowed" not in done.output


def test_the_action_on_a_real_shim(shim: Path, gitlab: tuple[subprocess.CompletedProcess[str], Path, Path], tmp_path: Path) -> None:
    # What the action installs into has all that the project needs already, which saves downloading that twice.
    shutil.copytree(gitlab[2].parent, tmp_path / "imp-conformance", symlinks=True)
    run = Runner(tmp_path)
    workspace = tmp_path / "zombie-imp"
    shutil.copytree(shim, workspace)
    done = run(workspace)
    assert done.status == 0, done.output
    assert f"{KNOWN} known differences hold, 0 problems" in done.output
    assert "+zombie-imp" in done.summary and "The baseline holds." in done.summary
    uploaded = workspace / expanded(next(step for step in run.steps if "upload" in step.get("uses", ""))["with"]["path"], done.values)
    assert (uploaded / "report" / "junit.xml").is_file() and len(list((uploaded / "results").glob("*.json"))) == 1
    assert done.values["steps.versions.outputs.versions"] == ""  # a path is not set up

    known = (workspace / "known.yaml").read_text(encoding="utf-8")
    (workspace / "known.yaml").write_text(re.sub(r"differs: [^,}]+", "differs: crash", known, count=1), encoding="utf-8")
    done = run(workspace)
    assert done.status == 1
    assert " of " in done.summary and " cases differ and are not in the baseline" in done.summary
    assert "and is listed as crash" in done.output

    evil = 'x"; touch pwned; $(touch pwned) `touch pwned` * '
    done = run(workspace, python=f"3.12 pypy3.9 >=3.12 {evil}", candidate=evil, baseline=evil)
    assert done.status == 2, done.output
    assert not list(tmp_path.rglob("pwned"))
    assert done.values["steps.versions.outputs.versions"] == "3.12\npypy3.9"


def test_the_gitlab_job_on_a_real_shim(gitlab: tuple[subprocess.CompletedProcess[str], Path, Path]) -> None:
    done, checkout, _ = gitlab
    assert done.returncode == 0, done.stdout + done.stderr
    (job,) = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8")).values()
    results = job["variables"]["IMP_RESULTS"]
    report = checkout / job["artifacts"]["reports"]["junit"].replace("$IMP_RESULTS", results)
    assert report.is_file() and (checkout / results / "report" / "summary.md").is_file()


def test_the_gitlab_job_installs_what_is_missing_and_runs_nothing_that_it_is_given(
    gitlab: tuple[subprocess.CompletedProcess[str], Path, Path], tmp_path: Path
) -> None:
    _, checkout, commands = gitlab
    (job,) = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8")).values()
    stand_ins = {name: f'echo "{name} $*" >> "{tmp_path}/called"' for name in ("uv", "python")}
    stand_ins["imp-conformance"] = f'[ "$1" != targets ] && exec "{commands}/imp-conformance" "$@"'  # it finds no Python 3.99
    for name, text in stand_ins.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    evil = 'x"; touch pwned; $(touch pwned) `touch pwned` *'
    variables = {**job["variables"], "IMP_PYTHON": evil, "IMP_CANDIDATE": evil, "IMP_BASELINE": evil, "IMP_ENVIRONMENT": tmp_path}
    (tmp_path / "versions").write_text("3.99\n", encoding="utf-8")
    script = "\n".join(job["script"][-2:])
    path = f"{tmp_path}:{commands}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=checkout,
        env=environment(tmp_path, PATH=path, **variables),
        check=False,
        text=True,
        capture_output=True,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert (tmp_path / "called").read_text(encoding="utf-8").splitlines()[-1] == "uv python install 3.99"
    assert not list(checkout.rglob("pwned"))


def test_a_new_user_gates_a_real_shim(gitlab: tuple[subprocess.CompletedProcess[str], Path, Path]) -> None:
    _, checkout, commands = gitlab

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(commands / "imp-conformance"), "run", "-q", "--tb=no", *arguments]
        return subprocess.run(command, cwd=checkout, env=environment(checkout.parent), check=False, text=True, capture_output=True)

    done = run(SUBJECT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((checkout / "found").glob("*+zombie-imp.json"))) == 1
    known = checkout / "known.yaml"
    data = yaml.safe_load(known.read_text(encoding="utf-8"))
    gone = data["differences"].pop()["case"]
    case = gone if isinstance(gone, str) else gone[0]
    known.write_text(yaml.safe_dump(data), encoding="utf-8")
    done = run(case)
    assert done.returncode == 1
    assert f"known.yaml:{len(known.read_text().splitlines())}: {case} on" in done.stdout
    assert "imp-conformance baseline update --results found --baseline known.yaml" in done.stdout
