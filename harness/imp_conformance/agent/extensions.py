"""Find shared libraries of the standard library by looking, and say how each of them is initialized."""

import _imp
import marshal
import os
import sys
import warnings

from imp_conformance.agent.captured import bootstrap, or_absent, real_alarm, real_exit, real_fork, real_pipe, real_waitpid
from imp_conformance.agent.library import LIBRARY
from imp_conformance.agent.means import MEANS
from imp_conformance.agent.process import lead_nowhere, open_nothing
from imp_conformance.portable.protocol import EXTENSION_NEEDS, OWN_BOOT

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Iterable, Iterator  # novm
    from typing import Any  # novm

    Look = tuple[str, str, str, str, str]  # novm

# First those that do nothing but define functions and that the agent does not load itself; then whatever else is there.
TAKEN_FIRST = ("_heapq", "_csv", "_opcode", "cmath", "array", "_statistics", "_queue", "_lsprof", "termios", "unicodedata", "_bz2")
TAKEN_LAST = ("_test", "_xx", "xx", "_tkinter", "readline", "_curses", "nis")
SINGLE, MULTI = "single-phase", "multi-phase"
LOOK_SECONDS = 10  # that looking at all of them may take
START_SECONDS = 30  # and starting the interpreter for it, where there is no fork
ENOUGH = "enough"
EXTENSION_FACTS = {
    "extension": "name",
    "extension_path": "path",
    "extension_kind": "kind",
    "extension_defines": "defines",
    "multi_phase": "multi_phase",
    "multi_phase_path": "multi_phase_path",
    "multi_phase_adds": "multi_phase_adds",
}
"""Facts, and the attributes of Extensions that have them."""

real_create, real_exec = or_absent(_imp, "create_dynamic"), or_absent(_imp, "exec_dynamic")  # type: Any, Any  # from 3.5 on
TWO_STEPS = hasattr(_imp, "create_dynamic")
CAN_LOAD = bool(_imp.extension_suffixes()) and (TWO_STEPS or hasattr(_imp, "load_dynamic"))


def dynamic_extensions() -> "list[tuple[str, str]]":
    """List the name and path of each module of the standard library that is a shared library, the most harmless first."""
    found = {}  # type: dict[str, str]
    for place in LIBRARY if CAN_LOAD else ():
        for file in listed(place):
            name = module_of(file)
            if name is None or name in found or name in sys.builtin_module_names:
                continue
            try:
                spec = bootstrap.PathFinder.find_spec(name, [place])
            except (ImportError, OSError, ValueError):
                continue
            if spec is not None and isinstance(spec.loader, bootstrap.ExtensionFileLoader):
                found[name] = spec.origin
    return [(name, found[name]) for name in sorted(found, key=preference)]


def listed(place: str) -> "list[str]":
    """Return the names of the files in a directory; an archive has none."""
    try:
        return sorted(os.listdir(place))
    except OSError:
        return []


def module_of(file: str) -> "str | None":
    """Return the name of the extension module that a file may hold, None where its suffix is that of none."""
    for suffix in _imp.extension_suffixes():
        if file.endswith(suffix) and "." not in file[: -len(suffix)]:
            return file[: -len(suffix)]
    return None


def preference(name: str) -> "tuple[bool, bool, int, str]":
    """Order modules: those last that are loaded here, since a second creation in a process may differ from the first."""
    rank = TAKEN_FIRST.index(name) if name in TAKEN_FIRST else len(TAKEN_FIRST)
    return name in sys.modules, name.startswith(TAKEN_LAST), rank, name


class Extensions:
    """What was found: an extension that defines something as soon as it is created, and one with multi-phase initialization."""

    def __init__(self) -> None:
        """Look for both, unless the host knows already from an earlier start of this interpreter."""
        self.all = []  # type: list[tuple[str, str]]
        self.name = self.path = self.kind = None  # type: str | None
        self.defines = []  # type: list[str]  # what is there once it is created
        self.multi_phase = self.multi_phase_path = self.multi_phase_adds = None  # type: str | None
        self.known = globals().get("HOST_KNOWS")  # type: Any
        if self.known is None:
            self.look()
        else:
            for key, attribute in EXTENSION_FACTS.items():
                setattr(self, attribute, self.known["facts"][key])

    def look(self) -> None:
        """Look for both."""
        self.all = dynamic_extensions()
        for name, path, kind, created, executed in looks(self.all):
            if self.name is None and created:
                self.name, self.path, self.kind, self.defines = name, path, kind, created.split()
            if self.multi_phase is None and usable(kind, created, executed):
                self.multi_phase, self.multi_phase_path, self.multi_phase_adds = name, path, executed.split()[0]

    def lacking(self) -> "dict[str, str | None]":
        """Say which of the needs that concern extensions are not met, and what was looked for."""
        if self.known is not None:
            return dict(self.known["lacking"])
        if not CAN_LOAD:
            why = "the interpreter cannot load shared libraries: _imp has no suffixes or no functions for them"
            return dict.fromkeys(EXTENSION_NEEDS, why)
        found = dict.fromkeys(EXTENSION_NEEDS)  # type: dict[str, str | None]
        if self.name is None:
            found["dynamic-extension"] = (
                "no shared library among the modules of the standard library can be created so that it defines something"
                if self.all
                else "no module of the standard library is a shared library"
            )
        if self.multi_phase is None:
            found["multi-phase-extension"] = "no shared library among the modules of the standard library has multi-phase initialization"
        return found


