"""`imp-conformance baseline`: check results against a file of known differences, and update that file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imp_conformance.commands.common import LEVEL, PATH, chosen_gate, own_catalogue, told
from imp_conformance.errors import ExitStatus

if TYPE_CHECKING:
    from imp_conformance.baseline.model import Baseline, Verdicts
    from imp_conformance.catalogue.model import Catalogue, Level
    from imp_conformance.results.folders import ResultSet
    from imp_conformance.results.gate import Gate

_RESULTS = click.option("--results", "folder", type=PATH, metavar="DIR", help="The result files, or one of them.")
_BASELINE = click.option("--baseline", "file", type=PATH, metavar="FILE", help="The known differences, as YAML.")


@click.group("baseline")
def command() -> None:
    """Gate results by a file of known differences.

    --results and --baseline default to what [tool.imp-conformance] in pyproject.toml says.
    """


@command.command("check")
@_RESULTS
@_BASELINE
@LEVEL
@told
def check(folder: Path | None, file: Path | None, level: Level | None) -> None:
    """Check that the results differ exactly as the baseline says.

    Exit status: 0 it holds, 1 it does not, 2 a file is invalid, 3 it holds, but the results are incomplete.
    """
    from imp_conformance.baseline.model import find_problems, load_baseline, summary_lines
    from imp_conformance.baseline.scope import scope_notes, scope_problems
    from imp_conformance.config import configured, required

    defaults = configured(Path.cwd())
    folder, file = required("results", folder or defaults.results), required("baseline", file or defaults.baseline)
    catalogue = own_catalogue()
    baseline = load_baseline(file)
    results, found = _read(catalogue, folder, chosen_gate(defaults, level, baseline.edition))
    baseline = baseline.knowing(target.target for target in results.targets.values())
    baseline.check_targets(found)
    columns = list(results.targets.values())
    problems = [*scope_problems(baseline, catalogue, columns), *find_problems(baseline, catalogue, found)]
    for problem in problems:
        click.echo(str(problem))
    gaps = _gaps(results)
    for line in gaps + summary_lines(baseline, found, len(problems)) + scope_notes(baseline, catalogue, columns):
        click.echo(line)
    sys.exit(ExitStatus.DIFFERS if problems else ExitStatus.INCOMPLETE if gaps else ExitStatus.CONFORMS)


@command.command("update")
@_RESULTS
@_BASELINE
@LEVEL
@told
def update(folder: Path | None, file: Path | None, level: Level | None) -> None:
    """Make the baseline agree with the results; reasons, links, comments and order stay.

    Exit status: 0 it agrees, 1 it names cases that do not exist, which are left to you, 2 a file is invalid.
    """
    from imp_conformance.baseline.model import Baseline, find_problems, load_baseline, shown, summary_lines
    from imp_conformance.baseline.scope import write_provides
    from imp_conformance.baseline.update import plan_update
    from imp_conformance.baseline.writing import write_update
    from imp_conformance.config import configured, required

    defaults = configured(Path.cwd())
    folder, file = required("results", folder or defaults.results), required("baseline", file or defaults.baseline)
    catalogue = own_catalogue()
    baseline = load_baseline(file) if file.exists() else Baseline(shown(file), (), 1, catalogue.edition)
    results, found = _read(catalogue, folder, chosen_gate(defaults, level, baseline.edition))
    baseline = baseline.knowing(target.target for target in results.targets.values())
    baseline.check_targets(found)
    plan = plan_update(baseline, found, tuple(catalogue.cases))
    write_update(file, baseline, plan)
    pinned = write_provides(file, catalogue, list(results.targets.values()))
    if pinned is not None:
        click.echo(f"pinned: {', '.join(pinned) or 'no name'}")
    for old, new in zip(baseline.entries, plan.changed, strict=True):
        if new is None:
            click.echo(f"removed: {old.case}: not {old.verdict} any more")
        elif new != old:
            click.echo(f"changed: {old.case}: {new.verdict} on {_targets(new.targets)}; was {old.verdict} on {_targets(old.targets)}")
    for entry in plan.added:
        click.echo(f"added: {entry.case}: {entry.verdict} on {_targets(entry.targets)}")
    after: Baseline = load_baseline(file).knowing(target.target for target in results.targets.values())
    problems = find_problems(after, catalogue, found)
    for problem in problems:
        click.echo(str(problem))
    for line in _gaps(results) + summary_lines(after, found, len(problems)):
        click.echo(line)
    sys.exit(ExitStatus.DIFFERS if problems else ExitStatus.CONFORMS)


def _targets(targets: tuple[str, ...] | None) -> str:
    return "every target" if targets is None else ", ".join(targets)


def _read(catalogue: Catalogue, folder: Path, gate: Gate) -> tuple[ResultSet, Verdicts]:
    """Read results that are of this catalogue's cases; return them, and the verdicts of those that are gated.

    Raises:
        InvalidResults: where they are of others, or no results.
    """
    from imp_conformance.errors import InvalidResults
    from imp_conformance.results.folders import check_cases, read_result_set

    results = read_result_set(folder)
    check_cases(catalogue, results)
    for target in results.targets.values():
        if not target.current(catalogue):
            raise InvalidResults(
                f"{results.files[target.id]}: made with other cases than this imp-conformance has: "
                "make it anew with imp-conformance run --results, or install the release that it was made with"
            )
    gated = {target.id: gate.gated(catalogue, target.results) for target in results.targets.values()}
    found = {target: {case: result.verdict for case, result in cases.items()} for target, cases in gated.items()}
    return results, found


def _gaps(results: ResultSet) -> list[str]:
    """Say which results are missing."""
    lines = []
    for target in results.targets.values():
        if target.unavailable is not None:
            lines.append(f"UNAVAILABLE {target.id}: {target.unavailable}")
        elif not target.complete:
            lines.append(f"PARTIAL {target.id}: only {len(target.results)} cases were run")
    return lines + [
        f"PARTIAL {path}: of a run that did not end, left out: finish that run, or delete the file" for path in results.left_out
    ]
