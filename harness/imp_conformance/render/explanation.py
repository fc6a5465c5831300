"""A case and what targets did with it, as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from imp_conformance.catalogue.by_release import expectation_by_release
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.render.advice import advice
from imp_conformance.repro.command_line import options_of, repro_line
from imp_conformance.results.model import TargetResults
from imp_conformance.results.judge import Verdict


def explanation(catalogue: Catalogue, case: Case, columns: Sequence[TargetResults]) -> Iterator[str]:
    """Return the lines: what the case asks, what genuine versions answer, and what each target did, the failures first."""
    yield f"{case.id} ({catalogue.level(case)}): {case.title}"
    yield f"  written: {case.file}:{case.line}"
    yield ""
    yield from (f"  file: {entry['path']}" for entry in case.files)
    if case.given is not None:
        yield from textwrap.indent(f"given: {case.given.strip()}", "  ").splitlines()
    yield from textwrap.indent(case.code.rstrip(), "    ").splitlines()
    yield ""
    yield from _promises(catalogue, case)
    yield "genuine versions answer"
    yield from (f"  {span}: {answer}" for span, answer in expectation_by_release(case))
    yield from (f"  changed with {change.since}: {change.why}" for change in case.changes)
    alike: dict[str, list[str]] = {}
    for column in columns:
        result = column.results.get(case.id)
        headline, lines = _outcome(catalogue, case, column, result)
        if lines:
            yield ""
            yield f"{column.id}: {headline}"
            yield from (f"  {line}" for line in lines)
        else:
            alike.setdefault(headline, []).append(column.id)
    for headline, ids in alike.items():
        yield ""
        yield from textwrap.wrap(f"{headline}: {', '.join(ids)}", 110, subsequent_indent="  ", break_on_hyphens=False)


def _promises(catalogue: Catalogue, case: Case) -> Iterator[str]:
    yield "promised"
    for name in case.clauses:
        clause = catalogue.clauses[name]
        yield f"  {clause.id} ({clause.level}, {clause.versions}): {clause.text}"
        yield from (f"    source: {source.document}, {source.anchor}" for source in clause.sources)
        for erratum in clause.errata:
            versions = f" ({erratum.versions})" if erratum.versions else ""
            yield f"    erratum: {erratum.document}{versions} says: {erratum.says} In fact: {erratum.fact}"
    yield ""


def _outcome(catalogue: Catalogue, case: Case, column: TargetResults, result: Any) -> tuple[str, list[str]]:
    """Return a target's verdict, and more about it where there is more to say."""
    if result is None:
        why = f"unavailable ({column.unavailable})" if column.unavailable else "not asked: its results are of a part of the cases"
        return why, []
    verdict = result["verdict"]
    if verdict == Verdict.NOT_APPLICABLE:
        return f"not-applicable ({result['reason']})", []
    stale = column.suite["digest"] != catalogue.digest
    note = " (of other cases than these: run it again)" if stale else ""
    if verdict == Verdict.PASS:
        return f"pass{note}", []
    lines = [f"{name + ':':<10}{result[name]}" for name in ("expected", "observed", "reason")]
    todo = advice(case, verdict, result["expected"], result["reason"])
    lines += [f"to do:    {todo}"] if todo else []
    return verdict + note, [*lines, f"script:   {repro_line(case.id, options_of(column.target))}"]
