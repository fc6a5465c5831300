"""What differs in a run, by cause, for its terminal: the most important first, an example of each, and no more than two screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.portable.printable import printable, visible
from imp_conformance.render.plain import cut
from imp_conformance.results.causes import causes, importance
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.scope import absent_names, listed

_ROOM = 58
"""Lines that the causes may take: two screens of fifty, without what stands before and after them."""

_LISTED = 10
"""How many causes have a line of their own, beside those with an example in full."""

_EXAMPLE = 11
"""Lines that a cause takes with an example in full."""

_LINE_SHOWN = 220
"""Characters of a line of an example: two lines of a terminal."""

_WIDTH, _HEADING = 118, 60
"""Characters of a line without an example, and of what is wrong in it at least."""

_SCRIPT = "  script:"
"""How a line begins that is to be copied, and so is shown to its end."""

Differing = Mapping[str, Mapping[str, Result]]
"""By target id and case id: results that do not conform, are gated, and are not known differences."""

Example = Callable[[str, str], Sequence[str]]
"""Gives the lines that tell of a case on a target."""


@dataclass(frozen=True, slots=True)
class Found:
    """A cause, on all targets that have it."""

    what: str
    level: Level
    cases: Mapping[str, Sequence[str]]
    """By target id; the first serves as an example."""
    lacking: bool = False
    """Whether it is that imp lacks names, which a line of the scores says too."""

    @property
    def example(self) -> tuple[str, str]:
        """A target and a case of it."""
        target, cases = next(iter(self.cases.items()))
        return target, cases[0]

    def heading(self, width: int) -> str:
        """Say what is wrong, in how many cases, and at which level, in as many characters at most."""
        counts = sorted({len(cases) for cases in self.cases.values()})
        number = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        end = f": {number} case{'' if counts[-1] == 1 else 's'} ({self.level})"
        return cut(printable(self.what), width - len(end)) + end


def find_causes(catalogue: Catalogue, differing: Differing) -> list[Found]:
    """Return the causes of what differs, the most important first; the last is that imp lacks names, where it does."""
    cases: dict[tuple[str, str], dict[str, Sequence[str]]] = {}
    ranks: dict[tuple[str, str], tuple[tuple[object, ...], Level]] = {}
    lacking: dict[str, Sequence[str]] = {}
    for target, results in differing.items():
        for cause in causes(catalogue, {case: result for case, result in results.items() if result.verdict is not Verdict.MISSING}):
            key = cause.subject, cause.what
            cases.setdefault(key, {})[target] = cause.cases
            rank = importance(catalogue, cause), cause.level
            ranks[key] = min(ranks.get(key, rank), rank)
        if missing := [case for case in catalogue.cases if case in results and results[case].verdict is Verdict.MISSING]:
            lacking[target] = missing
    found = [Found(key[1], ranks[key][1], where) for key, where in sorted(cases.items(), key=lambda item: ranks[item[0]][0])]
    if lacking:
        levels = {catalogue.level(catalogue.cases[case]) for missing in lacking.values() for case in missing}
        names = absent_names(result for results in differing.values() for result in results.values())
        found.append(Found(f"imp has no {listed(names, _HEADING)}", min(levels, key=list(Level).index), lacking, lacking=True))
    return found


def findings(found: Sequence[Found], targets: int, example: Example, *, verbose: bool, examples: bool = True) -> Iterator[str]:
    """Give the lines.

    Args:
        found: the causes.
        targets: how many targets the run has; with several, it is told which of them a cause is on.
        example: gives the lines of an example.
        verbose: whether to list every cause: pytest has told every case in full then.
        examples: whether to show an example in full where there is room.
    """
    full = (_ROOM - min(_LISTED, max(0, len(found) - _ROOM // _EXAMPLE))) // _EXAMPLE if examples and not verbose else 0
    shown = len(found) if verbose else full + _LISTED
    for number, cause in enumerate(found[:shown], 1):
        where = f" on {_some(list(cause.cases))}" if targets > 1 else ""
        target, case = cause.example
        start, end = f"{number}. ", f"{where}: {case}"
        if number <= full:
            yield f"{start}{cause.heading(_LINE_SHOWN)}{where}"
            yield from (line if line.startswith(_SCRIPT) else cut(visible(line), _LINE_SHOWN) for line in example(target, case))
            yield ""
        else:
            yield start + cause.heading(max(_HEADING, _WIDTH - len(start) - len(end))) + end
    rest = [cause for cause in found[shown:] if not cause.lacking]
    if rest:
        cases = sum(max(map(len, cause.cases.values())) for cause in rest)
        yield f"and {len(rest)} more cause{'' if len(rest) == 1 else 's'}, of {cases} cases: -v tells all"


def _some(targets: Sequence[str]) -> str:
    return ", ".join(targets) if len(targets) <= 3 else f"{', '.join(targets[:2])} and {len(targets) - 2} more"
