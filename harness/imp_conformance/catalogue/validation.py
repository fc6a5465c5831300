"""What must hold between clauses and cases: each is tested, each names what exists, and every range makes sense."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Case, Catalogue, Clause
from imp_conformance.catalogue.versions import JUDGED, Release
from imp_conformance.errors import InvalidCatalogue, Problem
from imp_conformance.portable.comparison import on_platform
from imp_conformance.portable.protocol import PROGRAM

_ENOUGH = ("value", "raises", "warnings", "stdout", "stderr", "status")
"""What a case may expect and nothing else."""

_OF_SNIPPETS = ("value", "raises", "warnings", "modules", "open_files")
"""What is expected of a snippet, and cannot be seen of a program."""


def checked_catalogue(root: Path) -> Catalogue:
    """Load the catalogue under root and check it as a whole.

    Raises:
        InvalidCatalogue: with every problem found.
    """
    catalogue = load_catalogue(root)
    problems = problems_between(catalogue)
    if problems:
        raise InvalidCatalogue(problems)
    return catalogue


def problems_between(catalogue: Catalogue) -> list[Problem]:
    """Return what is wrong between clauses and cases that are each right in themselves."""
    problems: list[Problem] = []
    tested: dict[str, set[Release]] = {clause: set() for clause in catalogue.clauses}
    for case in catalogue.cases.values():
        problems.extend(_case_problems(catalogue, case))
        for name in case.clauses:
            if name in catalogue.clauses and _covers(case, catalogue.clauses[name]):
                tested[name].update(case.versions.releases())
    for clause in catalogue.clauses.values():
        wanted = clause.versions.releases()
        if not wanted:
            problems.append(
                Problem(clause.file, clause.line, f"the clause {clause.id} holds in no release from 3.4 to 3.11", "fix its versions")
            )
        elif not tested[clause.id]:
            narrow = any(clause.id in case.clauses for case in catalogue.cases.values())
            what = "has no case that is asked on every platform where it holds" if narrow else "has no case"
            problems.append(Problem(clause.file, clause.line, f"the clause {clause.id} {what}", "add one to cases/, or remove it"))
        elif wanted - tested[clause.id]:
            gap = _span(wanted - tested[clause.id])
            problems.append(
                Problem(clause.file, clause.line, f"the clause {clause.id} has no case in {gap}", "add one, or narrow its versions")
            )
    return problems


def _covers(case: Case, clause: Clause) -> bool:
    """Whether a case is asked on every platform that a clause holds on."""
    return not case.platforms or (bool(clause.platforms) and all(on_platform(case.platforms, name) for name in clause.platforms))


def _case_problems(catalogue: Catalogue, case: Case) -> list[Problem]:
    problems = []

    def problem(what: str, todo: str) -> None:
        problems.append(Problem(case.file, case.line, f"{case.id}: {what}", todo))

    if case.id in catalogue.retired:
        problem("this id is retired", "give the case an id that was never used")
    if case.split_from is not None:
        origin = catalogue.cases.get(case.split_from)
        if origin is None:
            problem(f"it is split from {case.split_from!r}, which is no case", "name the case that it was a part of")
        elif case.edition != origin.edition:
            problem(f"its edition is {case.edition}, and {origin.id}, which it was a part of, has {origin.edition}", "give both the same")
    subjects = ", ".join(catalogue.subjects(case))
    strangers = catalogue.strangers(case)
    for name in sorted(strangers - case.uses.keys()):
        problem(f"it uses imp.{name}, which is of none of its subjects ({subjects})", "do without it, or say why not: uses: {NAME: reason}")
    for name in case.uses.keys() - strangers:
        what = "is of one of its subjects" if name in case.names else "it does not use"
        problem(f"uses names {name}, which {what}", "take it out")
    for expected in (case.expect, *(change.expect for change in case.changes)):
        if case.process == PROGRAM and any(getattr(expected, name) is not None for name in _OF_SNIPPETS):
            problem("of a program only stdout, stderr, status and files are seen", "let it print what is to be seen, or expect files")
        if case.process != PROGRAM and expected.status is not None:
            problem("only a program has an exit status", "expect raises: SystemExit, or set process: program")
    releases = case.versions.releases()
    if not releases:
        problem(f"versions {case.versions} hold no release from 3.4 to 3.11", "fix the range")
    for name in case.clauses:
        clause = catalogue.clauses.get(name)
        if (
            clause is not None
            and clause.platforms
            and not (case.platforms and all(on_platform(clause.platforms, name) for name in case.platforms))
        ):
            problem(f"it runs where the clause {name} does not hold, which holds on {', '.join(clause.platforms)}", "narrow its platforms")
        if clause is None:
            problem(f"there is no clause {name!r}", f"name one of specs/{case.subject}.yaml or its like, or add it there")
        elif releases - clause.versions.releases():
            outside = _span(releases - clause.versions.releases())
            problem(f"it runs on {outside}, where the clause {name} does not hold", "narrow the case's versions or widen the clause's")
    before = None
    for change in case.changes:
        reached = {release for release in releases if any(change.holds(release, name) for name in change.platforms or ("",))}
        if change.until is not None and not change.until.follows(change.since):
            problem(
                f"the change of {change} is taken back by {change.until}",
                "name in until a later release of each series that since names, and of no other",
            )
        if not reached or (reached == releases and not change.platforms):
            problem(f"the change of {change} is outside its versions", "move the change, or write it into expect")
        if case.platforms and not all(on_platform(case.platforms, name) for name in change.platforms):
            problem(f"the change of {change} is on a platform where the case is not asked", "narrow its platforms")
        if change.platforms:
            continue
        if before is not None and change.since.releases <= before:
            problem(f"the change of {change} comes after a later one", "put the changes in the order of their releases")
        before = change.since.releases
    ordered = [release for release in JUDGED if release in releases]
    platforms = ("", *dict.fromkeys(name for change in case.changes for name in change.platforms))
    for release, platform in product(ordered if case.changes else ordered[:1], platforms):
        expected = case.expectation(release, platform)
        if all(getattr(expected, name) is None for name in _ENOUGH) and not expected.files:
            problem(f"nothing is expected on {release}", "expect at least a value, an exception, warnings, output or files")
            break
    return problems


def _span(releases: set[Release] | frozenset[Release]) -> str:
    """Say a set of releases by its series, with the first missing release of each."""
    series = sorted({release.series for release in releases})
    parts = []
    for major, minor in series:
        mine = {release for release in releases if release.series == (major, minor)}
        whole = {release for release in JUDGED if release.series == (major, minor)}
        parts.append(f"{major}.{minor}" if mine == whole else f"{min(mine)} and others of its series")
    return ", ".join(parts)
