"""What the parts of the plugin share during a run: they find it in pytest's config."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from imp_conformance.baseline.model import Baseline
from imp_conformance.results.gate import Gate
from imp_conformance.runner.run import Run

ATTRIBUTE = "imp_conformance"
"""The attribute of a report, and the key of a worker's input and output, that holds the plugin's own data."""


@dataclass(slots=True)
class Outcome:
    """How a run ended, apart from its results."""

    lost: dict[str, str] = field(default_factory=dict)
    """Target id → why it stopped answering."""
    resumable: bool = False
    """Whether --resume would ask what is left."""
    nothing: bool = False
    """Whether no case was selected."""


RUN = pytest.StashKey[Run]()
BASELINE = pytest.StashKey[Baseline | None]()
OUTCOME = pytest.StashKey[Outcome]()
GATE = pytest.StashKey[Gate]()
