"""Observe, inside a target interpreter, what a candidate imp does: standard library only, CPython 3.4 syntax.

The host sends this file over standard input and then speaks lines of JSON with it. Three processes share the work, so
that nothing a candidate does can reach the host's channel:

    supervisor  speaks with the host, keeps the time, cleans up; never loads the candidate
    nursery     a fork of the supervisor that loads the candidate once and then only forks
    case        a fork of the nursery that runs one snippet and leaves its observation in memory that they share

Where there is no fork, the supervisor loads the candidate itself, answers one case and exits; the host starts another.
The agent never learns what was expected.
"""

import _frozen_importlib
import _imp
import ast
import base64
import binascii
import builtins
import gc
import io
import itertools
import json
import marshal
import os
import platform
import select
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

# Not importlib.util and the like: a candidate that forgets to import what it uses would find it here by accident.
try:
    import _frozen_importlib_external as _external
except ImportError:  # up to 3.4 it is one module
    import _frozen_importlib as _external  # type: ignore[no-redef]

# What an interpreter without processes or without Unix lacks.
try:
    import mmap
except ImportError:
    pass
try:
    import resource
except ImportError:
    pass
HAS_RESOURCE = "resource" in globals()
if sys.version_info < (3, 7):
    # tempfile imports it, and with it each fork calls its _after_fork(); a fresh interpreter has none.
    sys.modules.pop("threading", None)

# Bound now, because the candidate may replace them later in the process that it shares with the code below.
_open, _read, _write, _close, _exit = os.open, os.read, os.write, os.close, os._exit
_setpgid, _loads = getattr(os, "setpgid", None), marshal.loads  # type: Any, Any
_dup2, _fstat, _lstat, _listdir, _chdir, _getpid = os.dup2, os.fstat, os.lstat, os.listdir, os.chdir, os.getpid
_collect, _settrace, _setprofile, _setrecursionlimit = gc.collect, sys.settrace, sys.setprofile, sys.setrecursionlimit
_Namespace, _sep = types.SimpleNamespace, os.sep
_getcwd, _Module, _ModuleSpec = os.getcwd, types.ModuleType, _frozen_importlib.ModuleSpec
_type, _str, _repr, _len, _isinstance, _sorted = type, str, repr, len, isinstance, sorted
_hexlify, _islice = binascii.hexlify, itertools.islice
_module_dict = vars(types.ModuleType)["__dict__"].__get__  # type: Any
_mro = type.__dict__["__mro__"].__get__  # type: Any
_exact = str.__str__  # makes a str of an instance of a class derived from it, and calls nothing of that class
_set_traceback = BaseException.__dict__["__traceback__"].__set__  # type: Any
_get_context = BaseException.__dict__["__context__"].__get__  # type: Any
try:
    import _signal as _signals  # type: ignore[import-not-found]  # those of signal are Python, of names that anybody may patch
except ImportError:
    _signals = signal
