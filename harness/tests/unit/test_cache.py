"""The cached catalogue is the one that the files hold, whatever becomes of either."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import SPECS
from imp_conformance.catalogue import cache as stored
from imp_conformance.catalogue import loader, validation
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidCatalogue

CASES = """\
subject: thing
cases:
  - id: thing/one
    title: First title.
    clauses: [thing.works]
    versions: ">=3.5"
    run: |
      imp.thing()
    expect:
      value: (1, module("m"))
    changes:
      - since: 3.7
        why: It changed.
        expect:
          raises: {type: ImportError, attributes: {name: "'m'"}}
"""

MORE_SPECS = SPECS.replace("    level: documented\n", '    level: documented\n    versions: ">=3.5"\n')


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "imp-conformance"


@pytest.fixture
def root(cache: Path, make_catalogue: Callable[..., Path]) -> Path:
    return make_catalogue(CASES, MORE_SPECS)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which catalogues were read from their files."""
    seen: list[Path] = []

    def load(root: Path) -> Catalogue:
        seen.append(root)
        return load_catalogue(root)

    monkeypatch.setattr(loader, "load_catalogue", load)
    return seen


def test_read_once(root: Path, reads: list[Path]) -> None:
    first, second = stored.cached_catalogue(root), stored.cached_catalogue(root)
    assert first == second == load_catalogue(root)
    assert second.names == ("thing",)
    assert stored.cached_index(root) == stored.Index(
        ("thing",),
        (stored.Line("thing/one", "thing", "documented", ">=3.5", "First title."),),
        (stored.Line("thing.works", "thing", "documented", ">=3.5", "It works."),),
    )
    assert reads == [root]


def test_expected_values_work_after_it(root: Path) -> None:
    stored.cached_catalogue(root)
    case = stored.cached_catalogue(root).cases["thing/one"]
    assert case.expect.value is not None
    assert case.expect.value.evaluate({})[0] == 1


def test_an_edit_of_the_same_size_and_time_is_seen(root: Path) -> None:
    path = root / "cases" / "thing.yaml"
    before = path.stat()
    assert stored.cached_catalogue(root).cases["thing/one"].title == "First title."
    with path.open("r+b") as file:  # the same inode, too
        file.write(CASES.replace("First", "Other").encode())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert stored.cached_index(root).cases[0].text == "Other title."
    assert stored.cached_catalogue(root).cases["thing/one"].title == "Other title."


def test_a_file_that_comes_or_goes_is_seen(root: Path) -> None:
    stored.cached_catalogue(root)
    (root / "cases" / "retired.yaml").write_text("thing/old: It was wrong.\n")
    assert stored.cached_catalogue(root).retired == {"thing/old"}
    (root / "cases" / "retired.yaml").unlink()
    assert stored.cached_catalogue(root).retired == frozenset()


@pytest.mark.parametrize("place", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_entry_is_not_used(root: Path, cache: Path, place: float, damage: str) -> None:
    whole = stored.cached_catalogue(root)
    (entry,) = cache.iterdir()
    data = bytearray(entry.read_bytes())
    where = int(len(data) * place)
    if damage == "cut":
        del data[where:]
    else:
        data[where] ^= 0xFF
    entry.write_bytes(data)
    assert stored.cached_index(root).cases[0].id == "thing/one"
    entry.write_bytes(data)
    assert stored.cached_catalogue(root) == whole


def test_nowhere_to_write_it(root: Path, cache: Path, reads: list[Path]) -> None:
    cache.parent.write_text("a file where the folder would be")
    assert stored.cached_catalogue(root) == stored.cached_catalogue(root)
    assert len(reads) == 2


@pytest.mark.parametrize("what", ["folder", "entry"])
def test_what_others_can_write_to_is_not_trusted(root: Path, cache: Path, reads: list[Path], what: str) -> None:
    stored.cached_catalogue(root)
    (entry,) = cache.iterdir()
    assert (cache.stat().st_mode & 0o777, entry.stat().st_mode & 0o777) == (0o700, 0o600)
    (cache if what == "folder" else entry).chmod(0o777)
    stored.cached_catalogue(root)
    assert len(reads) == 2


def test_a_link_is_not_followed(root: Path, cache: Path, reads: list[Path], tmp_path: Path) -> None:
    stored.cached_catalogue(root)
    (entry,) = cache.iterdir()
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    stored.cached_catalogue(root)
    assert len(reads) == 2


def test_only_the_newest_stay(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "ENTRIES", 2)
    for number in range(4):
        (root / "cases" / "thing.yaml").write_text(CASES.replace("First", f"Title {number}"))
        stored.cached_catalogue(root)
    assert len(list(cache.iterdir())) == 2


def test_a_catalogue_that_does_not_hold_together_is_told_every_time(root: Path, cache: Path) -> None:
    (root / "specs" / "thing.yaml").write_text(MORE_SPECS + MORE_SPECS.partition("clauses:\n")[2].replace("thing.works", "thing.more"))
    for _ in range(2):
        assert len(stored.cached_catalogue(root).clauses) == 2
        with pytest.raises(InvalidCatalogue, match=r"thing\.more has no case"):
            stored.sound_catalogue(root)


def test_a_sound_catalogue_is_checked_once(root: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored.sound_catalogue(root) == load_catalogue(root)
    monkeypatch.setattr(validation, "problems_between", lambda catalogue: pytest.fail("it is checked again"))
    assert stored.sound_catalogue(root) == load_catalogue(root)
    assert reads == [root]
