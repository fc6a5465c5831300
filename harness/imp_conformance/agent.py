"""Observe, inside a target interpreter, what a candidate imp does: standard library only, CPython 3.4 syntax.

The host sends this file over standard input and then speaks lines of JSON with it. Three processes share the work, so
that nothing a candidate does can reach the host's channel:

    supervisor  speaks with the host, keeps the time, cleans up; never loads the candidate
    nursery     a fork of the supervisor that loads the candidate once and then only forks
    case        a fork of the nursery that runs one snippet and leaves its observation in a file

Where there is no fork, the supervisor loads the candidate itself, answers one case and exits; the host starts another.
The agent never learns what was expected.
"""

import ast
import base64
import binascii
import gc
import importlib.machinery
import importlib.util
import io
import json
import marshal
import os
import platform
import select
import shutil
import signal
import stat
import struct
import sys
import tempfile
import time
import types
import warnings

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

# Bound now, because the candidate may replace them later in the process that it shares with the code below.
_open, _read, _write, _close, _exit = os.open, os.read, os.write, os.close, os._exit
_collect = gc.collect
_dup2, _fstat, _listdir, _getpid = os.dup2, os.fstat, os.listdir, os.getpid
_type, _str, _repr, _len, _isinstance, _sorted = type, str, repr, len, isinstance, sorted
_module_dict = vars(types.ModuleType)["__dict__"].__get__  # type: Any
_mro = type.__dict__["__mro__"].__get__  # type: Any


def _escape(text: str) -> str:
    """Return a str as JSON in ASCII."""
    pieces = []
    for char in text:
        number = ord(char)
        if 32 <= number < 127 and char not in '"\\':
            pieces.append(char)
        elif number < 0x10000:
            pieces.append("\\u%04x" % number)
        else:
            number -= 0x10000
            pieces.append("\\u%04x\\u%04x" % (0xD800 | number >> 10, 0xDC00 | number & 0x3FF))
    return '"' + "".join(pieces) + '"'


_quote = _escape  # type: Any
try:
    from _json import encode_basestring_ascii as _quote
except ImportError:  # an interpreter without CPython's accelerator
    pass

CAN_FORK = hasattr(os, "fork") and hasattr(os, "setpgid")
ANSWER_LIMIT = 4 << 20  # bytes of one observation that are passed on to the host
OUTPUT_LIMIT = 64 << 10  # bytes of stdout, and of stderr, that are kept of one case
TEXT_LIMIT = 20000  # characters of one string, and bytes of one bytes object, that are described
NODE_LIMIT = 4000  # values of one observation that are described
ITEM_LIMIT = 1000  # items of one container that are described
DEPTH_LIMIT = 12
KILL_GRACE = 5.0  # seconds that a killed case may take to be reaped
EXTENSION_NAMES = ("_bisect", "_heapq", "_random", "_csv", "_json", "_struct", "array", "cmath", "math", "_opcode")
EXCEPTION_ATTRIBUTES = ("name", "path", "msg", "filename", "lineno", "errno", "args")


class HostGone(Exception):
    """The host closed its end: nobody is left to answer to."""


# ---------------------------------------------------------------------------------------------------------------------
# Describing values. Nothing here calls a method of the described object's own class where that class is not built in.


