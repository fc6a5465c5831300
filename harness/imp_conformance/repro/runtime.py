"""Ask one case of an interpreter's imp and say whether it conforms: what all scripts of `repro` have in common.

The scripts hold this file, so it is standard library only, CPython 3.4 syntax. A script starts its own interpreter once
more with the agent in it and speaks with it as a run does, so that it comes to the same verdict. Where there are no
processes, it is the agent itself.
"""

import base64
import builtins
import json
import os
import signal
import subprocess
import sys
import types

from imp_conformance.portable.channel import Channel, DeadlinePassed, ProcessEnded, read_object
from imp_conformance.portable.comparison import decide, describe_expectation, fill_facts, find_missing, on_platform
from imp_conformance.portable.difference import describe_difference
from imp_conformance.portable.matchers import MATCHERS
from imp_conformance.portable.observation import Observation, decode
from imp_conformance.portable.printable import in_a_line
from imp_conformance.portable.protocol import BOOT, CASE_SECONDS, LIMITS, MARGIN_SECONDS, NOT_IMP, PROGRAM, WARM

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping  # novm
    from typing import Any  # novm

    Expected = Callable[[types.SimpleNamespace], Mapping[str, Any]]  # what a script expects of an interpreter's facts

AGREES, DIFFERS, MISUSED, UNAVAILABLE = 0, 1, 2, 3


class Misuse(Exception):
    """The script was called in a way that makes no sense; the text says what to do."""


class Unavailable(Exception):
    """The interpreter cannot be started, or cannot import the candidate; the text says why."""


class InProcess:
    """The agent in this very process, where neither an endless loop nor a crash can be told from one of the script.

    It is spoken with as a Channel is.
    """

    def __init__(self, agent: str, folder: "str | None") -> None:
        """Become the agent."""
        self.said = []  # type: list[bytes]
        self.back, self.kept, self.streams = os.getcwd(), (os.dup(1), os.dup(2)), (sys.stdout, sys.stderr)
        self.builtins = dict(vars(builtins))
        if folder is not None:
            os.chdir(folder)
        file = globals().get("__file__")
        if file and sys.path and sys.path[0] == os.path.dirname(os.path.abspath(file)):
            del sys.path[0]  # a run's targets have no script, whose folder this is
        space = {"__name__": "agent", "__builtins__": dict(self.builtins)}  # type: dict[str, Any]
        exec(compile(agent, "<imp-conformance agent>", "exec"), space)
        self.agent = space["Embedded"]()
        self.say(self.agent.hello())

    def say(self, text: str) -> None:
        """Note what the agent says."""
        self.said.append(text.encode("ascii"))

    def tell(self, message: "Any", seconds: float) -> None:
        """Tell the agent whose imp to load, or else which case to run."""
        request = json.dumps(message)
        if "code" not in message:
            self.agent.take(request)
            self.say(self.agent.load())
            return
        left = self.agent.run() if json.loads(self.agent.begin(request))["failure"] is None else "null"
        self.say(self.agent.told())
        self.say(left)

    def receive(self, seconds: float) -> "Any":
        """Return the next message."""
        return read_object(self.said.pop(0))

    def receive_line(self, seconds: float) -> bytes:
        """Return the next line."""
        return self.said.pop(0)

    def owns(self, scratch: str) -> None:
        """Do nothing: the agent deletes its own scratch directory."""

    def close(self) -> None:
        """Be the script again."""
        vars(builtins).update(self.builtins)
        self.agent.close()
        os.chdir(self.back)
        sys.stdout, sys.stderr = self.streams
        for number, descriptor in enumerate(self.kept, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)


def start(agent: str, folder: "str | None") -> Channel:
    """Start this interpreter once more, with the agent in it."""
    command = [sys.executable]
    command.extend(subprocess._args_from_interpreter_flags())  # type: ignore[attr-defined]
    command.extend(["-c", BOOT])
    channel = Channel(command, folder)
    try:
        source = agent.encode("ascii")
        channel.send(("%8d" % len(source)).encode("ascii") + source, LIMITS.start_seconds)
    except (DeadlinePassed, ProcessEnded):  # reading finds out
        pass
    except BaseException:
        channel.close(kill=True)
        raise
    return channel


