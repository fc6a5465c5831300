"""Measures what replacements keep: runs the cases of what each replaces, and counts them by function and level."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.catalogue.replacements import Replacement
from imp_conformance.results.folders import read_columns
from imp_conformance.results.judge import Verdict

LEVELS = (Level.DOCUMENTED, Level.DOCSTRING, Level.OBSERVED)
"""Those that are measured: nobody can be told to rely on what is incidental."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one replacement of one function was measured to do on one interpreter."""

    counts: Mapping[str, tuple[int, int]]
    """By level: how many cases passed, of how many that were asked."""
    differing: tuple[str, ...]
    """The cases that did not pass."""

    def to_json(self) -> dict[str, Any]:
        """Return plain data that from_json takes."""
        return {"counts": {level: list(count) for level, count in self.counts.items()}, "differing": list(self.differing)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Figures:
        """Undo to_json."""
        return cls({level: (passed, asked) for level, (passed, asked) in data["counts"].items()}, tuple(data["differing"]))


Measured = dict[str, dict[str, dict[str, Figures]]]
"""Figures by replacement, interpreter and function."""


def verdicts(catalogue: Catalogue, target: Sequence[str], cases: Iterable[str]) -> dict[str, dict[str, Verdict]]:
    """Run cases, or those of subjects; return what came of those that were asked, by the id of the interpreter and by case.

    Args:
        catalogue: the cases.
        target: options of `run` that say what is judged.
        cases: what is run.

    Raises:
        ClickException: where the run came to no verdicts.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "imp_conformance", "run", "-q", "-n", "logical", "--tb=no", "-rN", "--level", "observed"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        whole = [*command, *target, "--results", folder, *cases]
        done = subprocess.run(whole, cwd=folder, env=kept, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1}:
            raise click.ClickException(f"{' '.join(target)}: the run ends with status {done.returncode}:\n{done.stdout}{done.stderr}")
        columns = read_columns(catalogue, Path(folder))
    return {
        column.id.partition("+")[0]: {
            case: result.verdict for case, result in column.results.items() if result.verdict is not Verdict.NOT_APPLICABLE
        }
        for column in columns
    }


def judged(root: Path, replacement: Replacement) -> list[str]:
    """Return the options of `run` that have a replacement judged, by the names that it has."""
    candidate = replacement.candidate if replacement.candidate.startswith("pypi:") else str(root / replacement.candidate)
    return ["--candidate", candidate, "--scope", "provided"]


def measure(root: Path, catalogue: Catalogue, replacement: Replacement, pythons: Sequence[str]) -> dict[str, dict[str, Figures]]:
    """Run the cases of what is replaced; return figures by interpreter and function."""
    target = [*judged(root, replacement), *(word for python in pythons for word in ("--python", python))]
    return {
        interpreter: {function: _figures(catalogue, function, found) for function in replacement.functions}
        for interpreter, found in verdicts(catalogue, target, replacement.functions).items()
    }


def _figures(catalogue: Catalogue, function: str, found: Mapping[str, Verdict]) -> Figures:
    by_level: dict[Level, list[str]] = {level: [] for level in LEVELS}
    for name in found:
        case = catalogue.cases[name]
        if case.subject == function and catalogue.level(case) in by_level:
            by_level[catalogue.level(case)].append(name)
    counts = {str(level): (sum(found[case] is Verdict.PASS for case in cases), len(cases)) for level, cases in by_level.items()}
    return Figures(counts, tuple(sorted(case for cases in by_level.values() for case in cases if found[case] is not Verdict.PASS)))
