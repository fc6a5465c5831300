"""What fetching has in common: whether it may be done, and how what was fetched is put into its place whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def folder_beside(what: str, place: Path) -> Iterator[Path]:
    """Give a folder beside a place, from which what is fetched can be moved there whole, since others may be about the same.

    Args:
        what: the option, and what is not here, to be named in the error.
        place: where it is to be.

    Raises:
        UnknownTarget: where nothing can be written there.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".fetch-", ignore_cleanup_errors=True) as scratch:
            yield Path(scratch)
    except OSError as error:
        raise UnknownTarget(f"{what}, and cannot be put there: {error.strerror}: make it writable") from None


def move_whole(fresh: Path, place: Path, is_whole: Callable[[Path], bool]) -> None:
    """Move what was fetched into its place, unless another process was faster.

    Args:
        fresh: where it is.
        place: where it is to be; what is there and not whole is deleted.
        is_whole: says whether a folder has all of it.

    Raises:
        OSError: where it cannot be moved.
    """
    if not is_whole(place):
        shutil.rmtree(place, ignore_errors=True)
    try:
        fresh.rename(place)
    except OSError:
        if not is_whole(place):
            raise