class Describer:
    """Turn objects into plain data that tells types, contents and identity apart."""

    def __init__(self) -> None:
        self.seen = {}  # type: dict[int, int]
        self.kept = []  # type: list[object]
        self.count = 0

    def identity(self, value: "Any") -> int:
        """Number objects in the order in which they are met, so that one object met twice is seen to be one."""
        key = id(value)
        if key not in self.seen:
            self.seen[key] = _len(self.seen)
            self.kept.append(value)  # kept alive, so that an id is never given out again
        return self.seen[key]

    def describe(self, value: "Any", depth: int = 0) -> "dict[str, Any]":
        self.count += 1
        kind = _type(value)
        if self.count > NODE_LIMIT or depth > DEPTH_LIMIT:
            return {"kind": "omitted", "type": class_name(kind)}
        if value is None:
            return {"kind": "none"}
        if kind is bool:
            return {"kind": "bool", "value": value}
        if kind is int:
            return {"kind": "int", "value": hex(value) if abs(value) >> 4096 else _str(value)}
        if kind is float or kind is complex:
            return {"kind": kind.__name__, "value": _repr(value)}
        if kind is str:
            return {"kind": "str", "value": value[:TEXT_LIMIT], "length": _len(value)}
        if kind is bytes or kind is bytearray:
            text = binascii.hexlify(value[:TEXT_LIMIT]).decode("ascii")
            return {"kind": kind.__name__, "hex": text, "length": _len(value)}
        if value is Ellipsis or value is NotImplemented:
            return {"kind": "constant", "name": "Ellipsis" if value is Ellipsis else "NotImplemented"}
        again = id(value) in self.seen
        number = self.identity(value)
        if kind in (tuple, list, set, frozenset):
            items = [] if again else [self.describe(item, depth + 1) for item in list(value)[:ITEM_LIMIT]]
            if kind in (set, frozenset):
                items.sort(key=_repr)
            return {"kind": kind.__name__, "items": items, "length": _len(value), "id": number, "again": again}
        if kind is dict:
            pairs = []
            if not again:
                for key, item in list(dict.items(value))[:ITEM_LIMIT]:
                    pairs.append([self.describe(key, depth + 1), self.describe(item, depth + 1)])
            return {"kind": "dict", "items": pairs, "length": _len(value), "id": number, "again": again}
        if kind is types.ModuleType:
            name = _module_dict(value).get("__name__")
            return {"kind": "module", "name": name if _type(name) is str else None, "id": number}
        if _isinstance(kind, type) and issubclass(kind, type):
            return {"kind": "class", "name": class_name(value), "id": number}
        if kind in (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO):
            return self.describe_file(value, number)
        return {"kind": "object", "type": class_name(kind), "bases": [class_name(base) for base in _mro(kind)], "id": number}

    def describe_file(self, value: "Any", number: int) -> "dict[str, Any]":
        file = {"kind": "file", "type": _type(value).__name__, "id": number}
        for attribute in ("name", "mode", "encoding", "closed"):
            found = getattr(value, attribute, None)
            file[attribute] = found if _type(found) in (str, int, bool, type(None)) else _repr(_type(found))
        try:
            file["position"] = None if file["closed"] else value.tell()
        except (OSError, ValueError):
            file["position"] = None
        return file

    def describe_exception(self, error: BaseException) -> "dict[str, Any]":
        kind = _type(error)
        try:
            message = _str(error)
        except BaseException as raised:  # the class may be the candidate's
            message = "<str() raised " + class_name(_type(raised)) + ">"
        attributes = {}
        for name in EXCEPTION_ATTRIBUTES:
            try:
                attributes[name] = self.describe(getattr(error, name))
            except BaseException:  # absent, or a property of the candidate's that raises
                continue
        return {
            "type": class_name(kind),
            "bases": [class_name(base) for base in _mro(kind)],
            "message": message[:TEXT_LIMIT],
            "attributes": attributes,
        }


def class_name(kind: "Any") -> str:
    """Return module.qualname of a class, without the module for a built-in one."""
    try:
        module = type.__getattribute__(kind, "__module__")
        name = type.__getattribute__(kind, "__qualname__")
    except AttributeError:
        return "?"
    if _type(module) is not str or module in ("builtins", "exceptions"):
        return _str(name)
    return _str(module) + "." + _str(name)


