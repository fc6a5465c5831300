"""Which clauses a use of imp relies on: specs/needs.yaml, read and checked."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imp_conformance.catalogue.source import read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidCatalogue, Problem

NEEDS = "needs.yaml"


@dataclass(frozen=True, slots=True)
class Relied:
    """The clauses that uses of one name rely on."""

    always: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    """By feature of a use."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The clauses that uses of all names rely on."""

    features: Mapping[str, str] = field(default_factory=dict)
    """What may be seen of a use, each in words."""
    module: tuple[str, ...] = ()
    """What every import relies on."""
    names: Mapping[str, Relied] = field(default_factory=dict)


def read_needs(path: Path, clauses: Collection[str], public: Collection[str], problems: list[Problem]) -> Needs:
    """Read what uses rely on; a catalogue without that file has none, and every mistake becomes a problem at its line.

    Args:
        path: the file.
        clauses: the ids of all clauses.
        public: the names of imp that clauses are about; each needs an entry.
        problems: takes what is wrong.
    """
    name = f"specs/{path.name}"
    if not path.exists():
        return Needs()
    try:
        source = read_yaml(path, name)
    except InvalidCatalogue as error:
        problems.extend(error.problems)
        return Needs()
    if checked_source(source, "needs", problems) is None:
        return Needs()
    data = source.data

    def listed(place: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
        for number, clause in enumerate(found):
            if clause not in clauses:
                close = difflib.get_close_matches(clause, clauses, n=1)
                todo = f"did you mean {close[0]}?" if close else "name one of specs/"
                problems.append(Problem(name, source.line((*place, number)), f"there is no clause {clause!r}", todo))
        return tuple(found)

    names = {}
    for one, entry in data["names"].items():
        place = ("names", one)
        if one not in public:
            problems.append(Problem(name, source.line(place), f"imp has no name {one!r}", "name one that a clause is about"))
        for feature in entry.get("when", {}):
            if feature not in data["features"]:
                todo = f"use one of {', '.join(data['features'])}"
                problems.append(Problem(name, source.line((*place, "when", feature)), f"features says nothing of {feature!r}", todo))
        when = {feature: listed((*place, "when", feature), found) for feature, found in entry.get("when", {}).items()}
        names[one] = Relied(listed((*place, "always"), entry["always"]), when)
    for absent in sorted(set(public) - names.keys()):
        problems.append(
            Problem(name, source.line(("names",)), f"it says nothing of {absent}", "add what every use of it relies on: always: [...]")
        )
    return Needs(data["features"], listed(("module",), data["module"]), names)
