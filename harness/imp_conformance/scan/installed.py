"""The files of what is installed in the environment of the running Python."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from imp_conformance.portable.printable import in_a_line
from imp_conformance.scan.sources import SUFFIXES, Source


def installed_sources() -> Iterator[Source]:
    """Give the files of Python of each installed distribution, by the names of these; a file that is gone is passed over.

    Where a distribution brings an imp of its own, it is that which all others get.
    """
    distributions = sorted(metadata.distributions(), key=lambda found: (str(found.metadata["Name"]).lower(), found.version))
    listed = {str(found.metadata["Name"]).lower(): found for found in reversed(distributions)}
    own = any(str(file) in ("imp.py", "imp/__init__.py") for found in listed.values() for file in found.files or ())
    for _, found in sorted(listed.items()):
        name = in_a_line(f"{found.metadata['Name']} {found.version}")
        for file in sorted(found.files or (), key=str):
            path = Path(str(found.locate_file(file)))
            if file.suffix in SUFFIXES and path.is_file():
                yield Source(path, in_a_line(str(file)), own, name)
