"""What to do where an interpreter starts and cannot import whose imp is judged."""

from __future__ import annotations

import re
from pathlib import Path

_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_RELATIVE = "attempted relative import"
_NO_IMP = "no imp of its own"


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
    if not path.is_file():
        return ""
    if _RELATIVE in why or "is not a package" in why:
        return f"a file is loaded alone, as the module imp: {_folder(path)}"
    name = "" if found is None else found[1].partition(".")[0]
    if name and any((path.parent / other).exists() for other in (name, f"{name}.py")):
        return f"{name} lies beside it, and a file is loaded alone: {_folder(path)}"
    return ""


def _folder(path: Path) -> str:
    """Say which folder to give in place of a file."""
    folder = path.parent
    if path.name == "__init__.py":
        return f"give the folder that holds the package imp: --candidate {folder.parent if folder.name == 'imp' else 'FOLDER'}"
    if path.name == "imp.py":
        return f"give its folder: --candidate {folder}"
    return f"give a folder in which it is called imp.py: --candidate FOLDER (here is {folder})"
