"""Run one case in a process of its own and say whether it conforms: the part that all scripts of `repro` have in common.

The scripts carry this file, so it is standard library only, CPython 3.4 syntax. Three processes share the work, as they
do in the agent, so that a script comes to the same verdict: the script itself, which never loads the candidate; its
child, a fresh interpreter that loads it; and a fork of that for the case. Where the script cannot start itself again,
because it came over standard input, it forks; where there are no processes, it runs the case in place.
"""

import base64
import json
import os
import platform
import re
import signal
import sys
import tempfile
import time
import types
import warnings

from imp_conformance.agent import (
    ANSWER_LIMIT,
    CAN_FORK,
    OUTPUT_LIMIT,
    Describer,
    Unloadable,
    build_files,
    capabilities,
    compiled_early,
    flush_output,
    interpreter_facts,
    load_candidate,
    observe,
    remove_tree,
    to_json,
    write_tree,
)
from imp_conformance.comparison import decide, describe_expectation, fill_facts
from imp_conformance.matchers import MATCHERS
from imp_conformance.observed import Observation, decode

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping  # novm
    from typing import Any, NoReturn  # novm

LOAD_SECONDS = 60.0  # that importing the candidate may take
CASE_SECONDS = 10.0  # that a case may take which does not say otherwise
AGREES, DIFFERS, MISUSED, UNAVAILABLE = 0, 1, 2, 3
WATCHED = ("warnings", "modules", "files", "open_files")
CHILD = "--observe"
START = "import sys; exec(compile(open(sys.argv[2], 'rb').read(), '<script>', 'exec'))"
ENVIRONMENT_KEPT = ("PYTHONPATH", "PYTHONHOME")  # of what users set for their own Python; the rest is not to change a verdict

# Bound now, because the candidate may replace them later.
case_exit, case_open, case_write, case_close, case_dup2 = os._exit, os.open, os.write, os.close, os.dup2


class Misuse(Exception):
    """The script was called in a way that makes no sense; the text says what to do."""


class Child:
    """The process that holds the candidate: how to ask whether it lives, and how to end it."""

    def __init__(self, pid: int, poll: "Callable[[], int | None]") -> None:
        """Poll returns the process's exit status, the negative number of the signal that ended it, or None while it lives."""
        self.pid, self.poll = pid, poll

    def kill(self) -> None:
        """End it, and what it started."""
        end_process(self.pid)
        while self.poll() is None:
            time.sleep(0.005)


