"""Results as JUnit XML, in the dialect that Jenkins and GitLab read: a suite a target, a test case a case."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import Result as Outcome

from imp_conformance.baseline.checking import entry_problems
from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import Baseline
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.portable.printable import printable
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scores import Matrix

_KINDS: Mapping[Verdict, type[Outcome]] = {
    Verdict.FAIL: Failure,
    Verdict.MISSING: Failure,
    Verdict.CRASH: Error,
    Verdict.TIMEOUT: Error,
    Verdict.NOT_APPLICABLE: Skipped,
}


def junit_xml(catalogue: Catalogue, matrix: Matrix, baseline: Baseline | None = None) -> bytes:
    """Return the document; it holds no times, so that the same findings are the same bytes.

    Differences that a baseline lists are skipped tests with their reason, and what it does not agree with are failed ones.
    """
    known = None if baseline is None else Known(baseline)
    suites = [_suite(column, list(_cases(catalogue, matrix.gate, column, known))) for column in matrix.columns]
    problems = [] if known is None else list(entry_problems(known, catalogue, matrix.gated_results(catalogue)))
    if problems:
        entries = [_entry(f"line {problem.line}", "baseline", Failure(printable(str(problem)), "baseline")) for problem in problems]
        suites.append(_filled(TestSuite("baseline"), entries))
    document = JUnitXml("imp-conformance")
    document.extend(suites)
    document.tests = sum(suite.tests for suite in suites)
    document.failures = sum(suite.failures for suite in suites)
    document.errors = sum(suite.errors for suite in suites)
    text = io.BytesIO()
    document.write(text, pretty=True)
    return text.getvalue()


def _suite(column: TargetResults, cases: list[TestCase]) -> TestSuite:
    suite = TestSuite(printable(column.id))
    about = {name: str(column.target[name]) for name in ("implementation", "release", "python", "platform", "emulates")}
    about.update({f"suite-{name}": str(value) for name, value in column.suite.items()})
    about["complete"] = "true" if column.complete else "false"
    for name, value in about.items():
        suite.add_property(name, printable(value))
    return _filled(suite, cases)


def _filled(suite: TestSuite, cases: list[TestCase]) -> TestSuite:
    """Put cases into a suite with their numbers, which are not left to junitparser because it adds times of zero."""
    suite.extend(cases)
    counts = Counter(type(result) for case in cases for result in case.result)
    suite.tests, suite.failures = len(cases), counts[Failure]
    suite.errors, suite.skipped = counts[Error], counts[Skipped]
    return suite


def _cases(catalogue: Catalogue, gate: Gate, column: TargetResults, known: Known | None) -> Iterator[TestCase]:
    if column.unavailable is not None:
        yield _entry("target", column.id, Error(printable(column.unavailable), "unavailable"))
    for case_id, result in sorted(column.results.items()):
        case = catalogue.cases[case_id]
        yield _entry(case_id, f"{column.id}/{case.subject}", _outcome(case, column.id, result, known, gate.why_not(catalogue, case_id)))


def _entry(name: str, classname: str, outcome: Outcome | None) -> TestCase:
    entry = TestCase(name, printable(classname))
    if outcome is not None:
        entry.append(outcome)
    return entry


def _outcome(case: Case, target: str, result: Result, known: Known | None, ungated: str) -> Outcome | None:
    """Return what JUnit is to say of a case on a target; None is a pass."""
    verdict = result.verdict
    reason = printable(result.reason)
    if ungated and not verdict.conforms:
        return Skipped(printable(f"{ungated}: {verdict}: {result.reason}"), "not-gated")
    if known is not None and not ungated:
        problem = known.problem(case.id, target, result)
        entry = known.entry(case.id, target, result)
        if problem is not None and verdict.conforms:
            return Failure(printable(str(problem)), "baseline")
        if entry is not None:
            return Skipped(printable(f"known {verdict}: {entry.why}"), "known-difference")
    if verdict is Verdict.PASS:
        return None
    outcome = _KINDS[verdict](reason, verdict.value)
    if not verdict.conforms:
        outcome.text = _details(result, case)
    return outcome


def _details(result: Result, case: Case) -> str:
    lines = {
        "shows": case.title,
        "clauses": ", ".join(case.clauses),
        "expected": result.expected,
        "observed": result.observed,
        "reason": result.reason,
        "written": f"{case.file}:{case.line}",
    }
    return "\n".join(f"{name + ':':9} {printable(text)}" for name, text in lines.items())
