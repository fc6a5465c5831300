"""Which files of a candidate's directory travel to a target: what an import could need, and not what tools leave beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from imp_conformance.errors import UnknownTarget

SIZE_LIMIT = 20 << 20
"""Bytes that a candidate's files may have together: they travel to the target over standard input."""

_TOOLS = frozenset(["__pycache__", "node_modules"])
_BUILT = frozenset(["build", "dist", "htmlcov"])
"""What tools make directly below a project, where it is no package."""
_LARGEST = 3


def read_tree(root: Path) -> dict[str, bytes]:
    """Read what travels.

    Raises:
        UnknownTarget: where that is too much, or cannot be read.
    """
    files: dict[str, bytes] = {}
    size = 0
    for path in _travelling(root):
        size += path.stat().st_size
        if size > SIZE_LIMIT:
            raise UnknownTarget(
                f"--candidate {root}: more than {SIZE_LIMIT >> 20} MB, most of it in {_largest(root)}: "
                "give the directory that holds imp alone"
            )
        try:
            files[path.relative_to(root).as_posix()] = path.read_bytes()
        except OSError as error:
            raise UnknownTarget(f"--candidate {path}: {error.strerror}: make it readable") from None
    return files


def _travelling(root: Path) -> Iterator[Path]:
    """Return the files, in the order of their names; links may lead to files of the directory alone."""
    whole = root.resolve()
    found: list[Path] = []
    for folder, folders, names in os.walk(root, onerror=_refuse):
        here = Path(folder)
        folders[:] = [name for name in folders if not stays(here / name) and not (here == root and _is_built(here / name))]
        found += [here / name for name in names if not name.startswith(".") and _is_within(here / name, whole)]
    return iter(sorted(found))


def _refuse(error: OSError) -> None:
    raise UnknownTarget(f"--candidate {error.filename}: {error.strerror}: make it readable")


def stays(folder: Path) -> bool:
    """Say whether a folder is none that a candidate is in: hidden, an environment, or what a tool has made."""
    made = os.path.isfile(folder / "pyvenv.cfg")  # noqa: PTH113 - Path's raises where a folder may not be looked into
    return folder.name.startswith(".") or folder.name in _TOOLS or made


def _is_built(folder: Path) -> bool:
    return folder.name in _BUILT and not (folder / "__init__.py").is_file()


def _is_within(path: Path, whole: Path) -> bool:
    """Whether it is a file, and one of the directory: a link out of it leads to what is not the candidate's."""
    return path.is_file() and path.resolve().is_relative_to(whole)


def _largest(root: Path) -> str:
    """Name what is largest directly below a directory, with sizes."""
    sizes: dict[str, int] = {}
    for path in _travelling(root):
        parts = path.relative_to(root).parts
        name = f"{parts[0]}/" if len(parts) > 1 else parts[0]
        sizes[name] = sizes.get(name, 0) + path.stat().st_size
    first = sorted(sizes, key=lambda name: -sizes[name])[:_LARGEST]
    return ", ".join(f"{name} ({sizes[name] / (1 << 20):.1f} MB)" for name in first)
