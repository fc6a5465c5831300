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

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


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


def counted_modules(stdlib: str) -> "dict[str, int]":
    """Map the names in sys.modules to identities, leaving out what the interpreter brings from its own library."""
    found = {}
    prefix = stdlib + PATH_SEPARATOR
    modules = getattr(sys, "modules", None)  # type: Any
    for name, module in list(modules.items()) if type(modules) is dict else ():
        if type(name) is not str or name in BUILTIN_NAMES:
            continue
        space = module_dict(module) if type(module) is Module else {}
        file = space.get("__file__")
        if file is not None and type(file) is str and (file.startswith(prefix) or absolute(file).startswith(prefix)):
            continue
        spec = space.get("__spec__")  # type: Any
        if file is None and type(spec) is ModuleSpec and spec.origin in ("frozen", "built-in"):
            continue
        found[name] = id(module)
    return found


def absolute(path: str) -> str:
    """Do what os.path.abspath does for the paths of modules, without the names that a candidate may patch."""
    if path.startswith("/"):
        return path
    try:
        return real_getcwd() + "/" + path
    except OSError:  # the case deleted it
        return path


def changes(before: "dict[str, Any]", after: "dict[str, Any]", middle: str) -> "dict[str, list[str]]":
    """Say which keys came, which went, and which stand for something else now."""
    return {
        "added": sorted(key for key in after if key not in before),
        "removed": sorted(key for key in before if key not in after),
        middle: sorted(key for key in after if key in before and after[key] != before[key]),
    }
