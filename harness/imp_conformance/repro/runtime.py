"""Ask one case of an interpreter's imp and say whether it conforms: what all scripts of `repro` have in common.

The scripts carry this file, so it is standard library only, CPython 3.4 syntax. A script starts its own interpreter once
more with the agent in it and speaks with it as a run does, so that it comes to the same verdict. Where there are no
processes, it is the agent itself.
"""

import base64
import binascii
import builtins
import json
import os
import select
import shutil
import signal
import sys
import time
import types

from imp_conformance.portable.comparison import decide, describe_expectation, fill_facts
from imp_conformance.portable.difference import describe_difference
from imp_conformance.portable.matchers import MATCHERS
from imp_conformance.portable.observation import Observation, decode, printable

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


class Silent(Exception):
    """The agent did not answer in time."""


class Ended(Exception):
    """The agent's process ended before it answered; the text says how."""


class AgentProcess:
    """The agent in a process of its own, and the lines of JSON that it speaks."""

    def __init__(self, host: "Mapping[str, Any]", agent: str, folder: "str | None") -> None:
        """Start this interpreter once more, in a folder or here; host has what runs use to start a target."""
        import subprocess  # only here: there may be no processes

        self.mark = binascii.hexlify(os.urandom(8)).decode("ascii")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") or key in host["environment_kept"]}
        environment[host["mark"]] = self.mark
        command = [sys.executable]
        command.extend(subprocess._args_from_interpreter_flags())  # type: ignore[attr-defined]
        command.extend(["-c", host["boot"]])
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, cwd=folder, start_new_session=True)
        self.grace, self.buffer, self.root = host["close_grace"], b"", None  # type: tuple[float, bytes, str | None]
        source = agent.encode("ascii")
        self.write(("%8d" % len(source)).encode("ascii") + source)

    def write(self, data: bytes) -> None:
        """Send data; where the process has ended, reading finds out."""
        try:
            self.process.stdin.write(data)  # type: ignore[union-attr]
            self.process.stdin.flush()  # type: ignore[union-attr]
        except OSError:
            pass

    def tell(self, message: "Mapping[str, Any]") -> None:
        """Send a message."""
        self.write(json.dumps(message).encode("ascii") + b"\n")

    def line(self, seconds: float) -> bytes:
        """Return the next line.

        Raises Silent and Ended.
        """
        deadline = time.time() + seconds
        descriptor = self.process.stdout.fileno()  # type: ignore[union-attr]
        while b"\n" not in self.buffer:
            if not select.select([descriptor], [], [], max(0.0, deadline - time.time()))[0]:
                raise Silent
            data = os.read(descriptor, 1 << 16)
            if not data:
                raise Ended("exit status {}".format(self.process.wait()))
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def close(self) -> None:
        """End the process, which cleans up when its input ends, and what it leaves all the same."""
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()  # type: ignore[union-attr]
            except OSError:
                pass
        deadline = time.time() + self.grace
        while self.process.poll() is None and time.time() < deadline:
            time.sleep(0.005)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        self.process.wait()
        if self.root is not None and self.mark in os.path.basename(self.root):
            shutil.rmtree(self.root, ignore_errors=True)


class AgentHere:
    """The agent in this very process, where neither an endless loop nor a crash can be told from one of the script."""

    def __init__(self, agent: str, folder: "str | None") -> None:
        """Become the agent."""
        self.said, self.heard = [], []  # type: tuple[list[bytes], list[Any]]
        self.back, self.kept, self.streams = os.getcwd(), (os.dup(1), os.dup(2)), (sys.stdout, sys.stderr)
        self.builtins = dict(vars(builtins))
        self.root = None  # type: str | None
        if folder is not None:
            os.chdir(folder)
        file = globals().get("__file__")
        if file and sys.path and sys.path[0] == os.path.dirname(os.path.abspath(file)):
            del sys.path[0]  # a run's targets have no script, whose folder this is
        space = {"__name__": "agent", "__builtins__": dict(self.builtins)}  # type: dict[str, Any]
        exec(compile(agent, "<imp-conformance agent>", "exec"), space)
        space["CAN_FORK"] = False
        self.supervisor = space["Supervisor"](self)
        self.supervisor.hello()

    def receive(self) -> "Any":
        """Hand the agent what it is told."""
        return self.heard.pop(0)

    def send(self, message: "Any", answer: "bytes | None" = None) -> None:
        """Take what the agent says."""
        self.said.append(json.dumps(message).encode("ascii"))
        if answer is not None:
            self.said.append(answer)

    def tell(self, message: "Any") -> None:
        """Tell the agent whose imp to load, or else which case to run."""
        self.heard.append(message)
        if "code" in message:
            self.supervisor.answer_once()
        else:
            self.supervisor.load(self.heard.pop(0))

    def line(self, seconds: float) -> bytes:
        """Return the next line."""
        return self.said.pop(0)

    def close(self) -> None:
        """Be the script again."""
        vars(builtins).update(self.builtins)
        self.supervisor.close()
        os.chdir(self.back)
        sys.stdout, sys.stderr = self.streams
        for number, descriptor in enumerate(self.kept, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)


