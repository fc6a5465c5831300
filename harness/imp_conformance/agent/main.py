"""Start the agent in a target: with a supervisor where there is fork, else in the case's own process.

Three processes share the work where there is fork, so that nothing a candidate does can reach the host's channel:

    supervisor  speaks with the host, keeps the time, cleans up; never loads the candidate
    forkserver  a fork of the supervisor that loads the candidate once and then only forks
    case        a fork of the forkserver that runs one snippet and leaves its observation in memory that they share

Elsewhere this process loads the candidate itself, answers one case and exits; the host starts another. The agent never
learns what was expected. It is standard library only, CPython 3.4 syntax.
"""

import json
import os
import sys

from imp_conformance.agent.captured import real_exit
from imp_conformance.agent.case_process import AgentFailure
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.embedded import Embedded
from imp_conformance.agent.environment import settle
from imp_conformance.agent.means import MEANS, absent_names
from imp_conformance.agent.process import lead_nowhere
from imp_conformance.agent.rehearsal import choose_means
from imp_conformance.agent.supervisor import Supervisor
from imp_conformance.agent.wire import HostGone, HostLink

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # noqa: F401  # novm


def serve_once(link: HostLink, agent: Embedded) -> None:
    """Answer one case in this very process, which is not used again.

    Raises HostGone.
    """
    link.send_lines(agent.hello().encode("ascii"))
    agent.take(link.receive_line())
    link.send_lines(agent.load().encode("ascii"))
    begun = json.loads(agent.begin(link.receive_line()))
    left = agent.run() if begun["failure"] is None else "null"
    link.send_lines((agent.told() + "\n" + left).encode("ascii"))


def main() -> None:
    """Answer the host until it has gone."""
    settle()
    link = HostLink(os.dup(0), os.dup(1))
    lead_nowhere(0, 1)
    agent = None  # type: Any
    status = 0
    try:
        absent = absent_names(globals().get("AGENT_NEEDS", {}))
        if absent:
            sys.exit("the agent needs {}, which this interpreter does not have".format(", ".join(absent)))
        choose_means(globals().get("NO_FORK"), globals().get("NO_CTYPES"))
        agent = Supervisor(link) if MEANS.forks else Embedded()
        if MEANS.forks:
            agent.serve()
        else:
            serve_once(link, agent)
    except HostGone:
        pass
    except KeyboardInterrupt:  # a signal, which a candidate may have sent
        status = 1
    except BaseException as error:
        status = 1
        tell_failure(link, error)
    finally:
        try:
            if agent is not None:
                agent.close()
        finally:
            real_exit(status)  # at once, whatever a candidate wants done at the end


def tell_failure(link: HostLink, error: BaseException) -> None:
    """Tell the host that the agent cannot go on, and whoever reads standard error, too."""
    text = str(error) if isinstance(error, (SystemExit, AgentFailure)) else describe_own_failure(error)
    try:
        if not isinstance(error, SystemExit):
            link.send({"failed": text, "forks": MEANS.forks})
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BaseException:  # the host has gone, or standard error
        pass
