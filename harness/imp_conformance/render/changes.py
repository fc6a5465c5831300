"""A comparison of results in a terminal: a table a target, and one line for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from imp_conformance.render.plain import plain
from imp_conformance.results.diff import CaseChange, Comparison, Kind
from imp_conformance.results.judge import Result

_STYLES = {Kind.REGRESSED: "bold red", Kind.CHANGED: "yellow", Kind.FIXED: "green"}


_ONE_SIDED = {Kind.ADDED: "NEW", Kind.REMOVED: "OLD"}
"""The kinds of what only one side has, and which side."""


def comparison_view(comparison: Comparison, *, verbose: bool = False) -> Iterator[RenderableType]:
    """Show each target on which something differs or is odd; what only one side has is counted, and listed where asked for."""
    for target in comparison.targets:
        if target.differences or target.remarks:
            yield Text(plain(target.id), style="bold")
            for remark in target.remarks:
                yield Text(f"  {plain(remark.text)}", style="bold red" if remark.incomplete else "")
            shown = [change for change in target.differences if verbose or change.kind not in _ONE_SIDED]
            if shown:
                yield _table(shown)
            for kind, side in _ONE_SIDED.items() if not (verbose or target.one_sided) else ():
                found = [change for change in target.differences if change.kind is kind]
                if found:
                    yield Text(f"  only in {side}: {_counted(found)}; -v lists them")
            yield Text("")


def summary_line(comparison: Comparison) -> str:
    """Count the kinds on one line."""
    counts = comparison.counts
    parts = [f"{kind} {counts[kind]}" for kind in Kind]
    added = [difference for target in comparison.targets for difference in target.differences if difference.kind is Kind.ADDED]
    wrong = sum(difference.new is not None and not difference.new.conforms for difference in added)
    if wrong:
        parts[list(Kind).index(Kind.ADDED)] += f" ({wrong} not passing)"
    targets = len(comparison.targets)
    text = f"{', '.join(parts)}; {targets} target{'' if targets == 1 else 's'}"
    return f"{text}; INCOMPLETE" if comparison.incomplete else text


def _counted(changes: Sequence[CaseChange]) -> str:
    results = [change.new or change.old for change in changes]
    wrong = sum(result is not None and not result.conforms for result in results)
    text = f"{len(changes)} case{'' if len(changes) == 1 else 's'}"
    return f"{text} ({wrong} not passing)" if wrong else text


def _table(differences: Sequence[CaseChange]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("  what", "case", "old", "new", "why"):
        table.add_column(title, overflow="fold", no_wrap=title not in ("case", "why"))
    for difference in differences:
        style = _STYLES.get(difference.kind, "")
        table.add_row(
            Text(f"  {difference.kind}", style=style),
            Text(plain(difference.case)),
            _verdict(difference.old),
            _verdict(difference.new),
            Text(_why(difference)),
        )
    return table


def _verdict(result: Result | None) -> Text:
    return Text("-" if result is None else result.verdict)


def _why(difference: CaseChange) -> str:
    old, new = difference.old, difference.new
    if difference.kind is Kind.CHANGED and old is not None and new is not None and old.verdict is new.verdict:
        return f"was: {plain(old.reason)}; is: {plain(new.reason)}"
    return plain((new.reason if new else "") or (old.reason if old else ""))
