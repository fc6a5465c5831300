"""What to do where an interpreter starts and cannot import whose imp is judged."""

from __future__ import annotations

import re
from pathlib import Path

_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_RELATIVE = "attempted relative import"
_NO_IMP = "no imp of its own"
_SYNTAX = re.compile(r"(?:Syntax|Indentation|Tab)Error\b")
_ENDED = ("SystemExit", "importing it ends the process", "it ended while it imported its candidate")
_ENDLESS = ("importing it takes more than", "importing its candidate takes more than")
"""How it begins what is said of an import that does not come to an end, or ends all."""


def advice(why: str, candidate: str | None) -> str:
    """Return what to do about a candidate that cannot be imported; empty where that is not known.

    Args:
        why: what the interpreter says.
        candidate: the --candidate, None for the interpreter's own imp.
    """
    found = _NO_MODULE.search(why)
    if candidate is None:
        lacks = _NO_IMP in why or (found is not None and found[1] == "imp")
        return "no Python has an imp since 3.12: say whose imp is to be judged, with --candidate" if lacks else ""
    path = Path(candidate)
    name = "" if found is None else found[1].partition(".")[0]
    if _SYNTAX.match(why):
        where = f" in {path}" if path.is_file() else ""
        return f"fix it{where}, or judge it on a Python that knows this syntax"
    if path.is_file():
        if _RELATIVE in why or "is not a package" in why:
            return f"a file is loaded alone, as the module imp: {_folder(path)}"
        if name and any((path.parent / other).exists() for other in (name, f"{name}.py")):
            return f"{name} lies beside it, and a file is loaded alone: {_folder(path)}"
    if name and name == candidate.partition(".")[0]:
        return f"install {name} for that interpreter, or give its file or directory"
    return f"install {name} for that interpreter, or give a directory that holds it beside imp" if name else _ending(why)


def _ending(why: str) -> str:
    """Say what to do about a candidate whose import does not come to an end, or ends all."""
    if why.startswith(_ENDED):
        return "an import must not exit: take that out of the candidate"
    return "let the import come to an end: no option gives it longer" if why.startswith(_ENDLESS) else ""


def _folder(path: Path) -> str:
    """Say which folder to give in place of a file."""
    folder = path.parent
    if path.name == "__init__.py":
        return f"give the folder that holds the package imp: --candidate {folder.parent if folder.name == 'imp' else 'FOLDER'}"
    if path.name == "imp.py":
        return f"give its folder: --candidate {folder}"
    return f"give a folder in which it is called imp.py: --candidate FOLDER (here is {folder})"
