"""Rehearse what cases need, with trivial ones, before the host is greeted; what does not work is done without.

The rehearsal runs the very supervisor that real cases have, in a process that is thrown away, and is to it what the host is.
So nothing that the agent relies on has to be listed.
"""

import base64
import json
import os
import time

from imp_conformance.agent.alone import fork_unseen
from imp_conformance.agent.build import made_for
from imp_conformance.agent.captured import SIGKILL, real_close, real_exit, real_fork, real_kill, real_pipe, select
from imp_conformance.agent.case_process import AgentFailure
from imp_conformance.agent.cleaning import process_control, reap
from imp_conformance.agent.describing import describe_own_failure
from imp_conformance.agent.means import ANONYMOUS, FILE, MAPPED, MEANS
from imp_conformance.agent.supervisor import Supervisor
from imp_conformance.agent.wire import HostGone, HostLink
from imp_conformance.portable.protocol import LIMITS, OWN, WARM

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

REHEARSAL_SECONDS = 10.0
"""Seconds that a rehearsal may take; it takes a twentieth of one."""

REHEARSED = "rehearsed = 42\n"
"""The candidate."""

KILLED_SECONDS = 0.01
"""Seconds after which the case that sleeps is killed."""

UNSEEN = "what a fork writes there is not seen"
WATCHED = ("warnings", "modules", "files", "open_files", "output")
ONE_EACH = "each case has a process of its own, which is slow"

SLEEPS = "import time\ntime.sleep(60)"
DOES_ALL = """\
import os, time, warnings
print('said')
open('left', 'w').close()
warnings.warn('warned')
os.fork() or time.sleep(60)
imp.rehearsed
"""
"""It leaves an orphan, too."""


class Unfit(Exception):
    """The rehearsal shows that something does not work; the text says what."""


def choose_means(refused: "str | None", no_ctypes: "str | None") -> None:
    """Find out how cases are run here.

    Args:
        refused: why the host does not want the target to fork; None where it may.
        no_ctypes: why it does not want ctypes to be imported; None where it may be.
    """
    if refused is not None:
        MEANS.forks = False
        MEANS.lose("fork", refused, ONE_EACH)
        return
    if not MEANS.forks:
        MEANS.lose("fork", "os.fork is not there", ONE_EACH)
        return
    if no_ctypes is not None:
        MEANS.lose("adopting orphans", no_ctypes, "a process that a case leaves in a session of its own may stay")
    process_control(allowed=no_ctypes is None)  # these two take long and remember what they find: each supervisor needs it
    made_for()
    whys = {}  # type: dict[str, str]
    for memory in (ANONYMOUS, ANONYMOUS, MAPPED, FILE):
        if memory == ANONYMOUS and whys.get(memory) == UNSEEN:
            continue  # it is tried twice, since there may just have been too many processes, but not where it is of no use
        try:
            rehearse(memory)
        except BaseException as error:  # whatever it is, it shows that this way is none
            whys[memory] = str(error) if isinstance(error, Unfit) else describe_own_failure(error)
            continue
        MEANS.memory = memory
        if memory != ANONYMOUS:
            instead = "what cases leave lies in a file, which is mapped" if memory == MAPPED else "what cases leave lies in a file"
            MEANS.lose("memory that forks share", whys[ANONYMOUS], instead)
        return
    MEANS.forks, MEANS.memory = False, ANONYMOUS
    MEANS.lose("fork", whys[FILE], ONE_EACH)


def rehearse(memory: str) -> None:
    """Let a supervisor run the trivial cases.

    Raises Unfit where they do not come out as they must, and whatever else is wrong.
    """
    if select is None:
        raise Unfit("there is no select")
    (down, requests), (answers, up), (witness, kept) = real_pipe(), real_pipe(), real_pipe()
    opened = {down, requests, answers, up, witness, kept}

    def close(*descriptors: int) -> None:
        for descriptor in opened.intersection(descriptors):
            opened.discard(descriptor)
            real_close(descriptor)

    pid = 0
    try:
        pid = real_fork()
        if pid == 0:
            try:
                close(requests, answers, witness)
                MEANS.memory = memory
                supervise(HostLink(down, up))
            finally:
                real_exit(0)
        close(down, up, kept)
        deadline = time.monotonic() + REHEARSAL_SECONDS
        for message in rehearsed_messages():
            os.write(requests, json.dumps(message).encode("ascii") + b"\n")
        lines = read_until(answers, deadline, 2 + 2 * len(rehearsed_cases()))
        close(requests)
        judge_rehearsal([json.loads(line.decode("ascii")) for line in lines])
        read_until(witness, deadline, 1)  # each process that was made has it, so that it ends when all of them have
    finally:
        close(*list(opened))
        if pid:
            end_rehearsal(pid)


