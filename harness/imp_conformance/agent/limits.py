"""Limits of the agent's own processes: a case can lower them from below, which is no matter of the cases after it."""

from imp_conformance.agent.captured import real_getrlimit, real_setrlimit, resource
from imp_conformance.portable.protocol import HELD_LIMITS

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # noqa: F401  # novm


class HeldLimits:
    """These limits of this process, as they are now."""

    def __init__(self) -> None:
        """Note them."""
        self.spent = False  # whether one was lowered that this process may not raise again: another has to take its place
        self.limits = []  # type: list[tuple[int, Any]]
        for name in HELD_LIMITS if real_getrlimit is not None and real_setrlimit is not None else ():
            kind = getattr(resource, "RLIMIT_" + name, None)
            if kind is not None:
                self.limits.append((kind, real_getrlimit(kind)))

    def hold(self) -> None:
        """Give this process its limits back."""
        for kind, limit in self.limits:
            if real_getrlimit(kind) != limit:
                try:
                    real_setrlimit(kind, limit)
                except (OSError, ValueError):
                    self.spent = True
