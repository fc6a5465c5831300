"""What tells one run from another: its cases, its targets down to the bytes of what is judged, and its selection."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from imp_conformance import __version__
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import TargetLost
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import Target

_LIMIT = 5.0
"""Seconds that a target may take to read its candidate's files."""

# What a target has of its own does not travel, so only the target can read it. It is in 3.4's syntax, as all that runs there.
_LOOK = """\
import hashlib, os, sys
digest = hashlib.sha256()
executable = os.stat(sys.executable)
digest.update(repr((executable.st_size, executable.st_mtime)).encode())
where = getattr(imp, '__file__', None) or ''
names = [where] if where else []
if os.path.basename(where).startswith('__init__.'):
    names = [os.path.join(folder, name) for folder, _, files in os.walk(os.path.dirname(where)) for name in files]
    names = sorted(name for name in names if not name.endswith('.pyc'))
for name in names:
    with open(name, 'rb') as file:
        data = file.read()
    digest.update(repr((name, len(data))).encode() + data)
digest.hexdigest()
"""


def content(catalogue: Catalogue, target: Target, session: Session | None) -> str:
    """Return what changes when a target's candidate does: a digest of its files, those that travel or those that are there."""
    if target.candidate.files:
        text = json.dumps(dict(target.candidate.files), sort_keys=True)
        return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()
    if session is None:
        return "unknown"
    case = next(iter(catalogue.cases.values()))
    look = replace(case, id="fingerprint", code=_LOOK, given=None, fresh=False, files=(), limit=_LIMIT)
    try:
        seen = session.observe(look)
    except TargetLost:
        return "unknown"
    value = (seen.answer or {}).get("value", {})
    return f"sha256:{value['value']}" if "value" in value else "unknown"


def describe_run(catalogue: Catalogue, targets: Sequence[tuple[Target, str]], selection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the header of a run's journal; targets are given with the content of each."""
    return {
        "suite": {"version": __version__, "edition": catalogue.edition, "digest": catalogue.digest},
        "targets": [_describe_target(target, digest) for target, digest in targets],
        "selection": dict(selection),
    }


def _describe_target(target: Target, digest: str) -> dict[str, Any]:
    about = {"module": target.candidate.module, **target.candidate.about, "content": digest}
    about.pop("digest", None)  # the content is the same for every kind of candidate
    return {
        "id": target.id,
        "command": " ".join(target.command),
        **{f"candidate's {key}": value for key, value in about.items()},
        "emulates": target.emulates,
        **target.identity,
        "available": target.unavailable is None,
    }