def to_json(value: "Any") -> str:
    """Encode plain data. The json module is not used for it, because the candidate shares that one and may patch it."""
    kind = _type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return _repr(value)
    if kind is str:
        return _str(_quote(value))
    if kind is list or kind is tuple:
        return "[" + ",".join([to_json(item) for item in value]) + "]"
    if kind is dict:
        return "{" + ",".join([_quote(key) + ":" + to_json(item) for key, item in value.items()]) + "}"
    raise TypeError("not plain data: " + class_name(kind))


# ---------------------------------------------------------------------------------------------------------------------
# Facts of the interpreter, never of the candidate.


def interpreter_facts(root: str) -> "dict[str, Any]":
    """Say what this interpreter is and has; snippets and expectations both read these as facts.NAME."""
    extension, extension_path = dynamic_extension()
    return {
        "tag": sys.implementation.cache_tag,
        "magic": importlib.util.MAGIC_NUMBER,
        "source_suffixes": list(importlib.machinery.SOURCE_SUFFIXES),
        "bytecode_suffixes": list(importlib.machinery.BYTECODE_SUFFIXES),
        "extension_suffixes": list(importlib.machinery.EXTENSION_SUFFIXES),
        "optimize": sys.flags.optimize,
        "extension": extension,
        "extension_path": extension_path,
        "prefix": sys.prefix,
        "stdlib": os.path.dirname(os.path.abspath(os.__file__)),
        "implementation": sys.implementation.name,
    }


def full_version() -> str:
    """Name the release to the letter, with the implementation's own version where it has one."""
    own = getattr(sys, "pypy_version_info", None)
    text = platform.python_version()
    return text if own is None else "{} (PyPy {}.{}.{})".format(text, *own[:3])


def dynamic_extension() -> "tuple[str | None, str | None]":
    """Find a module of the standard library that this interpreter loads from a shared library of its own."""
    for name in EXTENSION_NAMES:
        if name in sys.builtin_module_names:
            continue
        try:
            spec = importlib.machinery.PathFinder.find_spec(name)
        except (ImportError, OSError, ValueError):
            continue
        if spec is not None and _isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
            return name, spec.origin
    return None, None


def capabilities(root: str, facts: "dict[str, Any]") -> "dict[str, str | None]":
    """Map each thing that a case may need to None where it is there, and to the reason where it is not."""
    lacking = dict.fromkeys(("threads", "dynamic-extension", "frozen", "non-ascii-filenames", "cache-tag"))  # type: dict[str, str | None]
    try:
        import _thread

        if sys.platform in ("emscripten", "wasi") or not hasattr(_thread, "start_new_thread"):
            raise ImportError
    except ImportError:
        lacking["threads"] = "the interpreter has no threads"
    if facts["extension"] is None:
        lacking["dynamic-extension"] = "no module of the standard library is a dynamic extension here"
    try:
        import _imp

        if not (_imp.is_frozen("__hello__") and _imp.is_frozen_package("__phello__")):
            raise ImportError
    except (ImportError, AttributeError):
        lacking["frozen"] = "the frozen modules __hello__ and __phello__ are not there"
    probe = os.path.join(root, "\u00e9\u2603")
    try:
        os.mkdir(probe)
        os.rmdir(probe)
    except (OSError, UnicodeError):
        lacking["non-ascii-filenames"] = "the file system takes no non-ASCII names"
    if facts["tag"] is None:
        lacking["cache-tag"] = "sys.implementation.cache_tag is None"
    return lacking


# ---------------------------------------------------------------------------------------------------------------------
# The candidate.


class Unloadable(Exception):
    """The candidate cannot be imported; the text says why."""


