"""The candidate: its files, its import, and what of it is there."""

import base64
import os
import sys
import types
import warnings

from imp_conformance.agent.describing import describe_failure
from imp_conformance.agent.library import STDLIB
from imp_conformance.agent.origin import FOUND_FIRST, GivenFirst
from imp_conformance.agent.scratch import make_folders
from imp_conformance.portable.protocol import Limits
from imp_conformance.portable.removal import remove_tree

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
        self.within = self.kind == "tree" or bool(request.get("within"))  # whether what is loaded must lie there
        self.entered = False  # whether an import finds it
        self.aside = []  # type: list[str]  # what an import would find before what was given
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
        if self.kind == "tree" and self.files:
            remove_tree(str(self.path))  # a case may have put links there
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
            for name in GivenFirst(self.module, self.path).names if self.within else [self.module]:
                if sys.modules.pop(name, None) is not None and self.within and not self.entered:
                    self.aside.append(FOUND_FIRST.format(name, "a module that is imported when the interpreter starts"))
            self.entered = True

    def enter_first(self) -> None:
        """Let an import that a case makes itself find the candidate, also where the interpreter has a module of its name."""
        self.enter_path()
        if self.within:
            known = set(sys.path_importer_cache)
            finder = GivenFirst(self.module, str(self.path))
            if finder.is_needed():
                finder.enter()
            for place in set(sys.path_importer_cache).difference(known):
                del sys.path_importer_cache[place]  # the first import is the case's

    def load(self) -> types.ModuleType:
        """Import the candidate afresh and return its module.

        Raises Unloadable, with the exception and its place in the text.
        """
        name = self.module
        self.enter_path()
        finder = GivenFirst(name, str(self.path))
        writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            manager = warnings.catch_warnings()
            manager.__enter__()
            warnings.simplefilter("ignore")
            try:
                if self.within:
                    finder.enter()
                __import__(name)
            finally:
                finder.leave()
                leave_context(manager)
            module = sys.modules[name]
            if self.within and not finder.looked:
                raise ImportError("import {} gives something that was there before: it is not looked for".format(name))
        except BaseException as error:
            raise Unloadable(describe_failure(error))
        finally:
            sys.dont_write_bytecode = writes_bytecode
        self.aside += finder.others
        if self.kind == "own" and not is_interpreters(module):
            found = getattr(module, "__file__", None) or "what has no file"
            raise Unloadable("the interpreter has no imp of its own: import imp finds {}".format(found))
        return module

    def present(self, module: types.ModuleType) -> "list[str]":
        """Return those of the names that the host asks for which the candidate has."""
        return [name for name in self.names if has_name(module, str(name))]


def is_interpreters(module: object) -> bool:
    """Say whether a module lies in the interpreter's own library, not in what is installed below it, or is frozen or built in."""
    if getattr(getattr(module, "__spec__", None), "origin", None) in ("frozen", "built-in"):
        return True
    file = getattr(module, "__file__", None)
    return type(file) is str and os.path.dirname(os.path.abspath(file)) == STDLIB


def has_name(module: object, name: str) -> bool:
    """Say whether a module has a name; one that raises anything but AttributeError has it, and a case may meet what it raises."""
    try:
        getattr(module, name)
    except AttributeError:
        return False
    except BaseException:
        pass
    return True


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
