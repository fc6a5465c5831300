"""What host and target agree on before they speak: the protocol's number, the mark, the boot code and the limits.

The agent and the scripts of `imp-conformance repro` hold this file, so it is standard library only, CPython 3.4 syntax.
``schema/messages.schema.json`` has the messages themselves.
"""

from collections import namedtuple

PROTOCOL = 4
"""The number of the protocol; it grows when a message changes so that an older peer would misread it."""

MARK = "IMP_CONFORMANCE_TARGET"
"""The environment variable by which the host recognises what a target has started."""

WARM, OWN, PROGRAM, FRESH = "warm", "own", "program", "fresh"
"""Kinds of process that a case runs in.

Warm: a copy of a process that has loaded the candidate, made by fork or of memory. Own: one that was started for the case and
has not loaded the candidate. Program: the interpreter runs the case's file, without the agent. Fresh: one that was started for
a warm case and loads the candidate first; only adequacy asks for it, to compare.
"""

NOT_IMP = "a program says import imp, and the candidate's module is called {}"
"""Why a program cannot be asked of a candidate, with the name of its module."""

EXTENSION_NEEDS = ("dynamic-loading", "dynamic-extension", "multi-phase-extension")
"""Needs of cases that a target finds out by loading shared libraries."""

ENVIRONMENT_KEPT = ("PYTHONPATH", "PYTHONHOME")
"""Those of Python's environment variables that a target gets."""

Limits = namedtuple(
    "Limits",
    (
        "start_seconds",  # that an interpreter may take to start
        "load_seconds",  # that importing a candidate may take
        "reap_seconds",  # that a killed process may take to be gone
        "spares",  # processes that are started ahead, each for a case that needs one of its own
        "forkservers",  # that one case may have, where it or the one before it kills them
        "observation_bytes",  # of one observation that are passed on to the host
        "reply_bytes",  # of one line that the forkserver says
        "output_bytes",  # of stdout, and of stderr, that are reported of one case
        "text_length",  # characters of one string, and bytes of one bytes object, that are described
        "all_text_length",  # the same of one observation as a whole, so that it stays below observation_bytes
        "nodes",  # values of one observation that are described
        "items",  # of one container that are described
        "depth",  # of containers in containers that is described
        "integer_bits",  # of an int that is described
        "files",  # below a case's directory that are looked at
        "file_bytes",  # that a case may write into one file
        "memory_bytes",  # of address space that a case may take beyond what the interpreter has
        "wasm_memory_bytes",  # that Python may have in WebAssembly
        "wasm_reused_bytes",  # of memory beyond which an instance of WebAssembly is replaced
        "wasm_disk_bytes",  # that the files of one case may have in WebAssembly, where they lie in memory
    ),
)
"""What a target may take and tell. The host sends it with the candidate, so that each kind of target has the same."""

LIMITS = Limits(
    start_seconds=60.0,
    load_seconds=60.0,
    reap_seconds=5.0,
    spares=16,
    forkservers=5,
    observation_bytes=4 << 20,
    reply_bytes=1 << 20,
    output_bytes=64 << 10,
    text_length=20000,
    all_text_length=300000,
    nodes=4000,
    items=1000,
    depth=12,
    integer_bits=1 << 16,
    files=20000,
    file_bytes=64 << 20,
    memory_bytes=2 << 30,
    wasm_memory_bytes=1 << 30,
    wasm_reused_bytes=64 << 20,
    wasm_disk_bytes=512 << 20,
)

CASE_SECONDS = 10.0
"""Seconds that a case has unless it says otherwise."""

MARGIN_SECONDS = 15.0
"""Seconds beyond its own limit after which a target is taken for stuck."""

CLEANING = {"cleaning": True}
"""What a target says every second while it deletes what a case has left: the next one has its time after that."""

CLEANING_SECONDS = 600.0
"""Seconds that it may go on saying so."""

HELD_LIMITS = ("AS", "CORE", "CPU", "DATA", "FSIZE", "NOFILE", "NPROC", "STACK")
"""Limits of processes that a case can lower for the agent or the host, and that these take back; a look at one costs half a microsecond."""

CLOSE_SECONDS = 5.0
"""Seconds that a target may take to clean up after its input has ended."""

LINE_BYTES = 16 << 20
"""Bytes of one line that are read from a target; the agent sends less."""

# Small enough for any command line; what it reads is all that a target ever needs. It runs on anything that takes -c, so that
# what is no Python 3.4 is told so. Until the agent has imported what it needs, the standard library comes before the directory
# in which a run starts and before PYTHONPATH, which may hold modules of the same names. Each module of the agent is compiled
# under its own name, for tracebacks, and all share one namespace with builtins of their own, which no candidate finds or patches
# by accident. The line before a module is not spelt out, since this very text is in one of them.
BOOT = """\
import sys
if sys.version_info < (3, 4) or not hasattr(sys, 'meta_path'):
    sys.stderr.write('a target needs Python 3.4 or later, and this is %s\\n' % sys.version.split('\\n')[0])
    sys.exit(1)
sys.path[:] = [entry for entry in sys.path if entry]
import builtins, os
path = sys.path[:]
given = os.environ.get('PYTHONPATH', '').split(os.pathsep) + [os.getcwd()]
sys.path.sort(key=lambda entry: entry in given)
def take(n):
    data = b''
    while len(data) < n:
        more = os.read(0, n - len(data))
        more or sys.exit('the input ended before the agent had come')
        data += more
    return data
pieces = take(int(take(8))).decode('ascii').split('# ' + 4 * '-' + ' ')[1:]
codes = [compile('#' + piece, '<imp-conformance ' + piece.split()[0] + '>', 'exec') for piece in pieces]
space = {'__name__': 'agent', '__builtins__': dict(vars(builtins)), 'AGENT_CODES': codes}
for code in codes:
    exec(code, space)
sys.path[:] = path
space['main']()
"""

# What starts the agent in a process of a case's own: the modules that BOOT has compiled, from standard input. A function and what
# it takes are filled in. A brief start, with -S, does all that site does but for the .pth files of installed packages: they can take
# longer than all the rest, and sys.path comes from the supervisor.
OWN_BOOT = """\
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import builtins, marshal, os
given = os.environ.get('PYTHONPATH', '').split(os.pathsep) + [os.getcwd()]
sys.path.sort(key=lambda entry: entry in given)
if {brief}:
    import site
    kept, site.addpackage = site.addpackage, lambda *_, **__: None
    site.main()
    site.addpackage = kept
with open(0, 'rb', closefd=False) as file:
    codes, given = marshal.load(file)
space = {{'__name__': 'agent', '__builtins__': dict(vars(builtins))}}
for code in codes:
    exec(code, space)
space['{serve}'](given, {tasks}, {slot}, {path!r})
"""
