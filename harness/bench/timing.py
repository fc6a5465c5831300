"""Ratios of two costs that were measured in turn, so that whatever else the machine does hits both alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """What repetitions of one measurement gave: their median, and the least and the greatest of them."""

    median: float
    least: float
    greatest: float
    repetitions: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        return cls(median(values), min(values), max(values), len(values))

    def to_json(self) -> dict[str, Any]:
        """Return what is written down: three digits are more than any machine repeats."""
        return {
            "median": round_off(self.median),
            "least": round_off(self.least),
            "greatest": round_off(self.greatest),
            "repetitions": self.repetitions,
        }


def round_off(value: float) -> float:
    """Round to three digits that count."""
    return float(f"{value:.3g}")
