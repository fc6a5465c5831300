"""Names that the agent takes before the candidate runs, because a candidate may replace them in the process that both share.

Builtins are not among them: the agent runs in a namespace with builtins of its own.
"""

import _frozen_importlib
import binascii
import gc
import io
import itertools
import marshal
import os
import signal
import sys
import types

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


def optional(name: str) -> "Any":
    """Import a module that an interpreter without processes or without Unix may lack, or return None."""
    try:
        return __import__(name)
    except ImportError:
        return None


def or_absent(module: "Any", name: str) -> "Any":
    """Return a function that only some ways of running cases need, or where it is not there one that says so when it is called."""

    def absent(*_: object) -> None:
        raise AttributeError("module {!r} has no attribute {!r}".format(module.__name__, name))

    return getattr(module, name, absent)


# Not importlib.util and the like: a candidate that forgets to import what it uses would find it here by accident.
bootstrap = optional("_frozen_importlib_external") or _frozen_importlib  # type: Any  # up to 3.4 it is one module
signal_functions = optional("_signal") or signal  # type: Any  # those of signal are Python, of names that anybody may patch
mmap, resource, select = optional("mmap"), optional("resource"), optional("select")  # type: Any, Any, Any
if sys.version_info < (3, 7):
    # tempfile imports it, and with it each fork calls its _after_fork(); a fresh interpreter has none.
    sys.modules.pop("threading", None)

BINARY = getattr(os, "O_BINARY", 0)  # Windows has another kind of descriptor, too, which changes the ends of lines
READ_FLAGS = os.O_RDONLY | BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # of what a case may have put there
WRITE_FLAGS = os.O_WRONLY | BINARY | os.O_CREAT | os.O_EXCL | os.O_APPEND
PATH_SEPARATOR, LINE_END = os.sep, os.linesep
BUILTIN_NAMES = frozenset(sys.builtin_module_names)
RECURSION_LIMIT = sys.getrecursionlimit()
FILE_KINDS = frozenset(id(kind) for kind in (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO))
PLAIN_KINDS = frozenset(id(kind) for kind in (str, int, bool, type(None)))

real_open, real_read, real_write, real_close, real_exit = os.open, os.read, os.write, os.close, os._exit
real_dup2, real_fstat, real_lstat, real_listdir = os.dup2, os.fstat, os.lstat, os.listdir
real_lseek = os.lseek
real_fspath = getattr(os, "fspath", None)  # type: Any  # since 3.6
real_sysconf = or_absent(os, "sysconf")
real_chdir, real_getcwd, real_getpid = os.chdir, os.getcwd, os.getpid
real_loads = marshal.loads  # type: Any
fork_as_it_is, real_execve, real_pipe = [or_absent(os, name) for name in ("fork", "execve", "pipe")]  # type: Any, Any, Any
real_set_inheritable = or_absent(os, "set_inheritable")
real_setpgid, real_getpgid, real_waitpid = [or_absent(os, name) for name in ("setpgid", "getpgid", "waitpid")]  # type: Any, Any, Any
real_kill, real_alarm, WNOHANG = or_absent(os, "kill"), or_absent(signal, "alarm"), getattr(os, "WNOHANG", 1)  # type: Any, Any, int
real_collect, real_hexlify, real_islice = gc.collect, binascii.hexlify, itertools.islice
real_settrace, real_setprofile, real_setrecursionlimit = sys.settrace, sys.setprofile, sys.setrecursionlimit
real_getrlimit, real_setrlimit = getattr(resource, "getrlimit", None), getattr(resource, "setrlimit", None)  # type: Any, Any

Namespace, Module, ModuleSpec = types.SimpleNamespace, types.ModuleType, _frozen_importlib.ModuleSpec
module_dict = vars(types.ModuleType)["__dict__"].__get__  # type: Any
class_mro = type.__dict__["__mro__"].__get__  # type: Any
exact_str = str.__str__  # makes a str of an instance of a class derived from it, and calls nothing of that class
set_traceback = BaseException.__dict__["__traceback__"].__set__  # type: Any
get_context = BaseException.__dict__["__context__"].__get__  # type: Any

real_sigmask = getattr(signal_functions, "pthread_sigmask", None)
real_signal = getattr(signal_functions, "signal", None)  # type: Any
real_setitimer = getattr(signal, "setitimer", None)  # type: Any
ALL_SIGNALS = getattr(signal, "valid_signals", lambda: range(1, 32))()
SIG_BLOCK, SIG_SETMASK = getattr(signal, "SIG_BLOCK", 0), getattr(signal, "SIG_SETMASK", 0)
SIGKILL = getattr(signal, "SIGKILL", 9)  # which it is wherever it is
SIGSTOP, SIGCONT = [getattr(signal, name, 0) for name in ("SIGSTOP", "SIGCONT")]
SIGCHLD, SIG_DFL = getattr(signal, "SIGCHLD", None), int(getattr(signal, "SIG_DFL", 0))
TIMERS = [getattr(signal, name) for name in ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF") if hasattr(signal, name)]

RUN = []  # type: list[bool]  # whether the snippet of a case has begun in this process
BOUNDED = []  # type: list[Any]  # how to give a process back the memory that set_bounds took from it
KEPT = []  # type: list[Any]  # what a case made: kept to the end, because letting it go may run the candidate's code


def real_fork() -> int:
    """Fork, and return 0 in the child and its process id in the parent, whatever os.fork() itself returns in which of them."""
    me = real_getpid()
    pid = fork_as_it_is()
    if real_getpid() != me:
        return 0
    if type(pid) is not int or pid <= 0:
        raise OSError("os.fork() returns " + repr(pid))
    return pid
