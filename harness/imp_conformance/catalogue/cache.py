"""The cache of the loaded catalogue: most processes find its files as the last one left them.

An entry holds what was read from a folder's specs/ and cases/. It depends on those files, the code that reads them, the
schemas, and the Python that runs it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imp_conformance import sealed

if TYPE_CHECKING:
    from imp_conformance.catalogue.model import Catalogue

ENTRIES = 16
"""How many of the newest entries stay: about a megabyte each."""

_PACKAGE = Path(__file__).resolve().parents[1]
CODE = ("catalogue", "portable", "errors.py", "resources.py", "sealed.py")
"""The packages and modules that a catalogue is made by: those that the contract of layers lets catalogue/ import."""


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
    found = next(sealed.read(name), None)
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
    match list(sealed.read(name)):
        case [_Head() as head, catalogue]:
            return head, catalogue
    return _loaded(root, name)


def _loaded(root: Path, name: str) -> tuple[_Head, Catalogue]:
    """Read the files, and write what was read into the cache."""
    from imp_conformance.catalogue.loader import load_catalogue

    catalogue = load_catalogue(root)
    cases = (Line(case.id, case.subject, catalogue.level(case).value, case.holds, case.title) for case in catalogue.cases.values())
    clauses = (
        Line(clause.id, clause.id.partition(".")[0], clause.level.value, clause.holds, clause.text) for clause in catalogue.clauses.values()
    )
    head = _Head(Index(tuple(catalogue.summaries), tuple(cases), tuple(clauses)), checked=False)
    _write(name, head, catalogue)
    return head, catalogue


def _entry_name(root: Path) -> str:
    """Return the name of the entry that holds what is under root now."""
    code = sealed.contents(_PACKAGE, _code())
    sources = [
        (f"{place}/{path.name}", path.read_bytes())
        for place, folder, suffix in (
            ("schema", _PACKAGE / "schema", ".json"),
            ("specs", root / "specs", ".yaml"),
            ("cases", root / "cases", ".yaml"),
        )
        for path in _files(folder, suffix)
    ]
    return sealed.entry_name("catalogue", [("python", sys.version.encode()), *code, *sources])


def _code() -> Iterator[Path]:
    for name in CODE:
        path = _PACKAGE / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _files(folder: Path, suffix: str) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == suffix)
    except FileNotFoundError:
        return []


def _write(name: str, head: _Head, catalogue: Catalogue) -> None:
    sealed.write("catalogue", name, (head, catalogue), ENTRIES)
