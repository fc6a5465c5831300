"""Compare what was observed with what was expected; nothing is started here."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from imp_conformance.catalogue import Case, Expectation, Raises, Text, Warned
from imp_conformance.expression import fill_facts
from imp_conformance.matchers import Bindings, compare, show
from imp_conformance.observed import Observation, ascii_repr, describe, describe_exception
from imp_conformance.versions import Release


class Verdict(StrEnum):
    """What can come of a case on a target."""

    PASS = "pass"
    FAIL = "fail"
    MISSING = "missing"
    CRASH = "crash"
    TIMEOUT = "timeout"
    NOT_APPLICABLE = "not-applicable"

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong: it passes, or nothing was asked."""
        return self in (Verdict.PASS, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict, and for anything but a pass what led to it."""

    case: str
    verdict: Verdict
    clauses: tuple[str, ...]
    expected: str = ""
    observed: str = ""
    reason: str = ""

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong: it passes, or nothing was asked."""
        return self.verdict.conforms

    def to_json(self) -> dict[str, Any]:
        """Return plain data that from_json takes, for the process that gathers results."""
        return {**asdict(self), "verdict": self.verdict.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Undo to_json."""
        return cls(**{**data, "verdict": Verdict(data["verdict"]), "clauses": tuple(data["clauses"])})


def not_applicable(case: Case, release: Release, lacking: Mapping[str, str | None]) -> Result | None:
    """Return the result of a case that a target need not answer, or None where it must."""
    if release not in case.versions:
        reason = f"holds for {case.versions}, not for {release}"
    else:
        reasons = [lacking.get(need) for need in case.needs]
        reason = "; ".join(text for text in reasons if text is not None)
        if not reason:
            return None
    return Result(case.id, Verdict.NOT_APPLICABLE, case.clauses, reason=reason)


def judge(case: Case, release: Release, seen: Observation, facts: Mapping[str, Any], present: frozenset[str]) -> Result:
    """Return the verdict on what a target did with a case.

    Args:
        case: what was run.
        release: whose promises are asked for.
        seen: what came of it.
        facts: of the target's interpreter.
        present: the attributes that its candidate has, of those that the catalogue uses.
    """
    expected = case.expectation(release)
    facts = {**facts, "cwd": seen.cwd}

    def result(verdict: Verdict, observed: str, reason: str) -> Result:
        scrub = Scrubber(seen, facts)
        wanted = describe_expectation(expected, facts)
        return Result(case.id, verdict, case.clauses, scrub(wanted), scrub(observed), scrub(reason))

    if seen.how == "timeout":
        return result(Verdict.TIMEOUT, "no answer", f"no answer within {case.limit:g} s")
    if seen.how != "exit" or seen.number != 0 or seen.answer is None:
        how = _ending(seen)
        return result(Verdict.CRASH, how, how)
    try:
        difference = find_difference(expected, seen.answer, seen.output, facts)
        observed = describe_answer(seen.answer)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        how = f"its answer is not one that the agent gives ({type(error).__name__})"
        return result(Verdict.CRASH, how, how)
    if difference is None:
        return Result(case.id, Verdict.PASS, case.clauses)
    absent = sorted(case.names - present)
    if absent:
        return result(Verdict.MISSING, observed, "imp has no " + ", ".join(absent))
    return result(Verdict.FAIL, observed, difference)


def _ending(seen: Observation) -> str:
    match seen.how:
        case "signal":
            try:
                name = signal.Signals(seen.number or 0).name
            except ValueError:
                name = "an unknown one"
            return f"ended by signal {seen.number} ({name})"
        case "exit":
            return f"ended with exit status {seen.number} before it answered"
        case "unloadable":
            return f"the candidate cannot be imported any more: {seen.detail}"
        case "nursery-lost":
            return "ended the process that holds the candidate"
    return f"ended the target: {seen.detail}"


def find_difference(expected: Expectation, answer: Mapping[str, Any], output: Mapping[str, str], facts: Mapping[str, Any]) -> str | None:
    """Return the first difference between an expectation and an answer, in words, or None."""
    if not answer.get("given", True):
        return "what is given does not hold: the function does not even do its work"
    raised = answer.get("raised")
    if expected.raises is not None:
        if raised is None:
            return f"expected {describe_raises(expected.raises, facts)}, observed the value {describe(answer['value'])}"
        difference = _compare_exception(expected.raises, raised, facts)
        if difference is not None:
            return difference
    elif raised is not None:
        return f"raised {describe_exception(raised)}"
    elif expected.value is not None:
        tree = answer["value"]
        difference = expected.value.difference(tree, facts, Bindings.of(tree), "value")
        if difference is not None:
            return difference
    return _find_side_difference(expected, answer, output, facts)


def _find_side_difference(
    expected: Expectation, answer: Mapping[str, Any], output: Mapping[str, str], facts: Mapping[str, Any]
) -> str | None:
    """Compare what a case expects beside its value or exception."""
    if expected.warnings is not None:
        difference = _compare_warnings(expected.warnings, answer["warnings"], facts)
        if difference is not None:
            return difference
    for place in ("modules", "files"):
        for kind, names in (getattr(expected, place) or {}).items():
            wanted, found = sorted(fill_facts(name, facts) for name in names), answer[place][kind]
            if wanted != found:
                return f"{place} {kind}: expected {wanted}, observed {found}"
    if expected.open_files is not None and sorted(expected.open_files) != answer["open_files"]:
        return f"files left open: expected {sorted(expected.open_files)}, observed {answer['open_files']}"
    for stream in ("stdout", "stderr"):
        text = getattr(expected, stream)
        if text is not None and fill_facts(text, facts) != output[stream]:
            return f"{stream}: expected {ascii_repr(fill_facts(text, facts))}, observed {ascii_repr(output[stream])}"
    return None


def _compare_exception(expected: Raises, seen: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    classes = seen["bases"][:1] if expected.exact else seen["bases"]
    if expected.type not in classes:
        return f"expected {describe_raises(expected, facts)}, observed {describe_exception(seen)}"
    difference = _compare_text(expected.message, seen["message"], facts, "message")
    if difference is not None:
        return difference
    for name, expression in expected.attributes.items():
        tree = seen["attributes"].get(name)
        if tree is None:
            return f"{name} of the {seen['type']}: expected {expression.source}, observed no such attribute"
        found = compare(expression.evaluate(facts), tree, Bindings.of(tree), f"{name} of the {seen['type']}")
        if found is not None:
            return found
    return None


def _compare_text(expected: Text, seen: str, facts: Mapping[str, Any], place: str) -> str | None:
    if expected.exact is not None:
        wanted = fill_facts(expected.exact, facts)
        return None if wanted == seen else f"{place}: expected {ascii_repr(wanted)}, observed {ascii_repr(seen)}"
    if expected.pattern is not None and not re.fullmatch(expected.pattern, seen, re.DOTALL):
        return f"{place}: expected text matching {ascii_repr(expected.pattern)}, observed {ascii_repr(seen)}"
    return None


def _compare_warnings(expected: tuple[Warned, ...], seen: list[Mapping[str, str]], facts: Mapping[str, Any]) -> str | None:
    shown = ", ".join(f"{entry['category']}: {entry['message']}" for entry in seen) or "none"
    if len(expected) != len(seen):
        wanted = ", ".join(entry.category for entry in expected) or "none"
        return f"warnings: expected {wanted}, observed {shown}"
    for index, (entry, found) in enumerate(zip(expected, seen, strict=True)):
        place = f"warnings[{index}]"
        if entry.category != found["category"]:
            return f"{place}: expected a {entry.category}, observed {found['category']}: {found['message']}"
        difference = _compare_text(entry.message, found["message"], facts, f"{place}.message")
        if difference is not None:
            return difference
        if entry.file is not None and entry.file != found["file"]:
            return f"{place} points to {found['file']}, expected to {entry.file}"
    return None


def describe_raises(expected: Raises, facts: Mapping[str, Any]) -> str:
    """Say which exception is expected."""
    name = expected.type if expected.exact else f"{expected.type} or a kind of it"
    if expected.message.exact is not None:
        return f"{name}: {fill_facts(expected.message.exact, facts)}"
    return name if expected.message.pattern is None else f"{name} matching {expected.message.pattern!r}"


def describe_expectation(expected: Expectation, facts: Mapping[str, Any]) -> str:
    """Say all that is expected, one part after the other."""
    parts = []
    if expected.raises is not None:
        parts.append("raises " + describe_raises(expected.raises, facts))
        for name, expression in expected.raises.attributes.items():
            parts.append(f"its {name}: {show(expression.evaluate(facts))}")
    if expected.value is not None:
        parts.append(show(expected.value.evaluate(facts)))
    if expected.warnings is not None:
        parts.append("warnings: " + (", ".join(entry.category for entry in expected.warnings) or "none"))
    for place in ("modules", "files"):
        for kind, names in (getattr(expected, place) or {}).items():
            parts.append(f"{place} {kind}: {', '.join(fill_facts(name, facts) for name in names) or 'none'}")
    if expected.open_files is not None:
        parts.append("files left open: " + (", ".join(expected.open_files) or "none"))
    for stream in ("stdout", "stderr"):
        text = getattr(expected, stream)
        if text is not None:
            parts.append(f"{stream}: {ascii_repr(fill_facts(text, facts))}")
    return "; ".join(parts)


def describe_answer(answer: Mapping[str, Any]) -> str:
    """Say the value or exception that was observed."""
    raised = answer.get("raised")
    return describe(answer["value"]) if raised is None else "raises " + describe_exception(raised)


class Scrubber:
    """Takes out of a text what differs from one machine, or one run, to the next."""

    def __init__(self, seen: Observation, facts: Mapping[str, Any]) -> None:
        named = [
            (seen.cwd, "{cwd}"),
            (f"{seen.root}/candidate", "{candidate}"),
            (seen.root, "{scratch}"),
            (str(facts.get("stdlib") or ""), "{stdlib}"),
        ]
        self._named = [(path, token) for path, token in named if len(path) > 1]
        prefix = str(facts.get("prefix") or "")
        if len(prefix) > 1:
            self._named.append((f"{prefix}/", "{prefix}/"))

    def __call__(self, text: str) -> str:
        """Return the text with tokens for paths and without addresses."""
        for path, token in self._named:
            text = text.replace(path, token)
        text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x…", text)
        return text.encode("utf-8", "backslashreplace").decode("utf-8")  # lone surrogates are no text elsewhere
