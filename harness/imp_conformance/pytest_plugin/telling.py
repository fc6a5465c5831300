"""What a run tells of a case that a target does not pass: the lines that stand in pytest's report and in the run's own."""

from __future__ import annotations

from imp_conformance.catalogue.model import Case
from imp_conformance.pytest_plugin.options import Options
from imp_conformance.repro.command_line import repro_line
from imp_conformance.results.judge import Result
from imp_conformance.runner.run import Run
from imp_conformance.targets.target import Target


def failure_lines(run: Run, options: Options, case: Case, result: Result, target: Target) -> list[str]:
    """Say what was expected, what was observed, and how to see it."""
    return [
        f"{case.id} on {target.id}: {result.verdict}",
        f"  shows:    {case.title}",
        f"  level:    {run.catalogue.level(case)}",
        f"  clauses:  {', '.join(case.clauses)}",
        f"  expected: {result.expected}",
        f"  observed: {result.observed}",
        f"  reason:   {result.reason}",
        f"  written:  {case.file}:{case.line}",
        f"  script:   {repro_line(case.id, options.asking_for(target))}",
    ]
