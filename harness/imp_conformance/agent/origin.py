"""See to it that the module which an import finds is the one that was given, and not another of its name.

An interpreter may have a frozen or built-in module of that name, a finder of its own, or an earlier entry of sys.path. What is
looked at is where the import system looks, not the module that comes of it: that one may put anything in its own place.
"""

import _frozen_importlib
import os
import sys

from imp_conformance.agent.captured import bootstrap

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm

FOUND_FIRST = "import {} finds {}, which is not what was given"


class GivenFirst:
    """A finder that goes before all others, for the names of the candidate alone; what it finds lies below the candidate's path."""

    def __init__(self, module: str, path: str) -> None:
        parts = module.split(".")
        self.names = [".".join(parts[: count + 1]) for count in range(len(parts))]
        self.path = path
        self.looked = []  # type: list[str]  # the names that were looked for
        self.others = []  # type: list[str]  # what would have been found in place of what was given

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Return what the other finders return, if that was given, or else what is found where it was given."""
        if name not in self.names:
            return None
        self.looked.append(name)
        spec = find_otherwise(self, name, path, target)
        if spec is None or self.is_given(spec):
            return spec
        self.others.append(FOUND_FIRST.format(name, place_of(spec)))
        given = bootstrap.PathFinder.find_spec(name, [self.path] if path is None else path)
        if given is None or not self.is_given(given):
            raise ImportError(self.others[-1])
        return given

    def is_given(self, spec: "Any") -> bool:
        """Say whether what a finder has found lies below the candidate's path."""
        places = [getattr(spec, "origin", None)]
        if places in ([None], ["namespace"]):  # a directory without __init__.py
            places = list(getattr(spec, "submodule_search_locations", None) or ())
        return bool(places) and all(type(place) is str and lies_below(place, self.path) for place in places)

    def is_needed(self) -> bool:
        """Say whether an import would find another module, without importing any."""
        spec = find_otherwise(self, self.names[0], None, None)
        return spec is not None and not self.is_given(spec)

    def enter(self) -> None:
        """Go before all other finders."""
        sys.meta_path.insert(0, self)

    def leave(self) -> None:
        """Go away, unless an import would find another module without it."""
        if not self.others:
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]


def find_otherwise(without: GivenFirst, name: str, path: "Any", target: "Any") -> "Any":
    """Return what an import finds without one finder."""
    finders = sys.meta_path[:]
    sys.meta_path[:] = [finder for finder in finders if finder is not without]
    try:
        return _frozen_importlib._find_spec(name, path, target)  # type: ignore[attr-defined]
    finally:
        sys.meta_path[:] = finders


def lies_below(place: str, folder: str) -> bool:
    """Say whether a path leads into a folder, or into an archive there, whatever links lead to both."""
    return os.path.isabs(place) and (os.path.realpath(place) + os.sep).startswith(os.path.realpath(folder) + os.sep)


def place_of(spec: "Any") -> str:
    """Name what a finder has found."""
    origin = getattr(spec, "origin", None)
    if origin in ("frozen", "built-in"):
        return "a module of the interpreter that is {}".format(origin)
    return str(origin or "something without an origin")
