"""Runs that start nothing: a small catalogue, targets and results, and the files that a run writes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.judge import Result
from imp_conformance.results.shard import Plan, Shard
from imp_conformance.runner.run import Run
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.target import Target
from results_made import verdict_of

COUNT = 5
"""Cases of the small catalogue."""

Items = list[tuple[Target, Result]]


def small_catalogue(root: Path) -> Catalogue:
    """Write a catalogue of a few cases, at two levels in turn, and load it."""
    for name in ("specs", "cases"):
        (root / name).mkdir()
    source = "    sources: [{document: library-3.10, anchor: thing}]\n"
    clauses = "".join(f"  - id: thing.{level}\n    text: It works.\n    level: {level}\n{source}" for level in ("documented", "observed"))
    (root / "specs" / "thing.yaml").write_text(f"subject: thing\nsummary: A thing.\nclauses:\n{clauses}", encoding="ascii")
    cases = "".join(
        f"  - id: thing/case-{number}\n    title: It works.\n    clauses: [thing.{level_of(number)}]\n"
        f"    run: |\n      imp\n    expect:\n      value: ...\n"
        for number in range(COUNT)
    )
    (root / "cases" / "thing.yaml").write_text(f"subject: thing\ncases:\n{cases}", encoding="ascii")
    return load_catalogue(root)


def level_of(number: int) -> str:
    """The level of the case of a number."""
    return "observed" if number % 2 else "documented"


def a_target(name: str, unavailable: str | None = None) -> Target:
    """A target that is never started."""
    about = {"implementation": "cpython", "python": "3.8.18", "release": "3.8.18", "platform": "linux-x86_64", "build": ""}
    return Target(name, ("python3.8",), OWN, "3.8.18", True, about, unavailable)


def run(catalogue: Catalogue, targets: list[Target], items: Items, folder: Path, shard: Shard | None = None) -> None:
    """Write what a run writes, without starting anything."""
    folder.mkdir(exist_ok=True)
    made = Run(catalogue, targets, folder)
    made.shard = shard
    made.plan = None if shard is None else Plan.of((target.id, result.case) for target, result in items)
    for target, result in items if shard is None else shard.part(items):
        made.take(target.id, result)
    made.finish(ended=True)


def edit(path: Path, change: Callable[[dict[str, Any]], object], message: str = "") -> str:
    """Change the content of a file by hand, and return the message that is then expected."""
    found = json.loads(path.read_bytes())
    change(found)
    path.write_text(json.dumps(found), encoding="ascii")
    return message


def less_one(found: dict[str, Any]) -> None:
    """Take a result away, and put the counts right."""
    case, result = found["results"].popitem()
    counts = found["counts"][level_of(int(case[-1]))]
    verdict = verdict_of(result)
    counts[verdict] -= 1
    if not counts[verdict]:
        del counts[verdict]
    found["complete"] = False
