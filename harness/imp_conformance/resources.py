"""Files: where those of the catalogue and the package are, and how one is written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from imp_conformance.errors import FileUnwritable

_PACKAGE = Path(__file__).resolve().parent


@cache
def catalogue_root() -> Path:
    """Return the folder that holds specs/ and cases/."""
    packaged = _PACKAGE / "catalogue_data"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1]


def package_text(name: str) -> str:
    """Return the text of a file of the package."""
    return (_PACKAGE / name).read_text(encoding="utf-8")


@contextmanager
def replacing(path: Path, mode: int | None = None) -> Iterator[Path]:
    """Give the path of a new file, which takes the place of another at the end; where the block raises, nothing is changed.

    Args:
        path: the file that is written.
        mode: its permissions; where left out, those of the file that is there, or else those that the umask leaves.

    Raises:
        FileUnwritable: where it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}.new")
    try:
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else mode))
        try:
            if mode is None and path.exists():
                fresh.chmod(stat.S_IMODE(path.stat().st_mode))
            yield fresh
            fresh.replace(path)
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise FileUnwritable(path, error) from None
