"""Which case notices that an imp.py was changed, run as a candidate on the interpreter that it is from."""

from __future__ import annotations

import base64
from collections.abc import Generator, Iterable, Sequence

from adequacy.genuine import Genuine
from imp_conformance.catalogue.model import Case, Catalogue, Level
from imp_conformance.errors import TargetUnavailable
from imp_conformance.results.judge import Result
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import Candidate
from imp_conformance.targets.session import start_loaded

IMPORT = "import"
"""What first_noticing() returns in place of a case where the import fails."""

_noticed: dict[str, int] = {}
"""By case: how many changes it noticed in this process."""


def as_candidate(source: str) -> Candidate:
    """Return a candidate whose imp.py has this text."""
    encoded = base64.b64encode(source.encode("utf-8")).decode("ascii")
    return Candidate("tree", "imp", "changed", {"kind": "file", "name": "imp.py"}, {"imp.py": encoded})


def results(genuine: Genuine, source: str, catalogue: Catalogue, cases: Iterable[Case]) -> Generator[Result, None, None]:
    """Run cases against a changed imp.py on its own interpreter, each when its result is asked for.

    Raises:
        TargetUnavailable: the changed imp.py cannot be imported.
    """
    session = start_loaded([genuine.python], as_candidate(source), catalogue.names)
    try:
        for case in cases:
            yield ask(session, case, genuine.release)
    finally:
        session.close()


def first_noticing(genuine: Genuine, source: str, catalogue: Catalogue, cases: Sequence[Case]) -> str | None:
    """Return the id of the first case that does not pass, ``import`` where the import fails, or None where all pass."""
    found = results(genuine, source, catalogue, cases)
    try:
        return next((result.case for result in found if not result.conforms), None)
    except TargetUnavailable:
        return IMPORT
    finally:
        found.close()


def any_noticing(genuine: Genuine, source: str, catalogue: Catalogue, subject: str) -> str | None:
    """Ask every case, as first_noticing does: those first that are likely to notice a change in a subject.

    These are the cases of the subject, then those that noticed other changes. Incidental ones come last: one that lists frames
    notices whatever is written anew, and would hide that no case asks what the change is about.
    """

    def unlikely(case: Case) -> tuple[bool, bool, int]:
        incidental = catalogue.level(case) is Level.INCIDENTAL
        return incidental, subject != case.subject and subject not in case.names, -_noticed.get(case.id, 0)

    noticed = first_noticing(genuine, source, catalogue, sorted(catalogue.cases.values(), key=unlikely))
    if noticed is not None:
        _noticed[noticed] = _noticed.get(noticed, 0) + 1
    return noticed
