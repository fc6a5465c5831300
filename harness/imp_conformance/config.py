"""Defaults for the commands, from [tool.imp-conformance] in a project's pyproject.toml."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from imp_conformance.errors import InvalidConfiguration
from imp_conformance.resources import package_text

TABLE = "tool.imp-conformance"


@dataclass(frozen=True, slots=True)
class Configuration:
    """How a project wants to be judged. What it leaves out is None or empty; paths are absolute."""

    python: tuple[str, ...] = ()
    candidate: str | None = None
    emulates: str | None = None
    id: str | None = None
    scope: str | None = None
    """What --scope takes; names stand with commas between them."""
    level: str | None = None
    edition: int | None = None
    """The last edition of the cases that is gated where there is no baseline."""
    results: Path | None = None
    baseline: Path | None = None
    start_limit: float | None = None
    """Seconds that an interpreter may take to start."""


def configured(folder: Path) -> Configuration:
    """Read the defaults from the nearest pyproject.toml, in the folder or above it; there may be none.

    Paths in it are relative to it, not to the folder that a command is called in.

    Raises:
        InvalidConfiguration: where it is not TOML, or has a key or a value that means nothing here.
    """
    for parent in (folder.absolute(), *folder.absolute().parents):
        path = parent / "pyproject.toml"
        if path.is_file():
            return _read(path)
    return Configuration()


def check_edition(edition: int | None, newest: int) -> None:
    """Check that an edition that somebody asks for is there.

    Raises:
        InvalidConfiguration: where the newest one is an earlier one.
    """
    if edition is not None and edition > newest:
        raise InvalidConfiguration(
            f"edition {edition}: this imp-conformance has editions up to {newest}: ask for one of them, or upgrade it"
        )


def required(name: str, path: Path | None) -> Path:
    """Return a path that a command cannot do without.

    Raises:
        InvalidConfiguration: where it is given neither on the command line nor in the configuration.
    """
    if path is None:
        raise InvalidConfiguration(f"--{name} is missing: give it, or set {name} under [{TABLE}] in pyproject.toml")
    return path


def _read(path: Path) -> Configuration:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of its syntax, or of UTF-8
        line = re.search(r" \(at line (\d+), column \d+\)", str(error))
        place = path if line is None else f"{path}:{line[1]}"
        raise InvalidConfiguration(f"{place}: not TOML: {error}: fix it there") from None
    except OSError as error:
        raise InvalidConfiguration(f"{path}: {error.strerror}: make it readable") from None
    tool = data.get("tool")
    table = tool.get("imp-conformance", {}) if isinstance(tool, dict) else {}
    schema = json.loads(package_text("schema/configuration.schema.json"))
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(table))
    if problem is not None:
        known = list(schema["properties"])
        key = _key(problem, table, known)
        raise InvalidConfiguration(f"{path}:{_line(text, key)}: [{TABLE}] {_told(problem, key, known)}")
    python = table.get("python", ())
    pythons = (python,) if isinstance(python, str) else tuple(python)
    return Configuration(
        python=tuple(_interpreter(path.parent, text) for text in pythons),
        candidate=_candidate(path.parent, table["candidate"]) if "candidate" in table else None,
        emulates=table.get("emulates"),
        id=table.get("id"),
        scope=",".join(scope) if isinstance(scope := table.get("scope"), list) else scope,
        level=table.get("level"),
        edition=table.get("edition"),
        results=path.parent / table["results"] if "results" in table else None,
        baseline=path.parent / table["baseline"] if "baseline" in table else None,
        start_limit=float(table["start-limit"]) if "start-limit" in table else None,
    )


def _key(problem: jsonschema.ValidationError, table: Any, known: list[str]) -> str:
    """Return the key of the table that a problem is about; none where it is the table itself."""
    if problem.validator == "additionalProperties":
        return str(next(key for key in table if key not in known))
    return str(problem.absolute_path[0]) if problem.absolute_path else ""


def _line(text: str, key: str) -> int:
    """Return the line of a key of the table, or that in which the table begins: tomllib tells no places."""
    name = rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')\s*[=.\]]"
    table = r"tool\s*\.\s*[\"']?imp-conformance[\"']?"
    inside, begun = False, 0
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[?\s*{table}\s*\.\s*{name}", line) and key:
            return number
        if line.lstrip().startswith("["):
            inside = re.match(rf"\s*\[\s*{table}\s*\]", line) is not None
        if inside and key and re.match(rf"\s*{name}", line):
            return number
        if not begun and (inside or "imp-conformance" in line):
            begun = number
    return begun


def _told(problem: jsonschema.ValidationError, key: str, known: list[str]) -> str:
    if problem.validator == "additionalProperties":
        close = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        return f"has no key {key!r}: {hint}the keys are {', '.join(known)}"
    place = "".join(f"[{step}]" if isinstance(step, int) else f"{step}" for step in problem.absolute_path)
    wanted = problem.schema.get("description", "a table of keys") if isinstance(problem.schema, dict) else ""
    value = json.dumps(problem.instance, default=str)
    return f"{place + ' ' if place else ''}is {value[:60]}: it takes {wanted}"


def _interpreter(folder: Path, text: str) -> str:
    """Make a path absolute that is relative to the configuration; a bare name is looked up on PATH."""
    return str(folder / text) if "/" in text and not text.startswith("cmd:") else text


def _candidate(folder: Path, text: str) -> str:
    """Make a candidate's path absolute; what is no path is a module or a release on PyPI."""
    is_path = not text.startswith("pypi:") and ("/" in text or text.endswith(".py") or (folder / text).exists())
    return str(folder / text) if is_path else text
