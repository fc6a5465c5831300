"""The files of a target's cases on the supervisor's side: made ready for one, deleted after it, in a directory that is still its own."""

import os

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.case_process import AgentFailure
from imp_conformance.agent.environment import empty_temporary, settle_temporary
from imp_conformance.agent.held_root import HeldRoot
from imp_conformance.agent.job import Job
from imp_conformance.agent.scratch import make_folders, scratch_directory
from imp_conformance.agent.wire import HostLink
from imp_conformance.portable.protocol import CLEANING
from imp_conformance.portable.removal import remove_tree


class CaseFiles:
    """The target's directory, and what cases find and leave in it."""

    def __init__(self, link: HostLink) -> None:
        """Make the directory, or exit with what is wrong."""
        self.link = link
        self.root = scratch_directory()
        self.held = HeldRoot(self.root)
        settle_temporary(self.root)

    def make_ready(self, job: Job, candidate: Candidate) -> None:
        """Make what a case needs once more, where one before it has deleted or hindered it.

        Raises AgentFailure where the directory is lost.
        """
        if self.held.look():
            raise AgentFailure(self.held.why)
        if job.tries:
            job.rebuild(self.tell_cleaning)
        if not os.path.isdir(job.cwd):  # a case before it has deleted it
            make_folders(self.root)
            self.held.note()
            candidate.write_files()
            job.rebuild(self.tell_cleaning)
        if job.refused:  # a case before it has made that impossible
            job.rebuild(self.tell_cleaning, self.root)

    def empty_temporary(self) -> None:
        """Give the next case a directory for temporary files in which nothing is."""
        empty_temporary(self.root, self.tell_cleaning)

    def remove(self, job: Job) -> None:
        """Delete what is left of a case, unless something else is in the place of all its files."""
        if not self.held.look():
            job.remove(self.tell_cleaning)

    def make_room(self, following: Job, job: Job) -> None:
        """Delete what is left of a case before the next one runs, where that may be in its way."""
        if following.refused or self.held.is_crowded():
            self.remove(job)
            self.empty_temporary()

    def tell_cleaning(self) -> None:
        """Tell the host that the next case has to wait, for no fault of its own.

        Raises HostGone.
        """
        self.link.send(CLEANING)

    def close(self) -> None:
        """Delete the directory, wherever it is."""
        place = self.held.where()
        if place is not None:
            remove_tree(place)
