"""What a case may change besides its value: files, descriptors, modules."""

import os
import sys

from imp_conformance.agent.captured import (
    BUILTIN_NAMES,
    PATH_SEPARATOR,
    Module,
    ModuleSpec,
    module_dict,
    real_chdir,
    real_fstat,
    real_getcwd,
    real_listdir,
    real_lstat,
)
from imp_conformance.agent.library import LIBRARY

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

LIBRARY_PREFIXES = tuple([place + PATH_SEPARATOR for place in LIBRARY])


def snapshot_files(cwd: str, home: os.stat_result, limit: int) -> "dict[str, tuple[int, int, int]]":
    """Map each file, and each empty directory, below the case's directory to what changes when it is written; no more than the limit."""
    found = {}  # type: dict[str, tuple[int, int, int]]
    try:
        real_chdir(cwd)
        now = real_lstat(".")
    except OSError:  # the case deleted it
        return found
    if (now.st_dev, now.st_ino) != (home.st_dev, home.st_ino):
        return found  # something else has taken its place: whatever that is, it is not to be walked
    folders = [""]
    while folders and len(found) < limit:
        folder = folders.pop()
        try:
            names = real_listdir(folder or ".")
        except OSError:  # it is gone, or too deep, or may not be read
            found[folder] = (0, 0, 0)
            continue
        if not names and folder:
            found[folder] = (0, 0, 0)
        for name in names:
            try:
                status = real_lstat(folder + name)
            except OSError:
                continue
            if status.st_mode & 0o170000 == 0o040000:
                folders.append(folder + name + "/")
            else:
                found[folder + name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def open_descriptors() -> "dict[int, tuple[int, int]]":
    """Map this process's open descriptors to (device, inode)."""
    try:
        numbers = [int(name) for name in real_listdir("/proc/self/fd")]
    except OSError:
        numbers = []
    if not numbers:  # no /proc, or one that tells nothing
        numbers = list(range(256))
    found = {}
    for number in numbers:
        try:
            status = real_fstat(number)
        except OSError:
            continue
        if status.st_mode & 0o170000 == 0o100000:
            found[number] = (status.st_dev, status.st_ino)
    return found


def counted_modules() -> "dict[str, int]":
    """Map the names in sys.modules to identities, leaving out what the interpreter brings from its own library."""
    found = {}  # type: dict[str, int]
    modules = getattr(sys, "modules", None)  # type: Any
    if type(modules) is not dict:
        return found
    for name, module in list(modules.items()):
        if type(name) is not str or name in BUILTIN_NAMES or is_of_library(module):
            continue
        if not is_part_of_library(name, module, modules):
            found[name] = id(module)
    return found


def is_of_library(module: object) -> bool:
    """Say whether a module comes from a file of the standard library, or is frozen or built in."""
    if type(module) is not Module:
        return False
    space = module_dict(module)
    spec = space.get("__spec__")
    if type(spec) is ModuleSpec and spec.origin in ("frozen", "built-in"):
        return True  # from 3.11 on one that is frozen may have a __file__, wherever the library lies
    file = space.get("__file__")
    return type(file) is str and (file.startswith(LIBRARY_PREFIXES) or absolute(file).startswith(LIBRARY_PREFIXES))


def is_part_of_library(name: str, module: object, modules: "dict[str, Any]") -> bool:
    """Say whether it stands for no file but is made by a module of the library, such as typing.io and xml.parsers.expat.model."""
    parent, _, last = name.rpartition(".")
    if not parent or (type(module) is Module and module_dict(module).get("__file__") is not None):
        return False
    owner = modules.get(parent)
    if not is_of_library(owner) and not (parent in BUILTIN_NAMES and type(owner) is Module):
        return False
    return module_dict(owner).get(last) is module and module is not None


def absolute(path: str) -> str:
    """Do what os.path.abspath does for the paths of modules, without the names that a candidate may patch."""
    if path.startswith(PATH_SEPARATOR) or (PATH_SEPARATOR != "/" and path[1:2] == ":"):
        return path
    try:
        return real_getcwd() + PATH_SEPARATOR + path
    except OSError:  # the case deleted it
        return path


def changes(before: "dict[str, Any]", after: "dict[str, Any]", middle: str) -> "dict[str, list[str]]":
    """Say which keys came, which went, and which stand for something else now."""
    return {
        "added": sorted(key for key in after if key not in before),
        "removed": sorted(key for key in before if key not in after),
        middle: sorted(key for key in after if key in before and after[key] != before[key]),
    }
