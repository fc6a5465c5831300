"""What a running target is told: its candidate, and a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imp_conformance.catalogue.model import Case
from imp_conformance.portable.comparison import fill_facts
from imp_conformance.portable.protocol import Limits
from imp_conformance.targets.candidate import Candidate


def load_message(candidate: Candidate, names: Sequence[str], process: str, limits: Limits) -> dict[str, Any]:
    """Return the message that names the candidate.

    Args:
        candidate: whose imp is judged.
        names: the attributes of imp to look for in it.
        process: the kind of process that a target is which cannot fork.
        limits: what it may take and tell.
    """
    return {
        "kind": candidate.kind,
        "module": candidate.module,
        "files": dict(candidate.files),
        "names": list(names),
        "process": process,
        "limits": limits._asdict(),
    }


def case_message(case: Case, facts: Mapping[str, Any], spares: int, limit: float) -> dict[str, Any]:
    """Return the message that has a case run.

    Args:
        case: the case.
        facts: what the target has said of itself.
        spares: how many cases to come need a process of their own.
        limit: seconds that the case has.
    """
    return {
        "code": case.code,
        "process": case.process,
        "options": list(case.options),
        "spares": spares,
        "given": case.given,
        "limit": limit,
        "watch": case.watched,
        "files": [{**entry, "path": fill_facts(entry["path"], facts)} for entry in case.files],
    }
