"""The whole of imp on importlib's public functions: what code gets whose imp was written again from the documents, by the new library.

Finding is a FileFinder of its own for each directory; loading is a spec, a module from it and the loader's exec_module.
There is no import lock among importlib's public names: the lock here is a lock of this module, which imports know nothing of.
"""

from __future__ import annotations

import importlib
import importlib.util
import marshal
import os
import sys
import threading
import tokenize
import types
import warnings
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    BuiltinImporter,
    ExtensionFileLoader,
    FileFinder,
    FrozenImporter,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

warnings.warn("the imp module is deprecated in favour of importlib", DeprecationWarning, stacklevel=2)

SEARCH_ERROR = 0
PY_SOURCE = 1
PY_COMPILED = 2
C_EXTENSION = 3
PY_RESOURCE = 4
PKG_DIRECTORY = 5
C_BUILTIN = 6
PY_FROZEN = 7
PY_CODERESOURCE = 8
IMP_HOOK = 9

if TYPE_CHECKING:  # 3.8 cannot subscript tuple
    Details = tuple[str, str, int]
    Found = tuple[IO[Any] | None, str | None, Details]

_lock = threading.RLock()
_depth = 0


def acquire_lock() -> None:
    """Take the lock; the same thread may take it again."""
    global _depth  # noqa: PLW0603
    _lock.acquire()
    _depth += 1


def release_lock() -> None:
    """Give the lock back, once for each time it was taken."""
    global _depth  # noqa: PLW0603
    _lock.release()
    _depth -= 1


def lock_held() -> bool:
    """Tell whether any thread has the lock."""
    return _depth > 0


def get_magic() -> bytes:
    """Return the number that caches begin with."""
    return importlib.util.MAGIC_NUMBER


def get_tag() -> str | None:
    """Return the tag in the names of caches."""
    return sys.implementation.cache_tag


def get_suffixes() -> list[Details]:
    """Return suffix, mode and kind of each sort of file, in the order in which finders look for them."""
    extensions = [(suffix, "rb", C_EXTENSION) for suffix in EXTENSION_SUFFIXES]
    sources = [(suffix, "r", PY_SOURCE) for suffix in SOURCE_SUFFIXES]
    return [*extensions, *sources, *[(suffix, "rb", PY_COMPILED) for suffix in BYTECODE_SUFFIXES]]


def cache_from_source(path: str, debug_override: bool | None = None) -> str:
    """Return the path of a source's cache; False for debug_override means that of an optimized one."""
    if debug_override is None:
        return importlib.util.cache_from_source(path)
    return importlib.util.cache_from_source(path, optimization="" if debug_override else 1)


def source_from_cache(path: str) -> str:
    """Return the path of a cache's source."""
    return importlib.util.source_from_cache(path)


def new_module(name: str) -> types.ModuleType:
    """Return an empty module, which sys.modules does not get to know."""
    return types.ModuleType(name)


def reload(module: types.ModuleType) -> types.ModuleType:
    """Execute a module again, in its own namespace."""
    return importlib.reload(module)


class NullImporter:
    """A finder for a path that is no directory: it finds nothing."""

    def __init__(self, path: str) -> None:
        if path == "":
            raise ImportError("empty pathname", path="")
        if os.path.isdir(path):  # noqa: PTH112  # a path that cannot be is no directory
            raise ImportError("existing directory", path=path)

    def find_module(self, fullname: str, path: Any = None) -> None:  # noqa: ARG002
        """Return None, always."""
        return


def is_builtin(name: str) -> int:
    """Tell whether a module is built in."""
    return int(name in sys.builtin_module_names)


def is_frozen(name: str) -> bool:
    """Tell whether a module is frozen."""
    return FrozenImporter.find_spec(name) is not None


def is_frozen_package(name: str) -> bool:
    """Tell whether a frozen module is a package."""
    return FrozenImporter.is_package(name)


def get_frozen_object(name: str, data: Any = None, /) -> types.CodeType:
    """Return the code of a frozen module, or what the data given hold."""
    if data is not None:
        code = marshal.loads(data)
        if not isinstance(code, types.CodeType):
            raise TypeError(f"frozen object {name!r} is not a code object")
        return code
    return FrozenImporter.get_code(name)  # type: ignore[return-value]  # it raises ImportError where there is none


def init_frozen(name: str) -> types.ModuleType | None:
    """Load a frozen module, or return None where there is none."""
    spec = FrozenImporter.find_spec(name)
    return None if spec is None else _load(spec)


def init_builtin(name: str) -> types.ModuleType | None:
    """Load a built-in module, or return None where there is none."""
    spec = BuiltinImporter.find_spec(name)
    return None if spec is None else _load(spec)


