"""load_source by runpy.run_path, for those who only want what the file binds.

https://docs.python.org/3.13/library/runpy.html#runpy.run_path describes it as importing a file without the import system. It returns
a dictionary of what the code has bound; callers of load_source expect attributes, so that is made of it here.
"""

import runpy
from types import SimpleNamespace


def load_source(name: str, pathname: str) -> SimpleNamespace:
    """Execute a file in a module that is gone afterwards, and return what it bound."""
    return SimpleNamespace(**runpy.run_path(pathname, run_name=name))
