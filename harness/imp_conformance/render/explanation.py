"""A case and what targets did with it, as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter

from imp_conformance.catalogue.by_release import expectation_by_release
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.portable.printable import printable
from imp_conformance.render.advice import advice
from imp_conformance.repro.command_line import options_of, repro_line
from imp_conformance.results.fault import Fault, faults
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.targets.names import numbers_of

_WITHOUT_IMP = (3, 12)
"""The series of Python from which on no CPython has an imp of its own."""

_ON_DISK = ("file", "directory")


def explanation(
    catalogue: Catalogue,
    case: Case,
    columns: Sequence[TargetResults],
    beside: Sequence[TargetResults] = (),
    *,
    find: Callable[[Mapping[str, str]], str] = itemgetter("name"),
) -> Iterator[str]:
    """Return the lines: what the case asks, what genuine releases do, and what each target did, the failures first.

    Args:
        catalogue: where the case is.
        case: what is explained.
        columns: the targets.
        beside: results of other targets, which help to tell whose a difference is.
        find: how a candidate that was a file or a directory is called in a command line, from what is known of it.
    """
    yield f"{case.id} ({catalogue.level(case)}): {case.title}"
    yield f"  written: {case.file}:{case.line}"
    yield ""
    yield from (f"  file: {entry['path']}" for entry in case.files)
    if case.given is not None:
        yield from textwrap.indent(f"given: {case.given.strip()}", "  ").splitlines()
    yield from textwrap.indent(case.code.rstrip(), "    ").splitlines()
    yield ""
    yield from _clauses(catalogue, case)
    yield "what genuine releases do"
    yield from (f"  {span}: {answer}" for span, answer in expectation_by_release(case))
    for change in case.changes:
        back = "" if change.until is None else f" and taken back with {change.until}"
        yield f"  changed with {change}{back}: {change.why}"
    differing = {column.id: [case.id] for column in columns if case.id in column.results and not column.results[case.id].conforms}
    told = faults([column for column in columns if column.id in differing], differing, [*columns, *beside])
    alike: dict[str, list[str]] = {}
    for column in columns:
        headline, lines = _outcome(catalogue, case, column, told.get(column.id), find)
        if lines:
            yield ""
            yield f"{column.id}: {headline}"
            yield from (f"  {line}" for line in lines)
        else:
            alike.setdefault(headline, []).append(column.id)
    for headline, ids in alike.items():
        yield ""
        yield from textwrap.wrap(f"{headline}: {', '.join(ids)}", 110, subsequent_indent="  ", break_on_hyphens=False)


def _clauses(catalogue: Catalogue, case: Case) -> Iterator[str]:
    yield "clauses"
    for name in case.clauses:
        clause = catalogue.clauses[name]
        yield f"  {clause.id} ({clause.level}, {clause.holds}): {clause.text}"
        yield from (f"    source: {source.document}, {source.anchor}" for source in clause.sources)
        for erratum in clause.errata:
            versions = f" ({erratum.versions})" if erratum.versions else ""
            yield f"    erratum: {erratum.document}{versions} says: {erratum.says} In fact: {erratum.fact}"
    yield ""


def _outcome(
    catalogue: Catalogue, case: Case, column: TargetResults, fault: Fault | None, find: Callable[[Mapping[str, str]], str]
) -> tuple[str, list[str]]:
    """Return a target's verdict, and more about it where there is more to say."""
    if case.id not in column.results:
        why = f"unavailable ({column.unavailable})" if column.unavailable else "not asked: its results are of a part of the cases"
        return printable(why), []
    result = column.results[case.id]
    if result.verdict is Verdict.NOT_APPLICABLE:
        return printable(f"not-applicable ({result.reason})"), []
    note = "" if column.current(catalogue) else " (of other cases than these: run it again)"
    if result.verdict is Verdict.PASS:
        return f"pass{note}", []
    candidate = column.target["candidate"]
    told = {
        "expected": result.expected,
        "observed": result.observed,
        "reason": result.reason,
        "whose": _on_later_python(column, result) if fault is None else _whose(fault),
        "to do": advice(case, result),
        "script": repro_line(case.id, options_of(column.target, find(candidate) if candidate["kind"] in _ON_DISK else None)),
    }
    return f"{result.verdict}{note}", [f"{name + ':':<10}{printable(text)}" for name, text in told.items() if text]


def _on_later_python(column: TargetResults, result: Result) -> str:
    """Say of a candidate on a Python that has no imp that the importlib it builds on is another one; else nothing."""
    if result.verdict is not Verdict.FAIL or numbers_of(str(column.target["python"]))[:2] < _WITHOUT_IMP:
        return ""
    return "not known: the importlib of Python 3.12 and later does some things otherwise, so that a genuine imp.py can fail here, too"


def _whose(fault: Fault) -> str:
    """Say whose the difference in the one case is that a fault is about; nothing where that is not known."""
    if fault.only:
        return f"the interpreter's: the same candidate passes on {fault.reference}"
    return f"the candidate's: it differs on {fault.reference}, too" if fault.also else ""