def main(case: "Mapping[str, Any]", expected: "Expected", candidate: "dict[str, Any]", agent: str) -> int:
    """Run the script; return its exit status."""
    arguments = sys.argv[1:]
    if arguments in (["-h"], ["--help"]):
        say("usage: {} [PATH OF AN imp.py, OR OF THE DIRECTORY THAT HOLDS imp]".format(sys.argv[0]))
        return AGREES
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(UNAVAILABLE))  # so that nothing is left running
    try:
        if arguments or "path" in candidate:
            candidate = named(arguments or [candidate["path"]], candidate["module"])
        return judged(case, expected, candidate, agent)
    except Misuse as error:
        say("{}: {}".format(sys.argv[0], error))
        return MISUSED
    except Unavailable as error:
        say("{}: unavailable: {}: {}".format(case["id"], candidate["label"], error))
        return UNAVAILABLE


def named(arguments: "list[str]", module: str) -> "dict[str, Any]":
    """Return as a candidate the file or directory that was named in place of the script's own."""
    path = arguments[0]
    if len(arguments) > 1:
        raise Misuse("it takes one file or directory at most")
    if os.path.isfile(path):
        with open(path, "rb") as file:
            return {"kind": "tree", "module": "imp", "label": path, "files": {"imp.py": base64.b64encode(file.read())}}
    if not os.path.isdir(path):
        raise Misuse("{}: no such file or directory: name an imp.py, or the directory that holds imp".format(path))
    found = [name.partition(".")[0] for name in os.listdir(path)]
    for name in (module, "imp"):
        if name in found:
            return {"kind": "module", "module": name, "label": path, "folder": path}
    raise Misuse("{}: import imp would find nothing there: name the directory that holds imp.py or imp/".format(path))


def judged(case: "Mapping[str, Any]", expected: "Expected", candidate: "dict[str, Any]", agent: str) -> int:
    """Ask the case, say what came of it and return the exit status."""
    here = sys.platform in ("emscripten", "wasi", "win32") or not sys.executable  # a Channel needs more of Unix than Windows has
    peer = InProcess(agent, candidate.get("folder")) if here else start(agent, candidate.get("folder"))  # type: Any
    try:
        hello = greeted(peer)
        lacking, process = hello["lacking"], case.get("process", WARM)
        if process == PROGRAM and candidate["module"] != "imp":
            lacking = dict(lacking, program=NOT_IMP.format(candidate["module"]))
        needs = list(case.get("needs", []))
        needs.append(process)
        reasons = [lacking[need] for need in needs if lacking.get(need) is not None]
        if not on_platform(case.get("platforms", [sys.platform]), sys.platform):
            reasons.append("holds on {}".format(", ".join(case["platforms"])))
        facts = {name: decode(tree) for name, tree in hello["facts"].items()}
        present = imported(peer, case, candidate, WARM if hello["forks"] else process)
        missing = find_missing(case["names"], present)
        limit = float(case.get("limit", CASE_SECONDS))
        seen = None if reasons or missing else ran(peer, case, facts, limit, hello)
    finally:
        peer.close()
    say("{}: {}".format(case["id"], case["title"]))
    say("  asked:    what CPython's imp promises, {}".format(case["releases"]))
    say("  of:       {}, on {} {}".format(candidate["label"], hello["implementation"], hello["release"]))
    if reasons:
        say("  verdict:  not-applicable")
        say("  reason:   {}".format("; ".join(reasons)))
        return AGREES
    facts["cwd"] = "{cwd}" if seen is None else seen.cwd
    globals().update(MATCHERS)  # which are the names that expected() calls
    wanted = expected(types.SimpleNamespace(**facts))
    if seen is None:
        verdict, found, difference = "missing", "not run", missing
    else:
        verdict, found, difference = decide(wanted, seen, facts, limit, case.get("given"))
    say("  expected: " + describe_expectation(wanted, facts))
    say("  observed: " + (found or "the same"))
    say("  verdict:  " + verdict)
    if difference is None:
        return AGREES
    say("  reason:   " + describe_difference(difference))
    return DIFFERS