def write_tree(root: str, files: "dict[str, str]") -> None:
    """Lay out the candidate's files, which came base64-encoded."""
    for name, data in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def load_candidate(candidate: "dict[str, Any]", facts: "dict[str, Any]") -> types.ModuleType:
    """Import the candidate afresh and return its module; candidate["parts"] gets the names of the modules it is made of.

    Raises Unloadable, with the exception and its place in the text.
    """
    name = _str(candidate["module"])
    sys.path[:] = [entry for entry in sys.path if entry]  # -c put '' there: the working directory of each case
    if candidate["path"] is not None:
        sys.path.insert(0, _str(candidate["path"]))
        sys.modules.pop(name, None)
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    before = counted_modules(_str(facts["stdlib"]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            __import__(name)
        module = sys.modules[name]
    except BaseException as error:
        raise Unloadable(describe_failure(error))
    finally:
        sys.dont_write_bytecode = writes_bytecode
    candidate["parts"] = [part for part in counted_modules(_str(facts["stdlib"])) if part not in before] + [name]
    if candidate["kind"] == "own":
        file = os.path.abspath(getattr(module, "__file__", None) or "")
        if os.path.dirname(file) != facts["stdlib"]:
            raise Unloadable("the interpreter has no imp of its own: import imp finds " + file)
    return module


def describe_failure(error: BaseException) -> str:
    """Return 'Type: message (file, line)' of an exception, without calling anything that could raise in turn."""
    described = Describer().describe_exception(error)
    place = ""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        place = " ({}, line {})".format(error.filename, error.lineno) if "line" not in _str(described["message"]) else ""
    elif trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<"):
        place = " ({}, line {})".format(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return "{}: {}{}".format(described["type"], described["message"], place)


# ---------------------------------------------------------------------------------------------------------------------
# One case.


def build_files(files: "list[dict[str, Any]]") -> None:
    """Create the case's files below the working directory."""
    for entry in files:
        path = _str(entry["path"])
        if path.endswith("/"):
            os.makedirs(path, exist_ok=True)
            continue
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            if "compile" in entry:
                file.write(compiled(entry["compile"], path, entry.get("source")))
            else:
                file.write(base64.b64decode(entry["data"]))
        mtime = entry.get("mtime")
        if mtime is not None:
            os.utime(path, (int(mtime), int(mtime)))


def compiled(text: str, path: str, source: "Any") -> bytes:
    """Return the bytes of a .pyc for this interpreter, made for the given source file where one is named."""
    mtime = size = 0
    if source is not None:
        status = os.stat(_str(source))
        mtime, size = int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF
    flags = struct.pack("<I", 0) if sys.version_info >= (3, 7) else b""  # PEP 552
    code = compile(text, path if source is None else _str(source), "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + flags + struct.pack("<II", mtime, size) + marshal.dumps(code)


def snapshot_files() -> "dict[str, tuple[int, int, int]]":
    """Map each file, and each empty directory, below the working directory to what changes when it is written."""
    found = {}
    for folder, folders, names in os.walk("."):
        if not folders and not names and folder != ".":
            found[os.path.relpath(folder, ".").replace(os.sep, "/") + "/"] = (0, 0, 0)
        for name in names:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            key = os.path.relpath(path, ".").replace(os.sep, "/")
            found[key] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def open_descriptors() -> "dict[int, tuple[int, int]]":
    """Map this process's open descriptors to (device, inode)."""
    try:
        numbers = [int(name) for name in _listdir("/proc/self/fd")]
    except OSError:
        numbers = list(range(256))
    found = {}
    for number in numbers:
        try:
            status = _fstat(number)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            found[number] = (status.st_dev, status.st_ino)
    return found


def counted_modules(stdlib: str) -> "dict[str, int]":
    """Map the names in sys.modules to identities, leaving out what the interpreter brings from its own library."""
    found = {}
    for name, module in list(sys.modules.items()):
        if _type(name) is not str or name in sys.builtin_module_names:
            continue
        space = _module_dict(module) if _type(module) is types.ModuleType else {}
        file = space.get("__file__")
        if file is not None and _type(file) is str and os.path.abspath(file).startswith(stdlib + os.sep):
            continue
        if file is None and getattr(space.get("__spec__"), "origin", None) in ("frozen", "built-in"):
            continue
        found[name] = id(module)
    return found


def changes(before: "dict[str, Any]", after: "dict[str, Any]", middle: str) -> "dict[str, list[str]]":
    """Say which keys came, which went, and which stand for something else now."""
    return {
        "added": _sorted(key for key in after if key not in before),
        "removed": _sorted(key for key in before if key not in after),
        middle: _sorted(key for key in after if key in before and after[key] != before[key]),
    }


class CandidateNamer(ast.NodeTransformer):
    """Let the snippet's own import statements that say imp import the candidate, whatever its module is called."""

    def __init__(self, module: str) -> None:
        self.module = module

    def visit_Import(self, node: ast.Import) -> ast.Import:
        for alias in node.names:
            if alias.name == "imp":
                alias.name, alias.asname = self.module, alias.asname or "imp"
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if node.module == "imp" and not node.level:
            node.module = self.module
        return node


def run_snippet(code: str, module: str, space: "dict[str, Any]") -> object:
    """Execute the snippet and return the value of its last line where that is an expression, as a prompt would."""
    tree = ast.parse(code, "snippet.py")  # type: Any
    if module != "imp":
        tree = CandidateNamer(module).visit(tree)
    last = None
    if tree.body and _isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, "snippet.py", "exec", dont_inherit=True), space)
    if last is None:
        return None
    return eval(compile(last, "snippet.py", "eval", dont_inherit=True), space)


def holds(code: str, module: str, space: "dict[str, Any]") -> bool:
    """Say whether a snippet's value is True; one that raises does not hold."""
    try:
        return run_snippet(code, module, space) is True
    except BaseException:  # of whatever kind: the candidate does not do what it must
        return False


def observe(request: "dict[str, Any]", candidate: "dict[str, Any]", module: types.ModuleType, facts: "dict[str, Any]") -> "dict[str, Any]":
    """Run one case in the present process and directory and return everything that could be observed."""
    facts = dict(facts, cwd=os.getcwd())
    describer = Describer()
    build_files(request["files"])
    sys.dont_write_bytecode = False
    space = {
        "__name__": "snippet",
        "__file__": "snippet.py",
        "__builtins__": __builtins__,
        "facts": types.SimpleNamespace(**facts),
    }
    if request["fresh"]:
        for name in candidate["parts"]:
            sys.modules.pop(name, None)
    else:
        space["imp"] = module
    seen = {"cwd": facts["cwd"]}  # type: dict[str, Any]
    if request["given"] is not None:
        seen["given"] = holds(request["given"], candidate["module"], dict(space))
    modules, files, descriptors = counted_modules(_str(facts["stdlib"])), snapshot_files(), open_descriptors()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = run_snippet(_str(request["code"]), _str(candidate["module"]), space)
        except BaseException as error:
            error.__traceback__ = None  # its frames keep files open that the candidate has let go
            seen["raised"] = describer.describe_exception(error)
            if error.__context__ is not None:
                error.__context__.__traceback__ = None
        else:
            seen["value"] = describer.describe(value)
        seen["warnings"] = [
            {"category": class_name(entry.category), "message": _str(entry.message), "file": entry.filename} for entry in (caught or [])
        ]
    if facts["implementation"] != "cpython":
        _collect()  # elsewhere files are closed when they are collected, not when they are let go
    names = snapshot_files()
    seen["modules"] = changes(modules, counted_modules(_str(facts["stdlib"])), "replaced")
    seen["files"] = changes(files, names, "changed")
    inodes = {}
    device = os.stat(".").st_dev
    for name, (_, _, inode) in names.items():
        inodes[(device, inode)] = name
    seen["open_files"] = _sorted(
        inodes[where] for number, where in open_descriptors().items() if number not in descriptors and where in inodes
    )
    return seen


def flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the snippet may have put anything there
            pass


# ---------------------------------------------------------------------------------------------------------------------
# The processes.


class Channel:
    """Lines of JSON to and from the host."""

    def __init__(self, source: int, sink: int) -> None:
        self.source, self.sink, self.buffer = source, sink, b""

    def fill(self) -> None:
        data = os.read(self.source, 1 << 16)
        if not data:
            raise HostGone
        self.buffer += data

    def receive(self) -> "dict[str, Any]":
        while b"\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return dict(json.loads(line.decode("ascii")))

    def send(self, message: "dict[str, Any]", raw_answer: bytes = b"null") -> None:
        line = to_json(message).encode("ascii")
        self.write(line[:-1] + b',"answer":' + raw_answer + b"}\n")

    def write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self.sink, data) :]
            except BrokenPipeError:
                raise HostGone


