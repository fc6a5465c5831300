"""The whole of imp on runpy and pkgutil: run_path executes, pkgutil's importers find, and a module is what is left of a run.

run_path hands out a copy of the namespace it ran in. So the functions of a module that is loaded here keep globals
of their own: what they assign is not seen in the module. Packages, whose code needs a __package__ that run_path does not
give, are executed in place, with the code that pkgutil's importer has for their __init__.
What is in the interpreter (built-in, frozen, the lock, extensions) is _imp's; neither runpy nor pkgutil has it.
"""

from __future__ import annotations

import _imp
import io
import os
import pkgutil
import runpy
import sys
import tokenize
import types
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES, BuiltinImporter, FrozenImporter, ModuleSpec
from importlib.util import MAGIC_NUMBER
from typing import IO, TYPE_CHECKING, Any

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

acquire_lock = _imp.acquire_lock
release_lock = _imp.release_lock
lock_held = _imp.lock_held
is_builtin = _imp.is_builtin
is_frozen = _imp.is_frozen
is_frozen_package = _imp.is_frozen_package
init_frozen = _imp.init_frozen
get_frozen_object = _imp.get_frozen_object
create_dynamic = _imp.create_dynamic


def get_magic() -> bytes:
    """Return the number that caches begin with."""
    return MAGIC_NUMBER


def get_tag() -> str | None:
    """Return the tag in the names of caches."""
    return sys.implementation.cache_tag


def get_suffixes() -> list[Details]:
    """Return suffix, mode and kind of each sort of file."""
    result = [(suffix, "rb", C_EXTENSION) for suffix in EXTENSION_SUFFIXES]
    result += [(suffix, "r", PY_SOURCE) for suffix in SOURCE_SUFFIXES]
    return result + [(suffix, "rb", PY_COMPILED) for suffix in BYTECODE_SUFFIXES]


def _need_tag() -> str:
    if sys.implementation.cache_tag is None:
        raise NotImplementedError("this Python has no tag for caches")
    return sys.implementation.cache_tag


def cache_from_source(path: str, debug_override: bool | None = None) -> str:
    """Return the path of a source's cache; False for debug_override means that of an optimized one."""
    tag = _need_tag()
    level = sys.flags.optimize if debug_override is None else int(not debug_override)
    head, tail = os.path.split(path)
    stem = os.path.splitext(tail)[0]  # noqa: PTH122
    name = f"{stem}.{tag}.opt-{level}.pyc" if level else f"{stem}.{tag}.pyc"
    if sys.pycache_prefix:
        return os.path.join(sys.pycache_prefix, os.path.abspath(head).lstrip(os.sep), name)  # noqa: PTH100, PTH118
    return os.path.join(head, "__pycache__", name)  # noqa: PTH118


def source_from_cache(path: str) -> str:
    """Return the path of a cache's source."""
    tag = _need_tag()
    folder, name = os.path.split(path)
    head, cache = os.path.split(folder)
    if sys.pycache_prefix and folder.startswith(sys.pycache_prefix):
        head, cache = folder[len(sys.pycache_prefix) :], "__pycache__"
    parts = name.split(".")
    fits = cache == "__pycache__" and parts[-1] == "pyc" and (len(parts) == 3 or (len(parts) == 4 and parts[2].startswith("opt-")))
    if not fits or parts[1] != tag:
        raise ValueError(f"{path!r} is not the path of a cache of {tag}")
    return os.path.join(head, parts[0] + ".py")  # noqa: PTH118


def new_module(name: str) -> types.ModuleType:
    """Return an empty module, which sys.modules does not get to know."""
    return types.ModuleType(name)


class NullImporter:
    """A finder for a path that is no directory: it finds nothing."""

    def __init__(self, path: str) -> None:
        if path == "" or os.path.isdir(path):  # noqa: PTH112
            raise ImportError(f"{path!r} is a directory or empty")

    def find_module(self, fullname: str, path: Any = None) -> None:  # noqa: ARG002
        """Return None, always."""
        return


def init_builtin(name: str) -> types.ModuleType | None:
    """Load a built-in module, or return None where there is none."""
    spec = BuiltinImporter.find_spec(name)
    if spec is None:
        return None
    module = sys.modules[name] = _imp.create_builtin(spec)
    module.__spec__, module.__loader__, module.__package__ = spec, BuiltinImporter, ""
    _imp.exec_builtin(module)
    return module


def _run(name: str, pathname: str) -> types.ModuleType:
    """Run a file, of source or byte code, and make a module of what is left, or put it into the module there is."""
    module = sys.modules.get(name)
    before = {} if module is None else dict(module.__dict__)
    after = runpy.run_path(pathname, before, name)
    if module is None:
        module = types.ModuleType(name)
    module.__dict__.update(after)
    importer: Any = pkgutil.get_importer(os.path.dirname(pathname) or ".")  # noqa: PTH120
    stem = os.path.splitext(os.path.basename(pathname))[0]  # noqa: PTH119, PTH122
    spec = None if importer is None else importer.find_spec(stem)
    if spec is not None and spec.loader is not None:
        # run_path leaves no loader; that of the file is one that can give its source
        loader = type(spec.loader)(name, pathname)
        module.__loader__ = loader
        module.__spec__ = ModuleSpec(name, loader, origin=pathname)
        module.__spec__.has_location = True
    sys.modules[name] = module
    return module


