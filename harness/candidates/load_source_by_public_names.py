"""load_source by public functions of importlib alone, with as much of what imp did as these can do.

Nobody's recipe but this project's: what replacements/observed.py takes from importlib's private functions, it does by hand. What it
loses by that is the lock of the module.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import IO, Any


class _FromFile(SourceFileLoader):
    """A loader that reads its code from a file that it was given; one in text mode is opened anew."""

    file: Any = None

    def get_data(self, path: str) -> bytes:
        if not self.file or path != self.path:
            return super().get_data(path)
        if not self.file.closed and "b" not in self.file.mode:
            self.file.close()
        if self.file.closed:
            self.file = open(path, "rb")  # noqa: SIM115, PTH123
        with self.file:
            return self.file.read()  # type: ignore[no-any-return]


def load_source(name: str, pathname: str, file: IO[Any] | None = None) -> ModuleType:
    """Execute a source file in the module that sys.modules has, or else in a new one; return what sys.modules has then."""
    loader = _FromFile(name, pathname)
    loader.file = file
    # Joined here, because importlib would take a leading ./ away, which imp did not.
    location = os.path.join(os.getcwd(), pathname) if isinstance(pathname, str) else pathname  # noqa: PTH109, PTH118
    new: Any = importlib.util.module_from_spec(importlib.util.spec_from_file_location(name, location, loader=loader))  # type: ignore[arg-type]
    module = sys.modules.setdefault(name, new)
    if module is not new:
        for attribute in vars(new).keys() - {"__doc__"}:
            setattr(module, attribute, getattr(new, attribute))
    try:
        loader.exec_module(module)
    except BaseException:
        if module is new:
            sys.modules.pop(name, None)
        raise
    module = sys.modules[name]
    module.__loader__ = module.__spec__.loader = SourceFileLoader(name, pathname)  # type: ignore[union-attr]
    return module