LOOKED = []  # type: list[Extensions]


def found_extensions() -> Extensions:
    """Look once."""
    if not LOOKED:
        LOOKED.append(Extensions())
    return LOOKED[0]


def looks(extensions: "list[tuple[str, str]]") -> "Iterator[Look]":
    """Create extensions in a process that is thrown away, and yield of each its name, path, kind and what it defines.

    The last two are names with spaces between them: those that are there when it is created, and those that come when it is
    executed. One whose creation fails is left out; one that ends the process too, and another process goes on after it.
    """
    waiting = list(extensions)
    while waiting:
        looked = looked_in_fork(waiting) if MEANS.forks else None
        data = looked_elsewhere(waiting) if looked is None else looked
        for line in data.decode("utf-8", "surrogateescape").splitlines():
            if line == ENOUGH:
                return
            name, path = waiting.pop(0)
            words = line.split("\t")
            if len(words) == 3:
                yield name, path, words[0], words[1], words[2]
        del waiting[:1]  # it has ended the process


def looked_in_fork(extensions: "list[tuple[str, str]]") -> "bytes | None":
    """Return the lines that look_at_all() writes in a fork of this process, None where no fork can be made."""
    source, sink = real_pipe()
    try:
        pid = real_fork()
    except OSError:  # there are as many processes as are allowed
        os.close(source)
        os.close(sink)
        return None
    if pid == 0:
        try:
            os.close(source)
            real_alarm(LOOK_SECONDS)
            look_at_all(extensions, sink)
        finally:
            real_exit(0)
    os.close(sink)
    with open(source, "rb") as file:
        data = file.read()
    real_waitpid(pid, 0)
    return data


def looked_elsewhere(extensions: "list[tuple[str, str]]") -> bytes:
    """Return the lines that look_at_all() writes in the interpreter that is started once more, where there is no fork."""
    codes = globals().get("AGENT_CODES")
    if codes is None or sys.platform in ("emscripten", "wasi") or not sys.executable:
        return b""
    import subprocess

    code = OWN_BOOT.format(brief=False, serve=serve_looks.__name__, tasks=1, slot=0, path="")
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    with open(open_nothing(), "wb") as nothing:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)
        try:
            return process.communicate(marshal.dumps((codes, extensions)), LOOK_SECONDS + START_SECONDS)[0]
        except subprocess.TimeoutExpired as error:
            process.kill()
            return process.communicate()[0] or error.output or b""


def serve_looks(extensions: "list[tuple[str, str]]", sink: int, _slot: int, _path: str) -> None:
    """Be the process of looked_elsewhere()."""
    look_at_all(extensions, sink)
    real_exit(0)


def look_at_all(extensions: "Iterable[tuple[str, str]]", sink: int) -> None:
    """Write a line for each extension, an empty one where it cannot be created; and say where no more is needed."""
    warnings.simplefilter("error")  # one that warns that it is deprecated is not taken
    lead_nowhere(2)
    found = complete = False
    for name, path in extensions:
        try:
            kind, created, executed = look(name, path)
            found, complete = found or bool(created), complete or usable(kind, created, executed)
            line = "\t".join((kind, created, executed))
        except Exception:
            line = ""
        os.write(sink, (line + "\n").encode("utf-8", "surrogateescape"))
        if found and (complete or not TWO_STEPS):
            break
    os.write(sink, (ENOUGH + "\n").encode("ascii"))


def usable(kind: str, created: str, executed: str) -> bool:
    """Say whether an extension shows what multi-phase initialization is: something comes with each step."""
    return kind == MULTI and bool(created) and bool(executed)


def look(name: str, path: str) -> "tuple[str, str, str]":
    """Create and execute an extension in this very process; return its kind and the names that each step defines."""
    loader = bootstrap.ExtensionFileLoader(name, path)
    known = sys.modules.pop(name, None)
    if not TWO_STEPS:
        return SINGLE, " ".join(public(vars(loader.load_module(name)))), ""
    made = real_create(bootstrap.spec_from_file_location(name, path, loader=loader))  # type: Any
    kind = SINGLE if name in sys.modules else MULTI
    created = public(vars(made))
    if known is None or kind == MULTI:
        real_exec(made)
    return kind, " ".join(created), " ".join(sorted(set(public(vars(made))).difference(created)))


def public(space: "dict[str, Any]") -> "list[str]":
    """Return the names in a module that are its own."""
    return sorted(name for name in space if not name.startswith("__"))
