"""A script that isolates one case as a run does, and shows what a candidate does with it: standard library only, for CPython 3.4 and up.

A script is three texts, one after the other: the head, which is the case; whose imp is judged; and the runtime, which is
the same for all. A page that shows many scripts needs each text once.
"""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any

from imp_conformance.bundle import joined
from imp_conformance.catalogue.by_release import releases_alike
from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import NotAsked
from imp_conformance.portable.protocol import CASE_SECONDS, WARM
from imp_conformance.repro.literal import Verbatim, literal, old_expression
from imp_conformance.targets.candidate import Candidate

_WIDTH = 110
_BLANK_LINES = re.compile(r"\n{4,}")
"""Where lines of a module have no place in a script; nobody looks for their numbers there."""
_FIRST = ("# A script of imp-conformance: does what calls itself imp do what CPython's imp did? For CPython 3.4 and up.", "#")
"""Two lines, because what follows might look like the declaration of an encoding, which stands in the first two."""

_RUNTIME = """\
# ======================================================================================================================
# From here on the script is the same for every case. It runs the case in a process and a directory of its own, as
# imp-conformance does. Exit status: 0 it conforms, or nothing is asked of this interpreter; 1 it does not; 2 wrong usage;
# 3 the candidate cannot be imported.

"""
_AGENT = """
# ----------------------------------------------------------------------------------------------------------------------
# The agent, which looks at what a case does, as a run sends it to a target.

AGENT = r'''
{agent}'''
"""
_END = """

if __name__ == "__main__":
    sys.exit(main(CASE, expected, CANDIDATE, AGENT))
"""


def script(catalogue: Catalogue, case: Case, release: Release, candidate: Candidate, path: str | None = None) -> str:
    """Return the script of a case, which asks a candidate for what the imp of a release did.

    Args:
        catalogue: where the case is.
        case: the case.
        release: by whose promises the imp is judged.
        candidate: whose imp is judged.
        path: where its file or directory is; the script holds its files where that is left out.

    Raises:
        NotAsked: where the case does not hold for that release.
    """
    return case_head(catalogue, case, release) + candidate_text(candidate, path) + runtime()


def case_head(catalogue: Catalogue, case: Case, release: Release) -> str:
    """Return what a script says of its case; it is the same for all releases that answer alike.

    Raises:
        NotAsked: where the case does not hold for that release.
    """
    if release not in case.versions:
        raise NotAsked(f"{case.id} holds for {case.versions}, and {release} is asked for: name another release with --emulates")
    data: dict[str, Any] = {"id": case.id, "title": case.title, "releases": releases_alike(case, release), "names": sorted(case.names)}
    if case.platforms:
        data["platforms"] = case.platforms
    if case.needs:
        data["needs"] = case.needs
    if case.process != WARM:
        data["process"] = case.process
    if case.options:
        data["options"] = case.options
    if case.limit != CASE_SECONDS:
        data["limit"] = case.limit
    if case.watched:
        data["watch"] = case.watched
    if case.files:
        data["files"] = [_file(entry) for entry in case.files]
    if case.given is not None:
        data["given"] = case.given
    data["run"] = case.code
    comments = "\n".join([*_FIRST, *_comment(f"{case.id}: {case.title}", ""), "#", *_clauses(catalogue, case)])
    return f"{comments}\n\nCASE = {literal(data)}\n\n\n{_expected(case, release)}\n\n"


def _expected(case: Case, release: Release) -> str:
    """Return the function that says what is expected; it asks for the platform where that makes a difference."""
    lines = ["def expected(facts):"]
    usual = case.expectation(release)
    for platform in dict.fromkeys(name for change in case.changes for name in change.platforms):
        if case.expectation(release, platform) != usual:
            lines += [f"    if sys.platform == {platform!r}:", f"        return {_wanted(case.expectation(release, platform), 2)}"]
    return "\n".join([*lines, f"    return {_wanted(usual, 1)}", ""])


def _wanted(expectation: Expectation, depth: int) -> str:
    return literal(expectation.resolved_by(lambda expression: Verbatim(old_expression(expression.source))), depth)


def _file(entry: Any) -> dict[str, Any]:
    """Show a file of a case as text where it is text."""
    found = dict(entry)
    if "data" in found:
        data = base64.b64decode(found.pop("data"))
        try:
            found["text"] = data.decode("utf-8")
        except UnicodeDecodeError:
            found["bytes"] = data
    return found


def _clauses(catalogue: Catalogue, case: Case) -> Iterator[str]:
    for name in case.clauses:
        clause = catalogue.clauses[name]
        yield from _comment(f"{clause.id} ({clause.level}): {clause.text}", "")
        for source in clause.sources:
            yield from _comment(f"source: {source.document}, {source.anchor}", "  ")
        for erratum in clause.errata:
            yield from _comment(f"erratum: {erratum.document} says: {erratum.says} In fact: {erratum.fact}", "  ")


def _comment(text: str, margin: str) -> list[str]:
    first = f"# {margin}"
    lines = textwrap.wrap(_ascii(" ".join(text.split())), _WIDTH, initial_indent=first, subsequent_indent=f"{first}    ")
    return lines or [first.rstrip()]


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def candidate_text(candidate: Candidate, path: str | None = None) -> str:
    """Return what a script says of whose imp is judged; its path or, where there is none, its files are in it."""
    label = "the interpreter's own imp" if candidate.kind == "own" else candidate.label
    data: dict[str, Any] = {"kind": candidate.kind, "module": candidate.module, "label": label}
    comments = ["# Whose imp is judged; python SCRIPT PATH judges the file or directory at PATH in its place."]
    if path is not None:
        data["path"] = path
    elif candidate.files:
        comments.append("# Texts are the files as they are; bytes are base64 of what is no text.")
        data["files"] = {name: _content(candidate.files[name]) for name in sorted(candidate.files)}
    return "\n".join(comments) + f"\nCANDIDATE = {literal(data)}\n\n"


def _content(encoded: str) -> str | bytes:
    try:
        return base64.b64decode(encoded).decode("utf-8")
    except UnicodeDecodeError:
        return encoded.encode("ascii")


@cache
def runtime() -> str:
    """Return what all scripts have in common."""
    agent = joined("agent.main")
    if "'''" in agent:
        raise ValueError("the agent must have no three single quotes in a row: the scripts hold it between them")
    return _RUNTIME + _BLANK_LINES.sub("\n\n\n", joined("repro.runtime")) + _AGENT.format(agent=agent) + _END
