"""What a plain script is to show, and the words at its head: the case, its clauses and their sources, and what came."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from imp_conformance.catalogue.by_release import releases_alike
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.printable import printable
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.targets.candidate import Candidate

WIDTH = 120
_SEEN = "interpreter"
"""The document that stands for what interpreters did."""
_LEAVES = re.compile(r"raises (SystemExit|KeyboardInterrupt|GeneratorExit)\b")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a script is to show."""

    catalogue: Catalogue
    case: Case
    release: Release
    """By whose promises the imp is judged."""
    candidate: Candidate
    path: str | None
    """Where the candidate's file or directory is; the script holds its files where it has none."""
    facts: Mapping[str, Any]
    """Of the interpreter that it is for."""
    platform: str
    """Of that interpreter, as sys.platform names it."""
    seen: str = ""
    """What came of the case there, in words."""
    result: Result | None = None
    """What came of it, for machines; None where that is not known."""

    guarded: bool = False
    """Whether an exception that would end the program may come from anywhere in the case, also from what it builds on."""

    @property
    def lacks(self) -> bool:
        """Whether the imp may lack a name that the case uses."""
        return self.result is None or self.result.verdict is Verdict.MISSING

    @property
    def leaves(self) -> bool:
        """Whether what came is an exception that ends a script, and that ``except Exception`` lets through."""
        return self.guarded or (self.result is not None and _LEAVES.match(self.result.observed) is not None)

    @property
    def unfounded(self) -> bool:
        """Whether what the case builds on does not hold: there the script shows that alone."""
        difference = None if self.result is None else self.result.difference
        return difference is not None and difference.kind == "given"


def seen_words(interpreter: str, candidate: Candidate, result: Result) -> str:
    """Say what came of a case, for Wanted.seen.

    Args:
        interpreter: its name for people.
        candidate: whose imp it was.
        result: what came of it.
    """
    reason = result.reason.replace("what is given does not hold", "what the case builds on does not hold", 1)
    came = "pass" if result.conforms else f"{result.verdict}: {reason}"
    return f"Seen with {interpreter}, {candidate.label or 'its own imp'}: {printable(came)}"


def heading(asked: Wanted) -> str:
    """Return the docstring of the script."""
    case = asked.case
    lines = [f"{case.id}: {case.title}"]
    for name in case.clauses:
        clause = asked.catalogue.clauses[name]
        written = [source for source in clause.sources if source.document != _SEEN]  # the last line says where it was seen
        sources = _grouped((source.anchor, source.document) for source in written)
        by_documents = _grouped((", ".join(names), at) for at, names in sources)
        told = "; ".join(f"{names}: {', '.join(places)}" for names, places in by_documents)
        lines.append(f"{clause.id} ({clause.level}): {clause.text}" + (f" ({told})" if told else ""))
        errata = _grouped((f"says: {erratum.says} In fact: {erratum.fact}", erratum.document) for erratum in clause.errata)
        lines += [f"Erratum: {', '.join(names)} {text}" for text, names in errata]
    alike = releases_alike(case, asked.release, asked.platform)
    lines.append(f"CPython's imp does so, {alike}. Exit status: 0 if this one does, too, 1 if not. Written by imp-conformance.")
    lines += [asked.seen] if asked.seen else []
    text = "\n".join(part for line in lines for part in _wrapped(line)).replace('"""', "'''")
    text += "\n" if text.endswith('"') else ""
    return ("r" if "\\" in text else "") + f'"""{text}"""'


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return each first item with the second ones that it comes with."""
    found: dict[str, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return list(found.items())


def _wrapped(line: str) -> list[str]:
    text = line.encode("ascii", "backslashreplace").decode("ascii")
    margin = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=margin, subsequent_indent=margin + "    ") or [""]
