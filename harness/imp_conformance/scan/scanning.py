"""Scans all files of some paths."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imp_conformance.scan.file import scan_file
from imp_conformance.scan.model import Scanned
from imp_conformance.scan.sources import Source, find_sources


def scan_sources(sources: Iterable[Source | Scanned], public: frozenset[str]) -> list[Scanned]:
    """Find the uses of imp in files.

    Args:
        sources: the files, and what could not be listed.
        public: the names that imp has had.
    """
    return [
        source
        if isinstance(source, Scanned)
        else scan_file(
            source.path,
            source.shown,
            public,
            own=source.own,
            distribution=source.distribution,
            thorough=not source.distribution,  # what is wrong in it otherwise is not this user's
        )
        for source in sources
    ]


def scan_paths(paths: Iterable[Path], public: frozenset[str]) -> list[Scanned]:
    """Find the uses of imp in files, and in all files of folders."""
    return scan_sources(find_sources(paths), public)