def end_process(pid: int) -> None:
    """Kill a process and its group, where they are still there; 0 is none."""
    for end in (os.kill, getattr(os, "killpg", os.kill)) if pid else ():
        try:
            end(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        except OSError:
            pass


def main(case: "Mapping[str, Any]", expected: "Callable[[types.SimpleNamespace], Mapping[str, Any]]", candidate: "dict[str, Any]") -> int:
    """Run the script; return its exit status."""
    arguments = sys.argv[1:]
    if arguments[:1] == [CHILD]:
        sys.argv[:] = ["-c"]
        hold(case, prepared(candidate, arguments[4:]), arguments[2], arguments[3])
    if arguments in (["-h"], ["--help"]):
        say("usage: {} [PATH OF AN imp.py, OR OF THE DIRECTORY THAT HOLDS imp]".format(sys.argv[0]))
        return AGREES
    try:
        candidate = prepared(candidate, arguments)
    except Misuse as error:
        say("{}: {}".format(sys.argv[0], error))
        return MISUSED
    root = os.path.realpath(tempfile.mkdtemp(prefix="imp-conformance-"))
    try:
        return judged(case, expected, candidate, root, arguments)
    except Unloadable as error:
        say("{}: unavailable: {} cannot be imported: {}".format(case["id"], candidate["label"], error))
        return UNAVAILABLE
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            remove_tree(root)


def prepared(candidate: "dict[str, Any]", arguments: "list[str]") -> "dict[str, Any]":
    """Return the candidate as the agent takes it: the script's, or the file or directory that was named in its place."""
    if len(arguments) > 1:
        raise Misuse("it takes one file or directory at most")
    if not arguments:
        return dict(candidate, files={name: in_base64(data) for name, data in candidate.get("files", {}).items()})
    path = arguments[0]
    if os.path.isfile(path):
        with open(path, "rb") as file:
            files = {"imp.py": base64.b64encode(file.read()).decode("ascii")}
        return {"kind": "tree", "module": "imp", "label": path, "files": files}
    if not os.path.isdir(path):
        raise Misuse("{}: no such file or directory: name an imp.py, or the directory that holds imp".format(path))
    found = [name.partition(".")[0] for name in os.listdir(path)]
    for module in (candidate["module"], "imp"):
        if module in found:
            return {"kind": "folder", "module": module, "label": path, "path": os.path.abspath(path)}
    raise Misuse("{}: import imp would find nothing there: name the directory that holds imp.py or imp/".format(path))


def in_base64(data: "str | bytes") -> str:
    """Return a file's content in base64: a str is text, bytes are base64 already."""
    return (base64.b64encode(data.encode("utf-8")) if isinstance(data, str) else data).decode("ascii")


# ---------------------------------------------------------------------------------------------------------------------
# In the process that holds the candidate.


def loaded(case: "Mapping[str, Any]", candidate: "dict[str, Any]", root: str) -> "tuple[types.ModuleType, dict[str, Any], bool]":
    """Import the candidate and leave a note of what was found; return it, the interpreter's facts, and whether to go on."""
    facts = interpreter_facts(root)
    lacking = capabilities(root, facts)
    candidate["names"] = case["names"]
    if candidate["kind"] == "tree":
        candidate["path"] = os.path.join(root, "candidate")
        write_tree(candidate["path"], candidate["files"])
    else:
        candidate.setdefault("path", os.getcwd() if candidate["kind"] == "module" else None)
    module = load_candidate(candidate, facts)
    facts_described = Describer()
    note = {
        "absent": sorted(name for name in case["names"] if not hasattr(module, name)),
        "lacking": [lacking[need] for need in case.get("needs", []) if lacking.get(need) is not None],
        "facts": {name: facts_described.describe(value) for name, value in facts.items()},
    }
    leave(os.path.join(root, "loaded"), to_json(note))
    return module, facts, not note["lacking"]


def leave(path: str, text: str) -> None:
    """Write a file that is there only when it is whole."""
    with open(path + ".new", "wb") as file:
        file.write(text.encode("ascii", "backslashreplace"))
    os.rename(path + ".new", path)


def observed_here(
    case: "Mapping[str, Any]", candidate: "dict[str, Any]", module: types.ModuleType, facts: "dict[str, Any]", root: str, token: str
) -> None:
    """Run the case in this process and leave what was observed in a file of the name given."""
    files = []
    for given in case.get("files", []):
        entry = dict(given, path=fill_facts(given["path"], facts))
        for key in ("text", "bytes"):
            if key in entry:
                data = entry.pop(key)
                entry["data"] = base64.b64encode(data.encode("utf-8") if key == "text" else data).decode("ascii")
        files.append(entry)
    cwd = os.path.join(root, "case-1")
    task = {
        "code": compiled_early(case["run"], candidate["module"]),
        "given": compiled_early(case.get("given"), candidate["module"]),
        "fresh": case.get("fresh", False),
        "watch": WATCHED,
        "cwd": cwd,
    }
    answer = os.path.join(root, "answer-" + token)
    os.mkdir(cwd)
    build_files(cwd, files)
    capture(root, "case")
    os.chdir(cwd)
    data = to_json(observe(task, candidate, module, types.SimpleNamespace(**facts))).encode("ascii")
    flush_output()
    sink = case_open(answer, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    while data:
        data = data[case_write(sink, data) :]
    case_close(sink)


def capture(root: str, name: str) -> None:
    """Send this process's output to two files, whatever level it is written at."""
    for number, stream in ((1, "out"), (2, "err")):
        sink = case_open(os.path.join(root, name + "." + stream), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        case_dup2(sink, number)
        case_close(sink)


def hold(case: "Mapping[str, Any]", candidate: "dict[str, Any]", root: str, token: str) -> "NoReturn":
    """Load the candidate, then run the case in a fork where there are forks; never return."""
    try:
        capture(root, "load")
        try:
            module, facts, applicable = loaded(case, candidate, root)
        except Unloadable as error:
            leave(os.path.join(root, "unloadable"), str(error))
            case_exit(UNAVAILABLE)
        if applicable and CAN_FORK:
            pid = os.fork()
            if pid:
                leave(os.path.join(root, "started"), str(pid))
                leave(os.path.join(root, "ended"), str(os.waitpid(pid, 0)[1]))
                case_exit(0)
        if applicable:
            observed_here(case, candidate, module, facts, root, token)
        case_exit(0)
    finally:
        case_exit(70)


# ---------------------------------------------------------------------------------------------------------------------
# In the script's own process.


def judged(
    case: "Mapping[str, Any]",
    expected: "Callable[[types.SimpleNamespace], Mapping[str, Any]]",
    candidate: "dict[str, Any]",
    root: str,
    arguments: "list[str]",
) -> int:
    """Run the case, say what came of it and return the exit status."""
    limit = float(case.get("limit", CASE_SECONDS))
    token = os.urandom(8).hex() if hasattr(bytes, "hex") else base64.b16encode(os.urandom(8)).decode("ascii")
    child = started(case, candidate, root, token, arguments)
    if child is None:
        how, number = in_place(case, candidate, root, token), 0  # type: tuple[str, int | None]
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(UNAVAILABLE))  # so that nothing is left running
        try:
            how, number = ending(child, root, limit)
        finally:
            child.kill()
            end_process(int(note_of(root, "started") or 0))
    note = json.loads(note_of(root, "loaded") or "null")
    say("{}: {}".format(case["id"], case["title"]))
    say("  asked:    what CPython's imp promises, {}".format(case["releases"]))
    say("  of:       {}, on {} {}".format(candidate["label"], platform.python_implementation(), platform.python_version()))
    if note["lacking"]:
        say("  verdict:  not-applicable")
        say("  reason:   {}".format("; ".join(note["lacking"])))
        return AGREES
    facts = {name: decode(tree) for name, tree in note["facts"].items()}
    facts["cwd"] = os.path.join(root, "case-1")
    output = {"stdout": output_of(root, "case.out"), "stderr": output_of(root, "case.err")}
    seen = Observation(how, number, "", output, facts["cwd"], root, answer_of(os.path.join(root, "answer-" + token)))
    globals().update(MATCHERS)  # which are the names that expected() calls
    wanted = expected(types.SimpleNamespace(**facts))
    verdict, observed, reason = decide(wanted, seen, facts, note["absent"], limit)
    say("  expected: " + describe_expectation(wanted, facts))
    say("  observed: " + (observed or "the same"))
    say("  verdict:  " + verdict)
    if verdict == "pass":
        return AGREES
    say("  reason:   " + reason)
    for name, text in sorted(output.items()):
        if text:
            say("  {} of the case:\n    {}".format(name, text.rstrip("\n").replace("\n", "\n    ")))
    return DIFFERS


def started(case: "Mapping[str, Any]", candidate: "dict[str, Any]", root: str, token: str, arguments: "list[str]") -> "Child | None":
    """Start the process that holds the candidate, or return None where there are no processes."""
    file = globals().get("__file__")
    if sys.platform in ("emscripten", "wasi"):
        return None
    if file and sys.executable and os.path.isfile(file):
        import subprocess

        command = [sys.executable]
        for words in (interpreter_options(), ["-c", START, CHILD, os.path.abspath(file), root, token], arguments):
            command.extend(words)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key in ENVIRONMENT_KEPT}
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, env=environment, start_new_session=True)
        return Child(process.pid, process.poll)
    if not CAN_FORK:
        return None
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            hold(case, candidate, root, token)
        finally:
            os._exit(70)
    return Child(pid, waiting(pid))


