"""Whether what is not on this machine may be fetched: not with --offline."""

from __future__ import annotations

from imp_conformance.errors import UnknownTarget


class _Switch:
    offline = False


_SWITCH = _Switch()


def go_offline(offline: bool = True) -> None:
    """Forbid, or allow again, that this process fetches anything."""
    _SWITCH.offline = offline


def is_offline() -> bool:
    """Say whether nothing may be fetched."""
    return _SWITCH.offline


def may_fetch(what: str) -> None:
    """Go on where fetching is allowed.

    Args:
        what: the option, and what is not here, to be named in the error.

    Raises:
        UnknownTarget: with --offline.
    """
    if _SWITCH.offline:
        raise UnknownTarget(f"{what}, and --offline forbids to fetch it: leave out --offline once, or name something that is here")
