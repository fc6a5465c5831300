"""Where the catalogue's files are: in the installed package, or in the checkout that it is run from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def catalogue_root() -> Path:
    """Return the folder that holds specs/ and cases/."""
    packaged = _PACKAGE / "catalogue_data"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1]


def package_text(name: str) -> str:
    """Return the text of a file of the package."""
    return (_PACKAGE / name).read_text(encoding="utf-8")
