"""Many Pythons in one Java, one after the other: each starts the agent as a process would, in a fraction of the time.

GraalPy runs this file, with the boot code and the folder of the agent as its arguments. Each byte on standard input asks for a
context; what follows is for the agent in it, which has this process's standard input and output. A line tells how a context ended,
and another that it is closed.
"""

from __future__ import annotations

import json
import marshal
import os
import sys
from pathlib import Path
from typing import Any

import java  # type: ignore[import-not-found]  # GraalPy has it

OPTIONS = {
    "python.Executable": sys.executable,
    "python.ForceImportSite": "true",  # these are what GraalPy's launcher sets
    "python.PosixModuleBackend": "native",
    "python.DontWriteBytecodeFlag": str(bool(sys.flags.dont_write_bytecode)).lower(),
}


def libraries(home: str) -> set[str]:
    """Return the shared libraries that this process has loaded beside Java's own."""
    found = {line.split()[-1] for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()}
    return {path for path in found if path.endswith(".so") and not path.startswith(home)}


def context_of(engine: Any) -> Any:
    """Return a new context."""
    builder = java.type("org.graalvm.polyglot.Context").newBuilder("python").engine(engine).allowAllAccess(True)
    builder = builder.allowExperimentalOptions(True).arguments("python", ["-c"])
    # GraalPy warns a library of native system calls, since several contexts share one process; here there is one at a time.
    builder = builder.logHandler(java.type("java.io.OutputStream").nullOutputStream())
    for name, value in OPTIONS.items():
        builder = builder.option(name, value)
    return builder.build()


def run(context: Any, code: str) -> int:
    """Run code in a context; return its exit status."""
    try:
        context.eval("python", code)
    except BaseException as error:
        told: Any = error
        return int(told.getExitStatus()) if hasattr(told, "isExit") and told.isExit() else 1
    return 0


def say(sink: int, message: dict[str, Any]) -> None:
    """Write a line."""
    os.write(sink, json.dumps(message).encode("ascii") + b"\n")


def compile_agent(folder: Path) -> None:
    """Compile the agent's modules once, in the order and under the names that the boot code gives them."""
    pieces = (folder / "agent.txt").read_text(encoding="ascii").split("# " + 4 * "-" + " ")[1:]
    codes = [compile("#" + piece, f"<imp-conformance {piece.split()[0]}>", "exec", dont_inherit=True) for piece in pieces]
    (folder / "agent.codes").write_bytes(marshal.dumps(codes))


def main(code: str, agent: Path) -> None:
    """Answer until the input ends."""
    compile_agent(agent)
    source, sink, folder = os.dup(0), os.dup(1), Path.cwd()
    home = str(java.type("java.lang.System").getProperty("java.home"))
    engine = java.type("org.graalvm.polyglot.Engine").create()
    usual = None
    while os.read(source, 1):
        os.dup2(source, 0)
        os.dup2(sink, 1)
        os.chdir(folder)
        context = context_of(engine)
        status = run(context, code)
        loaded = libraries(home)
        usual = loaded if usual is None else usual
        say(sink, {"status": status, "native": not loaded <= usual})
        context.close(True)  # it may never come back, where a thread waits for a lock of Python's
        say(sink, {"closed": True})
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
