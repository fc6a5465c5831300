"""Whether a fork and a process that was started for the case give the same verdict: that cases run in forks is not to be seen."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import FINAL, FIRST, Release
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.protocol import FRESH, OWN, WARM
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN as OWN_IMP
from imp_conformance.targets.discovery import Interpreter, found_interpreters
from imp_conformance.targets.session import start_loaded

DRAWN = 200
"""Cases that are compared, where not all are."""

SEED = 11
"""What the draw begins with, so that it is the same each time."""


def interpreters_with_imp() -> list[Interpreter]:
    """Return every interpreter found that has imp, whatever its implementation."""
    return [item for item in found_interpreters() if FIRST.series <= item.version[:2] <= FINAL.series]


def forked_cases(catalogue: Catalogue, every: bool) -> list[Case]:
    """Return the cases that run in a fork: all of them, or some that are always the same."""
    cases = [case for case in catalogue.cases.values() if case.process == WARM]
    return cases if every else random.Random(SEED).sample(cases, min(DRAWN, len(cases)))


def fork_disagreements(command: Sequence[str], catalogue: Catalogue, cases: Iterable[Case]) -> list[str]:
    """Run cases on an interpreter's own imp, each in a fork and in a fresh process; return a line for each whose verdicts differ.

    Raises:
        TargetUnavailable: it cannot be started.
    """
    found = []
    with closing(start_loaded(command, OWN_IMP, catalogue.names)) as session:
        lacking = session.lacking.get(OWN)
        if lacking is not None or not session.identity.forks:
            return [f"a fork and a fresh process cannot be compared: {lacking or 'it has no fork'}"]
        release = Release.parse(session.identity.version)
        for case in cases:
            forked, fresh = ask(session, case, release), ask(session, replace(case, process=FRESH), release)
            if forked.verdict is not fresh.verdict:
                reasons = "; ".join(f"{how}: {result.reason}" for how, result in (("fork", forked), ("fresh", fresh)) if result.reason)
                found.append(f"{case.id}: {forked.verdict} in a fork, {fresh.verdict} in a fresh process ({reasons})")
    return found


def fork_report(catalogue: Catalogue, every: bool, workers: int) -> Iterator[str]:
    """Compare forks and fresh processes on every interpreter found; give a line for each disagreement, as it is found.

    Args:
        catalogue: the cases.
        every: whether all are compared, not some.
        workers: number of interpreters that run at once.
    """
    cases, interpreters = forked_cases(catalogue, every), interpreters_with_imp()

    def compare(item: Interpreter) -> list[str]:
        try:
            return fork_disagreements([item.path], catalogue, cases)
        except TargetUnavailable as error:
            return [f"cannot be started: {error}"]

    with ThreadPoolExecutor(workers) as pool:
        for item, found in zip(interpreters, pool.map(compare, interpreters), strict=True):
            yield from (f"{item.implementation} {item.version_text}, fork and fresh process: {text}" for text in found)
