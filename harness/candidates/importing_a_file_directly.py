"""load_source by the recipe of importlib's documentation, which most answers on the web repeat.

https://docs.python.org/3.13/library/importlib.html#importing-a-source-file-directly has it: the spec is made from the path alone, so
that its suffix decides about the loader, and for a file without a known suffix there is no spec.
"""

import importlib.util
import sys
from types import ModuleType


def load_source(name: str, pathname: str) -> ModuleType:
    """Execute a file as a new module, and enter it into sys.modules."""
    spec = importlib.util.spec_from_file_location(name, pathname)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]  # as the recipe has it: it does not ask
    sys.modules[name] = module
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module
