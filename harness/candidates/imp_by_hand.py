"""The whole of imp by hand: compile, exec, finders and caches of its own, and _imp for what is in the interpreter.

Of importlib there is only the magic number, which nothing else tells. Modules get a __loader__ of this file and no __spec__.
Byte code is cached as PEP 552 says: a header of magic number, flags, and time and size of the source or its hash.
"""

from __future__ import annotations

import _imp
import marshal
import os
import stat
import sys
import tokenize
import types
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from threading import RLock
from typing import IO, TYPE_CHECKING, Any

SEARCH_ERROR, PY_SOURCE, PY_COMPILED, C_EXTENSION, PY_RESOURCE = range(5)
PKG_DIRECTORY, C_BUILTIN, PY_FROZEN, PY_CODERESOURCE, IMP_HOOK = range(5, 10)

if TYPE_CHECKING:  # 3.8 cannot subscript tuple
    Details = tuple[str, str, int]
    Found = tuple[IO[Any] | None, str | None, Details]

acquire_lock, release_lock, lock_held = _imp.acquire_lock, _imp.release_lock, _imp.lock_held
is_builtin, is_frozen, is_frozen_package = _imp.is_builtin, _imp.is_frozen, _imp.is_frozen_package
get_frozen_object, create_dynamic = _imp.get_frozen_object, _imp.create_dynamic

_listings: dict[str, tuple[int, set[str]]] = {}  # of directories, with the time of their last change
_loading = RLock()  # two threads that load one name do it one after the other


def get_magic() -> bytes:
    """Return the number that caches begin with."""
    return MAGIC_NUMBER


def get_tag() -> str | None:
    """Return the tag in the names of caches."""
    return sys.implementation.cache_tag


def get_suffixes() -> list[Details]:
    """Return suffix, mode and kind of each sort of file."""
    return [*[(suffix, "rb", C_EXTENSION) for suffix in _imp.extension_suffixes()], (".py", "r", PY_SOURCE), (".pyc", "rb", PY_COMPILED)]


def _tag() -> str:
    if sys.implementation.cache_tag is None:
        raise NotImplementedError("sys.implementation.cache_tag is None")
    return sys.implementation.cache_tag


def cache_from_source(path: str, debug_override: bool | None = None) -> str:
    """Return the path of a source's cache; False for debug_override means that of an optimized one."""
    tag = _tag()
    level = sys.flags.optimize if debug_override is None else int(not debug_override)
    head, tail = os.path.split(os.fspath(path))
    base, dot, rest = tail.rpartition(".")
    name = f"{base if dot else rest}.{tag}" + (f".opt-{level}" if level else "") + ".pyc"
    if sys.pycache_prefix is not None:
        return os.path.join(sys.pycache_prefix, os.path.realpath(head).lstrip(os.sep), name)  # noqa: PTH118
    return os.path.join(head, "__pycache__", name)  # noqa: PTH118


def source_from_cache(path: str) -> str:
    """Return the path of a cache's source."""
    _tag()
    head, tail = os.path.split(os.fspath(path))
    prefix = None if sys.pycache_prefix is None else sys.pycache_prefix.rstrip(os.sep)
    if prefix is not None and (head + os.sep).startswith(prefix + os.sep):
        head, folder = head[len(prefix) :] or os.sep, "__pycache__"
    else:
        head, folder = os.path.split(head)
    parts = tail.split(".")
    optimized = len(parts) == 4 and parts[2].startswith("opt-") and parts[2][4:].isalnum()
    if folder != "__pycache__" or parts[-1] != "pyc" or not (len(parts) == 3 or optimized):
        raise ValueError(f"not the name of a cache: {path!r}")
    return os.path.join(head, parts[0] + ".py")  # noqa: PTH118


def new_module(name: str) -> types.ModuleType:
    """Return an empty module, which sys.modules does not get to know."""
    return types.ModuleType(name)


class NullImporter:
    """A finder for a path that is no directory: it finds nothing."""

    def __init__(self, path: str) -> None:
        if not path or os.path.isdir(path):  # noqa: PTH112
            raise ImportError(f"empty, or a directory: {path!r}")

    def find_module(self, fullname: str, path: Any = None) -> None:
        """Return None, always."""


