"""Replacements for imp on Python 3.12 and later that keep every clause of this suite but the incidental ones.

Each function can be copied alone, with the names of this file that it uses; reports/replacements.md shows each of them cut out
like that, with what it was measured to keep. What no document promises is kept here too, because code relies on it: a module
that is loaded again stays the same object, a load that fails leaves sys.modules as it was, a file that is given is read and closed.

Two functions are private ones of importlib, which imp itself used, and zombie-imp uses. Nothing public takes the lock of a module,
without which a second thread executes half-loaded code. load_source_by_public_names.py does without.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import tokenize
from _imp import (  # there is no public name for any of these
    acquire_lock,
    create_dynamic,
    get_frozen_object,
    init_frozen,
    is_builtin,
    lock_held,
    release_lock,
)
from importlib._bootstrap import _exec, _load  # type: ignore[attr-defined]
from importlib.machinery import BuiltinImporter, FrozenImporter
from types import ModuleType
from typing import IO, Any

__all__ = [
    "acquire_lock",
    "create_dynamic",
    "get_frozen_object",
    "init_frozen",
    "is_builtin",
    "lock_held",
    "release_lock",
]

SEARCH_ERROR, PY_SOURCE, PY_COMPILED, C_EXTENSION, PY_RESOURCE = range(5)
PKG_DIRECTORY, C_BUILTIN, PY_FROZEN, PY_CODERESOURCE, IMP_HOOK = range(5, 10)

reload = importlib.reload
new_module = ModuleType
source_from_cache = importlib.util.source_from_cache


class _FromFile:
    """What makes a loader read its code from a file that it was given; one in text mode is opened anew."""

    path: str
    file: Any = None

    def get_data(self, path: str) -> bytes:
        if not self.file or path != self.path:
            return super().get_data(path)  # type: ignore[misc,no-any-return]
        if not self.file.closed and "b" not in self.file.mode:
            self.file.close()
        if self.file.closed:
            self.file = open(path, "rb")  # noqa: SIM115, PTH123
        with self.file:
            return self.file.read()  # type: ignore[no-any-return]


class _SourceFromFile(_FromFile, importlib.machinery.SourceFileLoader):  # type: ignore[misc]
    pass


class _CompiledFromFile(_FromFile, importlib.machinery.SourcelessFileLoader):
    pass


def _spec(name: str, path: str, loader: Any = None, **more: Any) -> Any:
    if isinstance(path, str) and path.startswith(("./", "." + os.sep)):  # importlib would take that away, which imp did not
        path = os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118
    return importlib.util.spec_from_file_location(name, path, loader=loader, **more)


def _execute(spec: Any) -> Any:
    """Execute a module in the object that sys.modules has under its name, or else in a new one."""
    return _exec(spec, sys.modules[spec.name]) if spec.name in sys.modules else _load(spec)


def load_source(name: str, pathname: str, file: IO[Any] | None = None) -> ModuleType:
    """Execute a source file as a module, and return what sys.modules has under its name then."""
    loader = _SourceFromFile(name, pathname)
    loader.file = file
    module = _execute(_spec(name, pathname, loader))
    module.__loader__ = module.__spec__.loader = importlib.machinery.SourceFileLoader(name, pathname)
    return module  # type: ignore[no-any-return]


def load_compiled(name: str, pathname: str, file: IO[Any] | None = None) -> ModuleType:
    """Execute a file of byte code as a module, and return what sys.modules has under its name then."""
    loader = _CompiledFromFile(name, pathname)
    loader.file = file
    module = _execute(_spec(name, pathname, loader))
    module.__loader__ = module.__spec__.loader = importlib.machinery.SourcelessFileLoader(name, pathname)
    return module  # type: ignore[no-any-return]


def load_package(name: str, path: str) -> ModuleType:
    """Execute the __init__ of a directory, or a file, as a package."""
    if os.path.isdir(path):  # noqa: PTH112
        suffixes = importlib.machinery.SOURCE_SUFFIXES + importlib.machinery.BYTECODE_SUFFIXES
        inits = [os.path.join(path, "__init__" + suffix) for suffix in suffixes]  # noqa: PTH118
        path = next(filter(os.path.exists, inits), "")
        if not path:
            raise ValueError(f"{os.path.dirname(inits[0])!r} is not a package")  # noqa: PTH120
    return _execute(_spec(name, path, submodule_search_locations=[]))  # type: ignore[no-any-return]


def load_dynamic(name: str, path: str, file: IO[Any] | None = None) -> ModuleType:  # noqa: ARG001
    """Load an extension module, as a new object each time."""
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    return _load(importlib.machinery.ModuleSpec(name, loader, origin=path))  # type: ignore[no-any-return]


def init_builtin(name: str) -> ModuleType | None:
    """Load a built-in module anew; None where there is none of that name."""
    spec: Any = BuiltinImporter.find_spec(name)
    try:
        module = importlib.util.module_from_spec(spec) if spec else None
    except ImportError:  # sys.builtin_module_names was changed
        return None
    if module is not None:
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module


def load_module(name: str, file: IO[Any] | None, filename: str, details: tuple[str, str, int]) -> ModuleType | None:
    """Load what find_module found, by the kind in the last of its details."""
    _, mode, kind = details
    if mode and (not mode.startswith("r") or "+" in mode):
        raise ValueError(f"invalid file open mode {mode!r}")
    if file is None and kind in {PY_SOURCE, PY_COMPILED}:
        raise ValueError(f"file object required for import (type code {kind})")
    if kind == PY_SOURCE:
        return load_source(name, filename, file)
    if kind == PY_COMPILED:
        return load_compiled(name, filename, file)
    if kind == C_EXTENSION:
        if file is None:
            with open(filename, "rb") as opened:  # noqa: PTH123
                return load_dynamic(name, filename, opened)
        return load_dynamic(name, filename, file)
    if kind == PKG_DIRECTORY:
        return load_package(name, filename)
    if kind == C_BUILTIN:
        return init_builtin(name)
    if kind == PY_FROZEN:
        return init_frozen(name)
    raise ImportError(f"Don't know how to import {name} (type code {kind})", name=name)


def find_module(name: str, path: list[str] | None = None) -> tuple[IO[Any] | None, str | None, tuple[str, str, int]]:
    """Look for a module in a list of directories; without one among the built-in and frozen ones and in sys.path."""
    if not isinstance(name, str):
        raise TypeError(f"'name' must be a str, not {type(name)}")
    if not isinstance(path, list | None):
        raise RuntimeError(f"'path' must be None or a list, not {type(path)}")
    if path is None:
        if is_builtin(name):
            return None, None, ("", "", C_BUILTIN)
        if is_frozen(name):
            return None, None, ("", "", PY_FROZEN)
    for entry in sys.path if path is None else path:
        place = os.path.join(entry, name)  # noqa: PTH118
        for suffix in (".py", importlib.machinery.BYTECODE_SUFFIXES[0]):
            if os.path.isfile(os.path.join(place, "__init__" + suffix)):  # noqa: PTH113, PTH118
                return None, place, ("", "", PKG_DIRECTORY)
        for details in get_suffixes():
            suffix, mode, _ = details
            found = os.path.join(entry, name + suffix)  # noqa: PTH118
            if os.path.isfile(found):  # noqa: PTH113
                return (tokenize.open(found) if mode == "r" else open(found, mode)), found, details  # noqa: PTH123
    raise ImportError(f"No module named {name!r}", name=name)


def get_suffixes() -> list[tuple[str, str, int]]:
    """Return suffix, mode and kind of each sort of file that is a module."""
    machinery = importlib.machinery
    extensions = [(suffix, "rb", C_EXTENSION) for suffix in machinery.EXTENSION_SUFFIXES]
    source = [(suffix, "r", PY_SOURCE) for suffix in machinery.SOURCE_SUFFIXES]
    return extensions + source + [(suffix, "rb", PY_COMPILED) for suffix in machinery.BYTECODE_SUFFIXES]


def cache_from_source(path: str, debug_override: bool | None = None) -> str:
    """Return where the byte code of a source file is; debug_override False asks for that of an optimized run."""
    if debug_override is None:
        return importlib.util.cache_from_source(path)
    return importlib.util.cache_from_source(path, optimization="" if debug_override else "1")


def is_frozen(name: str) -> bool:
    """Return whether a module is frozen."""
    return FrozenImporter.find_spec(name) is not None


def is_frozen_package(name: str) -> bool:
    """Return whether a frozen module is a package."""
    return FrozenImporter.is_package(name)


def get_magic() -> bytes:
    """Return what files of byte code begin with."""
    return importlib.util.MAGIC_NUMBER


def get_tag() -> str | None:
    """Return the tag in the names of files of byte code."""
    return sys.implementation.cache_tag


class NullImporter:
    """A finder of a path that is no directory: it finds nothing."""

    def __init__(self, path: str) -> None:
        if path == "":
            raise ImportError("empty pathname", path="")
        if os.path.isdir(path):  # noqa: PTH112
            raise ImportError("existing directory", path=path)

    def find_module(self, fullname: str) -> None:
        """Return None, always."""
