"""The commands that a run names at its end, for what it has found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from imp_conformance.baseline.reading import shown
from imp_conformance.portable.printable import printable
from imp_conformance.pytest_plugin.options import Options
from imp_conformance.render.findings import Differing, Found
from imp_conformance.repro.command_line import repro_line
from imp_conformance.results.judge import Verdict
from imp_conformance.results.scope import ALL
from imp_conformance.runner.run import Run

_DIFFERENCES = Path("known-differences.yaml")
"""What a baseline is called that is not there yet."""


def next_steps(
    run: Run, options: Options, found: Sequence[Found], differing: Differing, baseline: Path | None, *, resumable: bool
) -> Iterator[str]:
    """Give the lines; none where nothing differs.

    Args:
        run: the run.
        options: what was asked for.
        found: the causes of what differs.
        differing: what differs.
        baseline: the file that is there, or that is to be made, where one is named.
        resumable: whether the run has more to do before its results are of use.
    """
    if not differing:
        return
    steps = {}
    if found:
        target_id, case = found[0].example
        target = next(target for target in run.targets if target.id == target_id)
        steps["a script that shows it"] = repro_line(case, options.asking_for(target))
    if any(result.verdict is Verdict.MISSING for results in differing.values() for result in results.values()) and options.scope == ALL:
        steps["leave out what is not provided"] = "the same command with --scope provided"
    if resumable:
        steps["go on"] = "the same command with --resume"
    elif run.folder is None:
        steps["keep the results"] = "the same command with --results DIR; explain, baseline update and report read them"
    else:
        results = printable(shown(run.folder))
        if found:
            steps["the same in words"] = f"imp-conformance explain {found[0].example[1]} --results {results}"
        known = printable(shown(baseline or _DIFFERENCES))
        steps["know what differs"] = f"imp-conformance baseline update --results {results} --baseline {known}"
        steps["a page of all"] = f"imp-conformance report --results {results} --output DIR"
    yield "next:"
    width = max(map(len, steps))
    yield from (f"  {what + ':':<{width + 1}} {command}" for what, command in steps.items())