class _Loader:
    """What a module was loaded from; tracebacks and inspect ask it for the source."""

    def __init__(self, name: str, path: str, kind: int) -> None:
        self.name, self.path, self.kind = name, path, kind

    def get_source(self, name: str) -> str | None:  # noqa: ARG002
        if self.kind != PY_SOURCE:
            return None
        with tokenize.open(self.path) as file:
            return file.read()


def _cached_code(path: str, cache: str, source: bytes) -> types.CodeType | None:
    """Return the code of a cache that fits its source, or None."""
    try:
        data = Path(cache).read_bytes()
        hashed = _imp.source_hash(int.from_bytes(MAGIC_NUMBER, "little"), source)
        wanted = {0: _stamp(Path(path).stat()), 1: data[8:16], 3: hashed}.get(int.from_bytes(data[4:8], "little"))
        if data[:4] != MAGIC_NUMBER or len(data) < 16 or data[8:16] != wanted:
            return None
        code = marshal.loads(data[16:])
        return code if isinstance(code, types.CodeType) else None
    except (OSError, EOFError, ValueError, TypeError):
        return None


def _stamp(times: os.stat_result) -> bytes:
    return b"".join((int(number) & 0xFFFFFFFF).to_bytes(4, "little") for number in (times.st_mtime, times.st_size))


def _write_cache(path: str, cache: str, code: types.CodeType) -> None:
    """Write a cache beside its source; where that cannot be, there is none."""
    if sys.dont_write_bytecode:
        return
    try:
        times = Path(path).stat()
        Path(cache).parent.mkdir(parents=True, exist_ok=True)
        new = Path(f"{cache}.{os.getpid()}")  # a reader must never see half a file
        new.write_bytes(MAGIC_NUMBER + bytes(4) + _stamp(times) + marshal.dumps(code))
        new.chmod(stat.S_IMODE(times.st_mode) | 0o200)
        new.replace(cache)
    except OSError:
        return


def _source_code(path: str, file: IO[Any] | None) -> types.CodeType:
    source: Any = Path(path).read_bytes() if file is None else file.read()
    if isinstance(source, str) or get_tag() is None:
        return compile(source, path, "exec", dont_inherit=True)
    cache = cache_from_source(path)
    code = _cached_code(path, cache, source)
    if code is None:
        code = compile(source, path, "exec", dont_inherit=True)
        _write_cache(path, cache, code)
    return code


def _compiled_code(name: str, path: str, file: IO[Any] | None) -> types.CodeType:
    data = Path(path).read_bytes() if file is None else file.read()
    code = marshal.loads(data[16:]) if data[:4] == MAGIC_NUMBER else None
    if not isinstance(code, types.CodeType):
        raise ImportError(f"no byte code of this Python in {path!r}", name=name, path=path)
    return code


def _run(name: str, path: str, kind: int, file: IO[Any] | None = None, package: str | None = None) -> types.ModuleType:
    """Execute a file as a module: a new one, or the one that has the name."""
    with _loading:
        code = _source_code(path, file) if kind == PY_SOURCE else _compiled_code(name, path, file)
        is_new = name not in sys.modules
        module: Any = sys.modules.setdefault(name, types.ModuleType(name))
        module.__file__, module.__loader__ = path, _Loader(name, path, kind)
        module.__package__ = name.rpartition(".")[0] if package is None else name
        if package is not None:
            module.__path__ = [package]
        if kind == PY_SOURCE and get_tag() is not None:
            module.__cached__ = cache_from_source(path)
        try:
            exec(code, module.__dict__)
        except BaseException:
            if is_new:
                sys.modules.pop(name, None)
            raise
        return sys.modules[name]  # a module may put another one in its place


def load_source(name: str, pathname: str, file: IO[Any] | None = None) -> types.ModuleType:
    """Load a source file; what an open file has to give is read from it."""
    return _run(name, pathname, PY_SOURCE, file)


def load_compiled(name: str, pathname: str, file: IO[Any] | None = None) -> types.ModuleType:
    """Load a file of byte code."""
    return _run(name, pathname, PY_COMPILED, file)


def load_dynamic(name: str, path: str, file: IO[Any] | None = None) -> types.ModuleType:  # noqa: ARG001
    """Load an extension module."""
    spec: Any = types.SimpleNamespace(name=name, origin=path)  # all that _imp looks at
    module: Any = _imp.create_dynamic(spec)
    module.__file__, module.__loader__, module.__package__ = path, _Loader(name, path, C_EXTENSION), name.rpartition(".")[0]
    sys.modules[name] = module
    _imp.exec_dynamic(module)
    return sys.modules[name]


