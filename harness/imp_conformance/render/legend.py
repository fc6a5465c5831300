"""What levels and verdicts mean, in the words that every rendering uses."""

from __future__ import annotations

from imp_conformance.catalogue.model import Catalogue, Level, Use
from imp_conformance.results.judge import Verdict

LEVELS = {
    Level.DOCUMENTED: "What the library page says.",
    Level.DOCSTRING: "What only the docstrings (pydoc) say.",
    Level.OBSERVED: "What no document says, but every genuine build does and callers can see.",
    Level.INCIDENTAL: "The text of messages, frames, order: what genuine builds do, and nobody should rely on.",
}

VERDICTS = {
    Verdict.PASS: ("✓", "It behaves as CPython of that release did."),
    Verdict.FAIL: ("F", "It behaves otherwise."),
    Verdict.MISSING: ("M", "A name that the case uses is not there."),
    Verdict.CRASH: ("C", "The process ended, by a signal or with an exit status."),
    Verdict.TIMEOUT: ("T", "It did not end within the case's time."),
    Verdict.NOT_APPLICABLE: (
        "\N{EN DASH}",
        "Nothing is asked: the case is about other releases, or out of scope, or the target lacks what it needs.",
    ),
}
"""By verdict: its sign in a cell, and its meaning."""

NOT_RUN_SIGN = "·"


def use_in_words(use: Use) -> str:
    """Say what a score by use is, and where its weights come from; nothing where nothing is known of use."""
    if not use.shares:
        return ""
    shares = ", ".join(f"{subject} {share} %" for subject, share in use.shares.items())
    return f"The share that passes, where each name counts as much as callers use it ({shares}). {use.source}"


def case_levels(catalogue: Catalogue) -> list[Level]:
    """Return the levels that have cases, the most binding first: what has none is in no table."""
    found = {catalogue.level(case) for case in catalogue.cases.values()}
    return [level for level in Level if level in found]
