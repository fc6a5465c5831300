"""The columns of a rendered matrix: what stands in for imp first, then CPython's own, each with a name fit to be shown."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.portable.printable import printable
from imp_conformance.repro.command_line import options_of
from imp_conformance.results.fault import Fault
from imp_conformance.results.judge import Result
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scores import Matrix
from imp_conformance.targets.names import IMPLEMENTATIONS

_KEY_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A target as it is shown: nothing in these texts is invisible or turns other text round."""

    results: TargetResults
    key: str
    """What addresses call it by: its id, shortened where that is monstrous, and unlike every other column's."""
    label: str
    genuine: bool
    interpreter: str
    candidate: str
    emulates: str
    notice: str
    """Why not all of it is here, or ""."""
    mark: str
    """Which cases its results are of, such as ``edition 1``, where they are not the catalogue's as they are; else ""."""
    scope: str
    """Of how much of imp its results are, such as ``5 of 34 names``; else ""."""
    options: str
    """The options of commands by which this target is asked for, quoted for a shell."""
    python: str
    """The command that starts an interpreter of its kind and series in a shell, or "" where none does."""
    fault: str
    """Whose its differences are, in numbers, where the same candidate on CPython tells; else ""."""
    reference: str
    """The key of that CPython's column, or ""."""

    @property
    def remarks(self) -> list[str]:
        """What stands beside its name: which cases its results are of, and of how much of imp."""
        return [text for text in (self.mark, self.scope) if text]


def columns_of(matrix: Matrix) -> list[Column]:
    """Return a column for each target, the genuine interpreters last."""
    columns = [
        _column(results, matrix.marks[results.id], matrix.scopes[results.id], matrix.faults.get(results.id)) for results in matrix.columns
    ]
    counts = Counter(column.key for column in columns)
    seen: Counter[str] = Counter()
    named = []
    for column in columns:
        seen[column.key] += 1
        number = f" ({seen[column.key]})" if counts[column.key] > 1 else ""
        named.append(replace(column, key=column.key + number))
    keys = {column.results.id: column.key for column in named}
    named = [replace(column, reference=keys.get(column.reference, "")) for column in named]
    return sorted(named, key=lambda column: column.genuine)


def distinct(catalogue: Catalogue, columns: Sequence[Column]) -> list[list[Column]]:
    """Return the columns in their order, together with the first of them those with an equal result for every case."""
    groups: dict[tuple[Result | None, ...], list[Column]] = {}
    for column in columns:
        groups.setdefault(tuple(column.results.results.get(case) for case in catalogue.cases), []).append(column)
    return list(groups.values())


def _column(results: TargetResults, mark: str, scope: str, fault: Fault | None) -> Column:
    target = results.target
    own = target["candidate"].get("kind") == "own"
    label = printable(results.id)
    return Column(
        results=results,
        key=_shortened(label),
        label=label,
        genuine=target["implementation"] == "cpython" and own and target["platform"].partition("-")[0] not in _RUNTIMES,
        interpreter=printable(interpreter(target)),
        candidate=printable(_candidate(target["candidate"])),
        emulates=printable(target["emulates"]),
        notice=printable(_notice(results)),
        mark=printable(mark),
        scope=scope,
        options=shlex.join(printable(option) for option in options_of(target)),
        python=_python(target),
        fault="" if fault is None else printable(str(fault)),
        reference="" if fault is None else fault.reference,
    )


_BY_SERIES = {"cpython": "python", "pypy": "pypy"}
"""By implementation: what its commands are called that have the series of Python in their names."""

_RUNTIMES = ("emscripten", "wasi")  # CPython for a browser and the like: no Python that a shell starts


def interpreter(target: Mapping[str, Any]) -> str:
    """Say what interpreter a target is, such as ``GraalPy 24.2.2 (Python 3.11.7), linux-x86_64``."""
    release, python = str(target["release"]), str(target["python"])
    name = IMPLEMENTATIONS.get(target["implementation"], str(target["implementation"]))
    build = f", {target['build']}" if target["build"] else ""
    return f"{name} {release}{'' if release == python else f' (Python {python})'}, {target['platform']}{build}"


def _shortened(label: str) -> str:
    if len(label) <= _KEY_LENGTH:
        return label
    return label[:_KEY_LENGTH] + "~" + hashlib.sha256(label.encode("utf-8")).hexdigest()[:8]


def _candidate(about: Mapping[str, str]) -> str:
    kind, name = about.get("kind", ""), about.get("name", "")
    match kind:
        case "own":
            return "its own imp"
        case "pypi":
            return f"{name} {about.get('version', '')} from PyPI"
        case "file":
            return f"the file {name}"
        case "directory":
            return f"the directory {name}"
        case "module":
            return f"the module {name}"
    return ", ".join(f"{key} {text}" for key, text in about.items())


def _python(target: Mapping[str, Any]) -> str:
    if target["platform"].partition("-")[0] in _RUNTIMES:
        return ""
    command = _BY_SERIES.get(target["implementation"])
    series = ".".join(re.findall(r"\d+", target["python"])[:2])
    return f"{command}{series}" if command is not None else str(target["implementation"])


def _notice(results: TargetResults) -> str:
    if results.unavailable is not None:
        return f"unavailable: {results.unavailable}"
    return "" if results.complete else "partial: only a part of the cases was run"
