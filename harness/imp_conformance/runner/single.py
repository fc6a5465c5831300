"""One case on one interpreter, for a script that shows it: started for it alone, and ended after it."""

from __future__ import annotations

from dataclasses import dataclass

from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import NotAsked, TargetLost, TargetUnavailable, UnknownTarget
from imp_conformance.results.judge import Result
from imp_conformance.runner.run import ask
from imp_conformance.targets.advice import advice
from imp_conformance.targets.candidate import Candidate, find_candidate
from imp_conformance.targets.identity import Identity
from imp_conformance.targets.session import Session
from imp_conformance.targets.target import emulated, find_interpreters, heed_foreign, promised


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that name an interpreter and whose imp is judged on it."""

    python: str | None = None
    candidate: str | None = None
    emulates: str | None = None
    start_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """What is asked of whom, and what came of it."""

    release: Release
    """By whose promises the imp is judged."""
    candidate: Candidate
    identity: Identity
    command: tuple[str, ...]
    """What starts the interpreter."""
    result: Result | None = None
    """None where the case was not to be run, or could not be."""
    failure: str = ""
    """Why it could not."""


def single(catalogue: Catalogue, case: Case, asked: Asked, *, run: bool = True) -> Single:
    """Find out of whom a case is asked, and run it there.

    Args:
        catalogue: where the case is.
        case: the case.
        asked: of whom.
        run: whether to run the case.

    Raises:
        UnknownTarget: where an option names nothing, or --python several interpreters.
        TargetUnavailable: where the interpreter cannot be started.
        NotAsked: where the case does not hold for that release.
    """
    requests = find_interpreters(asked.python)
    if len(requests) > 1:
        raise UnknownTarget(f"--python {asked.python}: {len(requests)} interpreters are in that range: name one of them")
    promises = emulated(asked.emulates)
    try:
        session = Session(requests[0].command, asked.start_limit or requests[0].start_limit)
    except TargetUnavailable as error:
        heed_foreign(requests[0], str(error))
        raise
    try:
        identity = session.identity
        release = Release.parse(promises or promised(identity.version))
        if release not in case.versions:
            raise NotAsked(f"{case.id} holds for {case.versions}, and {release} is asked for: name another release with --emulates")
        found = find_candidate(asked.candidate, identity.series)
        result, failure = None, ""
        if run:
            try:
                session.load(found, catalogue.names)
                result = ask(session, case, release)
            except (TargetUnavailable, TargetLost) as error:
                failure = ": ".join(filter(None, [str(error), advice(str(error), asked.candidate)]))
                if found.kind == "own":
                    raise TargetUnavailable(failure) from None
        return Single(release, found, identity, requests[0].command, result, failure)
    finally:
        session.close()
