"""load_source by a loader's load_module, in one line, as answers on the web and many patches have it.

https://docs.python.org/3.13/library/importlib.html#importlib.abc.Loader.load_module documents the method, deprecated since 3.4. Each
call warns since 3.10, of a removal that is planned for 3.15.
"""

from importlib.machinery import SourceFileLoader
from types import ModuleType


def load_source(name: str, pathname: str) -> ModuleType:
    """Have the loader of a source file do all of it."""
    return SourceFileLoader(name, pathname).load_module()
