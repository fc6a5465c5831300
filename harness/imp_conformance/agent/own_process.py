"""The agent in a process of one case's own, in which the candidate was never loaded."""

import os
import sys

from imp_conformance.agent.candidate import Candidate, ignore_warnings
from imp_conformance.agent.captured import SIG_BLOCK, Namespace, bootstrap, real_exit, real_sigmask
from imp_conformance.agent.case_process import FAILED, fail_before_case, run_case, take_case
from imp_conformance.agent.environment import settle
from imp_conformance.agent.means import MEANS
from imp_conformance.agent.process import flush_output, lead_nowhere, set_bounds
from imp_conformance.agent.shared_slot import SharedSlot
from imp_conformance.portable.protocol import FRESH

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


def serve_own(given: "dict[str, Any]", tasks: int, memory: int, path: str) -> None:
    """Wait for the case, run it and end.

    Args:
        given: what the supervisor knows, as own_payload() packs it.
        tasks: the descriptor from which the task comes.
        memory: the descriptor of the file that is the shared slot.
        path: of that file, where it is not mapped.
    """
    slot = None
    try:
        MEANS.memory = given["memory"]
        settle()
        lead_nowhere(0)
        sys.path[:] = given["path"]
        candidate = Candidate(given["request"], given["root"])
        slot = SharedSlot(candidate.limits.observation_bytes, path, memory)
        os.close(memory)
        set_bounds(candidate.limits)
        candidate.enter_first()
        task = take_case(tasks, real_sigmask and real_sigmask(SIG_BLOCK, ()), slot)
    except BaseException as error:
        if slot is not None:
            fail_before_case(slot, error)
        real_exit(FAILED)
    try:
        module = None
        if task["process"] == FRESH:
            module = candidate.load()
            flush_output()
        ignore_warnings()
        facts = dict(given["facts"])
        if facts["magic"] != bootstrap.MAGIC_NUMBER:  # an implementation may draw it anew in each process
            facts["magic"] = bootstrap.MAGIC_NUMBER
            task["facts"] = {"magic": bootstrap.MAGIC_NUMBER}
        run_case(task, slot, candidate, module, Namespace(**facts))
    finally:
        real_exit(FAILED)
