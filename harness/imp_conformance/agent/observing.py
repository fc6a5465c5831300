"""Run one case in the present process and say what is seen of it.

Every object that is touched here is on a page that a forked process must copy: it costs more than the code does.
"""

import builtins
import sys
import types
import warnings

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import (
    ALL_SIGNALS,
    BOUNDED,
    KEPT,
    RECURSION_LIMIT,
    RUN,
    SIG_BLOCK,
    get_context,
    real_chdir,
    real_collect,
    real_islice,
    real_lstat,
    real_setprofile,
    real_setrecursionlimit,
    real_setrlimit,
    real_settrace,
    real_sigmask,
    set_traceback,
)
from imp_conformance.agent.describing import UNKNOWN, Describer, class_name, describe_failure, describe_own_failure, text_of
from imp_conformance.agent.environment import ENCODING_WARNS
from imp_conformance.agent.process import flush_output, redirect
from imp_conformance.agent.snippet import holds, run_snippet
from imp_conformance.agent.watching import changes, counted_modules, open_descriptors, snapshot_files
from imp_conformance.agent.wire import to_json

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


def observation(task: "dict[str, Any]", candidate: Candidate, module: "types.ModuleType | None", facts: types.SimpleNamespace) -> bytes:
    """Return one case's observation as JSON; where even that fails, say why."""
    try:
        return observe_in_place(task, candidate, module, facts)
    except BaseException as error:
        KEPT.append(error)
        # What it did cannot be described, or else the agent has failed before it did anything. A candidate that has been imported may
        # have set limits, or patched what the agent uses; what is whole without one was rehearsed.
        acted = bool(RUN) or (module is not None and candidate.kind != "own")
        seen = {"failed": describe_failure(error)} if acted else {"broken": describe_own_failure(error)}
        return to_json(seen).encode("ascii")


def observe_in_place(
    task: "dict[str, Any]", candidate: Candidate, module: "types.ModuleType | None", facts: types.SimpleNamespace
) -> bytes:
    """Observe one case in its directory and return the observation as JSON."""
    if task["output"] is not None:
        redirect(task["output"])
    real_chdir(task["cwd"])
    data = to_json(observe(task, candidate, module, facts)).encode("ascii")
    if task["output"] is not None:
        flush_output()
    return data


def observe(
    task: "dict[str, Any]", candidate: Candidate, module: "types.ModuleType | None", facts: types.SimpleNamespace
) -> "dict[str, Any]":
    """Run one case in the present process and directory and return what is watched of it."""
    watch = task["watch"]
    sys.dont_write_bytecode = False
    facts.cwd = task["cwd"]
    space = {"__name__": "snippet", "__file__": "snippet.py", "__builtins__": builtins, "facts": facts}
    if module is not None:
        space["imp"] = module
    seen = {}  # type: dict[str, Any]
    if "facts" in task:
        seen["facts"] = {name: Describer(candidate.limits).describe(value) for name, value in task["facts"].items()}
    if task["given"] is not None:
        seen["given"] = holds(task["given"], candidate.module, dict(space))
    modules = counted_modules() if "modules" in watch else {}
    walks = "files" in watch or "open_files" in watch
    home = real_lstat(".") if walks else None  # type: Any
    files = snapshot_files(task["cwd"], home, candidate.limits.files) if "files" in watch else {}
    descriptors = open_descriptors() if "open_files" in watch else {}
    RUN.append(True)  # what fails from here on may be what the candidate has patched: module warnings is one that it shares
    describer = Describer(candidate.limits)
    KEPT.extend((describer, space))
    if "warnings" in watch:
        manager = warnings.catch_warnings(record=True)
        caught = manager.__enter__()  # and never left: the process ends, and what would restore it may be patched by then
        KEPT.append(manager)
        warnings.simplefilter("always")
        if ENCODING_WARNS:
            warnings.simplefilter("ignore", EncodingWarning)  # novm  # it is there where the flag is
        run_described(task["code"], candidate.module, space, describer, seen)
        seen["warnings"] = [
            {
                "category": class_name(entry.category),
                "message": describer.cut(text_of(entry.message)),
                "file": describer.cut(text_of(entry.filename)),
            }
            for entry in real_islice(caught or (), candidate.limits.items)
        ]
    else:
        run_described(task["code"], candidate.module, space, describer, seen)
    if "modules" in watch:
        seen["modules"] = changes(modules, counted_modules(), "replaced")
    if "open_files" in watch and facts.implementation != "cpython":
        real_collect()  # elsewhere files are closed when they are collected, not when they are let go
    opened = open_descriptors() if "open_files" in watch else {}
    left = snapshot_files(task["cwd"], home, candidate.limits.files) if walks else {}
    if "open_files" in watch:
        names = {(home.st_dev, inode): name for name, (_, _, inode) in left.items()}
        seen["open_files"] = sorted(names[where] for number, where in opened.items() if number not in descriptors and where in names)
    if "files" in watch:
        seen["files"] = changes(files, left, "changed")
    return seen


def run_described(codes: "Any", module: str, space: "dict[str, Any]", describer: Describer, seen: "dict[str, Any]") -> None:
    """Run a snippet and describe its value, or what it raised."""
    raised = value = None
    try:
        value = run_snippet(codes, module, space)
    except BaseException as error:
        raised = error
    # Undo what the snippet may have left that would run more of it now, or starve what follows. Not in a function: a
    # trace function that is left would be called for it.
    rounds = 0
    while rounds < 100:
        rounds += 1
        try:
            real_settrace(None)
            real_setprofile(None)
            real_setrecursionlimit(RECURSION_LIMIT)
            if real_sigmask is not None:
                real_sigmask(SIG_BLOCK, ALL_SIGNALS)
            if BOUNDED:
                real_setrlimit(*BOUNDED[0])
            break
        except BaseException:  # what was left; it goes away when it has raised
            continue
    try:
        KEPT.append((value, raised))
        if raised is None:
            seen["value"] = describer.describe(value)
            return
    except UnboundLocalError:  # a null of Java's, which leaves a variable without a value
        seen["value"] = dict(UNKNOWN)
        return
    # Its frames keep files open that the candidate has let go. Not in the except clause, where looking up anything
    # that is not there would walk the chain of contexts, which may be a circle.
    set_traceback(raised, None)
    context = get_context(raised)
    if context is not None:
        set_traceback(context, None)
    seen["raised"] = describer.describe_exception(raised)
