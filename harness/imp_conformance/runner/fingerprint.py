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
from imp_conformance.portable.protocol import WARM
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import Target

_LIMIT = 5.0
"""Seconds that a target may take to read its candidate's files."""

_DIGEST_SHOWN = 19
"""Characters of a digest that are told: enough to tell two apart."""

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
    look = replace(case, id="fingerprint", code=_LOOK, given=None, process=WARM, options=(), files=(), limit=_LIMIT)
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


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in what two runs differ, given their headers."""
    found = []
    if then["journal"] != now["journal"]:
        found.append(f"its journal has format {then['journal']}, this imp-conformance writes {now['journal']}")
    for name, what in (("digest", "the digest of the cases"), ("version", "the version of imp-conformance")):
        if then["suite"][name] != now["suite"][name]:
            found.append(f"{what} was {_shown(then['suite'][name])}, now {_shown(now['suite'][name])}")
    old, new = ({target["id"]: target for target in header["targets"]} for header in (then, now))
    for target_id in sorted(old.keys() - new.keys()):
        found.append(f"it had the target {target_id}")
    for target_id in sorted(new.keys() - old.keys()):
        found.append(f"it did not have the target {target_id}")
    for target_id in sorted(old.keys() & new.keys()):
        for key in sorted(old[target_id].keys() | new[target_id].keys()):
            before, after = old[target_id].get(key), new[target_id].get(key)
            if before != after:
                found.append(f"{target_id}: {key} was {_shown(before)}, now {_shown(after)}")
    for key in sorted(then["selection"].keys() | now["selection"].keys()):
        before, after = then["selection"].get(key), now["selection"].get(key)
        if before != after:
            found.append(f"{key} was {_shown(before)}, now {_shown(after)}")
    return found or ["its targets came in another order"]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "not given"
    if value is None or value == "":
        return "not given"
    text = str(value)
    return text[:_DIGEST_SHOWN] if text.startswith("sha256:") else text