def main(case: "Mapping[str, Any]", expected: "Expected", candidate: "dict[str, Any]", host: "Mapping[str, Any]", agent: str) -> int:
    """Run the script; return its exit status."""
    arguments = sys.argv[1:]
    if arguments in (["-h"], ["--help"]):
        say("usage: {} [PATH OF AN imp.py, OR OF THE DIRECTORY THAT HOLDS imp]".format(sys.argv[0]))
        return AGREES
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(UNAVAILABLE))  # so that nothing is left running
    try:
        if arguments:
            candidate = named(arguments, candidate["module"])
        return judged(case, expected, candidate, host, agent)
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


def judged(case: "Mapping[str, Any]", expected: "Expected", candidate: "dict[str, Any]", host: "Mapping[str, Any]", agent: str) -> int:
    """Ask the case, say what came of it and return the exit status."""
    here = sys.platform in ("emscripten", "wasi") or not sys.executable
    peer = AgentHere(agent, candidate.get("folder")) if here else AgentProcess(host, agent, candidate.get("folder"))  # type: Any
    try:
        hello = greeted(peer, host)
        reasons = [hello["lacking"][need] for need in case.get("needs", []) if hello["lacking"].get(need) is not None]
        facts = {name: decode(tree) for name, tree in hello["facts"].items()}
        absent = sorted(set(case["names"]) - set(imported(peer, case, candidate, host)))
        limit = float(case.get("limit", host["limit"]))
        seen = None if reasons else ran(peer, case, facts, limit, host, hello["forks"])
    finally:
        peer.close()
    say("{}: {}".format(case["id"], case["title"]))
    say("  asked:    what CPython's imp promises, {}".format(case["releases"]))
    say("  of:       {}, on {} {}".format(candidate["label"], hello["implementation"], hello["release"]))
    if seen is None:
        say("  verdict:  not-applicable")
        say("  reason:   {}".format("; ".join(reasons)))
        return AGREES
    facts["cwd"] = seen.cwd
    globals().update(MATCHERS)  # which are the names that expected() calls
    wanted = expected(types.SimpleNamespace(**facts))
    verdict, found, difference = decide(wanted, seen, facts, absent, limit, case.get("given"))
    say("  expected: " + describe_expectation(wanted, facts))
    say("  observed: " + (found or "the same"))
    say("  verdict:  " + verdict)
    if difference is None:
        return AGREES
    say("  reason:   " + describe_difference(difference))
    return DIFFERS


def greeted(peer: "Any", host: "Mapping[str, Any]") -> "Any":
    """Return what the interpreter says of itself."""
    try:
        hello = json.loads(peer.line(host["start_limit"]).decode("ascii"))
    except (Silent, Ended, ValueError) as error:
        raise Unavailable("the interpreter does not start once more: {}".format(error or "it says nothing")) from None
    peer.root = hello["root"]
    return hello


def imported(peer: "Any", case: "Mapping[str, Any]", candidate: "dict[str, Any]", host: "Mapping[str, Any]") -> "list[str]":
    """Have the candidate imported; return those of the case's names that it has."""
    files = {}
    for name, data in candidate.get("files", {}).items():  # a str is text, bytes are base64 of what is none
        files[name] = (base64.b64encode(data.encode("utf-8")) if isinstance(data, str) else data).decode("ascii")
    limit = host["load_limit"]
    peer.tell({"kind": candidate["kind"], "module": candidate["module"], "files": files, "names": case["names"], "limit": str(limit)})
    try:
        answer = json.loads(peer.line(limit + host["margin"]).decode("ascii"))
    except (Silent, Ended) as error:
        raise Unavailable("importing it ends the interpreter, or takes too long: {}".format(error)) from None
    if answer["loaded"] is not True or not isinstance(answer["answer"], list):
        raise Unavailable(str(answer["answer"]))
    return [str(name) for name in answer["answer"]]


def ran(
    peer: "Any", case: "Mapping[str, Any]", facts: "dict[str, Any]", limit: float, host: "Mapping[str, Any]", forks: bool
) -> Observation:
    """Have the case run."""
    files = []
    for given in case.get("files", []):
        entry = dict(given, path=fill_facts(given["path"], facts))
        for key in ("text", "bytes"):
            if key in entry:
                data = entry.pop(key)
                entry["data"] = base64.b64encode(data.encode("utf-8") if key == "text" else data).decode("ascii")
        files.append(entry)
    peer.tell(
        {
            "code": case["run"],
            "fresh": case.get("fresh", False),
            "given": case.get("given"),
            "limit": str(limit),
            "watch": case.get("watch", []),
            "files": files,
        }
    )
    try:
        answer = json.loads(peer.line(limit + host["margin"] + host["load_limit"] if forks else limit).decode("ascii"))
        left, ended = peer.line(host["margin"]), answer["ended"]
    except Silent:
        return Observation("timeout", None, "", {}, "", peer.root, None)
    except (Ended, ValueError) as error:
        return Observation("lost", None, str(error), {}, "", peer.root, None)
    try:
        seen = json.loads(left.decode("ascii"))
    except (ValueError, RuntimeError):  # RuntimeError is RecursionError up to 3.4
        seen = None
    seen = seen if isinstance(seen, dict) else None
    return Observation(ended["how"], ended.get("number"), str(ended.get("detail", "")), answer["output"], answer["cwd"], peer.root, seen)


def say(text: str) -> None:
    """Print a line, whatever is in it and whatever the terminal can show."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    print(printable(text).encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()
