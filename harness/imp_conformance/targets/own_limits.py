"""The limits of this very process: a case that runs as the same user can lower them, which is no matter of the run."""

from __future__ import annotations

from contextlib import suppress

from imp_conformance.portable.protocol import HELD_LIMITS

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


class OwnLimits:
    """These limits, as they are now."""

    def __init__(self) -> None:
        """Note them."""
        kinds = {name: getattr(resource, f"RLIMIT_{name}", None) for name in HELD_LIMITS}
        self._limits = {name: (kind, resource.getrlimit(kind)) for name, kind in kinds.items() if kind is not None}
        self._told: set[str] = set()

    def hold(self) -> list[str]:
        """Give this process its limits back, and say, once, of which that cannot be done."""
        lowered = []
        for name, (kind, limit) in self._limits.items():
            now = resource.getrlimit(kind)
            if now == limit:
                continue
            try:
                resource.setrlimit(kind, limit)
            except (OSError, ValueError):  # only root can raise what was lowered for good
                with suppress(OSError, ValueError):
                    resource.setrlimit(kind, (now[1], now[1]))
                if name not in self._told:
                    self._told.add(name)
                    lowered.append(
                        f"a case has lowered the limit RLIMIT_{name} of this run to {now[1]} for good: where it cannot go on, "
                        "another run goes on with --resume"
                    )
        return lowered
