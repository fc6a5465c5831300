"""The replacements for imp that What's New in Python 3.12 recommends, under imp's names: what code gets that follows the notes.

The notes give a table (imp's function on the left, what to use on the right) and a function in place of load_source. Each
function here takes the arguments that callers of imp have, and hands those on that the recommended one has a place for.
The notes' load_source has one more line, which enters the module into sys.modules and is commented out; it is left out here.

For all else the notes name no replacement, so it is not here: the constants (PY_SOURCE and the others), the locks,
init_builtin, load_compiled, load_dynamic and load_package, which they list as removed for good, and what they do
not mention at all (is_builtin, is_frozen, create_dynamic, init_frozen, get_frozen_object, is_frozen_package).

    imp-conformance run --candidate harness/candidates/migration_recipes.py --python 3.12

shows what is lost by the change.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import IO, Any

cache_from_source = importlib.util.cache_from_source
source_from_cache = importlib.util.source_from_cache
reload = importlib.reload
new_module = ModuleType


def NullImporter(path: str) -> None:
    """Let nothing be found under a path: the cache of importers gets None for it."""
    sys.path_importer_cache[path] = None


def find_module(name: str, path: list[str] | None = None) -> ModuleSpec | None:  # noqa: ARG001
    """Return the spec of a module, or None; find_spec looks along sys.path and has no place for another path."""
    return importlib.util.find_spec(name)


def load_module(name: str, file: IO[Any] | None, filename: str, details: tuple[str, str, int]) -> ModuleType:  # noqa: ARG001
    """Import a module by its name; import_module finds the file for itself."""
    return importlib.import_module(name)


def load_source(name: str, pathname: str) -> ModuleType:
    """Run a source file as a new module, which sys.modules does not get to know."""
    loader = importlib.machinery.SourceFileLoader(name, pathname)
    spec = importlib.util.spec_from_file_location(name, pathname, loader=loader)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]  # with a loader there is a spec
    loader.exec_module(module)
    return module


def get_magic() -> bytes:
    """Return the number that caches begin with."""
    return importlib.util.MAGIC_NUMBER


def get_tag() -> str | None:
    """Return the tag that names of caches have."""
    return sys.implementation.cache_tag


def get_suffixes() -> list[str]:
    """Return the suffixes of source files, extensions and caches; modes and kinds are gone with the constants."""
    machinery = importlib.machinery
    return [*machinery.SOURCE_SUFFIXES, *machinery.EXTENSION_SUFFIXES, *machinery.BYTECODE_SUFFIXES]