def greeted(peer: "Any") -> "Any":
    """Return what the interpreter says of itself."""
    try:
        hello = peer.receive(LIMITS.start_seconds)
    except (DeadlinePassed, ProcessEnded) as error:
        raise Unavailable("the interpreter does not start once more: {}".format(str(error) or "it says nothing"))
    heed_failure(hello)
    peer.owns(hello["root"])
    return hello


def heed_failure(message: "Mapping[str, Any]") -> None:
    """Raise Unavailable where the agent says that it cannot go on: that is no fault of any imp."""
    if "failed" in message:
        raise Unavailable("the agent failed here, please report it: {}".format(message["failed"]))


def imported(peer: "Any", case: "Mapping[str, Any]", candidate: "dict[str, Any]", process: str) -> "list[str]":
    """Have the candidate imported, unless the process is one in which the case does that; return those of the case's names that it has."""
    files = {}
    for name, data in candidate.get("files", {}).items():  # a str is text, bytes are base64 of what is none
        files[name] = (base64.b64encode(data.encode("utf-8")) if isinstance(data, str) else data).decode("ascii")
    request = {"kind": candidate["kind"], "module": candidate["module"], "files": files, "names": case["names"]}
    request["process"] = process
    if "folder" in candidate:
        request["within"] = True
    request["limits"] = LIMITS._asdict()
    seconds = LIMITS.load_seconds + MARGIN_SECONDS
    try:
        peer.tell(request, seconds)
        answer = peer.receive(seconds)
    except (DeadlinePassed, ProcessEnded) as error:
        raise Unavailable("importing it ends the interpreter, or takes too long: {}".format(error))
    heed_failure(answer)
    if answer["loaded"] is not True or not isinstance(answer["answer"], list):
        raise Unavailable(str(answer["answer"]))
    return [str(name) for name in (answer["answer"] if process == WARM else case["names"])]


def ran(peer: "Any", case: "Mapping[str, Any]", facts: "dict[str, Any]", limit: float, hello: "Mapping[str, Any]") -> Observation:
    """Have the case run."""
    files = []
    for given in case.get("files", []):
        entry = dict(given, path=fill_facts(given["path"], facts))
        for key in ("text", "bytes"):
            if key in entry:
                data = entry.pop(key)
                entry["data"] = base64.b64encode(data.encode("utf-8") if key == "text" else data).decode("ascii")
        files.append(entry)
    request = {
        "code": case["run"],
        "process": case.get("process", WARM),
        "options": list(case.get("options", ())),
        "spares": 0,
        "given": case.get("given"),
        "limit": limit,
        "watch": case.get("watch", []),
        "files": files,
    }
    root = hello["root"]
    try:
        peer.tell(request, limit + MARGIN_SECONDS)
        told = peer.receive(limit + MARGIN_SECONDS + LIMITS.load_seconds if hello["forks"] else limit)
        heed_failure(told)
        left = peer.receive_line(MARGIN_SECONDS)
    except DeadlinePassed:
        return Observation("timeout", None, "", {}, "", root, None)
    except ProcessEnded as error:
        return Observation("lost", None, str(error), {}, "", root, None)
    ended = told["ended"]
    detail = str(ended.get("detail", ""))
    return Observation(ended["how"], ended.get("number"), detail, told["output"], told["cwd"], root, read_object(left))


def say(text: str) -> None:
    """Print a line, whatever is in it and whatever the terminal can show."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    print(in_a_line(text).encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()
