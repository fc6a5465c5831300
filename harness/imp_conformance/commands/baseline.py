"""`imp-conformance baseline`: check results against a file of known differences, and update that file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imp_conformance.commands.common import EDITION, LEVEL, PATH, chosen_gate, own_catalogue, told
from imp_conformance.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imp_conformance.baseline.model import Baseline, Entry, Found
    from imp_conformance.baseline.update import Update
    from imp_conformance.catalogue.model import Catalogue, Level
    from imp_conformance.results.folders import ResultSet
    from imp_conformance.results.gate import Gate

_RESULTS = click.option("--results", "folder", type=PATH, metavar="DIR", help="The result files, or one of them.")
_BASELINE = click.option("--baseline", "file", type=PATH, metavar="FILE", help="The known differences, as YAML.")
_VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Tell the entries that would list what is not listed, and every case.")


@click.group("baseline")
def command() -> None:
    """Gate results by a file of known differences.

    --results and --baseline default to what [tool.imp-conformance] in pyproject.toml says.
    """


@command.command("check")
@_RESULTS
@_BASELINE
@LEVEL
@EDITION
@_VERBOSE
@told
def check(folder: Path | None, file: Path | None, level: Level | None, edition: int | None, *, verbose: bool) -> None:
    """Check that the results differ exactly as the baseline says.

    Exit status: 0 it holds, 1 it does not, 2 a file is invalid, 3 it holds, but the results are incomplete.
    """
    from imp_conformance.baseline.checking import settling
    from imp_conformance.baseline.newer import newer_lines
    from imp_conformance.baseline.reading import load_baseline
    from imp_conformance.config import configured, required

    defaults = configured(Path.cwd())
    folder, file = required("results", folder or defaults.results), required("baseline", file or defaults.baseline)
    catalogue = own_catalogue()
    baseline = load_baseline(file)
    baseline.check_edition(catalogue.edition)
    gate = chosen_gate(defaults, catalogue, level, edition, baseline.edition)
    results = _read(catalogue, folder)
    found = _gated(catalogue, results, gate)
    baseline = _met(baseline, results)
    gaps = _gaps(results)
    failed = _tell(baseline, catalogue, results, found, gaps, verbose=verbose)
    for line in newer_lines(catalogue, gate, {name: target.results for name, target in results.targets.items()}, baseline):
        click.echo(line)
    if failed:
        click.echo(settling(baseline, folder))
    sys.exit(ExitStatus.DIFFERS if failed else ExitStatus.INCOMPLETE if gaps else ExitStatus.CONFORMS)


@command.command("update")
@_RESULTS
@_BASELINE
@LEVEL
@EDITION
@_VERBOSE
@told
def update(folder: Path | None, file: Path | None, level: Level | None, edition: int | None, *, verbose: bool) -> None:
    """Make the baseline agree with the results, and gate all editions; reasons, links, comments and order stay.

    Where there is no file, it is begun. Exit status: 0 it agrees, 1 it names cases that do not exist, which are left to you,
    2 a file is invalid.
    """
    from dataclasses import replace

    from imp_conformance.baseline.model import Baseline
    from imp_conformance.baseline.reading import load_baseline, shown
    from imp_conformance.baseline.scope import write_provides
    from imp_conformance.baseline.update import plan_update
    from imp_conformance.baseline.writing import write_update
    from imp_conformance.config import configured, required
    from imp_conformance.results.gate import Gate

    defaults = configured(Path.cwd())
    folder, file = required("results", folder or defaults.results), required("baseline", file or defaults.baseline)
    catalogue = own_catalogue()
    gate = chosen_gate(defaults, catalogue, level, edition, catalogue.edition)
    results = _read(catalogue, folder)
    fresh = Baseline(shown(file), (), 1, gate.edition or catalogue.edition, gate.level)
    baseline = _met(load_baseline(file) if file.exists() else fresh, results)
    baseline.check_edition(catalogue.edition)
    last = max(baseline.edition, gate.edition or catalogue.edition)
    found = _gated(catalogue, results, Gate(gate.level, last))
    plan = plan_update(replace(baseline, edition=last), catalogue, found)
    write_update(file, baseline, plan)
    for line in _changes(baseline, plan):
        click.echo(line)
    pinned = write_provides(file, catalogue, list(results.targets.values()))
    if pinned is not None:
        click.echo(f"pinned: {', '.join(pinned) or 'no name'}")
    failed = _tell(_met(load_baseline(file), results), catalogue, results, found, _gaps(results), verbose=verbose)
    sys.exit(ExitStatus.DIFFERS if failed else ExitStatus.CONFORMS)


def _changes(baseline: Baseline, plan: Update) -> Iterator[str]:
    """Say what an update did, a line an entry."""
    if plan.edition != baseline.edition:
        yield f"changed: the edition: {plan.edition}; was {baseline.edition}"
    for old, new in zip(baseline.entries, plan.changed, strict=True):
        if new is None:
            yield f"removed: {old.what}: {'there again' if old.missing else f'not {old.listed} any more'}"
        elif new.missing != old.missing:
            yield f"changed: missing: without {', '.join(name for name in old.missing if name not in new.missing)}"
        elif new != old:
            was = _on(old) if old.missing or new.alike(old) else f"{old.said} on {_on(old)}"
            yield f"changed: {_said(new)}; was {was}"
    for entry in plan.added:
        yield f"added: {_said(entry)}"


def _said(entry: Entry) -> str:
    return f"{entry.what} on {_on(entry)}" if entry.missing else f"{entry.what}: {entry.said} on {_on(entry)}"


def _on(entry: Entry) -> str:
    return "every target" if entry.targets is None else ", ".join(entry.targets)


def _met(baseline: Baseline, results: ResultSet) -> Baseline:
    """Return a baseline that knows the targets, and has no two entries for one case on one of them.

    Raises:
        InvalidBaseline: where it has.
    """
    baseline = baseline.knowing(target.target for target in results.targets.values())
    baseline.check_targets(results.targets)
    return baseline


def _tell(baseline: Baseline, catalogue: Catalogue, results: ResultSet, found: Found, gaps: list[str], *, verbose: bool) -> bool:
    """Tell how a baseline and results disagree, and return whether they do."""
    from imp_conformance.baseline.checking import find_problems, summary_lines
    from imp_conformance.baseline.scope import scope_notes, scope_problems

    columns = list(results.targets.values())
    problems = [*scope_problems(baseline, catalogue, columns), *find_problems(baseline, catalogue, found, verbose=verbose)]
    notes = scope_notes(baseline, catalogue, columns)
    for line in [*map(str, problems), *gaps, *summary_lines(baseline, found, len(problems)), *notes]:
        click.echo(line)
    return bool(problems)


def _read(catalogue: Catalogue, folder: Path) -> ResultSet:
    """Read results that are of this catalogue's cases.

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
    return results


def _gated(catalogue: Catalogue, results: ResultSet, gate: Gate) -> Found:
    return {target.id: gate.gated(catalogue, target.results) for target in results.targets.values()}


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