def supervise(link: HostLink) -> None:
    """Be the supervisor of the rehearsal."""
    agent = None
    try:
        agent = Supervisor(link)
        agent.serve()
    except HostGone:
        pass
    except BaseException as error:
        link.send({"failed": str(error) if isinstance(error, AgentFailure) else describe_own_failure(error)})
    finally:
        if agent is not None:
            agent.close()


def end_rehearsal(pid: int) -> None:
    """See that its first process is gone, and leave no zombie."""
    real_kill(pid, SIGKILL)
    reap(pid, LIMITS.reap_seconds)


def read_until(source: int, deadline: float, count: int) -> "list[bytes]":
    """Read so many lines, or fewer where there is an end before.

    Raises Unfit where neither comes in time, or where it is the end of the rehearsal that says what has failed.
    """
    data = b""
    while data.count(b"\n") < count:
        if not select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise Unfit("its rehearsal takes more than {:g} s".format(REHEARSAL_SECONDS))
        more = os.read(source, 1 << 16)
        if not more:
            break
        data += more
    return data.splitlines()


def rehearsed_messages() -> "list[dict[str, Any]]":
    """Return what the host of the rehearsal says."""
    limits = dict(LIMITS._asdict(), load_seconds=REHEARSAL_SECONDS, start_seconds=REHEARSAL_SECONDS, observation_bytes=1 << 16)
    files = {"rehearsed.py": base64.b64encode(REHEARSED.encode("ascii")).decode("ascii")}
    load = {"kind": "tree", "module": "rehearsed", "files": files, "names": ["rehearsed"], "process": WARM, "limits": limits}
    cases = []  # type: list[dict[str, Any]]
    for code, process, limit, watch, _ in rehearsed_cases():
        message = {"code": code, "given": None, "process": process, "options": []}  # type: dict[str, Any]
        message.update(spares=0, limit=limit, watch=list(watch), files=[])
        cases.append(message)
    return [load] + cases


def rehearsed_cases() -> "list[tuple[str, str, float, tuple[str, ...], tuple[str, ...]]]":
    """Return each case: its snippet, its process, its limit, what is watched, and how it may end."""
    well = ("exit",)
    cases = [
        (DOES_ALL, WARM, REHEARSAL_SECONDS, WATCHED, well),
        (SLEEPS, WARM, KILLED_SECONDS, (), ("timeout", "forkserver-lost")),  # the latter where it had not begun by then
    ]  # type: list[tuple[str, str, float, tuple[str, ...], tuple[str, ...]]]
    if fork_unseen():
        cases.append(("import imp\nimp.rehearsed", OWN, REHEARSAL_SECONDS, (), well))
    cases.append(("imp.rehearsed", WARM, REHEARSAL_SECONDS, (), well))
    return cases


def judge_rehearsal(said: "list[dict[str, Any]]") -> None:
    """Look at the answers.

    Raises Unfit where they are not as they must be.
    """
    for message in said:
        if message is not None and "failed" in message:
            raise Unfit(str(message["failed"]))
    if len(said) < 2:
        raise Unfit("the supervisor of its rehearsal ends without a word")
    if said[1].get("answer") != ["rehearsed"]:
        raise Unfit("a module that is one line cannot be loaded in a fork: {}".format(said[1].get("answer")))
    for number, (code, _, _, watch, ends) in enumerate(rehearsed_cases()):
        ended, left = (said[2 + 2 * number : 4 + 2 * number] + [None, None])[:2]
        if ended is None:
            raise Unfit("the supervisor of its rehearsal ends with the case " + repr(code))
        how = ended["ended"]
        if number == 0 and how["how"] == "forkserver-lost" and MEANS.memory == ANONYMOUS:
            raise Unfit(UNSEEN)
        if how["how"] not in ends or how.get("number", 0):
            raise Unfit("the case {!r} ends with {}".format(code, json.dumps(how, sort_keys=True)))
        if ends == ("exit",) and (left is None or left.get("value") != {"kind": "int", "value": "42"}):
            raise Unfit("what the case {!r} leaves does not arrive: {}".format(code, json.dumps(left, sort_keys=True)[:200]))
        if (
            watch
            and left is not None
            and (ended["output"]["stdout"] != "said\n" or left["files"]["added"] != ["left"] or len(left["warnings"]) != 1)
        ):
            raise Unfit("what the case {!r} does is not seen".format(code))
