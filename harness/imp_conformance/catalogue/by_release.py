"""What is expected of which releases, in words that hold for every interpreter."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.expression import FACTS, Expression
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import FINAL, FIRST, JUDGED, LAST, Release
from imp_conformance.portable.comparison import describe_expectation

_ORDER = {release: number for number, release in enumerate(JUDGED)}
_TEXTS = (
    "cwd",
    "sep",
    "tag",
    "extension",
    "extension_path",
    "extension_kind",
    "multi_phase",
    "multi_phase_path",
    "prefix",
    "stdlib",
    "implementation",
)
_SYMBOLS = {**{name: f"{{{name}}}" for name in FACTS}, "sep": "/"}
"""Facts for which words are to hold of every interpreter: {tag} stands for its cache tag, and / for a path's separator."""


class _Written:
    """An expected value that depends on the interpreter, shown as the case has it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def expectation_by_release(case: Case) -> list[tuple[str, str]]:
    """Return what is expected of which releases, oldest expectation first, and then where a platform differs.

    Returns:
        Pairs of text: a range of releases such as ``3.4 to 3.6.2`` or ``since 3.6.3 on win32``, and what is expected of them.
    """
    return [(where, in_words(expected)) for where, expected in known_expectations(case)]


def known_expectations(case: Case) -> list[tuple[str, Expectation]]:
    """Return every expectation that a case has, with the releases, and the platform where not everywhere, in words."""
    usual = expectations(case)
    found = [(range_text(releases), expected) for releases, expected in usual]
    for platform in dict.fromkeys(name for change in case.changes for name in change.platforms):
        known = {release: expected for releases, expected in usual for release in releases}
        for releases, expected in expectations(case, platform):
            others = [release for release in releases if known[release] != expected]
            if others:
                found.append((f"{range_text(others)} on {platform}", expected))
    return found


def releases_alike(case: Case, release: Release, platform: str = "") -> str:
    """Return the range of all releases of which the same is expected as of one, on a platform."""
    expected = case.expectation(release, platform)
    return next((range_text(releases) for releases, other in expectations(case, platform) if other == expected), str(release))


def expectations(case: Case, platform: str = "") -> list[tuple[list[Release], Expectation]]:
    """Return which releases have which expectation on a platform, oldest expectation first."""
    if not case.changes:
        return [(_in_order(case), case.expect)]
    found: list[tuple[list[Release], Expectation]] = []
    for release in _in_order(case):
        expected = case.expectation(release, platform)
        known = next((releases for releases, other in found if other == expected), None)
        if known is None:
            found.append(([release], expected))
        else:
            known.append(release)
    return found


def _in_order(case: Case) -> list[Release]:
    asked = case.versions.releases()
    return [release for release in JUDGED if release in asked]  # a sort of so many takes longer than all the rest


def in_words(expected: Expectation) -> str:
    """Say what is expected, with {cwd}, {tag} and the like for what differs between interpreters."""
    return describe_expectation(expected.resolved_by(_symbolic), _SYMBOLS)


def _symbolic(expression: Expression) -> Any:
    """Evaluate an expected value with names for facts, or where that makes no sense take it as it is written."""
    if expression.constant:
        return expression.evaluate({})
    tree = ast.parse(f"({expression.source}\n)", mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp | ast.ListComp | ast.Subscript | ast.Compare) or (
            isinstance(node, ast.Attribute) and node.attr not in _TEXTS
        ):
            return _Written(ast.unparse(tree))
    return expression.evaluate(_SYMBOLS)


def range_text(releases: Sequence[Release]) -> str:
    """Say a set of releases, given in their order, as its spans."""
    spans: list[list[Release]] = []
    for release in releases:
        if spans and _ORDER[release] == _ORDER[spans[-1][-1]] + 1:
            spans[-1].append(release)
        else:
            spans.append([release])
    return ", ".join(_span_text(span[0], span[-1]) for span in spans)


def _span_text(first: Release, last: Release) -> str:
    begin = f"{first.major}.{first.minor}" if first.micro == 0 else str(first)
    if last == FINAL and first != FIRST:
        return f"since {begin}"
    if first.series == last.series and last.micro == LAST:
        return begin if first.micro == 0 else f"{begin} and later of {last}"
    return begin if first == last else f"{begin} to {last}"
