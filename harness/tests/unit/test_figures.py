"""The figures of the bench: what repetitions gave, and whether that keeps to a bar."""

from __future__ import annotations

from bench.__main__ import Figure
from bench.timing import Spread


def test_a_figure_keeps_to_its_bar_or_does_not() -> None:
    value = Spread.of([1.0, 3.0, 2.0])
    assert (value.median, value.least, value.greatest, value.repetitions) == (2, 1, 3, 3)
    assert Figure("a", "A", value).met
    assert Figure("a", "A", value, at_most=2).met
    assert not Figure("a", "A", value, at_most=1.9).met
    assert not Figure("a", "A", value, at_least=2.1).met
    assert Figure("a", "A", value, at_least=1, at_most=3).bar == "at least 1 and at most 3"
