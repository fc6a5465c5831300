"""Run the scripts of CI templates as a CI does, for tests of these on a machine without one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from imp_conformance.resources import catalogue_root

ROOT = catalogue_root()
ACTION = ROOT / "harness" / "action" / "action.yml"
SUBJECT = "load_dynamic"
"""What is run: zombie-imp has known differences there."""


def environment(folder: Path, **more: str | Path) -> dict[str, str]:
    """Return the variables of a fresh machine: none of pytest's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return {**kept, "TMPDIR": str(folder), "PIP_NO_COMPILE": "1", **{name: str(value) for name, value in more.items()}}


def of_subject(script: str) -> str:
    """Let a job's script, which runs all cases, run a part of them."""
    return re.sub(r"((?<![\w-])imp-conformance|\"\$command\") run ", rf"\1 run {SUBJECT} ", script)


@dataclass
class Outcome:
    """What came of a job."""

    status: int
    output: str
    summary: str
    values: dict[str, str]


class Runner:
    """Runs the shell steps of the action as GitHub's runner does; its other steps it takes as done."""

    def __init__(self, folder: Path, suite: Path = ROOT) -> None:
        self.folder = folder
        self.action = suite / ACTION.relative_to(ROOT)
        self.steps: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
        self.inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
        self.installed = False

    def __call__(self, workspace: Path, **inputs: str) -> Outcome:
        values = {f"inputs.{name}": inputs.get(name, str(entry["default"])) for name, entry in self.inputs.items()}
        values["steps.host.outputs.python-path"] = sys.executable
        values["github.action_path"] = str(self.action.parent)
        summary = self.folder / "summary"
        summary.write_text("")
        outcome = Outcome(0, "", "", values)
        for step in self.steps:
            if "run" in step and not (step["name"].startswith("Install") and self.installed) and outcome.status == 0:
                self._run(step, workspace, summary, outcome)
        self.installed = True
        outcome.summary = summary.read_text(encoding="utf-8")
        return outcome

    def _run(self, step: dict[str, Any], workspace: Path, summary: Path, outcome: Outcome) -> None:
        assert step["shell"] == "bash"
        told = self.folder / "output"
        told.write_text("")
        variables = {name: expanded(value, outcome.values) for name, value in step["env"].items()}
        files = {"RUNNER_TEMP": self.folder, "GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": told}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", of_subject(step["run"])],
            cwd=workspace,
            env=environment(self.folder, **variables, **files),
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        outcome.output += done.stdout
        outcome.status = done.returncode
        for name, _, text in re.findall(r"([\w-]+)<<(\S+)\n(.*?)\n?\2\n", told.read_text(), re.DOTALL):
            outcome.values[f"steps.{step['id']}.outputs.{name}"] = text


def expanded(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{\{\s*(\S+)\s*\}\}", lambda match: values[match.group(1)], text)
