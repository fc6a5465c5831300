"""What a candidate is called in ids: by its module or its project, never by the folder that it happens to lie in."""

from __future__ import annotations

import configparser
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

_UNTELLING = ("imp", "__init__")
"""Modules whose names do not tell one candidate from another."""

_LEVELS = 6
"""How many folders above a candidate are looked at; a repository's own folder is the last in any case."""


def normalized(name: str) -> str:
    """Return a project's name as package indexes compare it; nothing is left of it that a file name cannot have."""
    return re.sub(r"[-_.\W]+", "-", name).lower()


def label_of(path: Path) -> str:
    """Return the label of a candidate that is a file or a directory.

    It is the name of the file, where that tells more than ``imp.py`` does; else that of the project that the candidate is a part
    of, that of the package that it is a module of, or ``imp``.
    """
    path = path.resolve()
    if path.is_file() and path.stem not in _UNTELLING:
        return path.stem
    name = next(_project_names(path if path.is_dir() else path.parent), None)
    if name is not None:
        return normalized(name)
    package = path.parent
    telling = path.is_file() and (package / "__init__.py").is_file() and package.name not in _UNTELLING
    return package.name if telling else "imp"


def label_asked(text: str) -> str:
    """Return the label of what a --candidate names, for a target that cannot be started with it."""
    if text.startswith("pypi:"):
        try:
            return label_of_release(Requirement(text.removeprefix("pypi:")), text.rpartition("==")[2])
        except InvalidRequirement:
            return normalized(text.removeprefix("pypi:"))
    there = os.path.exists(text)  # noqa: PTH110 - Path's raises where a folder may not be looked into
    return label_of(Path(text)) if there else Path(text).name


def label_of_release(requirement: Requirement, version: str) -> str:
    """Return the label of a release on PyPI: the project's name, and the version where the requirement names one."""
    name = normalized(requirement.name)
    return f"{name}-{version}" if any(item.operator == "==" for item in requirement.specifier) else name


def _project_names(folder: Path) -> Iterator[str]:
    """Find names of the project that a folder belongs to, from the nearest place on.

    A project ends where a repository does; folders that are everybody's, such as the home directory, belong to none.
    """
    shared = {Path.home(), Path(tempfile.gettempdir()).resolve(), Path(folder.anchor)}
    for place in (folder, *folder.parents[:_LEVELS]):
        if place in shared:
            return
        for name in (*_installed_here(place), _of_pyproject(place), _of_setup(place), _of_metadata(place / "PKG-INFO")):
            if name:
                yield name
        if os.path.lexists(place / ".git"):  # no question of Path's, which raises where a folder may not be looked into
            return


def _installed_here(folder: Path) -> Iterator[str]:
    """Find the project of which pip has put an imp into a folder, beside whatever else lies there."""
    for about in sorted(folder.glob("*.dist-info")):
        files = _text(about / "RECORD").splitlines()
        if any(re.match(r"imp(/__init__)?(\.[\w-]+)*\.(py|pyc|so|pyd),", line) for line in files):
            yield _of_metadata(about / "METADATA")


def _of_pyproject(folder: Path) -> str:
    try:
        data: dict[str, Any] = tomllib.loads(_text(folder / "pyproject.toml"))
    except (ValueError, RecursionError):
        return ""
    for table in (data.get("project"), _table(data, "tool", "poetry"), _table(data, "tool", "flit", "metadata")):
        name = table.get("name", table.get("dist-name", table.get("module"))) if isinstance(table, dict) else None
        if isinstance(name, str):
            return name
    return ""


def _table(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _of_setup(folder: Path) -> str:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(folder / "setup.cfg"))
        return parser.get("metadata", "name", fallback="")
    except configparser.Error:
        return ""


def _of_metadata(path: Path) -> str:
    return str(HeaderParser().parsestr(_text(path)).get("Name", ""))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
