"""The candidate: its files, its import, and what of it is there."""

import base64
import os
import sys
import types
import warnings

from imp_conformance.agent.describing import describe_failure
from imp_conformance.agent.library import STDLIB
from imp_conformance.agent.scratch import make_folders
from imp_conformance.portable.protocol import Limits

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


class Unloadable(Exception):
    """The candidate cannot be imported; the text says why."""


class Candidate:
    """Whose imp is judged, as the host's request says, and what a case may take and tell."""

    def __init__(self, request: "dict[str, Any]", root: str) -> None:
        """Write the candidate's files below root, if it has any."""
        self.limits = Limits(**request["limits"])
        self.kind, self.module = str(request["kind"]), str(request["module"])
        self.files, self.names = request["files"], request["names"]
        self.path = None  # type: str | None  # what goes first on sys.path
        if self.kind == "tree":
            self.path = os.path.join(root, "candidate")
            self.write_files()
        elif self.kind == "module":
            self.path = os.getcwd()

    @property
    def one_file(self) -> bool:
        """Whether it is an imp.py and nothing else, which can lie beside a program."""
        return self.kind == "tree" and list(self.files) == ["imp.py"]

    def write_files(self) -> None:
        """Write the files of a candidate that has some; they came base64-encoded."""
        for name, data in self.files.items() if self.kind == "tree" else ():
            path = os.path.join(str(self.path), name)
            make_folders(os.path.dirname(path))
            with open(path, "wb") as file:
                file.write(base64.b64decode(data))

    def enter_path(self) -> None:
        """Let an import find the candidate before all else."""
        sys.path[:] = [entry for entry in sys.path if entry]  # -c put '' there: the working directory of each case
        if self.path is not None:
            sys.path.insert(0, self.path)
            sys.modules.pop(self.module, None)

    def load(self) -> types.ModuleType:
        """Import the candidate afresh and return its module.

        Raises Unloadable, with the exception and its place in the text.
        """
        name = self.module
        self.enter_path()
        writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            manager = warnings.catch_warnings()
            manager.__enter__()
            warnings.simplefilter("ignore")
            try:
                __import__(name)
            finally:
                leave_context(manager)
            module = sys.modules[name]
        except BaseException as error:
            raise Unloadable(describe_failure(error))
        finally:
            sys.dont_write_bytecode = writes_bytecode
        if self.kind == "own":
            file = os.path.abspath(getattr(module, "__file__", None) or "")
            if os.path.dirname(file) != STDLIB:
                raise Unloadable("the interpreter has no imp of its own: import imp finds " + file)
        return module

    def present(self, module: types.ModuleType) -> "list[str]":
        """Return those of the names that the host asks for which the candidate has."""
        return [name for name in self.names if hasattr(module, str(name))]


def leave_context(manager: "Any") -> None:
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
