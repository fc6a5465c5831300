"""The candidates that the project brings along."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from conftest import Cli, interpreter
from imp_conformance.resources import catalogue_root
from results_made import verdict_of


def test_the_migration_recipes_lose_what_the_notes_name_no_replacement_for(cli: Cli, tmp_path: Path) -> None:
    candidate = catalogue_root() / "harness" / "candidates" / "migration_recipes.py"
    subjects = ("new_module", "get_magic", "get_tag", "get_suffixes", "release_lock", "is_frozen")
    options = ("-q", "--tb=no", "--python", interpreter("3.12"), "--candidate", candidate, "--results", "found")
    done = cli("run", *options, *subjects)
    assert done.returncode == 1, done.stderr
    (file,) = (tmp_path / "found").glob("cpython-3.12.*+migration_recipes.json")
    counts: dict[str, Counter[str]] = {}
    for case, result in json.loads(file.read_text(encoding="ascii"))["results"].items():
        counts.setdefault(case.partition("/")[0], Counter())[verdict_of(result)] += 1
    assert counts["new_module"].keys() == counts["get_tag"].keys() == {"pass"}
    assert counts["release_lock"].keys() == counts["is_frozen"].keys() == {"missing"}
    assert counts["get_suffixes"]["fail"] > 0
    assert counts["get_magic"]["pass"] > 0
