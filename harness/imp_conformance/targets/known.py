"""What is known of a target from an earlier start, so that its agent need not look for shared libraries each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imp_conformance.bundle import PIECE
from imp_conformance.portable.protocol import EXTENSION_NEEDS


def known_extensions(facts: Mapping[str, Any], lacking: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what a greeting says of shared libraries.

    Args:
        facts: the greeting's, decoded.
        lacking: what the target lacks, as the greeting says it.
    """
    told = {name: value for name, value in facts.items() if name.startswith(("extension", "multi_phase"))}
    return {"facts": told, "lacking": {need: lacking.get(need) for need in EXTENSION_NEEDS}}


def known_piece(known: Mapping[str, Any]) -> str:
    """Return what is added to the agent's program for that."""
    return f"{PIECE}known\nHOST_KNOWS = {known!a}\n"
