"""What the agent may use here, as the rehearsal has found it; every process of a target knows the same."""

import os
import sys

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # noqa: F401  # novm

ANONYMOUS, MAPPED, FILE = "anonymous", "mapped", "file"
"""What processes share: memory without a name, memory that is a file's, a file that is read and written."""


class Means:
    """How cases are run, and what is done without."""

    def __init__(self) -> None:
        """Begin with all that an interpreter can have."""
        self.forks = hasattr(os, "fork")
        self.memory = ANONYMOUS
        self.without = []  # type: list[str]  # a text for each thing that is done without

    def lose(self, what: str, why: str, instead: str) -> None:
        """Note that something is done without, why, and what is done in its place."""
        self.without.append("{} ({}): {}".format(what, why, instead))


MEANS = Means()


def absent_names(needs: "dict[str, list[str]]") -> "list[str]":
    """Return those names of modules that the agent cannot do without and that are not there.

    Args:
        needs: the names by their modules, which bundle.used_names() has found in the agent's own source.
    """
    return [name + "." + attribute for name in sorted(needs) for attribute in needs[name] if not hasattr(sys.modules[name], attribute)]
