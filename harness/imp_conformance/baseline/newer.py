"""Tell of differences that came with cases of a newer edition than the one that is gated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import Baseline
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.gate import Gate
from imp_conformance.results.judge import Result
from imp_conformance.results.scope import missing_names


def newer_lines(catalogue: Catalogue, gate: Gate, results: Mapping[str, Mapping[str, Result]], baseline: Baseline | None) -> list[str]:
    """Say how many cases of editions that are not gated differ, a line an edition, and what gates them.

    What differs only for the want of a name that the baseline has as missing is no news.
    """
    known = None if baseline is None else Known(baseline)
    counts: Counter[int] = Counter()
    for target, cases in results.items():
        listed = {} if known is None else known.missing(target)
        for case, result in gate.newer(catalogue, cases).items():
            names = missing_names(result)
            if not result.conforms and not (names and names <= listed.keys()):
                counts[catalogue.cases[case].edition] += 1
    what = "imp-conformance baseline update gates them" if baseline is not None else "a later edition in the configuration gates them"
    return [
        f"{count} new difference{'' if count == 1 else 's'} of edition {edition}, not gated: {what}"
        for edition, count in sorted(counts.items())
    ]