def load_source(name: str, pathname: str, file: IO[Any] | None = None) -> types.ModuleType:  # noqa: ARG001
    """Load a source file."""
    return _run(name, pathname)


def load_compiled(name: str, pathname: str, file: IO[Any] | None = None) -> types.ModuleType:
    """Load a file of byte code."""
    with io.open_code(os.path.abspath(pathname)) if file is None else io.BytesIO(file.read()) as stream:  # noqa: PTH100
        if pkgutil.read_code(stream) is None:
            raise ImportError(f"{pathname!r} has no byte code of this Python", name=name, path=pathname)
    return _run(name, pathname)


def load_dynamic(name: str, path: str, file: IO[Any] | None = None) -> types.ModuleType:  # noqa: ARG001
    """Load an extension module."""
    spec = ModuleSpec(name, None, origin=path)
    spec.has_location = True
    module: types.ModuleType = _imp.create_dynamic(spec)
    module.__spec__, module.__file__, module.__package__ = spec, path, spec.parent
    sys.modules[name] = module
    try:
        _imp.exec_dynamic(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def load_package(name: str, path: str) -> types.ModuleType:
    """Load a package from its directory."""
    importer: Any = pkgutil.get_importer(path)
    found = None if importer is None else importer.find_spec("__init__")
    if found is None or found.loader is None:
        raise ImportError(f"{path!r} is not a package", name=name, path=path)
    code = found.loader.get_code("__init__")
    if code is None:
        return load_dynamic(name, found.origin)
    spec = ModuleSpec(name, type(found.loader)(name, found.origin), origin=found.origin, is_package=True)
    spec.submodule_search_locations = [path]
    spec.has_location, spec.cached = True, found.cached
    known = sys.modules.get(name)
    module: Any = types.ModuleType(name) if known is None else known
    module.__spec__, module.__loader__, module.__package__ = spec, spec.loader, name
    module.__path__, module.__file__, module.__cached__ = [path], found.origin, found.cached
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        if known is None:
            del sys.modules[name]
        raise
    return sys.modules[name]


def _open(spec: Any, directory: str) -> Found | None:
    """Return what find_module says of a spec, or None for what is in no file: a namespace, something in an archive."""
    if spec is None or spec.loader is None or not spec.has_location or not os.path.isfile(spec.origin):  # noqa: PTH113
        return None
    if spec.submodule_search_locations is not None:
        return None, os.path.join(directory, spec.name), ("", "", PKG_DIRECTORY)  # noqa: PTH118
    details = next(entry for entry in get_suffixes() if spec.origin.endswith(entry[0]))
    if details[2] == PY_SOURCE:
        return tokenize.open(spec.origin), spec.origin, details
    return open(spec.origin, "rb"), spec.origin, details  # noqa: PTH123


def find_module(name: str, path: list[str] | None = None) -> Found:
    """Look for a module: built-in, frozen and then along sys.path, or in the directories given."""
    if "." in name:
        raise ImportError(f"not for names with dots: {name}", name=name)
    if path is None:
        if BuiltinImporter.find_spec(name) is not None:
            return None, None, ("", "", C_BUILTIN)
        if FrozenImporter.find_spec(name) is not None:
            return None, None, ("", "", PY_FROZEN)
        path = sys.path
    for directory in path:
        try:
            importer: Any = pkgutil.get_importer(directory)
        except ValueError:  # no path at all, for its null character
            continue
        # before 3.10 the importer of an archive has no find_spec
        if importer is not None and hasattr(importer, "find_spec"):
            found = _open(importer.find_spec(name), directory)
            if found is not None:
                return found
    raise ImportError(f"No module named {name}", name=name)


def load_module(name: str, file: IO[Any] | None, filename: str, details: Details) -> types.ModuleType | None:
    """Load what find_module found, or load it again."""
    _, _, kind = details
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
    raise ImportError(f"{name}: no way to load kind {kind}", name=name)


def reload(module: types.ModuleType) -> types.ModuleType:
    """Find a module again, along the importers of pkgutil, and run it in its namespace."""
    if not isinstance(module, types.ModuleType):
        raise TypeError("reload() takes a module")
    name = module.__name__
    if sys.modules.get(name) is not module:
        raise ImportError(f"{name} is not in sys.modules", name=name)
    parent, _, _ = name.rpartition(".")
    if parent and parent not in sys.modules:
        raise ImportError(f"parent {parent} is not in sys.modules", name=parent)
    path = getattr(sys.modules[parent], "__path__", None) if parent else None
    for importer in pkgutil.iter_importers(name):
        finder: Any = importer
        if not hasattr(finder, "find_spec"):  # None, for a path that is no directory
            continue
        spec = finder.find_spec(name, path) if finder in sys.meta_path else finder.find_spec(name)
        if spec is None or spec.loader is None:
            continue
        if spec.submodule_search_locations is not None and spec.has_location:
            return load_package(name, os.path.dirname(spec.origin))  # noqa: PTH120
        if spec.has_location and os.path.isfile(spec.origin) and spec.origin.endswith((".py", ".pyc")):  # noqa: PTH113
            return _run(name, spec.origin)
        module.__spec__ = spec  # which the loaders of what is frozen look at
        spec.loader.exec_module(module)
        return sys.modules[name]
    raise ImportError(f"{name} is not found", name=name)