def load_package(name: str, path: str) -> types.ModuleType:
    """Load a package from its directory."""
    for suffix, _, kind in get_suffixes():
        init = os.path.join(path, "__init__" + suffix)  # noqa: PTH118
        if os.path.isfile(init):  # noqa: PTH113
            return load_dynamic(name, init) if kind == C_EXTENSION else _run(name, init, kind, package=path)
    raise ImportError(f"no package in {path!r}", name=name, path=path)


def init_builtin(name: str) -> types.ModuleType | None:
    """Load a built-in module, or return None where there is none."""
    if not is_builtin(name):
        return None
    spec: Any = types.SimpleNamespace(name=name, origin="built-in")
    if name not in sys.modules:
        module = sys.modules[name] = _imp.create_builtin(spec)
        _imp.exec_builtin(module)
    return sys.modules[name]


def init_frozen(name: str) -> types.ModuleType | None:
    """Load a frozen module, or return None where there is none."""
    return _imp.init_frozen(name) if is_frozen(name) else None


def _has(directory: str, name: str) -> bool:
    """Tell whether a directory lists a name; the list is read again when the directory has changed."""
    if _listings.get(directory, (0, ()))[0] != (changed := Path(directory).stat().st_mtime_ns):
        _listings[directory] = changed, set(os.listdir(directory or "."))  # noqa: PTH208
    return name in _listings[directory][1]


def _find_in(directory: str, name: str) -> Found | None:
    place = os.path.join(directory, name)  # noqa: PTH118
    if _has(directory, name) and any(os.path.isfile(os.path.join(place, "__init__" + end)) for end, _, _ in get_suffixes()):  # noqa: PTH113, PTH118
        return None, place, ("", "", PKG_DIRECTORY)
    for suffix, mode, kind in get_suffixes():
        if _has(directory, name + suffix) and os.path.isfile(place + suffix):  # noqa: PTH113
            file: IO[Any] = tokenize.open(place + suffix) if mode == "r" else Path(place + suffix).open("rb")  # noqa: SIM115
            return file, place + suffix, (suffix, mode, kind)
    return None


def find_module(name: str, path: list[str] | None = None) -> Found:
    """Look for a module: built-in, frozen and then along sys.path, or in the directories given."""
    if "." in name:
        raise ImportError(f"a dotted name is not found at once: {name!r}", name=name)
    if path is None and (is_builtin(name) or is_frozen(name)):
        return None, None, ("", "", C_BUILTIN if is_builtin(name) else PY_FROZEN)
    for directory in sys.path if path is None else path:
        if not isinstance(directory, str):
            raise TypeError(f"a directory must be a string, not {directory!r}")
        try:
            found = _find_in(directory, name)
        except (OSError, ValueError):  # not a directory, not there, not for us to read, no path at all
            continue
        if found is not None:
            return found
    raise ImportError(f"No module named {name!r}", name=name)


def load_module(name: str, file: IO[Any] | None, filename: str, details: Details) -> types.ModuleType | None:
    """Load what find_module found, or load it again."""
    _, _, kind = details
    if kind in (PY_SOURCE, PY_COMPILED):
        if file is None:
            raise ValueError(f"an open file is needed for {filename!r}")
        return _run(name, filename, kind, file)
    if kind == C_EXTENSION:
        return load_dynamic(name, filename, file)
    if kind == PKG_DIRECTORY:
        return load_package(name, filename)
    if kind in (C_BUILTIN, PY_FROZEN):
        return init_builtin(name) if kind == C_BUILTIN else init_frozen(name)
    raise ImportError(f"no such kind of module: {kind!r}", name=name)


def reload(module: types.ModuleType) -> types.ModuleType:
    """Find a module again by its name and execute it in its namespace."""
    if not isinstance(module, types.ModuleType):
        raise TypeError(f"reload() takes a module, not {module!r}")
    name = module.__name__
    if sys.modules.get(name) is not module:
        raise ImportError(f"module {name} is not in sys.modules", name=name)
    parent, _, last = name.rpartition(".")
    if parent and parent not in sys.modules:
        raise ImportError(f"parent {parent} is not in sys.modules", name=parent)
    file, filename, details = find_module(last, list(sys.modules[parent].__path__) if parent else None)
    try:
        return load_module(name, file, filename or "", details) or module
    finally:
        if file is not None:
            file.close()
