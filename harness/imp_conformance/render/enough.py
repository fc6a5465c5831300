"""Which targets are enough for a program, and what the others lack of what it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.results.model import TargetResults
from imp_conformance.results.needs import Lost, held
from imp_conformance.results.scores import known_results

_NAMED = 2
"""How many cases of a clause are named."""


def enough_lines(catalogue: Catalogue, columns: Sequence[TargetResults], needed: Collection[str], level: Level) -> Iterator[str]:
    """Say of each target whether it keeps all clauses of a level that a program needs, and name those that it does not keep."""
    for column in columns:
        if column.unavailable is not None:
            yield f"{column.id}: not known whether it is enough: unavailable"
            continue
        found = held(catalogue, known_results(catalogue, column), needed, level)
        number = len(found.kept) + len(found.lost)
        more = len(found.unasked)
        unasked = f"; {more} more {'was' if more == 1 else 'were'} not asked" if more else ""
        mark = column.mark(catalogue)
        name = f"{column.id} ({mark})" if mark else column.id
        if not found.lost:
            yield f"{name}: enough for this program: it keeps all {number} clauses that are needed{unasked}"
            continue
        yield f"{name}: not enough: it loses {len(found.lost)} of {number} clauses that are needed{unasked}"
        for lost in found.lost:
            yield f"    {lost_in_words(catalogue, lost)}"


def lost_in_words(catalogue: Catalogue, lost: Lost) -> str:
    """Say what is lost in the clause's words, with the cases that show it."""
    more = f" and {len(lost.cases) - _NAMED} more" if len(lost.cases) > _NAMED else ""
    share = f"{len(lost.cases)} of its {lost.asked} cases" if lost.asked > 1 else "its only case"
    shown = f"{'names are missing in' if lost.missing else 'shown by'} {share}: {', '.join(lost.cases[:_NAMED])}{more}"
    return f"{lost.clause}: {catalogue.clauses[lost.clause].text} ({shown})"
