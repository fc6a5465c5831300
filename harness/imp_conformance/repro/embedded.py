"""Which files of a candidate a script has to hold: what its imp can import, not all that lies beside it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace

from imp_conformance.targets.candidate import Candidate

_CODE = (".py", ".pyc", ".so", ".pyd")
_PAPERS = re.compile(r"(licen[cs]e|copying|notice|authors|changelog|changes|readme)\b[^/]*(?<!\.py)", re.IGNORECASE)
_WORD = re.compile(rb"[A-Za-z_]\w*")


def needed(candidate: Candidate) -> Candidate:
    """Return a candidate with the files alone that its module and what that names need."""
    if candidate.kind != "tree":
        return candidate
    roots: dict[str, list[str]] = {}
    for name in candidate.files:
        roots.setdefault(name.partition("/")[0].partition(".")[0], []).append(name)
    roots = {root: names for root, names in roots.items() if any(name.endswith(_CODE) for name in names)}
    kept: set[str] = set()
    waiting = {candidate.module} & set(roots)
    while waiting:
        root = waiting.pop()
        kept.add(root)
        waiting |= _named(candidate.files, roots[root]) & set(roots) - kept
    files = {name: candidate.files[name] for root in kept for name in roots[root] if not _is_paper(name)}
    return replace(candidate, files=files)


def _named(files: Mapping[str, str], names: list[str]) -> set[str]:
    """Return every word in the sources: whoever imports a module names it, by whatever way."""
    found: set[bytes] = set()
    for name in names:
        if name.endswith(".py"):
            found.update(_WORD.findall(base64.b64decode(files[name])))
    return {word.decode("ascii", "ignore") for word in found}


def _is_paper(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return _PAPERS.fullmatch(file) is not None or folder.partition("/")[0].endswith((".dist-info", ".egg-info"))
