"""load_source as What's New in Python 3.12 gives it, with the line put in that stands there as a comment.

https://docs.python.org/3.12/whatsnew/3.12.html#imp replaces load_source by a function of its own. Its line that enters the module
into sys.modules is commented out, with the words that the module is always executed. Here it is put in, where it stands: before
the code is executed. migration_recipes.py has the function without the line.
"""

import importlib.machinery
import importlib.util
import sys
from types import ModuleType


def load_source(name: str, pathname: str) -> ModuleType:
    """Execute a source file as a new module, and enter it into sys.modules."""
    loader = importlib.machinery.SourceFileLoader(name, pathname)
    spec = importlib.util.spec_from_file_location(name, pathname, loader=loader)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]  # with a loader there is a spec
    sys.modules[module.__name__] = module
    loader.exec_module(module)
    return module
