"""The names that a baseline pins: a gate on a part of imp fails when one of them is provided no more."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.reading import load_baseline, shown
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidBaseline, Problem
from imp_conformance.resources import replacing
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scope import absent_names, ordered, public_names

_UPDATE = "imp-conformance baseline update"
_WIDTH = 120

# The key with all that belongs to it: lines that are indented, items of a list, and what closes one.
_PROVIDES = re.compile(r"^provides[ \t]*:[^\r\n]*(?:\r?\n[ \t\]-][^\r\n]*)*", re.MULTILINE)
_BEFORE = re.compile(r"^(?:edition[ \t]*:.*\n)|^(?=differences[ \t]*:)", re.MULTILINE)


def scope_problems(baseline: Baseline, catalogue: Catalogue, columns: Iterable[TargetResults]) -> list[Problem]:
    """Return what disagrees between the names that a baseline pins and those that targets provide."""
    problems = list(_unknown_names(baseline, catalogue))
    for column in columns:
        if column.unavailable is not None:
            continue
        if baseline.provides is None:
            if not isinstance(column.scope, str):
                what = f"{column.id} is asked for a part of imp ({', '.join(column.scope) or 'no name'}), and no name is pinned"
                problems.append(
                    Problem(baseline.file, baseline.end, what, f"{_UPDATE} writes provides: [NAMES], which then may not be lost")
                )
            continue
        public = public_names(catalogue, column)
        for name in ordered(public.intersection(baseline.provides) - provided_names(catalogue, column)):
            todo = f"provide it, or take it out of provides ({_UPDATE} does that)"
            problems.append(Problem(baseline.file, baseline.provides_line, f"{column.id} does not provide {name}, which is pinned", todo))
    return problems


def scope_notes(baseline: Baseline, catalogue: Catalogue, columns: Sequence[TargetResults]) -> list[str]:
    """Say which names are provided and not pinned."""
    if baseline.provides is None:
        return []
    new = [name for name in pinned_names(catalogue, columns) if name not in baseline.provides]
    return [f"baseline: provided and not pinned: {', '.join(new)}: {_UPDATE} adds them to provides"] if new else []


def provided_names(catalogue: Catalogue, column: TargetResults) -> frozenset[str]:
    """Return the names of imp that a target provides, of those that it was asked for."""
    asked = public_names(catalogue, column) if isinstance(column.scope, str) else frozenset(column.scope)
    return asked.difference(absent_names(column.results.values()))


def pinned_names(catalogue: Catalogue, columns: Iterable[TargetResults]) -> list[str]:
    """Return the names that each target provides whose release has them."""
    known = [(public_names(catalogue, column), provided_names(catalogue, column)) for column in columns if column.unavailable is None]
    every = frozenset().union(*(public for public, _ in known))
    return ordered(name for name in every if all(name in provided or name not in public for public, provided in known))


def write_provides(path: Path, catalogue: Catalogue, columns: Sequence[TargetResults]) -> list[str] | None:
    """Let a baseline pin what is provided, where it pins names already or targets are asked for a part of imp.

    Returns:
        The names, where they have changed.

    Raises:
        InvalidBaseline: where the key is written in a way in which it cannot be edited; the file stays as it is then.
    """
    baseline = load_baseline(path)
    names = pinned_names(catalogue, columns)
    if baseline.provides is None and all(isinstance(column.scope, str) for column in columns):
        return None
    if baseline.provides is not None and set(baseline.provides) == set(names):
        return None
    with replacing(path.resolve()) as fresh:
        fresh.write_text(with_provides(path.read_bytes().decode("utf-8"), names), encoding="utf-8", newline="")
        try:
            written = load_baseline(fresh, shown(path)).provides
        except InvalidBaseline:
            written = None
        if written != tuple(names):
            what = "provides cannot be updated as it is written here"
            todo = f"write it as a list in one line, provides: [{', '.join(names)}]; it was not changed"
            raise InvalidBaseline([Problem(baseline.file, baseline.provides_line, what, todo)])
    return names


def with_provides(text: str, names: Sequence[str]) -> str:
    """Return the text of a baseline with these names pinned; every other line stays."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = textwrap.wrap(f"provides: [{', '.join(names)}]", _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    line = newline.join(lines)
    if _PROVIDES.search(text):
        return _PROVIDES.sub(lambda _: line, text, count=1)
    place = _BEFORE.search(text)
    end = len(text) if place is None else place.end()
    return f"{text[:end]}{line}{newline}{text[end:]}"


def _unknown_names(baseline: Baseline, catalogue: Catalogue) -> Iterator[Problem]:
    known = frozenset().union(*catalogue.about.values())
    for name in baseline.provides or ():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=2)
            todo = f"did you mean {' or '.join(close)}?" if close else "take it out"
            yield Problem(baseline.file, baseline.provides_line, f"provides: imp has no name {name!r}", todo)
