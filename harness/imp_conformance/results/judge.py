"""Judge an observation of a case on a target; nothing is started here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.comparison import decide, describe_expectation, find_missing
from imp_conformance.portable.difference import Difference, describe_difference
from imp_conformance.portable.observation import Observation, decode
from imp_conformance.portable.printable import in_a_line

TEXT_LIMIT = 1200
"""Characters of each text that a result keeps; candidates can print and raise as much as they like."""


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
    expected: str = ""
    """All that is expected, in words."""
    observed: str = ""
    """All that was observed, in words."""
    difference: Difference | None = None
    """The first difference between the two; None where nothing is wrong."""
    unasked: str = ""
    """Why nothing was asked, for a case that is not applicable."""

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong: it passes, or nothing was asked."""
        return self.verdict.conforms

    @property
    def reason(self) -> str:
        """Why it is not a pass, in words; empty for a pass."""
        return self.unasked if self.difference is None else describe_difference(self.difference)

    def to_json(self) -> str | dict[str, Any]:
        """Return the entry of a result file, without the case's id, which is its key there."""
        if self.verdict is Verdict.PASS:
            return self.verdict.value
        if self.difference is None:
            return {"verdict": self.verdict.value, "reason": self.unasked}
        return {  # written out: asdict() costs twenty times as much, once in each process that a result passes through
            "verdict": self.verdict.value,
            "expected": self.expected,
            "observed": self.observed,
            "difference": self.difference.to_json(),
        }

    @classmethod
    def from_json(cls, case: str, entry: str | Mapping[str, Any]) -> Result:
        """Undo to_json.

        Raises:
            KeyError, TypeError, ValueError: for what is no entry.
        """
        if isinstance(entry, str):
            return cls(case, Verdict(entry))
        verdict = Verdict(entry["verdict"])
        if verdict is Verdict.NOT_APPLICABLE:
            return cls(case, verdict, unasked=entry["reason"])
        return cls(case, verdict, entry["expected"], entry["observed"], Difference.from_json(entry["difference"]))


def not_applicable(case: Case, release: Release, lacking: Mapping[str, str | None], platform: str = "", outside: str = "") -> Result | None:
    """Return the result of a case that a target need not answer, or None where it must.

    Args:
        case: what would be run.
        release: the release of CPython by whose behaviour it is judged.
        lacking: what the target does not have of what cases need, and why.
        platform: that it runs on, as sys.platform names it.
        outside: why the case is out of scope; empty where it is in.
    """
    if not case.asked(release, platform):
        reason = f"holds for {case.holds}"  # without the release, so that builds have equal results
    elif outside:
        reason = outside
    else:
        reasons = [lacking.get(need) for need in (*case.needs, case.process)]
        reason = "; ".join(text for text in reasons if text is not None)
        if not reason:
            return None
    return Result(case.id, Verdict.NOT_APPLICABLE, unasked=reason)


def missing(
    case: Case,
    release: Release,
    facts: Mapping[str, Any],
    present: frozenset[str],
    *,
    platform: str = "",
    places: Sequence[str] = (),
) -> Result | None:
    """Return the result of a case that uses names that imp lacks, so that it is not run; None where imp has them all.

    Args:
        case: what would be run.
        release: the release of CPython by whose behaviour it is judged.
        facts: of the target's interpreter.
        present: the attributes that its candidate has, of those that the catalogue uses.
        platform: that it runs on, as sys.platform names it.
        places: paths of the target's machine, which are to stand in no result.
    """
    difference = find_missing(case.names, present)
    if difference is None:
        return None
    facts = {**facts, "cwd": "{cwd}"}
    wanted = case.expectation(release, platform).resolved(facts)
    expected = _cut(Scrubber("{cwd}", "", facts, places)(describe_expectation(wanted, facts)))
    return Result(case.id, Verdict.MISSING, expected, "not run", difference)


