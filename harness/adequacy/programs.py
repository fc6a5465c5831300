"""Programs that use imp as real callers do, and what each prints on a target."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Range
from imp_conformance.errors import ConformanceError
from imp_conformance.portable.observation import Observation
from imp_conformance.portable.protocol import PROGRAM
from imp_conformance.targets.session import Session

_FILE = Path(__file__).with_name("programs.yaml")
_LIMIT = 180.0
"""Seconds that a program may take."""

TEXT = "~"
"""What a line begins with that has only a text for people: nobody promises these, so they are not compared."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True, slots=True)
class Programs:
    """Programs by their ids, and the module that all of them import."""

    helper: str
    texts: Mapping[str, str]

    def only(self, wanted: Collection[str]) -> Programs:
        """Return those that are asked for; all where none is.

        Raises:
            ConformanceError: there is none of an id.
        """
        unknown = sorted(set(wanted) - set(self.texts))
        if unknown:
            raise ConformanceError(f"there is no program {unknown[0]}: correct the name")
        return Programs(self.helper, {name: self.texts[name] for name in wanted}) if wanted else self

    def cases(self) -> dict[str, Case]:
        """Return each program as a case, so that any kind of target can run it."""
        helper = {"path": "h.py", "data": base64.b64encode(self.helper.encode("utf-8")).decode("ascii")}
        return {name: _case(name, text, helper) for name, text in self.texts.items()}


def _case(name: str, text: str, helper: Mapping[str, Any]) -> Case:
    return Case(
        id=f"program/{name}",
        title="",
        clauses=(),
        edition=1,
        split_from=None,
        versions=Range.parse(">=3.4"),
        needs=(),
        process=PROGRAM,
        options=(),
        limit=_LIMIT,
        files=(helper,),
        given=None,
        code=text,
        expect=Expectation(stdout=""),  # whatever it is, output that is expected is watched
        changes=(),
        names=frozenset(),
        file=str(_FILE),
        line=0,
    )


def read_programs(file: Path = _FILE) -> Programs:
    """Read a file of programs.

    Raises:
        ConformanceError: two have one id.
    """
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    texts = {entry["id"]: entry["program"] for entry in content["programs"]}
    if len(texts) < len(content["programs"]):
        raise ConformanceError(f"{file.name} has two programs of one id: rename one")
    return Programs(content["helper"], texts)


def printed(session: Session, case: Case) -> list[str]:
    """Run a program; return the lines that it prints, without what is the machine's, and how it ends.

    Raises:
        TargetLost: the target does not start again.
    """
    seen = session.observe(case)
    lines = cleaned(seen.output.get("stdout", ""), _own_names(session.identity.facts, seen)).splitlines()
    return [line for line in lines if not line.startswith(TEXT)] + [_end(seen)]


def _own_names(facts: Mapping[str, Any], seen: Observation) -> dict[str, str]:
    """Return what a target calls its places and its caches, and what stands for each in both outputs."""
    names = {seen.cwd: "CWD", seen.root: "ROOT", facts["stdlib"]: "STDLIB", facts["prefix"]: "PREFIX", facts["tag"]: "TAG"}
    return {own: common for own, common in names.items() if own}


def cleaned(text: str, names: Mapping[str, str]) -> str:
    """Return an output with common names in place of a target's own, and without addresses of objects.

    Args:
        text: what was printed.
        names: by what the target says: what stands for it.
    """
    for own in sorted(names, key=len, reverse=True):
        text = text.replace(own, names[own])
    return _ADDRESS.sub("0x", text)


def _end(seen: Observation) -> str:
    if seen.how == "exit":
        return f"end -> status {seen.number}"
    return f"end -> {seen.how}" if seen.number is None else f"end -> {seen.how} {seen.number}"
