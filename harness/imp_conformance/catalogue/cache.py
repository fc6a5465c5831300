"""The cache of the loaded catalogue: most processes find its files as the last one left them.

An entry holds what was read from a folder's specs/ and cases/. Its name is a digest of every byte that it depends on: those
files, the code that reads them, the schemas, and the Python that runs it. Any change gives another digest, whatever a file's
time and size say, so an entry is right or unused. It is a pickle in a folder of the user's cache directory that nobody else
can write to. Where there can be no such folder, or an entry is not as it was written, the files are read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import platformdirs

if TYPE_CHECKING:
    from imp_conformance.catalogue.model import Catalogue

ENTRIES = 16
"""How many of the newest entries stay: about a megabyte each."""

_PACKAGE = Path(__file__).resolve().parents[1]
CODE = ("catalogue", "portable", "errors.py", "resources.py")
"""The packages and modules that a catalogue is made by: those that the contract of layers lets catalogue/ import."""
_SEAL = 20
"""Bytes of the digest that stands before each part of an entry, to tell a damaged one."""


class Line(NamedTuple):
    """What a list says of a case or a clause."""

    id: str
    subject: str
    level: str
    versions: str
    text: str


class Index(NamedTuple):
    """What a list needs of a catalogue: a small part, which is read apart."""

    subjects: tuple[str, ...]
    cases: tuple[Line, ...]
    clauses: tuple[Line, ...]


class _Head(NamedTuple):
    """The first part of an entry; the catalogue is the second."""

    listing: Index
    checked: bool
    """Whether the catalogue was found to be sound as a whole."""


def cached_index(root: Path) -> Index:
    """Return what a list needs of the catalogue under root.

    Raises:
        InvalidCatalogue: where a file breaks the rules of its format.
    """
    name = _entry_name(root)
    found = next(_parts(name), None)
    return found.listing if isinstance(found, _Head) else _loaded(root, name)[0].listing


def cached_catalogue(root: Path) -> Catalogue:
    """Return the catalogue under root, as load_catalogue does.

    Raises:
        InvalidCatalogue: where a file breaks the rules of its format.
    """
    return _cached(root, _entry_name(root))[1]


def sound_catalogue(root: Path) -> Catalogue:
    """Return the catalogue under root, checked as a whole, as checked_catalogue does.

    Raises:
        InvalidCatalogue: with every problem found.
    """
    name = _entry_name(root)
    head, catalogue = _cached(root, name)
    if not head.checked:
        from imp_conformance.catalogue.validation import problems_between
        from imp_conformance.errors import InvalidCatalogue

        problems = problems_between(catalogue)
        if problems:
            raise InvalidCatalogue(problems)
        _write(name, head._replace(checked=True), catalogue)
    return catalogue


def _cached(root: Path, name: str) -> tuple[_Head, Catalogue]:
    match list(_parts(name)):
        case [_Head() as head, catalogue]:
            return head, catalogue
    return _loaded(root, name)


def _loaded(root: Path, name: str) -> tuple[_Head, Catalogue]:
    """Read the files, and write what was read into the cache."""
    from imp_conformance.catalogue.loader import load_catalogue

    catalogue = load_catalogue(root)
    cases = (Line(case.id, case.subject, catalogue.level(case).value, str(case.versions), case.title) for case in catalogue.cases.values())
    clauses = (
        Line(clause.id, clause.id.partition(".")[0], clause.level.value, str(clause.versions), clause.text)
        for clause in catalogue.clauses.values()
    )
    head = _Head(Index(tuple(catalogue.summaries), tuple(cases), tuple(clauses)), checked=False)
    _write(name, head, catalogue)
    return head, catalogue


def _entry_name(root: Path) -> str:
    """Return the name of the entry that holds what is under root now."""
    code = ((f"code/{path.relative_to(_PACKAGE)}", path.read_bytes()) for path in _code())
    sources = [
        (f"{place}/{path.name}", path.read_bytes())
        for place, folder, suffix in (
            ("schema", _PACKAGE / "schema", ".json"),
            ("specs", root / "specs", ".yaml"),
            ("cases", root / "cases", ".yaml"),
        )
        for path in _files(folder, suffix)
    ]
    return f"catalogue-{_digest([('python', sys.version.encode()), *code, *sources])}"


def _code() -> Iterator[Path]:
    for name in CODE:
        path = _PACKAGE / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _files(folder: Path, suffix: str) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == suffix)
    except FileNotFoundError:
        return []


def _digest(parts: Iterable[tuple[str, bytes]]) -> str:
    found = hashlib.blake2b(digest_size=16)
    for name, data in parts:
        found.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        found.update(data)
    return found.hexdigest()


def _folder() -> Path:
    return platformdirs.user_cache_path("imp-conformance")


def _parts(name: str) -> Iterator[Any]:
    """Yield the parts of an entry, each when it is asked for, up to the first that is not there as it was written."""
    with contextlib.suppress(Exception):  # whatever is wrong with an entry, the files can be read
        if not _own(os.lstat(_folder())):
            return
        with os.fdopen(os.open(_folder() / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            if not _own(os.fstat(file.fileno())):
                return
            while size := file.read(8):
                seal, data = file.read(_SEAL), file.read(int.from_bytes(size))
                if seal != hashlib.blake2b(data, digest_size=_SEAL).digest():
                    return
                yield pickle.loads(data)


def _own(status: os.stat_result) -> bool:
    """Say whether nobody but this user can have written something."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(name: str, head: _Head, catalogue: Catalogue) -> None:
    """Write an entry, whole or not at all, and remove all but the newest ENTRIES."""
    with contextlib.suppress(OSError):  # a cache directory that cannot be written to: the next process reads the files too
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _own(os.lstat(folder)):
            return
        number, fresh = tempfile.mkstemp(prefix="catalogue-", suffix=".new", dir=folder)
        with os.fdopen(number, "wb") as file:
            for part in (head, catalogue):
                data = pickle.dumps(part, pickle.HIGHEST_PROTOCOL)
                file.write(len(data).to_bytes(8) + hashlib.blake2b(data, digest_size=_SEAL).digest() + data)
        Path(fresh).replace(folder / name)
        entries = sorted(folder.glob("catalogue-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in entries[ENTRIES:]:
            path.unlink(missing_ok=True)
