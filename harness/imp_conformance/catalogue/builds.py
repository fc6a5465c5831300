"""What genuine builds have: specs/builds.yaml, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imp_conformance.catalogue.source import read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidCatalogue, Problem

TABLE = "builds.yaml"


def read_builds(path: Path, problems: list[Problem]) -> Mapping[str, Any]:
    """Read the tables, as portable/builds.py takes them; a catalogue without that file has none, and mistakes become problems."""
    name = f"specs/{path.name}"
    if not path.exists():
        return {}
    try:
        source = read_yaml(path, name)
    except InvalidCatalogue as error:
        problems.extend(error.problems)
        return {}
    if checked_source(source, "builds", problems) is None:
        return {}
    data = source.data
    for index, entry in enumerate(data["extension_suffixes"]):
        for pattern in entry["suffixes"]:
            try:
                re.compile(pattern.replace("{", "(?P<").replace("}", ">)"))
            except re.error as error:
                line = source.line(("extension_suffixes", index))
                problems.append(Problem(name, line, f"{pattern!r} is no regular expression ({error})", "fix it"))
    return {
        **{key: value for key, value in data.items() if key not in ("sources", "hashed")},
        "magic": {release: int(number) for release, number in data["magic"].items()},
    }
