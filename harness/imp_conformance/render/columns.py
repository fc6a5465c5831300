"""The columns of a rendered matrix: what stands in for imp first, then CPython's own, each with a name fit to be shown."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from imp_conformance.portable.printable import printable
from imp_conformance.results.model import TargetResults
from imp_conformance.results.scores import Matrix
from imp_conformance.targets.candidate import OWN, Candidate

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
    """Why not all of it is here, or nothing."""
    imp: Candidate
    """Whose imp the scripts for this target ask, where they are given no path."""
    how: list[str]
    """The commands that run such a script on this target."""


def columns_of(matrix: Matrix) -> list[Column]:
    """Return a column for each target, the genuine interpreters last."""
    columns = [_column(results) for results in matrix.columns]
    counts = Counter(column.key for column in columns)
    seen: Counter[str] = Counter()
    named = []
    for column in columns:
        seen[column.key] += 1
        number = f" ({seen[column.key]})" if counts[column.key] > 1 else ""
        named.append(replace(column, key=column.key + number))
    return sorted(named, key=lambda column: column.genuine)


def _column(results: TargetResults) -> Column:
    target = results.target
    own = target["candidate"].get("kind") == "own"
    label = printable(results.id)
    return Column(
        results=results,
        key=_shortened(label),
        label=label,
        genuine=target["implementation"] == "cpython" and own and target["platform"].partition("-")[0] not in _RUNTIMES,
        interpreter=printable(
            f"{_INTERPRETERS.get(target['implementation'], target['implementation'])} {target['python']}, {target['platform']}"
        ),
        candidate=printable(_candidate(target["candidate"])),
        emulates=printable(target["emulates"]),
        notice=printable(_notice(results)),
        imp=_imp(target["candidate"]),
        how=_how(target),
    )


_PYTHONS = {"cpython": "python", "pypy": "pypy", "graalpy": "graalpy"}
_RUNTIMES = ("emscripten", "wasi")  # CPython for a browser and the like: no Python that a shell starts
_INTERPRETERS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy", "pyodide": "Pyodide"}


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


def _imp(about: Mapping[str, str]) -> Candidate:
    """Return the candidate as a script can name it: a result file does not hold one's source."""
    name = about.get("name", "")
    if about.get("kind") == "module" and all(part.isidentifier() for part in name.split(".")):
        return Candidate("module", name, name, about)
    return OWN


def _how(target: Mapping[str, Any]) -> list[str]:
    about = target["candidate"]
    if target["platform"].partition("-")[0] in _RUNTIMES:
        return []
    python = _PYTHONS.get(target["implementation"], "python") + ".".join(re.findall(r"\d+", target["python"])[:2])
    name = shlex.quote(printable(about.get("name", "")))
    match about.get("kind"):
        case "pypi":
            release = shlex.quote(printable(f"{about.get('name', '')}=={about.get('version', '')}"))
            return [f"python -m pip install --target shim {release}", f"{python} case.py shim"]
        case "file" | "directory":
            return [f"{python} case.py {name}"]
    return [f"{python} case.py"]


def _notice(results: TargetResults) -> str:
    if results.unavailable is not None:
        return f"unavailable: {results.unavailable}"
    return "" if results.complete else "partial: only a part of the cases was run"
