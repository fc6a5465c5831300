"""A case on its way: its directory, its files, and the task that its process is sent."""

import base64
import binascii
import marshal
import os
import struct
import sys
import warnings

from imp_conformance.agent.candidate import Candidate
from imp_conformance.agent.captured import LINE_END, READ_FLAGS, bootstrap, real_close, real_open, real_read
from imp_conformance.agent.describing import describe_failure
from imp_conformance.agent.scratch import make_folders
from imp_conformance.agent.snippet import compile_snippet
from imp_conformance.portable.protocol import PROGRAM
from imp_conformance.portable.removal import free_tree, remove_tree

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable  # novm
    from typing import Any  # novm


class Job:
    """A case on its way: what its process is sent, and what the supervisor keeps of it."""

    def __init__(self, request: "dict[str, Any]", root: str, candidate: Candidate) -> None:
        self.limit, self.process, self.spares = float(request["limit"]), str(request["process"]), int(request["spares"])
        self.files, self.watch, self.options = request["files"], request["watch"], [str(option) for option in request["options"]]
        self.program = {}  # type: dict[str, bytes]  # files of a program beside those of its case
        if self.process == PROGRAM:
            self.program["m.py"] = request["code"].encode("utf-8")
            if candidate.one_file:
                self.program["imp.py"] = base64.b64decode(candidate.files["imp.py"])
        # A name that no other case can guess, and a directory around it: what a case does to ".." it does to itself.
        self.place = os.path.join(root, "case-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
        self.cwd = os.path.join(self.place, "cwd")
        self.output = self.place if "output" in self.watch or self.program else None
        self.task = {
            "code": compiled_early(request["code"], candidate.module),
            "given": compiled_early(request["given"], candidate.module),
            "process": self.process,
            "watch": self.watch,
            "cwd": self.cwd,
            "output": self.output,
        }  # type: dict[str, Any]
        self.data = marshal.dumps(self.task)
        self.output_limit = candidate.limits.output_bytes
        self.tries = 0
        self.failure = None  # type: str | None
        self.refused = False  # whether it is the system that will not have its files
        self.build()

    def build(self) -> None:
        """Make the case's directory; built by a process that never loads the candidate, it is as the case says."""
        try:
            os.mkdir(self.place)
            os.mkdir(self.cwd)
            build_files(self.cwd, self.files)
            for name, data in self.program.items():
                with open(os.path.join(self.cwd, name), "wb") as file:
                    file.write(data)
        except (OSError, ValueError, SyntaxError) as error:
            self.failure, self.refused = "its files cannot be made: " + describe_failure(error), isinstance(error, OSError)

    def rebuild(self, alive: "Callable[[], None]", hindered: "str | None" = None) -> None:
        """Make the directory anew, whatever is left of it.

        Args:
            alive: as remove_tree() takes it.
            hindered: the directory in which something hinders that, to be freed of it.
        """
        if hindered is not None:
            free_tree(hindered)
        self.remove(alive)
        self.failure, self.refused = None, False
        self.build()

    def printed(self) -> "dict[str, str]":
        """Return what the case wrote to its standard output and error, where that was watched."""
        found = {"stdout": "", "stderr": ""}
        for suffix, key in ((".out", "stdout"), (".err", "stderr")) if self.output is not None else ():
            data = b""
            try:
                source = real_open(str(self.output) + suffix, READ_FLAGS)
                while len(data) < self.output_limit:
                    more = real_read(source, self.output_limit - len(data))
                    if not more:
                        break
                    data += more
                real_close(source)
            except OSError:  # the case has put something else there
                pass
            found[key] = data.decode("utf-8", "surrogateescape").replace(LINE_END, "\n")
        return found

    def remove(self, alive: "Callable[[], None]") -> None:
        """Delete all that is left of the case; alive is what remove_tree() takes."""
        if not os.path.islink(self.place):  # else what it leads to is not the case's
            remove_tree(self.cwd, alive)
        remove_tree(self.place, alive)
        for suffix in (".out", ".err") if self.output is not None else ():
            try:
                os.unlink(str(self.output) + suffix)
            except OSError:
                continue


def build_files(base: str, files: "list[dict[str, Any]]") -> None:
    """Create the case's files below a directory."""
    for entry in files:
        name = str(entry["path"])
        path = os.path.join(base, name)
        if name.endswith("/"):
            make_folders(path)
            continue
        if "/" in name:
            make_folders(os.path.dirname(path))
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
        status = os.stat(os.path.join(base, str(source)))
        mtime, size = int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF
    flags = struct.pack("<I", 0) if sys.version_info >= (3, 7) else b""  # PEP 552
    code = compile(text, path if source is None else str(source), "exec", dont_inherit=True)
    magic = bootstrap.MAGIC_NUMBER  # type: bytes
    return magic + flags + struct.pack("<II", mtime, size) + marshal.dumps(code)


def compiled_early(code: "str | None", module: str) -> "Any":
    """Compile a snippet, or leave it as it is for the case to fail on where this interpreter cannot read it."""
    if code is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile_snippet(str(code), module)
        except (SyntaxError, ValueError):
            return code