def read_exactly(source: int, count: int) -> "bytes | None":
    """Read so many bytes from a descriptor, or None at its end."""
    data = b""
    while _len(data) < count:
        more = _read(source, count - _len(data))
        if not more:
            return None
        data += more
    return data


class Nursery:
    """The supervisor's handle on the process that holds the loaded candidate."""

    def __init__(self, supervisor: "Supervisor") -> None:
        requests, self.requests = os.pipe()
        self.replies, replies = os.pipe()
        self.supervisor, self.buffer = supervisor, b""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for descriptor in (self.requests, self.replies, supervisor.channel.source, supervisor.channel.sink):
                    os.close(descriptor)
                os.setpgid(0, 0)
                nurse(requests, replies, supervisor.candidate, supervisor.facts, supervisor.root)
            except BaseException:
                pass
            finally:
                _exit(0)
        os.close(requests)
        os.close(replies)

    def ask(self, request: "dict[str, Any]") -> None:
        data = marshal.dumps(request)
        data = struct.pack("<I", _len(data)) + data
        try:
            while data:
                data = data[os.write(self.requests, data) :]
        except BrokenPipeError:
            pass  # it is dead: the reply that does not come says so

    def reply(self, seconds: float, watch_host: bool = True) -> "list[str] | None":
        """Return the next reply's words, [] where the nursery is dead, None where the time is up."""
        deadline = time.monotonic() + seconds
        channel = self.supervisor.channel
        watched = [self.replies, channel.source] if watch_host else [self.replies]
        while b"\n" not in self.buffer:
            wait = deadline - time.monotonic()
            if wait <= 0:
                return None
            ready = select.select(watched, [], [], wait)[0]
            if channel.source in ready:
                channel.fill()  # the host never speaks out of turn: this is its end
            if self.replies in ready:
                data = os.read(self.replies, 1 << 16)
                if not data:
                    return []
                self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("ascii", "replace").split(" ", 2)

    def kill(self) -> None:
        kill_group(self.pid)
        for descriptor in (self.requests, self.replies):
            os.close(descriptor)
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass


