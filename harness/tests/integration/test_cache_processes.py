"""The cache between processes: many at once, and processes of other code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import CASE
from imp_conformance.catalogue import cache as stored
from imp_conformance.catalogue.loader import load_catalogue


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "imp-conformance"


@pytest.fixture
def root(cache: Path, make_catalogue: Callable[..., Path]) -> Path:
    return make_catalogue(CASE.format(code="      imp.thing()"))


def test_many_at_once(root: Path, cache: Path) -> None:
    code = "import sys, pathlib, imp_conformance.catalogue.cache as c; print(c.sound_catalogue(pathlib.Path(sys.argv[1])).digest)"
    running = [subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, text=True) for _ in range(6)]
    digests = {process.communicate()[0] for process in running}
    assert digests == {load_catalogue(root).digest + "\n"}
    assert len(list(cache.iterdir())) == 1


def test_the_digest_covers_all_code_that_makes_a_catalogue(root: Path) -> None:
    code = """\
import sys, pathlib
before = set(sys.modules)
from imp_conformance.catalogue.validation import checked_catalogue
checked_catalogue(pathlib.Path(sys.argv[1]))
print(*(module.__file__ for name, module in sys.modules.items() if name.startswith("imp_conformance.") and name not in before))
"""
    done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True)
    package = Path(stored.__file__).parents[1]
    used = {Path(file).relative_to(package) for file in done.stdout.split()}
    assert Path("catalogue/reader.py") in used
    assert {path for path in used if path.parts[0] not in stored.CODE} == set()


def test_a_change_of_that_code_is_seen(root: Path, cache: Path, tmp_path: Path) -> None:
    package = Path(stored.__file__).parents[1]
    shutil.copytree(package, tmp_path / "site" / "imp_conformance", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys, pathlib, imp_conformance.catalogue.cache as c; c.cached_index(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}

    def entries() -> set[str]:
        subprocess.run([sys.executable, "-c", code, str(root)], env=environment, check=True)
        return {path.name for path in cache.iterdir()}

    first = entries()
    with (tmp_path / "site" / "imp_conformance" / "render" / "plain.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert entries() == first, "what renders a report has no part in a catalogue"
    with (tmp_path / "site" / "imp_conformance" / "portable" / "matchers.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert len(entries()) == len(first) + 1
