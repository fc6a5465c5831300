"""What can stand in place of imp's functions: specs/replacements.yaml, read and checked against the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.source import YamlSource, read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidCatalogue, Problem

REPLACEMENTS = "replacements.yaml"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a replacement keeps or loses, in a sentence, and the cases that pass or fail because of it."""

    keeps: bool
    text: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A recipe, a module to install, or the project's own code, in place of one or more functions of imp."""

    id: str
    what: str
    own: str
    """The level down to which it keeps every clause, for the project's own code; "" for what others tell people."""
    told_by: str
    url: str
    """Where they are told so; "" where there is no page of it."""
    candidate: str
    """What --candidate takes, a file from the top of the project."""
    functions: Mapping[str, tuple[Statement, ...]]


def read_replacements(root: Path, catalogue: Catalogue) -> tuple[Replacement, ...]:
    """Read what is known of replacements; a catalogue without that file has none.

    Args:
        root: the folder that holds specs/.
        catalogue: its functions and cases, which the file names.

    Raises:
        InvalidCatalogue: with every mistake found.
    """
    path = root / "specs" / REPLACEMENTS
    if not path.exists():
        return ()
    problems: list[Problem] = []
    source = checked_source(read_yaml(path, f"specs/{REPLACEMENTS}"), "replacements", problems)
    if source is None:
        raise InvalidCatalogue(problems)
    found = tuple(_replacement(item) for item in source.data["replacements"])
    problems.extend(_problems(source, found, catalogue))
    if problems:
        raise InvalidCatalogue(problems)
    return found


def _replacement(item: Mapping[str, Any]) -> Replacement:
    functions = {name: tuple(map(_statement, statements)) for name, statements in item["functions"].items()}
    told = item["told"]
    return Replacement(item["id"], item["what"], item.get("own", ""), told["by"], told.get("url", ""), item["candidate"], functions)


def _statement(item: Mapping[str, Any]) -> Statement:
    return Statement("keeps" in item, " ".join((item.get("keeps") or item["loses"]).split()), tuple(item["cases"]))


def _problems(source: YamlSource, found: tuple[Replacement, ...], catalogue: Catalogue) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, replacement in enumerate(found):
        above = ("replacements", index)
        if replacement.id in seen:
            yield Problem(source.name, source.line((*above, "id")), f"there are two replacements {replacement.id}", "give one another id")
        seen.add(replacement.id)
        for function, statements in replacement.functions.items():
            place = (*above, "functions", function)
            if function not in catalogue.summaries:
                yield Problem(source.name, source.line(place), f"there is no subject {function!r}", "name a function that specs/ has")
            for number, statement in enumerate(statements):
                line = source.line((*place, number, "cases"))
                for case in statement.cases:
                    if case not in catalogue.cases:
                        yield Problem(source.name, line, f"there is no case {case!r}", "name one that `imp-conformance list` has")
                    elif catalogue.cases[case].subject != function:
                        yield Problem(source.name, line, f"{case} is no case of {function}", f"name one of {function}/")