def kill_group(pid: int, leader: bool = True) -> None:
    """Kill a process group; and its leader, which may not have made the group yet, unless it is known to have ended."""
    for kill in (os.killpg, os.kill) if leader else (os.killpg,):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def nurse(requests: int, replies: int, candidate: "dict[str, Any]", facts: "dict[str, Any]", root: str) -> None:
    """Load the candidate, then fork a case a request, until the supervisor closes its end."""
    loads, fork, waitpid, setpgid = marshal.loads, os.fork, os.waitpid, os.setpgid
    redirect(root, "load")
    try:
        module = load_candidate(candidate, facts)
    except Unloadable as error:
        _write(replies, b"failed " + _quote(_str(error)).encode("ascii") + b"\n")
        return
    present = [name for name in candidate["names"] if hasattr(module, _str(name))]
    _write(replies, b"ready " + to_json(present).encode("ascii") + b"\n")
    while True:
        head = read_exactly(requests, 4)
        body = None if head is None else read_exactly(requests, struct.unpack("<I", head)[0])
        if body is None:
            return
        request = loads(body)
        pid = fork()
        if pid == 0:
            try:
                _close(requests)
                _close(replies)
                setpgid(0, 0)
                case_process(request, candidate, module, facts)
            finally:
                _exit(70)
        try:
            setpgid(pid, pid)
        except OSError:
            pass  # the child did it first, or is gone
        _write(replies, ("started %d\n" % pid).encode("ascii"))
        status = waitpid(pid, 0)[1]
        _write(replies, ("ended %d\n" % status).encode("ascii"))


