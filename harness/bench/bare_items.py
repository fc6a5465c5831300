"""A pytest plugin that collects a given number of empty items, to measure pytest's own cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the number of items."""
    parser.addoption("--bare-items", type=int, default=1)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector:
    """Collect the items from whatever file is given."""
    collector: BareFile = BareFile.from_parent(parent, path=file_path)
    return collector


class BareFile(pytest.File):
    """The file that holds the items."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items."""
        for number in range(self.config.getoption("--bare-items")):
            yield BareItem.from_parent(self, name=f"item-{number}")


class BareItem(pytest.Item):
    """An item that does nothing."""

    def runtest(self) -> None:
        """Do nothing."""