_sigmask = getattr(_signals, "pthread_sigmask", None)
_set_handler = getattr(_signals, "signal", None)  # type: Any
_setrlimit = getattr(globals().get("resource"), "setrlimit", None)  # type: Any
ALL_SIGNALS = getattr(signal, "valid_signals", lambda: range(1, 32))()
SIG_BLOCK, SIG_SETMASK = getattr(signal, "SIG_BLOCK", 0), getattr(signal, "SIG_SETMASK", 0)
TIMERS = [getattr(signal, name) for name in ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF") if hasattr(signal, name)]
_setitimer = getattr(signal, "setitimer", None)  # type: Any
SIGCHLD, SIG_DFL = getattr(signal, "SIGCHLD", None), int(getattr(signal, "SIG_DFL", 0))
BOUNDED = []  # type: list[Any]  # how to give a process back the memory that set_bounds took from it
_kept = []  # type: list[Any]  # what a case made: kept to the end, because letting it go may run the candidate's code


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

CAN_FORK = hasattr(os, "fork") and hasattr(os, "setpgid") and "mmap" in globals()
NUMBER = struct.Struct("<Q")  # of a case: a random one, that nothing but its own process learns
TASK = struct.Struct("<QI")  # what goes before a task: the number of the case, and the task's bytes
PID = struct.Struct("<I")
ANSWER = struct.Struct("<QI")  # what goes before an answer: the number of the case, and the answer's bytes
BOARD_HEAD = PID.size + ANSWER.size
ANSWER_LIMIT = 4 << 20  # bytes of one observation that are passed on to the host
REPLY_LIMIT = 1 << 20  # bytes of one line that the nursery says
OUTPUT_LIMIT = 64 << 10  # bytes of stdout, and of stderr, that are kept of one case
TEXT_LIMIT = 20000  # characters of one string, and bytes of one bytes object, that are described
NODE_LIMIT = 4000  # values of one observation that are described
ITEM_LIMIT = 1000  # items of one container that are described
DEPTH_LIMIT = 12
FILES_LIMIT = 20000  # files below a case's directory that are looked at
INTEGER_LIMIT = 1 << 16  # bits of an int that is described
ALL_TEXT_LIMIT = 300000  # characters and bytes that are described in one observation, so that it keeps within ANSWER_LIMIT
TRIES = 5  # nurseries that one case may have
FILE_LIMIT = 64 << 20  # bytes that a case may write into one file
MEMORY_LIMIT = 2 << 30  # bytes of address space that a case may take beyond what the interpreter has
READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # of what a case may have put there
WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
BUILTIN_NAMES = frozenset(sys.builtin_module_names)
RECURSION_LIMIT = sys.getrecursionlimit()
MARK = "IMP_CONFORMANCE_TARGET"  # the environment variable by which the host knows what this target has started
KILL_GRACE = 5.0  # seconds that a killed case may take to be reaped
EXTENSION_NAMES = ("_bisect", "_heapq", "_random", "_csv", "_json", "_struct", "array", "cmath", "math", "_opcode", "_lsprof", "_queue")
EXCEPTION_ATTRIBUTES = ("name", "path", "msg", "filename", "lineno", "errno", "args")


class HostGone(Exception):
    """The host closed its end: nobody is left to answer to."""


# ---------------------------------------------------------------------------------------------------------------------
# Describing values. Nothing here calls a method of the described object's own class where that class is not built in.


FILE_KINDS = frozenset(id(kind) for kind in (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO))
PLAIN_KINDS = frozenset(id(kind) for kind in (str, int, bool, type(None)))


class Describer:
    """Turn objects into plain data that tells types, contents and identity apart."""

    def __init__(self) -> None:
        self.seen = {}  # type: dict[int, int]
        self.kept = []  # type: list[object]
        self.count = 0
        self.left = ALL_TEXT_LIMIT

    def cut(self, value: "Any") -> "Any":
        """Return the beginning of a str or bytes, as long as may be told."""
        part = value[: min(TEXT_LIMIT, self.left)]
        self.left -= _len(part)
        return part

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
            if value.bit_length() > INTEGER_LIMIT:
                return {"kind": "omitted", "type": "int"}
            return {"kind": "int", "value": hex(value) if value.bit_length() > 4096 else _str(value)}
        if kind is float or kind is complex:
            return {"kind": kind.__name__, "value": _repr(value)}
        if kind is str:
            return {"kind": "str", "value": self.cut(value), "length": _len(value)}
        if kind is bytes or kind is bytearray:
            text = _hexlify(self.cut(value)).decode("ascii")
            return {"kind": kind.__name__, "hex": text, "length": _len(value)}
        if value is Ellipsis or value is NotImplemented:
            return {"kind": "constant", "name": "Ellipsis" if value is Ellipsis else "NotImplemented"}
        again = id(value) in self.seen
        number = self.identity(value)
        # Not "in": that asks the metaclass whether it is equal.
        if kind is tuple or kind is list or kind is set or kind is frozenset:
            items = [] if again else [self.describe(item, depth + 1) for item in _islice(value, ITEM_LIMIT)]
            if kind is set or kind is frozenset:
                items.sort(key=_repr)
            return {"kind": kind.__name__, "items": items, "length": _len(value), "id": number, "again": again}
        if kind is dict:
            pairs = []
            if not again:
                for key, item in _islice(dict.items(value), ITEM_LIMIT):
                    pairs.append([self.describe(key, depth + 1), self.describe(item, depth + 1)])
            return {"kind": "dict", "items": pairs, "length": _len(value), "id": number, "again": again}
        if kind is _Module:
            name = _module_dict(value).get("__name__")
            return {"kind": "module", "name": name if _type(name) is str else None, "id": number}
        if _isinstance(kind, type) and issubclass(kind, type):
            return {"kind": "class", "name": class_name(value), "id": number}
        if id(kind) in FILE_KINDS:
            return self.describe_file(value, number)
        return {"kind": "object", "type": class_name(kind), "bases": [class_name(base) for base in _mro(kind)], "id": number}

    def describe_file(self, value: "Any", number: int) -> "dict[str, Any]":
        file = {"kind": "file", "type": _type(value).__name__, "id": number}
        for attribute in ("name", "mode", "encoding", "closed"):
            found = getattr(value, attribute, None)
            file[attribute] = found if id(_type(found)) in PLAIN_KINDS else class_name(_type(found))
        try:
            file["position"] = None if file["closed"] else value.tell()
        except (OSError, ValueError):
            file["position"] = None
        return file

    def describe_exception(self, error: BaseException) -> "dict[str, Any]":
        kind = _type(error)
        message = text_of(error)
        attributes = {}
        for name in EXCEPTION_ATTRIBUTES:
            try:
                attributes[name] = self.describe(getattr(error, name))
            except BaseException:  # absent, or a property of the candidate's that raises
                continue
        return {
            "type": class_name(kind),
            "bases": [class_name(base) for base in _mro(kind)],
            "message": self.cut(message),
            "attributes": attributes,
        }


def text_of(value: "Any") -> str:
    """Return str() of an object whose class may be the candidate's."""
    try:
        return _exact(_str(value))
    except BaseException as raised:
        return "<str() raised " + class_name(_type(raised)) + ">"


def class_name(kind: "Any") -> str:
    """Return module.qualname of a class, without the module for a built-in one."""
    try:
        module = type.__getattribute__(kind, "__module__")
        name = type.__getattribute__(kind, "__qualname__")
    except AttributeError:
        return "?"
    if not issubclass(_type(name), str):
        return "?"
    if _type(module) is not str or module in ("builtins", "exceptions"):
        return _exact(name)
    return _str(module) + "." + _exact(name)


def _to_json(value: "Any") -> str:
    """Encode plain data."""
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
        return "[" + ",".join([_to_json(item) for item in value]) + "]"
    if kind is dict:
        return "{" + ",".join([_quote(key) + ":" + _to_json(item) for key, item in value.items()]) + "}"
    raise TypeError("not plain data: " + class_name(kind))


# The json module is not used for it, because the candidate shares that one and may patch it.
try:
    from _json import make_encoder

    _encoder = make_encoder(None, _str, _quote, None, ":", ",", False, False, True)  # type: Any

    def to_json(value: "Any") -> str:
        """Encode plain data."""
        return "".join(_encoder(value, 0))

except ImportError:
    to_json = _to_json


# ---------------------------------------------------------------------------------------------------------------------
# Facts of the interpreter, never of the candidate.


def interpreter_facts(root: str) -> "dict[str, Any]":
    """Say what this interpreter is and has; snippets and expectations both read these as facts.NAME."""
    extension, extension_path = dynamic_extension()
    return {
        "tag": sys.implementation.cache_tag,
        "magic": _external.MAGIC_NUMBER,
        "source_suffixes": list(_external.SOURCE_SUFFIXES),
        "bytecode_suffixes": list(_external.BYTECODE_SUFFIXES),
        "extension_suffixes": _imp.extension_suffixes(),
        "optimize": sys.flags.optimize,
        "extension": extension,
        "extension_path": extension_path,
        "prefix": sys.prefix,
        "stdlib": os.path.dirname(os.path.abspath(ast.__file__)),  # that of os may be made up: os is frozen in 3.11
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
            spec = _external.PathFinder.find_spec(name)
        except (ImportError, OSError, ValueError):
            continue
        if spec is not None and _isinstance(spec.loader, _external.ExtensionFileLoader):
            return name, spec.origin
    return None, None


def capabilities(root: str, facts: "dict[str, Any]") -> "dict[str, str | None]":
    """Map each thing that a case may need to None where it is there, and to the reason where it is not."""
    lacking = dict.fromkeys(("threads", "dynamic-extension", "frozen", "library-files", "non-ascii-filenames", "cache-tag"))  # type: dict[str, str | None]
    try:
        import _thread

        if sys.platform in ("emscripten", "wasi") or not hasattr(_thread, "start_new_thread"):
            raise ImportError
    except ImportError:
        lacking["threads"] = "the interpreter has no threads"
    if facts["extension"] is None:
        lacking["dynamic-extension"] = "no module of the standard library is a dynamic extension here"
    try:
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
    if not os.path.isfile(os.path.join(facts["stdlib"], "textwrap.py")):
        lacking["library-files"] = "the standard library is not a directory of source files"
    if facts["tag"] is None:
        lacking["cache-tag"] = "sys.implementation.cache_tag is None"
    return lacking


def greeting(root: str, facts: "dict[str, Any]", forks: bool) -> "dict[str, Any]":
    """Say all that the host learns of this interpreter before it asks anything."""
    describer = Describer()
    return {
        "protocol": 2,
        "implementation": sys.implementation.name,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "release": full_version(),
        "platform": "{}-{}".format(sys.platform, platform.machine()),
        "forks": forks,
        "root": root,
        "facts": {name: describer.describe(value) for name, value in facts.items()},
        "lacking": capabilities(root, facts),
    }


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


def lay_out(candidate: "dict[str, Any]", root: str) -> None:
    """Write the candidate's files, if it has any, and note in candidate["path"] what goes first on sys.path."""
    candidate["path"] = None
    if candidate["kind"] == "tree":
        candidate["path"] = os.path.join(root, "candidate")
        write_tree(candidate["path"], candidate["files"])
    elif candidate["kind"] == "module":
        candidate["path"] = os.getcwd()


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
        manager = warnings.catch_warnings()
        manager.__enter__()
        warnings.simplefilter("ignore")
        try:
            __import__(name)
        finally:
            leave(manager)
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


def leave(manager: "Any") -> None:
    """Leave a context that the candidate may have broken."""
    try:
        manager.__exit__(None, None, None)
    except BaseException:
        pass


def ignore_warnings() -> None:
    """Ignore warnings, unless the candidate has broken the module for it."""
    try:
        warnings.simplefilter("ignore")
    except BaseException:
        pass


def present_names(candidate: "dict[str, Any]", module: types.ModuleType) -> "list[str]":
    """Return those of the names that the host asks for which the candidate has."""
    return [name for name in candidate["names"] if hasattr(module, _str(name))]


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


def build_files(base: str, files: "list[dict[str, Any]]") -> None:
    """Create the case's files below a directory."""
    for entry in files:
        name = _str(entry["path"])
        path = os.path.join(base, name)
        if name.endswith("/"):
            os.makedirs(path, exist_ok=True)
            continue
        if "/" in name:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            if "compile" in entry:
                file.write(compiled(entry["compile"], base, name, entry.get("source")))
            else:
                file.write(base64.b64decode(entry["data"]))
        mtime = entry.get("mtime")
        if mtime is not None:
            os.utime(path, (int(mtime), int(mtime)))


def compiled(text: str, base: str, path: str, source: "Any") -> bytes:
    """Return the bytes of a .pyc for this interpreter, made for the given source file where one is named."""
    mtime = size = 0
    if source is not None:
        status = os.stat(os.path.join(base, _str(source)))
        mtime, size = int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF
    flags = struct.pack("<I", 0) if sys.version_info >= (3, 7) else b""  # PEP 552
    code = compile(text, path if source is None else _str(source), "exec", dont_inherit=True)
    return _external.MAGIC_NUMBER + flags + struct.pack("<II", mtime, size) + marshal.dumps(code)


def snapshot_files(cwd: str, home: os.stat_result) -> "dict[str, tuple[int, int, int]]":
    """Map each file, and each empty directory, below the case's directory to what changes when it is written."""
    found = {}  # type: dict[str, tuple[int, int, int]]
    try:
        _chdir(cwd)
        now = _lstat(".")
    except OSError:  # the case deleted it
        return found
    if (now.st_dev, now.st_ino) != (home.st_dev, home.st_ino):
        return found  # something else has taken its place: whatever that is, it is not to be walked
    folders = [""]
    while folders and _len(found) < FILES_LIMIT:
        folder = folders.pop()
        try:
            names = _listdir(folder or ".")
        except OSError:  # it is gone, or too deep, or may not be read
            found[folder] = (0, 0, 0)
            continue
        if not names and folder:
            found[folder] = (0, 0, 0)
        for name in names:
            try:
                status = _lstat(folder + name)
            except OSError:
                continue
            if status.st_mode & 0o170000 == 0o040000:
                folders.append(folder + name + "/")
            else:
                found[folder + name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def open_descriptors() -> "dict[int, tuple[int, int]]":
    """Map this process's open descriptors to (device, inode)."""
    try:
        numbers = [int(name) for name in _listdir("/proc/self/fd")]
    except OSError:
        numbers = []
    if not numbers:  # no /proc, or one that tells nothing
        numbers = list(range(256))
    found = {}
    for number in numbers:
        try:
            status = _fstat(number)
        except OSError:
            continue
        if status.st_mode & 0o170000 == 0o100000:
            found[number] = (status.st_dev, status.st_ino)
    return found


def counted_modules(stdlib: str) -> "dict[str, int]":
    """Map the names in sys.modules to identities, leaving out what the interpreter brings from its own library."""
    found = {}
    prefix = stdlib + _sep
    modules = getattr(sys, "modules", None)  # type: Any
    for name, module in list(modules.items()) if _type(modules) is dict else ():
        if _type(name) is not str or name in BUILTIN_NAMES:
            continue
        space = _module_dict(module) if _type(module) is _Module else {}
        file = space.get("__file__")
        if file is not None and _type(file) is str and (file.startswith(prefix) or absolute(file).startswith(prefix)):
            continue
        spec = space.get("__spec__")  # type: Any
        if file is None and _type(spec) is _ModuleSpec and spec.origin in ("frozen", "built-in"):
            continue
        found[name] = id(module)
    return found


def absolute(path: str) -> str:
    """Do what os.path.abspath does for the paths of modules, without the names that a candidate may patch."""
    if path.startswith("/"):
        return path
    try:
        return _getcwd() + "/" + path
    except OSError:  # the case deleted it
        return path


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


def compile_snippet(code: str, module: str) -> "tuple[Any, Any]":
    """Compile a snippet: all of it, but for the last line where that is an expression, and that expression or None.

    Raises SyntaxError or ValueError where this interpreter cannot read it.
    """
    tree = ast.parse(code, "snippet.py")  # type: Any
    if module != "imp":
        tree = CandidateNamer(module).visit(tree)
    last = None
    if tree.body and _isinstance(tree.body[-1], ast.Expr):
        last = compile(ast.Expression(tree.body.pop().value), "snippet.py", "eval", dont_inherit=True)
    return compile(tree, "snippet.py", "exec", dont_inherit=True), last


def run_snippet(codes: "Any", module: str, space: "dict[str, Any]") -> object:
    """Execute a snippet and return the value of its last line where that is an expression, as a prompt would."""
    if _type(codes) is str:
        codes = compile_snippet(codes, module)
    exec(codes[0], space)
    return None if codes[1] is None else eval(codes[1], space)


def holds(codes: "Any", module: str, space: "dict[str, Any]") -> bool:
    """Say whether a snippet's value is True; one that raises does not hold."""
    try:
        return run_snippet(codes, module, space) is True
    except BaseException:  # of whatever kind: the candidate does not do what it must
        return False


def observe(
    task: "dict[str, Any]", candidate: "dict[str, Any]", module: types.ModuleType, facts: types.SimpleNamespace
) -> "dict[str, Any]":
    """Run one case in the present process and directory and return what is watched of it.

    Every object that is touched here is on a page that a forked process must copy: it costs more than the code does.
    """
    watch = task["watch"]
    sys.dont_write_bytecode = False
    facts.cwd = task["cwd"]
    space = {"__name__": "snippet", "__file__": "snippet.py", "__builtins__": builtins, "facts": facts}
    if task["fresh"]:
        for name in candidate["parts"]:
            sys.modules.pop(name, None)
    else:
        space["imp"] = module
    seen = {}  # type: dict[str, Any]
    if task["given"] is not None:
        seen["given"] = holds(task["given"], candidate["module"], dict(space))
    modules = counted_modules(facts.stdlib) if "modules" in watch else {}
    walks = "files" in watch or "open_files" in watch
    home = _lstat(".") if walks else None  # type: Any
    files = snapshot_files(task["cwd"], home) if "files" in watch else {}
    descriptors = open_descriptors() if "open_files" in watch else {}
    describer = Describer()
    _kept.extend((describer, space))
    if "warnings" in watch:
        manager = warnings.catch_warnings(record=True)
        caught = manager.__enter__()  # and never left: the process ends, and what would restore it may be patched by then
        _kept.append(manager)
        warnings.simplefilter("always")
        run_described(task["code"], candidate["module"], space, describer, seen)
        seen["warnings"] = [
            {
                "category": class_name(entry.category),
                "message": describer.cut(text_of(entry.message)),
                "file": describer.cut(text_of(entry.filename)),
            }
            for entry in _islice(caught or (), ITEM_LIMIT)
        ]
    else:
        run_described(task["code"], candidate["module"], space, describer, seen)
    if "modules" in watch:
        seen["modules"] = changes(modules, counted_modules(facts.stdlib), "replaced")
    if "open_files" in watch and facts.implementation != "cpython":
        _collect()  # elsewhere files are closed when they are collected, not when they are let go
    opened = open_descriptors() if "open_files" in watch else {}
    left = snapshot_files(task["cwd"], home) if walks else {}
    if "open_files" in watch:
        names = {(home.st_dev, inode): name for name, (_, _, inode) in left.items()}
        seen["open_files"] = _sorted(names[where] for number, where in opened.items() if number not in descriptors and where in names)
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
            _settrace(None)
            _setprofile(None)
            _setrecursionlimit(RECURSION_LIMIT)
            if _sigmask is not None:
                _sigmask(SIG_BLOCK, ALL_SIGNALS)
            if BOUNDED:
                _setrlimit(*BOUNDED[0])
            break
        except BaseException:  # what was left; it goes away when it has raised
            continue
    _kept.append((value, raised))
    if raised is None:
        seen["value"] = describer.describe(value)
        return
    # Its frames keep files open that the candidate has let go. Not in the except clause, where looking up anything
    # that is not there would walk the chain of contexts, which may be a circle.
    _set_traceback(raised, None)
    context = _get_context(raised)
    if context is not None:
        _set_traceback(context, None)
    seen["raised"] = describer.describe_exception(raised)


def flush_output() -> None:
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
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

    def pending(self) -> bool:
        """Say whether a whole message has come already."""
        return b"\n" in self.buffer

    def receive(self) -> "dict[str, Any]":
        while not self.pending():
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return dict(json.loads(line.decode("ascii")))

    def send(self, message: "dict[str, Any]", answer: "bytes | None" = None) -> None:
        """Send a message; what a case left follows in a line of its own, since only the host finds out what it is."""
        data = to_json(message).encode("ascii") + b"\n"
        if answer is not None:
            data += answer + b"\n"
        while data:
            try:
                data = data[_write(self.sink, data) :]
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


class Board:
    """Memory that the three processes share, for what must arrive whatever a case does to its descriptors.

    The process that takes a case puts its id there, and then its answer, under a number that only its task names.
    """

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, BOARD_HEAD + ANSWER_LIMIT)
        self.number = 0

    def clear(self) -> int:
        """Forget the last case and return the number of the next."""
        self.number = NUMBER.unpack(os.urandom(NUMBER.size))[0]
        self.memory[:BOARD_HEAD] = bytes(BOARD_HEAD)
        return self.number

    def pid(self) -> int:
        """Return the process id of the case that runs, 0 where none was begun yet."""
        return int(PID.unpack_from(self.memory, 0)[0])

    def answer(self) -> bytes:
        """Return what the case left, ``null`` where that is nothing."""
        number, length = ANSWER.unpack_from(self.memory, PID.size)
        data = self.memory[BOARD_HEAD : BOARD_HEAD + length] if number == self.number and length <= ANSWER_LIMIT else b""
        return data if data and b"\n" not in data else b"null"


class Job:
    """A case on its way: what the nursery is sent, and what the supervisor keeps of it."""

    def __init__(self, request: "dict[str, Any]", root: str, candidate: "dict[str, Any]") -> None:
        self.limit = float(request["limit"])
        self.files = request["files"]
        # A name that no other case can guess, and a directory around it: what a case does to ".." it does to itself.
        self.place = os.path.join(root, "case-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
        self.cwd = os.path.join(self.place, "cwd")
        self.output = self.place if "output" in request["watch"] else None
        self.task = {
            "code": compiled_early(request["code"], candidate["module"]),
            "given": compiled_early(request["given"], candidate["module"]),
            "fresh": request["fresh"],
            "watch": request["watch"],
            "cwd": self.cwd,
            "output": self.output,
        }  # type: dict[str, Any]
        self.data = b""
        if CAN_FORK:
            self.data = marshal.dumps(self.task)
        self.tries = 0
        self.failure = None  # type: str | None
        self.build()

    def build(self) -> None:
        """Make the case's directory; built by a process that never loads the candidate, it is as the case says."""
        try:
            os.mkdir(self.place)
            os.mkdir(self.cwd)
            build_files(self.cwd, self.files)
        except (OSError, ValueError, SyntaxError) as error:
            self.failure = "its files cannot be made: " + describe_failure(error)

    def rebuild(self) -> None:
        """Make the directory anew, whatever is left of it."""
        self.remove()
        self.failure = None
        self.build()

    def printed(self) -> "dict[str, str]":
        """Return what the case wrote to its standard output and error, where that was watched."""
        found = {"stdout": "", "stderr": ""}
        for suffix, key in ((".out", "stdout"), (".err", "stderr")) if self.output is not None else ():
            data = b""
            try:
                source = _open(_str(self.output) + suffix, READ_FLAGS)
                while _len(data) < OUTPUT_LIMIT:
                    more = _read(source, OUTPUT_LIMIT - _len(data))
                    if not more:
                        break
                    data += more
                _close(source)
            except OSError:  # the case has put something else there
                pass
            found[key] = data.decode("utf-8", "surrogateescape")
        return found

    def remove(self) -> None:
        remove_tree(self.cwd)
        remove_tree(self.place)
        for suffix in (".out", ".err") if self.output is not None else ():
            try:
                os.unlink(_str(self.output) + suffix)
            except OSError:
                continue


def compiled_early(code: "str | None", module: str) -> "Any":
    """Compile a snippet, or leave it as it is for the case to fail on where this interpreter cannot read it."""
    if code is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile_snippet(_str(code), module)
        except (SyntaxError, ValueError):
            return code


def read_reply(text: str) -> object:
    """Read the JSON of a nursery's reply, which the candidate may have spoilt."""
    try:
        return json.loads(text)
    except (ValueError, RuntimeError):  # RuntimeError is RecursionError up to 3.4
        return "the process that imported it says what makes no sense"


class Nursery:
    """The supervisor's handle on the process that holds the loaded candidate."""

    def __init__(self, supervisor: "Supervisor") -> None:
        numbers, self.numbers = os.pipe()
        requests, self.requests = os.pipe()
        self.replies, replies = os.pipe()
        self.supervisor, self.buffer = supervisor, b""
        number = supervisor.board.clear()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for descriptor in (self.numbers, self.requests, self.replies, supervisor.channel.source, supervisor.channel.sink):
                    os.close(descriptor)
                os.setpgid(0, 0)
                nurse(numbers, requests, replies, number, supervisor)
            except BaseException:
                pass
            finally:
                _exit(0)
        for descriptor in (numbers, requests, replies):
            os.close(descriptor)

    def ask(self, number: int, data: bytes) -> None:
        """Let the process that it has ready for it run a case, whose number it learns before that process can have ended."""
        try:
            os.write(self.numbers, NUMBER.pack(number))
            data = TASK.pack(number, _len(data)) + data
            while data:
                data = data[os.write(self.requests, data) :]
        except BrokenPipeError:
            pass  # it is dead: the reply that does not come says so

    def reply(self, seconds: float) -> "list[str] | None":
        """Return the next reply's words, [] where the nursery is dead, None where the time is up.

        A reply names the number of what it replies to. Whatever else comes this way, the candidate has written.
        """
        deadline = time.monotonic() + seconds
        while True:
            line, end, rest = self.buffer.partition(b"\n")
            if end:
                self.buffer = rest
                words = line.decode("ascii", "replace").split(" ", 2)
                if _len(words) == 3 and words[0] == _str(self.supervisor.board.number):
                    return words[1:]
                continue
            wait = deadline - time.monotonic()
            if wait <= 0:
                return None
            if self.supervisor.readable(self.replies, wait):
                data = os.read(self.replies, 1 << 16)
                if not data or _len(self.buffer) > REPLY_LIMIT:
                    return []
                self.buffer += data

    def kill(self) -> None:
        kill_group(self.pid)
        for descriptor in (self.numbers, self.requests, self.replies):
            os.close(descriptor)
        bury(self.pid, KILL_GRACE)


def bury(pid: int, seconds: float) -> None:
    """Wait for a child that was killed to have gone, but no longer than that."""
    deadline = time.monotonic() + seconds
    try:
        while not os.waitpid(pid, os.WNOHANG)[0] and time.monotonic() < deadline:
            time.sleep(0.0005)
    except ChildProcessError:
        pass


def send_signal(kill: "Any", pid: int, number: int) -> None:
    """Signal a process that may have ended."""
    try:
        kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def kill_group(pid: int, leader: bool = True) -> None:
    """Kill a process group; and its leader, which may not have made the group yet, unless it is known to have ended.

    The number may come from memory that a candidate can write: it is never this process's own, and never that of all.
    """
    if pid <= 1 or pid in (os.getpid(), os.getpgid(0)):
        return
    send_signal(os.killpg, pid, signal.SIGKILL)
    if leader:
        send_signal(os.kill, pid, signal.SIGKILL)


def nurse(numbers: int, requests: int, replies: int, number: int, supervisor: "Supervisor") -> None:
    """Load the candidate, then keep one fork ready for the next task, until the supervisor closes its end.

    While a fork is made, the supervisor is busy with what the one before it left: no case waits for its process.
    """
    fork, waitpid = os.fork, os.waitpid
    candidate, facts, board = supervisor.candidate, supervisor.facts, supervisor.board

    def say(what: str) -> None:
        data = (_str(number) + " " + what + "\n").encode("ascii")
        while data:
            data = data[_write(replies, data) :]

    def run_one() -> int:
        """Fork the process of the next case and return the status with which it ends."""
        pid = fork()
        if pid == 0:
            try:
                _close(numbers)
                _close(replies)
                case_process(take_case(requests, signals, board), board, candidate, module, space)
            finally:
                _exit(70)
        while True:
            try:
                return waitpid(pid, 0)[1]
            except InterruptedError:  # up to 3.4, a signal ends the call
                continue
            except ChildProcessError:  # it has ended, and something that the import has started took its status
                return 0

    silence()
    set_bounds()
    try:
        module = load_candidate(candidate, facts)
    except Unloadable as error:
        say("failed " + _quote(_str(error)))
        return
    present = present_names(candidate, module)
    flush_output()  # else each case would inherit what the import has not written yet
    signals = stop_signals()
    ignore_warnings()  # where they are not watched, they are not to raise either, whatever -W says
    space = _Namespace(**facts)
    say("ready " + to_json(present))
    while True:
        status = run_one()
        head = read_exactly(numbers, NUMBER.size)
        if head is None:
            return
        number = NUMBER.unpack(head)[0]
        if not board.pid():  # its process was killed before the case came, which is for the fork of another nursery
            return
        say("ended %d" % status)


def silence() -> None:
    """Let nothing that this process prints, at whatever level, go anywhere."""
    sink = open_nothing()
    for number in (1, 2):
        _dup2(sink, number)
    _close(sink)


def open_nothing() -> int:
    """Return a descriptor of what is empty and takes everything; on a root without devices, of a file without a name."""
    try:
        return _open(os.devnull, os.O_RDWR)
    except OSError:
        number, path = tempfile.mkstemp(prefix="imp-conformance-")
        os.unlink(path)
        return number


def set_bounds() -> None:
    """Bound the memory and the files that this process and its forks may take; a crash leaves no core file."""
    if not HAS_RESOURCE:
        return
    bounds = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, FILE_LIMIT)]
    try:
        with open("/proc/self/statm", "rb") as file:
            bounds.append((resource.RLIMIT_AS, int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + MEMORY_LIMIT))
    except (OSError, ValueError, IndexError):
        pass  # what it has is not told here, so that no bound could be right
    for kind, bound in bounds:
        try:
            hard = resource.getrlimit(kind)[1]
            if hard == resource.RLIM_INFINITY or hard > bound:
                resource.setrlimit(kind, (bound, hard))
                if kind == resource.RLIMIT_AS:
                    BOUNDED.append((kind, (hard, hard)))
        except (OSError, ValueError):
            continue


def stop_signals() -> "Any":
    """Stop what an import may have set to go off later, or to come between a child and its end, in a process that outlives any case.

    Returns the signals that were blocked before, for the cases, each of which is as the import left it.
    """
    for timer in TIMERS:
        _setitimer(timer, 0)
    if SIGCHLD is not None:
        _set_handler(SIGCHLD, SIG_DFL)  # where it is ignored, no child leaves a status
    try:
        sys.modules["faulthandler"].cancel_dump_traceback_later()
    except BaseException:  # it is not there, or the candidate has put anything there
        pass
    return None if _sigmask is None else _sigmask(SIG_BLOCK, ALL_SIGNALS)


def redirect(name: str) -> None:
    """Send this process's output, at whatever level it is written, to two files."""
    for number, suffix in ((1, ".out"), (2, ".err")):
        sink = _open(name + suffix, WRITE_FLAGS, 0o600)
        _dup2(sink, number)
        _close(sink)


def take_case(requests: int, signals: "Any", board: Board) -> "dict[str, Any]":
    """Wait, in a process of its own, for the case that this process is to run."""
    try:
        _setpgid(0, 0)
    except OSError:  # a fork hook of the candidate's has made it the leader of a session, and so of a group
        pass
    if _sigmask is not None:
        _sigmask(SIG_SETMASK, signals)
    head = read_exactly(requests, TASK.size)
    if head is None:
        _exit(0)  # the supervisor has gone
    number, length = TASK.unpack(head)
    task = dict(_loads(read_exactly(requests, length)))
    _close(requests)
    PID.pack_into(board.memory, 0, _getpid())
    task["number"] = number
    return task


def case_process(
    task: "dict[str, Any]", board: Board, candidate: "dict[str, Any]", module: types.ModuleType, facts: types.SimpleNamespace
) -> None:
    """Observe one case and leave the observation where the supervisor looks for it."""
    memory, number, me = board.memory, task["number"], _getpid()
    data = observation(task, candidate, module, facts)
    if _getpid() != me:
        _exit(71)  # a fork of the case that goes on where the case should: it does not answer for it
    length = _len(data)
    if length <= ANSWER_LIMIT:
        memory[BOARD_HEAD : BOARD_HEAD + length] = data
        ANSWER.pack_into(memory, PID.size, number, length)
    _exit(0)


def observation(task: "dict[str, Any]", candidate: "dict[str, Any]", module: types.ModuleType, facts: types.SimpleNamespace) -> bytes:
    """Return one case's observation as JSON; where even that fails, say why."""
    try:
        return answer_case(task, candidate, module, facts)
    except BaseException as error:
        _kept.append(error)
        return to_json({"failed": describe_failure(error)}).encode("ascii")


def answer_case(task: "dict[str, Any]", candidate: "dict[str, Any]", module: types.ModuleType, facts: types.SimpleNamespace) -> bytes:
    """Observe one case in its directory and return the observation as JSON."""
    if task["output"] is not None:
        redirect(task["output"])
    _chdir(task["cwd"])
    data = to_json(observe(task, candidate, module, facts)).encode("ascii")
    if task["output"] is not None:
        flush_output()
    return data


def scratch_directory() -> str:
    """Make a directory for this target's files, or exit with what is wrong."""
    try:
        # The host deletes what this process could not, but only where its own mark is in the name.
        return os.path.realpath(tempfile.mkdtemp(prefix="imp-conformance-{}-".format(os.environ.get(MARK, ""))))
    except OSError as error:
        why = error.strerror or _str(error)
        sys.exit("it has no directory for temporary files (" + why + "): make /tmp writable there, or name another in TMPDIR")


class Supervisor:
    """The process that the host talks to."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.nursery = None  # type: Nursery | None
        self.board = None  # type: Any
        self.running = False
        self.following = None  # type: Job | None
        self.root = scratch_directory()
        self.candidate = {}  # type: dict[str, Any]
        self.module = None  # type: types.ModuleType | None
        self.facts = interpreter_facts(self.root)
        adopt_orphans()
        if CAN_FORK:
            self.board = Board()

    def hello(self) -> None:
        self.channel.send(greeting(self.root, self.facts, CAN_FORK))

    def load(self, request: "dict[str, Any]") -> None:
        self.candidate = request
        lay_out(request, self.root)
        words = self.start_nursery() if CAN_FORK else self.load_here()
        self.channel.send({"loaded": words[0] == "ready", "answer": read_reply(words[1])})

    def load_here(self) -> "list[str]":
        silence()
        set_bounds()
        try:
            self.module = load_candidate(self.candidate, self.facts)
        except Unloadable as error:
            return ["failed", _quote(_str(error))]
        return ["ready", to_json(present_names(self.candidate, self.module))]

    def start_nursery(self) -> "list[str]":
        limit = float(_str(self.candidate["limit"]))
        self.nursery = Nursery(self)
        words = self.nursery.reply(limit)
        if words and words[0] in ("ready", "failed") and _len(words) == 2:
            return words
        self.drop_nursery()
        why = "importing it takes more than {:g} s".format(limit) if words is None else "importing it ends the process"
        return ["failed", _quote(why)]

    def drop_nursery(self) -> None:
        """End the process that holds the candidate, the case that it runs, and what they left."""
        nursery, self.nursery = self.nursery, None
        if nursery is not None:
            nursery.kill()
        if self.running:
            self.end_case(alive=False)
        self.kill_orphans()

    def readable(self, descriptor: int, seconds: float) -> bool:
        """Wait for a descriptor; whatever the host sends meanwhile is taken in, and its end is noticed.

        Raises HostGone.
        """
        ready = select.select([descriptor, self.channel.source], [], [], seconds)[0]
        if self.channel.source in ready:
            self.channel.fill()
            self.look_ahead()
        return descriptor in ready

    def look_ahead(self) -> None:
        """Make the next case ready while one runs."""
        if self.running and self.following is None and self.channel.pending():
            self.following = self.take()

    def take(self) -> Job:
        return Job(self.channel.receive(), self.root, self.candidate)

    def serve(self) -> None:
        """Answer case after case, until the host has gone."""
        job = self.take()
        self.start(job)
        while True:
            ended = self.finish(job)
            answer, printed, warm = self.board.answer(), job.printed(), self.nursery is not None
            following, self.following = self.following, None
            if following is not None:
                self.start(following)
            self.channel.send({"ended": ended, "output": printed, "cwd": job.cwd, "warm": warm}, answer)
            job.remove()
            job = following or self.take()
            if following is None:
                self.start(job)

    def start(self, job: Job) -> None:
        """Let the nursery run a case; where there is no nursery, start one first."""
        job.tries += 1
        if not os.path.isdir(job.cwd):
            self.restore(job)
        if self.nursery is None and job.failure is None:
            words = self.start_nursery()
            if words[0] != "ready":
                self.drop_nursery()
                job.failure = "the candidate cannot be imported any more: " + _str(read_reply(words[1]))
        self.running = True
        number = self.board.clear()
        if self.nursery is not None and job.failure is None:
            self.nursery.ask(number, job.data)
        self.look_ahead()

    def restore(self, job: Job) -> None:
        """Make anew what a case before this one has deleted."""
        os.makedirs(self.root, exist_ok=True)
        if self.candidate["kind"] == "tree":
            write_tree(_str(self.candidate["path"]), self.candidate["files"])
        job.rebuild()

    def finish(self, job: Job) -> "dict[str, Any]":
        """Wait for a case to end and say how it did; one whose nursery is lost gets another, since it may not be to blame."""
        ended = self.end(job)
        # The first loss may be another's doing, and so is any before the case was even forked.
        while ended["how"] == "nursery-lost" and (job.tries == 1 or (job.tries < TRIES and not self.board.pid())):
            job.rebuild()
            self.start(job)
            ended = self.end(job)
        self.running = False
        return ended

    def end(self, job: Job) -> "dict[str, Any]":
        nursery = self.nursery
        if nursery is None or job.failure is not None:
            return {"how": "not-run", "detail": job.failure}
        words = nursery.reply(job.limit)
        late, begun = words is None, self.board.pid() != 0
        self.end_case(late)
        if late and begun:
            send_signal(os.kill, nursery.pid, signal.SIGCONT)  # the case may have stopped it
            words = nursery.reply(KILL_GRACE)
        self.kill_orphans()
        # What a case before it left may have stopped or killed the process that was ready for it.
        if not words or words[0] != "ended" or not begun:
            self.drop_nursery()
            return {"how": "timeout" if late and (begun or job.tries > 1) else "nursery-lost"}
        if late:
            return {"how": "timeout"}
        try:
            status = int(words[1])
        except ValueError:
            return {"how": "nursery-lost"}
        if os.WIFSIGNALED(status):
            return {"how": "signal", "number": os.WTERMSIG(status)}
        return {"how": "exit", "number": os.WEXITSTATUS(status)}

    def end_case(self, alive: bool) -> None:
        """Kill the case, or what it left running in its process group."""
        pid = self.board.pid()
        if pid:
            kill_group(pid, leader=alive)

    def kill_orphans(self) -> None:
        """Kill what left its process group and lost its parent: it is a child of this process now (see adopt_orphans)."""
        killed, deadline = False, time.monotonic() + KILL_GRACE
        while time.monotonic() < deadline:
            pids = own_children()
            if self.nursery is not None and self.nursery.pid in pids:
                pids.remove(self.nursery.pid)
            if not pids:
                break
            for pid in pids:
                send_signal(os.kill, pid, signal.SIGSTOP)  # so that one that keeps forking stops doing so
            for pid in pids:
                send_signal(os.kill, pid, signal.SIGKILL)
            for pid in pids:
                bury(pid, 0.05)  # one that is traced stays until its tracer, which may come after it, has gone
            killed = True
        if killed and self.nursery is not None:
            send_signal(os.kill, self.nursery.pid, signal.SIGCONT)  # one of them may have stopped it

    def answer_once(self) -> None:
        """Run one case in this very process, which is not used again."""
        job = self.take()
        assert self.module is not None
        back, me = _getcwd(), _getpid()
        ignore_warnings()
        data = observation(job.task, self.candidate, self.module, _Namespace(**self.facts))
        if _getpid() != me:
            _exit(71)
        _chdir(back)
        self.channel.send({"ended": {"how": "exit", "number": 0}, "output": job.printed(), "cwd": job.cwd, "warm": False}, data)

    def close(self) -> None:
        """End every process and delete every file that this target was made of."""
        self.drop_nursery()
        remove_tree(self.root)


def own_children() -> "list[int]":
    """Return the process ids of this process's children, where the system tells them."""
    me = os.getpid()
    try:
        source = os.open("/proc/self/task/%d/children" % me, os.O_RDONLY)
    except OSError:
        return [pid for pid in all_processes() if parent_of(pid) == me]
    try:
        return [int(word) for word in os.read(source, 1 << 16).split()]
    finally:
        os.close(source)


def all_processes() -> "list[int]":
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def parent_of(pid: int) -> "int | None":
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own (Linux), so that none is out of reach."""
    before = set(sys.modules)
    try:
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    except (ImportError, OSError, AttributeError, TypeError):
        pass
    for name in set(sys.modules).difference(before):
        del sys.modules[name]  # the candidate is not to find more than a fresh interpreter has


def remove_tree(top: str) -> None:
    """Delete a directory, however deep it is and whatever permissions it has; links are not followed."""
    try:
        os.rmdir(top)
        return
    except OSError:
        pass
    # What is deep comes up before it is looked into, so that no path grows too long and nothing recurses.
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                os.unlink(folder)
                continue
            os.chmod(folder, 0o700)
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            try:
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    os.chmod(path, 0o700)
                    moved = os.path.join(top, "trash-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
                    if folder != top:
                        os.rename(path, moved)
                    pending.append(path if folder == top else moved)
                else:
                    os.unlink(path)
            except OSError:
                continue
        if folder != top:
            remove_directory(folder)
    remove_directory(top)


def remove_directory(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        pass  # it is gone, or something in it refuses to go


class Embedded:
    """The agent in an interpreter without processes, whose host's script keeps the time, the output and the clean state."""

    def __init__(self, root: str) -> None:
        os.mkdir(root)
        self.root = root
        self.candidate = {}  # type: dict[str, Any]
        self.module = None  # type: types.ModuleType | None
        self.job = None  # type: Job | None
        self.facts = interpreter_facts(root)

    def hello(self) -> str:
        return to_json(greeting(self.root, self.facts, True))  # to the host it is as good as forking

    def load(self, request: str) -> str:
        self.candidate = dict(json.loads(request))
        lay_out(self.candidate, self.root)
        try:
            self.module = load_candidate(self.candidate, self.facts)
        except Unloadable as error:
            return to_json({"loaded": False, "answer": _str(error)})
        return to_json({"loaded": True, "answer": present_names(self.candidate, self.module)})

    def begin(self, request: str) -> str:
        """Make a case's files."""
        self.job = Job(json.loads(request), self.root, self.candidate)
        self.job.task["output"] = None
        return to_json({"cwd": self.job.cwd, "failure": self.job.failure})

    def run(self) -> str:
        """Observe the case that was begun."""
        assert self.job is not None and self.module is not None
        data = observation(self.job.task, self.candidate, self.module, _Namespace(**self.facts))
        flush_output()
        return data.decode("ascii")


def heed_signals() -> None:
    """Undo that a shell lets what it runs in the background ignore some: how a run was started is to change no verdict."""
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


def main() -> None:
    heed_signals()
    supervisor = Supervisor(Channel(os.dup(0), os.dup(1)))
    nothing = open_nothing()
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    status = 0
    try:
        supervisor.hello()
        supervisor.load(supervisor.channel.receive())
        if CAN_FORK:
            supervisor.serve()
        else:
            supervisor.answer_once()
    except HostGone:
        pass
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        supervisor.close()
        _exit(status)  # at once, whatever a candidate wants done at the end


if __name__ == "__main__":
    main()
