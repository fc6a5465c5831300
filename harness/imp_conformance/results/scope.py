"""Which part of imp is asked for: all of it, what a candidate provides, or names that a user gives."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import UnknownName
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults

ALL = "all"
PROVIDED = "provided"

_OUT_OF_SCOPE = "out of scope"
_ASKED_FOR = "asked for"

_NAMED = 3
"""How many names a reason tells, which stands in many results."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The names of imp that one target is asked for."""

    names: frozenset[str] | None = None
    """None where it is asked for all of imp."""
    outside: frozenset[str] = frozenset()
    """The names of imp that it is not asked for."""
    why: str = ""
    """What is said of these."""

    def why_not(self, case: Case) -> str:
        """Say why a case is out of scope; empty where it is not: it uses none of the names outside."""
        found = ordered(case.names & self.outside)
        if not found:
            return ""
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        return f"{_OUT_OF_SCOPE}: {', '.join(found[:_NAMED])}{more} {'is' if len(found) == 1 else 'are'} not {self.why}"

    @property
    def told(self) -> str | list[str]:
        """What a result file says of it."""
        return ALL if self.names is None else sorted(self.names)


EVERYTHING = Asked()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a user asks for."""

    provided: bool = False
    named: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, catalogue: Catalogue, text: str) -> Scope:
        """Read ``all``, ``provided``, or names of imp with commas between them.

        Raises:
            UnknownName: for what is no name of imp.
        """
        if text in (ALL, PROVIDED):
            return cls(provided=text == PROVIDED)
        known = frozenset().union(*catalogue.about.values())
        names = [name.strip() for name in text.split(",")]
        for name in names:
            if name not in known:
                close = difflib.get_close_matches(name, [ALL, PROVIDED, *ordered(known)], n=3)
                hint = f"did you mean {' or '.join(close)}?" if close else f"use {ALL}, {PROVIDED}, or names such as load_source,reload"
                raise UnknownName(f"--scope {text}: imp has no name {name!r}: {hint}")
        return cls(named=frozenset(names))

    def __str__(self) -> str:
        return PROVIDED if self.provided else ",".join(ordered(self.named)) or ALL

    def asked(self, catalogue: Catalogue, release: Release, provides: Collection[str]) -> Asked:
        """Return what a target is asked for: all of imp, where nothing of it is left out.

        Args:
            catalogue: the cases, which say what imp has.
            release: by which the target is judged.
            provides: the names that its candidate has.
        """
        if not self.provided and not self.named:
            return EVERYTHING
        public = catalogue.public(release)
        names = public.intersection(provides) if self.provided else self.named
        outside = public - names
        return Asked(names, outside, PROVIDED if self.provided else _ASKED_FOR) if outside else EVERYTHING


def ordered(names: Iterable[str]) -> list[str]:
    """Return names of imp as people look for them: functions by the alphabet, then constants."""
    return sorted(names, key=lambda name: (name.isupper(), name.casefold()))


def scope_in_words(catalogue: Catalogue, results: TargetResults) -> str:
    """Say of how much of imp results are, such as ``5 of 34 names``; empty where that is all."""
    if isinstance(results.scope, str):
        return ""
    public = public_names(catalogue, results)
    return f"{len(public.intersection(results.scope))} of {len(public)} names"


def public_names(catalogue: Catalogue, results: TargetResults) -> frozenset[str]:
    """Return the names of imp in the release by which a target was judged."""
    try:
        return catalogue.public(Release.parse(str(results.target["emulates"])))
    except ValueError:  # a file that was edited
        return frozenset()


def missing_names(result: Result) -> frozenset[str]:
    """Return the names of imp for whose want a case was not run."""
    difference = result.difference
    if result.verdict is not Verdict.MISSING or difference is None or difference.kind != "missing":
        return frozenset()
    return frozenset(difference.expected.split(", "))


def absent_names(results: Iterable[Result]) -> list[str]:
    """Return the names for want of which cases were not run."""
    return ordered(frozenset().union(*map(missing_names, results)))


def outside_names(catalogue: Catalogue, results: TargetResults) -> tuple[str, list[str]]:
    """Return what is said of the names of imp that were not asked for, and these."""
    if isinstance(results.scope, str):
        return "", []
    reasons = [result.unasked for result in results.results.values() if result.unasked.startswith(_OUT_OF_SCOPE)]
    what = f"not {PROVIDED}" if reasons and reasons[0].endswith(PROVIDED) else _OUT_OF_SCOPE
    return what, ordered(public_names(catalogue, results).difference(results.scope))


def listed(names: Sequence[str], width: int) -> str:
    """Return as many names as fit into a width, and an ellipsis where there are more."""
    text = ""
    for number, name in enumerate(names):
        longer = f"{text}, {name}" if text else name
        if text and len(longer) + (number < len(names) - 1) * len(", …") > width:
            return f"{text}, …"
        text = longer
    return text
