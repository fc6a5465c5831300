"""Read a baseline from its file; every mistake in it is told with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imp_conformance.baseline.model import Baseline, Entry, is_pattern
from imp_conformance.catalogue.model import Level
from imp_conformance.catalogue.source import YamlSource, read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidBaseline, InvalidCatalogue, Problem
from imp_conformance.results.judge import Verdict


def load_baseline(path: Path, name: str | None = None) -> Baseline:
    """Read a baseline; name is what messages call it, its path where left out.

    Raises:
        InvalidBaseline: where it is not there or breaks a rule of the format, with every mistake found.
    """
    name = name or shown(path)
    source = _read_source(path, name)
    data, end = source.data, max(1, len(source.lines))
    if data in (None, "") or (isinstance(data, dict) and "differences" not in data):
        todo = "write differences: [] where nothing differs, or delete the file: imp-conformance baseline update makes it"
        raise InvalidBaseline([Problem(name, end, "it has no differences", todo)])
    if isinstance(data, dict) and data["differences"] == "":
        data["differences"] = []
    problems: list[Problem] = []
    if checked_source(source, "baseline", problems) is None:
        raise InvalidBaseline(problems)
    numbers = range(len(data["differences"]))
    problems = [problem for index in numbers for problem in _contradictions(source, index)]
    if problems:
        raise InvalidBaseline(problems)
    entries = tuple(_entry(source, index) for index in numbers)
    provides = tuple(data["provides"]) if "provides" in data else None
    found = Baseline(
        name,
        entries,
        end,
        int(data.get("edition", 1)),
        Level(data.get("level", Level.OBSERVED)),
        edition_line=source.line(("edition",)),
        provides=provides,
        provides_line=source.line(("provides",)),
    )
    found.check_targets({target for entry in entries for target in entry.targets or ()})
    return found


def _read_source(path: Path, name: str) -> YamlSource:
    """Read the file of a baseline as YAML.

    Raises:
        InvalidBaseline: where it is not there or is not YAML.
    """
    if path.is_dir():
        raise InvalidBaseline([Problem(name, 0, "a folder, not a file", "name a file in it")])
    if not path.is_file():
        todo = f"imp-conformance baseline update --results DIR --baseline {name} makes it, of what a run without it finds"
        raise InvalidBaseline([Problem(name, 0, "no such file", todo)])
    try:
        return read_yaml(path, name)
    except InvalidCatalogue as error:
        raise InvalidBaseline(error.problems) from None


def to_be_made(path: Path | None) -> Path | None:
    """Return the path of a configured baseline that is not there yet: what needs none goes on without it."""
    return None if path is None or path.exists() else path


def shown(path: Path) -> str:
    """Return a path as short as it can be from here."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def _entry(source: YamlSource, index: int) -> Entry:
    item = source.data["differences"][index]
    place = ("differences", index)
    said = next(key for key in ("verdict", "differs", "missing") if key in item)
    return Entry(
        cases=_texts(item.get("case", [])),
        targets=tuple(item["targets"]) if "targets" in item else None,
        verdict=Verdict(item["verdict"]) if "verdict" in item else None,
        kinds=_kinds(item.get("differs", [])),
        missing=tuple(item.get("missing", ())),
        reason=item["reason"],
        link=item.get("link"),
        line=source.line(place),
        targets_line=source.line((*place, "targets")),
        kind_line=source.line((*place, said)),
    )


def _contradictions(source: YamlSource, index: int) -> Iterator[Problem]:
    """Yield what the schema cannot say well of an entry: which of its keys go together."""
    item, line = source.data["differences"][index], source.line(("differences", index))
    said = [key for key in ("differs", "verdict", "missing") if key in item]
    if len(said) > 1:
        yield Problem(source.name, line, f"an entry has {' and '.join(said)}", "keep one of them")
    elif not said:
        todo = "add differs, such as differs: value; or name under missing what imp lacks, in the place of case"
        yield Problem(source.name, line, "an entry does not say how its case differs", todo)
    if "missing" in said and "case" in item:
        yield Problem(
            source.name, line, "an entry has missing and case", "keep one of them: missing is about every case that uses the names"
        )
    elif "missing" not in said and "case" not in item:
        yield Problem(source.name, line, "an entry names no case", "add case: with an id, a pattern, or a list of them")
    if isinstance(item.get("differs"), dict) and not any(map(is_pattern, _texts(item.get("case", [])))):
        todo = "list the kinds without numbers, as in differs: [value, files]"
        yield Problem(source.name, source.line(("differences", index, "differs")), "numbers are for patterns", todo)


def _texts(written: Any) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else tuple(written)


def _kinds(written: Any) -> tuple[tuple[str, int | None], ...]:
    if isinstance(written, dict):
        return tuple((kind, int(count)) for kind, count in written.items())
    return tuple((kind, None) for kind in _texts(written))