def judge(
    case: Case, release: Release, seen: Observation, facts: Mapping[str, Any], *, platform: str = "", places: Sequence[str] = ()
) -> Result:
    """Return the verdict on what a target did with a case.

    Args:
        case: what was run.
        release: the release of CPython by whose behaviour it is judged.
        seen: what came of it.
        facts: of the target's interpreter.
        platform: that it runs on, as sys.platform names it.
        places: paths of the target's machine, which are to stand in no result.
    """
    facts = {**facts, **_own_facts(seen), "cwd": seen.cwd or "{cwd}"}  # a target that was lost has not said which it was
    wanted = case.expectation(release, platform).resolved(facts)
    verdict, observed, difference = decide(wanted, seen, facts, case.limit, case.given)
    if difference is None:
        return Result(case.id, Verdict.PASS)
    scrub = Scrubber(seen.cwd, seen.root, facts, places)

    def fit(text: str) -> str:
        return _cut(in_a_line(scrub(text)))

    expected = _cut(scrub(describe_expectation(wanted, facts)))
    if difference.kind == "given":  # it holds lines of the case
        return Result(case.id, Verdict(verdict), expected, fit(observed), difference.changed(lambda text: _cut(scrub(text))))
    return Result(case.id, Verdict(verdict), expected, fit(observed), difference.changed(fit))


def _own_facts(seen: Observation) -> dict[str, Any]:
    """Return the facts in which the process of a case differs from its target; none where the answer is not one that the agent gives."""
    told = (seen.answer or {}).get("facts")
    try:
        return {str(name): decode(tree) for name, tree in told.items()} if isinstance(told, dict) else {}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return {}


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}… ({len(text)} characters)"


_ONE_MAGIC = ("cpython", "pypy", "graalpy")
"""Implementations whose releases have one magic number each; others may draw theirs anew in each process."""


def _spellings(path: str) -> list[str]:
    """Return how a path is shown: on Windows also with backslashes escaped, twice where a message with its repr() is shown."""
    return list(dict.fromkeys((path.replace("\\", "\\" * 4), path.replace("\\", "\\" * 2), path)))


class Scrubber:
    """Takes out of a text what differs from one machine, or one run, to the next."""

    def __init__(self, cwd: str, root: str, facts: Mapping[str, Any], places: Sequence[str] = ()) -> None:
        sep = str(facts.get("sep", "/"))
        named = [
            (cwd, "{cwd}"),
            (f"{root}{sep}candidate" if root else "", "{candidate}"),
            (root, "{scratch}"),
            (str(facts.get("stdlib") or ""), "{stdlib}"),
        ]
        prefix = str(facts.get("prefix") or "")
        if len(prefix) > 1:
            named.append((f"{prefix}{sep}", f"{{prefix}}{sep}"))
        self._named = [(shown, token) for path, token in named if len(path) > 1 for shown in _spellings(path)]
        magic = facts.get("magic")
        if isinstance(magic, bytes) and facts.get("implementation") not in _ONE_MAGIC:
            parts = {"{magic}": magic, "{magic[:2]}": magic[:2], "{magic[2:]}": magic[2:]}
            self._named += [(repr(part), token) for token, part in parts.items() if part]
        # Whole paths only, the longest first: /usr is not to be taken out of /usr2, nor out of another path.
        shown = [text for place in places if place.count(sep) > 1 for text in _spellings(place)]
        paths = "|".join(re.escape(place) for place in sorted(shown, key=len, reverse=True))
        self._places = re.compile(rf"(?<![\w.}}/-])(?:{paths})(?![\w.-])") if paths else None

    def __call__(self, text: str) -> str:
        """Return the text with tokens for paths and without addresses."""
        for path, token in self._named:
            text = text.replace(path, token)
        if self._places is not None:
            text = self._places.sub("{machine}", text)
        text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x…", text)
        return text.encode("utf-8", "backslashreplace").decode("utf-8")  # lone surrogates are no text elsewhere
