"""Results as JUnit XML, in the dialect that Jenkins and GitLab read: a suite a target, a test case a case."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import Result

from imp_conformance.catalogue import Catalogue
from imp_conformance.judge import Verdict
from imp_conformance.matrix import Matrix
from imp_conformance.render.printable import printable
from imp_conformance.results import TargetResults

_KINDS: Mapping[Verdict, type[Result]] = {
    Verdict.FAIL: Failure,
    Verdict.MISSING: Failure,
    Verdict.CRASH: Error,
    Verdict.TIMEOUT: Error,
    Verdict.NOT_APPLICABLE: Skipped,
}


def junit_xml(catalogue: Catalogue, matrix: Matrix) -> bytes:
    """Return the document; it holds no times, so that the same findings are the same bytes."""
    document = JUnitXml("imp-conformance")
    totals: Counter[str] = Counter()
    suites = [(column, list(_cases(catalogue, column))) for column in matrix.columns]
    stale = "its results were made with other cases than these: run them again"
    suites += [(column, [_target_case(column, "left-out", stale)]) for column in matrix.stale]
    for column, cases in suites:
        suite = _suite(column, cases)
        totals.update(tests=suite.tests, failures=suite.failures, errors=suite.errors)
        document.append(suite)
    document.tests, document.failures, document.errors = totals["tests"], totals["failures"], totals["errors"]
    text = io.BytesIO()
    document.write(text, pretty=True)
    return text.getvalue()


def _suite(column: TargetResults, cases: list[TestCase]) -> TestSuite:
    suite = TestSuite(printable(column.id))
    about = {name: str(column.target[name]) for name in ("implementation", "version", "platform", "emulates")}
    about.update({f"suite-{name}": column.suite[name] for name in ("version", "digest")})
    about["complete"] = "true" if column.complete else "false"
    for name, value in about.items():
        suite.add_property(name, printable(value))
    suite.extend(cases)
    # The numbers are not left to junitparser, which adds times of zero.
    counts = Counter(type(result) for case in cases for result in case.result)
    suite.tests, suite.failures = len(cases), counts[Failure]
    suite.errors, suite.skipped = counts[Error], counts[Skipped]
    return suite


def _cases(catalogue: Catalogue, column: TargetResults) -> Iterator[TestCase]:
    if column.unavailable is not None:
        yield _target_case(column, "unavailable", column.unavailable)
    for case_id, result in sorted(column.results.items()):
        case = catalogue.cases[case_id]
        entry = TestCase(case_id, f"{printable(column.id)}/{case.subject}")
        verdict = Verdict(result["verdict"])
        if verdict is not Verdict.PASS:
            told = _KINDS[verdict](printable(result.get("reason", "")), verdict.value)
            if verdict is not Verdict.NOT_APPLICABLE:
                told.text = _details(result, case.title, f"{case.file}:{case.line}")
            entry.append(told)
        yield entry


def _target_case(column: TargetResults, kind: str, reason: str) -> TestCase:
    """Return a test case that stands for the whole target."""
    entry = TestCase("target", printable(column.id))
    entry.append(Error(printable(reason), kind))
    return entry


def _details(result: Mapping[str, Any], title: str, written: str) -> str:
    lines = {
        "shows": title,
        "clauses": ", ".join(result["clauses"]),
        "expected": result.get("expected", ""),
        "observed": result.get("observed", ""),
        "reason": result.get("reason", ""),
        "written": written,
    }
    return "\n".join(f"{name + ':':9} {printable(text)}" for name, text in lines.items())