def redirect(root: str, name: str) -> None:
    """Send this process's output to two files of the supervisor's, whatever level it is written at."""
    for number, stream in ((1, "out"), (2, "err")):
        sink = _open(os.path.join(root, name + "." + stream), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        _dup2(sink, number)
        _close(sink)


def case_process(request: "dict[str, Any]", candidate: "dict[str, Any]", module: types.ModuleType, facts: "dict[str, Any]") -> None:
    """Observe one case and leave the observation where the supervisor looks for it."""
    answer = _str(request["answer"])
    redirect(_str(request["root"]), "case")
    os.chdir(_str(request["cwd"]))
    data = to_json(observe(request, candidate, module, facts)).encode("ascii")
    flush_output()
    sink = _open(answer, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # EXCL: an answer forged before is an error
    while data:
        data = data[_write(sink, data) :]
    _exit(0)


class Supervisor:
    """The process that the host talks to."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.nursery = None  # type: Nursery | None
        self.number = 0
        self.asked = False
        self.running = None  # type: int | None
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="imp-conformance-"))
        self.candidate = {}  # type: dict[str, Any]
        self.module = None  # type: types.ModuleType | None
        self.facts = interpreter_facts(self.root)

    def hello(self) -> None:
        facts = Describer()
        self.channel.send(
            {
                "protocol": 1,
                "implementation": sys.implementation.name,
                "version": "%d.%d.%d" % sys.version_info[:3],
                "release": full_version(),
                "platform": "{}-{}".format(sys.platform, platform.machine()),
                "forks": CAN_FORK,
                "root": self.root,
                "facts": {name: facts.describe(value) for name, value in self.facts.items()},
                "lacking": capabilities(self.root, self.facts),
            }
        )

    def load(self, request: "dict[str, Any]") -> None:
        self.candidate = request
        if request["kind"] == "tree":
            request["path"] = os.path.join(self.root, "candidate")
            write_tree(_str(request["path"]), request["files"])
        elif request["kind"] == "module":
            request["path"] = os.getcwd()
        else:
            request["path"] = None
        words = self.start_nursery() if CAN_FORK else self.load_here()
        self.channel.send({"loaded": words[0] == "ready"}, words[1].encode("ascii"))

    def load_here(self) -> "list[str]":
        try:
            self.module = load_candidate(self.candidate, self.facts)
        except Unloadable as error:
            return ["failed", _quote(_str(error))]
        return ["ready", to_json([name for name in self.candidate["names"] if hasattr(self.module, _str(name))])]

    def start_nursery(self) -> "list[str]":
        limit = float(_str(self.candidate["limit"]))
        self.nursery = Nursery(self)
        words = self.nursery.reply(limit)
        if words and words[0] in ("ready", "failed"):
            return [words[0], " ".join(words[1:])]
        self.drop_nursery()
        why = "importing it takes more than {:g} s".format(limit) if words is None else "importing it ends the process"
        return ["failed", _quote(why)]

    def drop_nursery(self) -> None:
        nursery, self.nursery = self.nursery, None
        if nursery is not None:
            nursery.kill()

    def output(self, name: str) -> "dict[str, str]":
        found = {}
        for stream, key in (("out", "stdout"), ("err", "stderr")):
            try:
                with open(os.path.join(self.root, name + "." + stream), "rb") as file:
                    found[key] = file.read(OUTPUT_LIMIT).decode("utf-8", "backslashreplace")
            except OSError:
                found[key] = ""
        return found

    def case(self, request: "dict[str, Any]") -> None:
        """Run one case and send what came of it: how its process ended, its output, and its observation if any."""
        self.number += 1
        request["root"] = self.root
        request["cwd"] = os.path.join(self.root, "case-%d" % self.number)
        request["answer"] = os.path.join(self.root, "answer-%d-%s" % (self.number, binascii.hexlify(os.urandom(8)).decode()))
        os.mkdir(_str(request["cwd"]))
        ended = self.run_forked(request) if CAN_FORK else self.run_here(request)
        answer = self.take_answer(_str(request["answer"]))
        self.channel.send({"ended": ended, "output": self.output("case"), "cwd": request["cwd"]}, answer)
        remove_tree(_str(request["cwd"]))

    def take_answer(self, path: str) -> bytes:
        try:
            with open(path, "rb") as file:
                data = file.read(ANSWER_LIMIT + 1)
            os.unlink(path)
        except OSError:
            return b"null"
        return data if _len(data) <= ANSWER_LIMIT and b"\n" not in data else b"null"

    def run_forked(self, request: "dict[str, Any]") -> "dict[str, Any]":
        nursery = self.nursery
        if nursery is None:
            words = self.start_nursery()
            nursery = self.nursery
            if nursery is None or words[0] != "ready":
                return {"how": "unloadable", "detail": words[1]}
        limit = float(request["limit"])
        self.asked = True
        nursery.ask(request)
        started = nursery.reply(limit)
        if not started or started[0] != "started":
            self.asked = False
            self.drop_nursery()
            return {"how": "nursery-lost"}
        self.running, self.asked = int(started[1]), False
        ended = nursery.reply(limit)
        late = ended is None
        kill_group(self.running, leader=late)  # the case itself, and what it left running
        self.running = None
        if late:
            ended = nursery.reply(KILL_GRACE)
        if not ended or ended[0] != "ended":
            self.drop_nursery()
            return {"how": "timeout" if late else "nursery-lost"}
        if late:
            return {"how": "timeout"}
        status = int(ended[1])
        if os.WIFSIGNALED(status):
            return {"how": "signal", "number": os.WTERMSIG(status)}
        return {"how": "exit", "number": os.WEXITSTATUS(status)}

    def run_here(self, request: "dict[str, Any]") -> "dict[str, Any]":
        """Run the case in this very process, which is not used again."""
        back = os.getcwd()
        assert self.module is not None
        redirect(self.root, "case")
        os.chdir(_str(request["cwd"]))
        data = to_json(observe(request, self.candidate, self.module, self.facts)).encode("ascii")
        flush_output()
        os.chdir(back)
        sink = _open(_str(request["answer"]), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(sink, data)
        os.close(sink)
        return {"how": "exit", "number": 0}

    def close(self) -> None:
        """End every process and delete every file that this target was made of."""
        if self.asked and self.nursery is not None:
            started = self.nursery.reply(1.0, watch_host=False)
            self.running = int(started[1]) if started and started[0] == "started" else None
        if self.running is not None:
            kill_group(self.running)
        self.drop_nursery()
        remove_tree(self.root)


def remove_tree(path: str) -> None:
    """Delete a directory, also where a case took its permissions away."""

    def allow(_: object, name: str, __: object) -> None:
        try:
            os.chmod(os.path.dirname(name), 0o700)
            if os.path.isdir(name) and not os.path.islink(name):
                os.chmod(name, 0o700)
                shutil.rmtree(name, ignore_errors=True)
            else:
                os.unlink(name)
        except OSError:
            pass

    shutil.rmtree(path, onerror=allow)


def main() -> None:
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    channel = Channel(source, sink)
    supervisor = Supervisor(channel)
    try:
        supervisor.hello()
        supervisor.load(channel.receive())
        while True:
            supervisor.case(channel.receive())
            if not CAN_FORK:
                break
    except HostGone:
        pass
    finally:
        supervisor.close()


if __name__ == "__main__":
    main()
