"""Replacements for imp on Python 3.12 and later that keep what its documentation and its docstrings promise, and are short.

Each function can be copied alone, with the names of this file that it uses; reports/replacements.md shows each of them cut out
like that, with what it was measured to keep. Only public names of the library are used, but for the import lock, which has none.
The documentation of Python 3 says nothing of load_source, load_compiled, load_dynamic and load_package: these do what the page
of Python 2.7 says in its first sentences, and enter the module into sys.modules.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import tokenize
from _imp import acquire_lock, lock_held, release_lock
from importlib.machinery import BuiltinImporter, FrozenImporter
from types import CodeType, ModuleType
from typing import IO, Any

__all__ = ["acquire_lock", "lock_held", "release_lock"]

SEARCH_ERROR, PY_SOURCE, PY_COMPILED, C_EXTENSION, PY_RESOURCE = range(5)
PKG_DIRECTORY, C_BUILTIN, PY_FROZEN, PY_CODERESOURCE, IMP_HOOK = range(5, 10)

reload = importlib.reload
new_module = ModuleType
source_from_cache = importlib.util.source_from_cache


def _execute(spec: Any) -> ModuleType:
    """Execute a module in a new object that is in sys.modules by then."""
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_source(name: str, pathname: str, file: object = None) -> ModuleType:  # noqa: ARG001
    """Execute a source file as a module."""
    loader = importlib.machinery.SourceFileLoader(name, pathname)
    return _execute(importlib.util.spec_from_file_location(name, pathname, loader=loader))


def load_compiled(name: str, pathname: str, file: object = None) -> ModuleType:  # noqa: ARG001
    """Execute a file of byte code as a module."""
    loader = importlib.machinery.SourcelessFileLoader(name, pathname)
    return _execute(importlib.util.spec_from_file_location(name, pathname, loader=loader))


def load_dynamic(name: str, path: str, file: object = None) -> ModuleType:  # noqa: ARG001
    """Load an extension module."""
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    return _execute(importlib.util.spec_from_file_location(name, path, loader=loader))


def load_package(name: str, path: str) -> ModuleType:
    """Execute the __init__ of a directory as a package."""
    suffixes = importlib.machinery.SOURCE_SUFFIXES + importlib.machinery.BYTECODE_SUFFIXES
    inits = [os.path.join(path, "__init__" + suffix) for suffix in suffixes]  # noqa: PTH118
    return _execute(importlib.util.spec_from_file_location(name, next(filter(os.path.exists, inits), inits[0])))


def init_builtin(name: str) -> ModuleType | None:
    """Load a built-in module; None where there is none of that name."""
    spec = BuiltinImporter.find_spec(name)
    return _execute(spec) if spec else None


def init_frozen(name: str) -> ModuleType | None:
    """Load a frozen module; None where there is none of that name."""
    spec = FrozenImporter.find_spec(name)
    return _execute(spec) if spec else None


def load_module(name: str, file: object, filename: str, details: tuple[str, str, int]) -> ModuleType | None:
    """Load what find_module found, by the kind in the last of its details."""
    kind = details[2]
    if kind == PY_SOURCE:
        return load_source(name, filename, file)
    if kind == PY_COMPILED:
        return load_compiled(name, filename, file)
    if kind == C_EXTENSION:
        return load_dynamic(name, filename, file)
    if kind == PKG_DIRECTORY:
        return load_package(name, filename)
    if kind == C_BUILTIN:
        return init_builtin(name)
    if kind == PY_FROZEN:
        return init_frozen(name)
    raise ImportError(f"no such kind of module: {kind!r}", name=name)


def find_module(name: str, path: list[str] | None = None) -> tuple[IO[Any] | None, str | None, tuple[str, str, int]]:
    """Look for a module in a list of directories; without one among the built-in and frozen ones and in sys.path."""
    if not isinstance(path, list | None):
        raise TypeError(f"'path' must be None or a list, not {type(path)}")
    if path is None and BuiltinImporter.find_spec(name):
        return None, None, ("", "", C_BUILTIN)
    if path is None and FrozenImporter.find_spec(name):
        return None, None, ("", "", PY_FROZEN)
    for entry in sys.path if path is None else path:
        place = os.path.join(entry, name)  # noqa: PTH118
        if any(os.path.isfile(os.path.join(place, init)) for init in ("__init__.py", "__init__.pyc")):  # noqa: PTH113, PTH118
            return None, place, ("", "", PKG_DIRECTORY)
        for details in get_suffixes():
            found = place + details[0]
            if os.path.isfile(found):  # noqa: PTH113
                return (tokenize.open(found) if details[1] == "r" else open(found, details[1])), found, details  # noqa: PTH123
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


def get_magic() -> bytes:
    """Return what files of byte code begin with."""
    return importlib.util.MAGIC_NUMBER


def get_tag() -> str | None:
    """Return the tag in the names of files of byte code."""
    return sys.implementation.cache_tag


def is_builtin(name: str) -> int:
    """Return 1 for a built-in module, -1 for one that cannot be initialized again, else 0."""
    return -1 if name in {"sys", "builtins"} else int(name in sys.builtin_module_names)


def is_frozen(name: str) -> bool:
    """Return whether a module is frozen."""
    return FrozenImporter.find_spec(name) is not None


def is_frozen_package(name: str) -> bool:
    """Return whether a frozen module is a package."""
    return FrozenImporter.is_package(name)


def get_frozen_object(name: str) -> CodeType | None:
    """Return the code of a frozen module."""
    return FrozenImporter.get_code(name)


def create_dynamic(spec: Any, file: object = None) -> ModuleType:  # noqa: ARG001
    """Create an extension module and do not execute it yet."""
    return importlib.machinery.ExtensionFileLoader(spec.name, spec.origin).create_module(spec)


class NullImporter:
    """A finder of a path that is no directory: it finds nothing."""

    def __init__(self, path: str) -> None:
        if path == "" or os.path.isdir(path):  # noqa: PTH112
            raise ImportError(f"empty, or a directory: {path!r}", path=path)

    def find_module(self, fullname: str) -> None:
        """Return None, always."""