def interpreter_options() -> "list[str]":
    """Return the options that this interpreter was started with."""
    import subprocess

    found = getattr(subprocess, "_args_from_interpreter_flags", None)
    return list(found()) if found is not None else ["-O"] * sys.flags.optimize


def waiting(pid: int) -> "Callable[[], int | None]":
    """Return what asks for the end of a forked process, as often as one likes."""
    known = []  # type: list[int]

    def poll() -> "int | None":
        if not known:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                known.append(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
        return known[0] if known else None

    return poll


def ending(child: Child, root: str, limit: float) -> "tuple[str, int | None]":
    """Wait until the case has ended and say how, as the agent does.

    Raises Unloadable where the candidate cannot be imported.
    """
    wait(child, LOAD_SECONDS, os.path.join(root, "loaded"))
    if not os.path.exists(os.path.join(root, "loaded")):
        reason = note_of(root, "unloadable")
        if reason is None:
            took = "importing it takes more than {:g} s".format(LOAD_SECONDS)
            reason = took if child.poll() is None else "importing it ends the process"
        raise Unloadable(reason)
    wait(child, limit, os.path.join(root, "ended"))
    status = note_of(root, "ended")
    if status is not None and os.WIFSIGNALED(int(status)):
        return "signal", os.WTERMSIG(int(status))
    if status is not None:
        return "exit", os.WEXITSTATUS(int(status))
    number = child.poll()
    if number is None:
        return "timeout", None
    if CAN_FORK and not json.loads(note_of(root, "loaded") or "null")["lacking"]:
        return "nursery-lost", None
    return ("signal", -number) if number < 0 else ("exit", number)


def wait(child: Child, seconds: float, path: str) -> None:
    """Wait until a file is there, the child has ended or the time is up."""
    deadline, pause = time.time() + seconds, 0.001
    while not os.path.exists(path) and child.poll() is None and time.time() < deadline:
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def in_place(case: "Mapping[str, Any]", candidate: "dict[str, Any]", root: str, token: str) -> str:
    """Run the case in this very process, which neither an endless loop nor a crash of it can be told from."""
    back, kept = os.getcwd(), (os.dup(1), os.dup(2))
    folder = os.path.dirname(os.path.abspath(globals().get("__file__") or "."))
    if sys.path and sys.path[0] == folder:
        del sys.path[0]
    module, facts, applicable = loaded(case, candidate, root)
    try:
        if applicable:
            observed_here(case, candidate, module, facts, root, token)
    finally:
        os.chdir(back)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        for number, descriptor in enumerate(kept, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)
    return "exit"


def note_of(root: str, name: str) -> "str | None":
    """Return what was left in a file, or None where nothing was."""
    try:
        with open(os.path.join(root, name), "rb") as file:
            return file.read().decode("ascii")
    except OSError:
        return None


def output_of(root: str, name: str) -> str:
    """Return what the case wrote; a byte that is no UTF-8 as its escape, which 3.4 does not do itself."""
    try:
        with open(os.path.join(root, name), "rb") as file:
            text = file.read(OUTPUT_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    return re.sub("[\udc80-\udcff]", lambda found: "\\x%02x" % (ord(found.group()) - 0xDC00), text)


def answer_of(path: str) -> "Any":
    """Return what was observed, or None where nothing was that can be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(ANSWER_LIMIT + 1)
        return json.loads(data.decode("ascii")) if len(data) <= ANSWER_LIMIT else None
    except (OSError, ValueError):
        return None


def say(text: str) -> None:
    """Print a line, whatever the terminal can show."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()