def create_dynamic(spec: ModuleSpec, file: Any = None) -> types.ModuleType:  # noqa: ARG001
    """Create an extension module, not yet executed."""
    if spec.origin is None:
        raise ImportError("the spec has no origin", name=spec.name)
    return ExtensionFileLoader(spec.name, spec.origin).create_module(spec)


def _load(spec: ModuleSpec) -> types.ModuleType:
    """Execute a spec as a new module, or again in the module that has its name already."""
    loader: Any = spec.loader
    module: Any = sys.modules.get(spec.name)
    if module is not None:
        module.__name__, module.__spec__, module.__loader__, module.__package__ = spec.name, spec, loader, spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        if spec.has_location and spec.origin is not None:
            module.__file__ = spec.origin
            if spec.cached is not None:
                module.__cached__ = spec.cached
        loader.exec_module(module)
        return sys.modules[spec.name]
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise
    return sys.modules[spec.name]  # a module may put another one in its place


def _load_file(name: str, pathname: str, loader: Any, package: str | None = None) -> types.ModuleType:
    places = None if package is None else [package]
    spec = importlib.util.spec_from_file_location(name, pathname, loader=loader, submodule_search_locations=places)
    if spec is None:
        raise ImportError(f"no spec for {pathname!r}", name=name, path=pathname)
    return _load(spec)


def load_source(name: str, pathname: str, file: IO[Any] | None = None) -> types.ModuleType:  # noqa: ARG001
    """Load a source file; the loader opens it by its name, so an open file is not read."""
    return _load_file(name, pathname, SourceFileLoader(name, pathname))


def load_compiled(name: str, pathname: str, file: IO[Any] | None = None) -> types.ModuleType:  # noqa: ARG001
    """Load a file of byte code."""
    return _load_file(name, pathname, SourcelessFileLoader(name, pathname))


def load_dynamic(name: str, path: str, file: IO[Any] | None = None) -> types.ModuleType:  # noqa: ARG001
    """Load an extension module."""
    return _load_file(name, path, ExtensionFileLoader(name, path))


def load_package(name: str, path: str) -> types.ModuleType:
    """Load a package from its directory."""
    loaders: dict[int, Any] = {PY_SOURCE: SourceFileLoader, PY_COMPILED: SourcelessFileLoader, C_EXTENSION: ExtensionFileLoader}
    for suffix, _, kind in get_suffixes():
        init = str(Path(path, "__init__" + suffix))
        if Path(init).is_file():
            return _load_file(name, init, loaders[kind](name, init), package=path)
    raise ImportError(f"{path!r} is not a package", name=name, path=path)


def _describe(spec: ModuleSpec, directory: str) -> Found | None:
    """Return what find_module says of a spec that was found in a directory; None for a namespace package."""
    if spec.submodule_search_locations is not None:
        if spec.loader is None:
            return None
        return None, str(Path(directory, spec.name)), ("", "", PKG_DIRECTORY)
    path = spec.origin
    if path is None:
        return None
    for suffix, mode, kind in get_suffixes():
        if Path(path).name == spec.name + suffix:
            # text has to be decoded as its first lines say
            return (tokenize.open(path) if mode == "r" else Path(path).open("rb")), path, (suffix, mode, kind)
    return None


def find_module(name: str, path: list[str] | None = None) -> Found:
    """Look for a module: built-in, frozen and then along sys.path, or in the directories given."""
    if not isinstance(name, str):
        raise TypeError(f"the name must be a string, not {type(name).__name__}")
    if "." in name:
        raise ImportError(f"find_module() takes no dotted name: {name!r}", name=name)
    if path is None:
        if BuiltinImporter.find_spec(name) is not None:
            return None, None, ("", "", C_BUILTIN)
        if FrozenImporter.find_spec(name) is not None:
            return None, None, ("", "", PY_FROZEN)
        path = sys.path
    details: list[Any] = [
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (SourceFileLoader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    ]
    for directory in path:
        if not isinstance(directory, str):
            raise TypeError(f"a directory must be a string, not {type(directory).__name__}")
        # a new finder each time: nothing old can be in its cache
        try:
            spec = FileFinder(directory, *details).find_spec(name)
        except ValueError:  # no path at all, for its null character
            continue
        found = None if spec is None else _describe(spec, directory)
        if found is not None:
            return found
    raise ImportError(f"No module named {name!r}", name=name)


def load_module(name: str, file: IO[Any] | None, filename: str, details: Details) -> types.ModuleType | None:
    """Load what find_module found, or load it again."""
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
    raise ImportError(f"cannot load {name!r}: {kind!r} is no kind of module", name=name)
