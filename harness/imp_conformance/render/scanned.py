"""A scan for people at a terminal: a line per use and target, and what each target loses in the clauses' words."""

from __future__ import annotations

from collections.abc import Iterator

from imp_conformance.render.plain import plain
from imp_conformance.results.needs import Kept, Lost
from imp_conformance.scan.model import Import, Scanned, Shim, Use
from imp_conformance.scan.needed import reasons
from imp_conformance.scan.published import Asked, results_folder
from imp_conformance.scan.report import Report

_CASES = 2
"""How many cases of a clause are named."""


def scan_lines(report: Report, *, verbose: bool) -> Iterator[str]:
    """Say what was found, file by file, and how much it is."""
    distribution = ""
    for file in report.scanned:
        lines = list(_file_lines(report, file, verbose=verbose))
        if lines and file.distribution != distribution:
            distribution = file.distribution
            yield f"{plain(distribution)}:"
        yield from lines
    yield from summary_lines(report)


def _file_lines(report: Report, file: Scanned, *, verbose: bool) -> Iterator[str]:
    if file.problem is not None:
        yield plain(str(file.problem))
    for finding in file.findings:
        yield from finding_lines(report, file, finding)
    if not verbose:
        return
    for guarded in file.guarded:
        yield f"{where(file, guarded)}: {plain(guarded.text)}: guarded: {plain(guarded.guard)}"
    for shim in file.shims:
        yield f"{where(file, shim)}: {plain(shim.text)}: a shim is put in imp's place"
    if file.own:
        yield f"{file.file}: the imp that it imports is one of the program's own"


def finding_lines(report: Report, file: Scanned, finding: Import | Use) -> Iterator[str]:
    """Say of one finding what each target does with the clauses that it needs."""
    place = f"{where(file, finding)}: {plain(finding.text)}"
    if isinstance(finding, Import):
        place += ": nothing of it is used"
    if not report.asked:
        yield f"{place}: fails on Python 3.12 and later, which have no imp"
        return
    clauses = report.needed(finding)
    for asked in report.asked:
        found = report.held(asked, clauses)
        if found is None:
            yield f"{place}: {asked.id} has no imp"
            continue
        yield f"{place}: {verdict(asked, found, _what(finding))}"
        for lost in found.lost:
            yield f"    {loss(report, finding, lost)}"


def verdict(asked: Asked, found: Kept, what: str) -> str:
    """Say in one line what a target does with the clauses that something needs."""
    number = len(found.kept) + len(found.lost)
    of_all = f"{len(found.lost)} of {number} clauses" if number > 1 else "the one clause"
    unasked = f"; it was not asked about {len(found.unasked)}" if found.unasked else ""
    if found.lost:
        return f"{asked.id} loses {of_all} that {what} needs{unasked}"
    if not number:
        return f"{asked.id} was not asked about any clause that {what} needs"
    return f"{asked.id} keeps {f'all {number} clauses' if number > 1 else of_all} that {what} needs{unasked}"


def loss(report: Report, finding: Import | Use, lost: Lost) -> str:
    """Say what a target loses, in the clause's words, with what needs it and the cases that show it."""
    text = f"{lost.clause}: {report.catalogue.clauses[lost.clause].text}"
    because = reasons(report.catalogue.needs, finding, lost.clause)
    text += f" Needed because {' and '.join(because)}." if because else ""
    if lost.missing:
        return f"{text} It has no imp.{finding.name}." if isinstance(finding, Use) else text
    more = f" and {len(lost.cases) - _CASES} more" if len(lost.cases) > _CASES else ""
    share = f"{len(lost.cases)} of its {lost.asked} cases" if lost.asked > 1 else "its only case"
    return f"{text} Shown by {share}: {', '.join(lost.cases[:_CASES])}{more}."


def summary_lines(report: Report) -> Iterator[str]:
    """Say how much was found, and what could not be said."""
    files = len(report.scanned)
    findings = [finding for _, finding in report.findings]
    uses = sum(isinstance(finding, Use) for finding in findings)
    broken = sum(report.breaks(finding) for finding in findings)
    counts = [
        _count(uses, "use of imp", "uses of imp"),
        _count(len(findings) - uses, "unused import", "unused imports"),
        _count(sum(len(file.guarded) for file in report.scanned), "guarded use", "guarded uses"),
        _count(sum(len(file.shims) for file in report.scanned), "shim in imp's place", "shims in imp's place"),
        _count(sum(file.own for file in report.scanned), "file with an imp of the program's own", "files with an imp of the program's own"),
    ]
    told = ", ".join(count for count in counts if count) or "no use of imp"
    yield f"{told} in {_count(files, 'file', 'files') or 'no file'}"
    unread = sum(file.problem is not None for file in report.scanned)
    if unread:
        yield f"{_count(unread, 'file', 'files')} could not be scanned"
    if findings and not report.asked:
        yield f"there are no published results here ({results_folder()}), so nothing is said of what shims do: scan in a checkout"
    old = [asked.id for asked in report.asked if asked.column is not None and asked.column.mark(report.catalogue)]
    if findings and old:
        yield f"the results of {', '.join(old)} are of other cases than those here: what they say of a clause may be older than its words"
    if broken:
        yield f"{_count(broken, 'finding', 'findings')} would break"


def where(file: Scanned, found: Import | Use | Shim) -> str:
    """Return the place of something as editors take it."""
    return f"{file.file}:{found.place.line}:{found.place.column}"


def _what(finding: Import | Use) -> str:
    return "this import" if isinstance(finding, Import) else "this call" if finding.kind == "call" else "this use"


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}" if number else ""
