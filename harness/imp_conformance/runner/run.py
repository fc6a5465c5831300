"""A run: its catalogue, its targets, the sessions that are open, and the results that have come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import FileUnwritable, TargetLost, TargetUnavailable
from imp_conformance.results.judge import Result, judge, missing, not_applicable
from imp_conformance.results.model import TargetResults, collect
from imp_conformance.results.scope import EVERYTHING, Asked, Scope
from imp_conformance.results.shard import Plan, Shard
from imp_conformance.results.writing import write_results
from imp_conformance.runner.journal import Journal, Recorded
from imp_conformance.targets.session import Session, start_loaded
from imp_conformance.targets.target import Target


def ask(session: Session, case: Case, release: Release, following: Case | None = None, asked: Asked = EVERYTHING) -> Result:
    """Run a case on a target and judge it by a release's promises, where the target must answer it at all.

    Args:
        session: the target.
        case: the case.
        release: by whose promises it is judged.
        following: the case that will be asked next, which the target may begin with.
        asked: the names of imp that it is asked for.

    Raises:
        TargetLost: where the target dies of it and cannot be started again.
    """
    result = not_run(session, case, release, asked)
    if result is not None:
        return result
    if following is not None and not_run(session, following, release, asked) is not None:
        following = None
    seen = session.observe(case, following)
    identity = session.identity  # only now: that of the process which ran the case, where each has one
    return judge(case, release, seen, identity.facts, platform=identity.system, places=identity.places)


def not_run(session: Session, case: Case, release: Release, asked: Asked = EVERYTHING) -> Result | None:
    """Return the result of a case that is known without running it; None where the target must answer it."""
    identity = session.identity
    return not_applicable(case, release, session.lacking, identity.system, asked.why_not(case)) or missing(
        case, release, identity.facts, session.present, platform=identity.system, places=identity.places
    )


class Run:
    """What one process knows of a run."""

    def __init__(self, catalogue: Catalogue, targets: list[Target], folder: Path | None) -> None:
        self.catalogue = catalogue
        self.targets = targets
        self.folder = folder
        self.results: dict[str, dict[str, Result]] = {target.id: {} for target in targets}
        self.written: dict[str, Path] = {}
        self.unwritten: dict[str, str] = {}
        """Why the results of a target could not be written, by its id: the journal then keeps them."""
        self.recorded: Recorded = {}
        self.journal: Journal | None = None
        self.shard: Shard | None = None
        self.plan: Plan | None = None
        self.own_cases: dict[str, int] = {}
        """How many of a target's cases this process may have to ask for that need a process of their own, by the target's id."""
        self._sessions: dict[str, Session] = {}
        self._notices: dict[str, list[str]] = {}
        """What sessions that are closed still want told, by the target's id."""
        self.scope = Scope()
        self._asked: dict[str, Asked] = {}
        self.lost: dict[str, str] = {}
        """Why a target stopped answering, by its id: it is asked nothing more."""

    @property
    def runnable(self) -> list[Target]:
        """The targets that can be started."""
        return [target for target in self.targets if target.unavailable is None]

    def add(self, target: Target, session: Session | None) -> None:
        """Take a target that was opened, and its session where it is still open."""
        self.targets.append(target)
        self.results[target.id] = {}
        if session is not None:
            self._sessions[target.id] = session

    def session(self, target: Target) -> Session:
        """Return the target's open session, started where it is not open.

        Raises:
            TargetLost: where it started before and does not any more; it is tried once.
        """
        if target.id in self.lost:
            raise TargetLost(self.lost[target.id])
        if target.id not in self._sessions:
            try:
                session = start_loaded(target.command, target.candidate, self.catalogue.names, target.start_limit)
            except TargetUnavailable as error:
                self.lost[target.id] = f"{target.id} is lost: {error}"
                raise TargetLost(self.lost[target.id]) from None
            self._sessions[target.id] = session
        session = self._sessions[target.id]
        session.spares = self.own_cases.pop(target.id, session.spares)
        return session

    def asked(self, target: Target) -> Asked:
        """Return the names of imp that a target is asked for."""
        if target.id not in self._asked:
            self._asked[target.id] = self.scope.asked(self.catalogue, target.release, target.provides)
        return self._asked[target.id]

    def notices(self, target: Target) -> list[str]:
        """Return what a target's session wants told, each once: what has come up since it was started."""
        session = self._sessions.get(target.id)
        if session is not None:
            self._notices[target.id] = self._notices.get(target.id, []) + session.notices
            session.notices = []
        return self._notices.pop(target.id, [])

    def close_session(self, target: Target) -> None:
        """End a target."""
        session = self._sessions.pop(target.id, None)
        if session is not None:
            session.close()
            self._notices[target.id] = session.notices

    def close(self) -> None:
        """End every target, and leave the journal to whoever resumes the run, where it has not finished."""
        for target in self.targets:
            self.close_session(target)
        if self.journal is not None:
            self.journal.abandon()
            self.journal = None

    def take(self, target_id: str, result: Result) -> str | None:
        """Take a result, and return what went wrong with recording it; the file of a target that has its last one is written at once."""
        problem = None if self.journal is None else self.journal.append(target_id, result)
        mine = self.results[target_id]
        mine[result.case] = result
        if len(mine) == len(self.catalogue.cases):
            self._write(target_id)
        return problem

    def finish(self, ended: bool) -> None:
        """Write the files of the targets that have not had all their results.

        Args:
            ended: whether everything was asked, so that there is nothing to resume.
        """
        for target in self.targets:
            if target.id not in (*self.written, *self.unwritten) and (self.results[target.id] or target.unavailable is not None):
                self._write(target.id)
        if self.journal is not None:
            if self.unwritten:
                self.journal.abandon()
            else:
                self.journal.finish(ended)
            self.journal = None

    def target_results(self) -> list[TargetResults]:
        """Return what is known of each target, in the order of the targets; of a shard, those that it has something of."""
        shown = [target for target in self.targets if self.shard is None or self.results[target.id] or target.unavailable is not None]
        return [self._collect(target) for target in shown]

    def _collect(self, target: Target) -> TargetResults:
        scope = "all" if target.unavailable is not None else self.asked(target).told
        found = collect(self.catalogue, target, self.results[target.id].values(), scope)
        if self.shard is None or self.plan is None:
            return found
        return replace(found, shard=self.plan.about(self.shard))

    def _write(self, target_id: str) -> None:
        # Until the first item of a shard has come, nobody knows what it is a part of.
        if self.folder is not None and (self.shard is None or self.plan is not None):
            target = next(target for target in self.targets if target.id == target_id)
            try:
                self.written[target_id] = write_results(self.folder, self._collect(target))
            except FileUnwritable as error:
                self.unwritten[target_id] = str(error)
            except OSError as error:  # of the folder itself
                self.unwritten[target_id] = str(FileUnwritable(error.filename or self.folder, error))
