"""How much each function of imp is used: specs/use.yaml, read and checked."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from imp_conformance.catalogue.model import Use
from imp_conformance.catalogue.source import read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidCatalogue, Problem

USE = "use.yaml"


def read_use(path: Path, subjects: Collection[str], problems: list[Problem]) -> Use:
    """Read the shares of use; a catalogue without that file has none, and every mistake becomes a problem at its line."""
    name = f"specs/{path.name}"
    if not path.exists():
        return Use()
    try:
        source = read_yaml(path, name)
    except InvalidCatalogue as error:
        problems.extend(error.problems)
        return Use()
    if checked_source(source, "use", problems) is None:
        return Use()
    shares = source.data["shares"]
    for subject in shares:
        if subject not in subjects:
            problems.append(
                Problem(name, source.line(("shares", subject)), f"there is no subject {subject!r}", f"name one of {', '.join(subjects)}")
            )
    callers = int(source.data["callers"])
    return Use(" ".join(source.data["source"].split()), callers, {subject: int(share) for subject, share in shares.items()})
