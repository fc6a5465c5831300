"""Look up the names that users call cases by: ids, subjects and node ids; say which are like an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import UnknownName


def node_id(catalogue: Catalogue, root: Path, argument: str) -> str:
    """Turn a case id, a subject, or a node id of the catalogue into what pytest finds it by.

    Args:
        catalogue: the catalogue.
        root: the folder that its cases/ is in.
        argument: such as ``find_module``, ``find_module/package``, ``find_module/package[cpython-3.11]`` or
            ``cases/find_module.yaml::find_module/package[cpython-3.11]``.

    Raises:
        UnknownName: for what is none of them.
    """
    path, colons, rest = argument.partition("::")
    if colons:
        argument = rest
    case = argument.partition("[")[0]
    if case in catalogue.cases:
        return f"{root / catalogue.cases[case].file}::{argument}"
    if case in catalogue.summaries:
        return str(root / "cases" / f"{case}.yaml")
    if not colons and Path(path).name.removesuffix(".yaml") in catalogue.summaries and path.endswith(".yaml"):
        return str(root / "cases" / Path(path).name)
    raise UnknownName(unknown_name(catalogue, case))


def unknown_name(catalogue: Catalogue, name: str) -> str:
    """Say that a name is unknown, with those most like it."""
    return _unknown(catalogue, name, "case, clause or subject", [*catalogue.cases, *catalogue.clauses, *catalogue.summaries])


def unknown_case(catalogue: Catalogue, name: str) -> str:
    """Say that a name is no case's, with the cases that may be meant."""
    if name in catalogue.summaries:
        return f"{name!r} is a subject: name one of its cases: imp-conformance list {name} shows them"
    if name in catalogue.clauses:
        return f"{name!r} is a clause: name one of its cases: imp-conformance show {name} shows them"
    return _unknown(catalogue, name, "case", list(catalogue.cases))


def _unknown(catalogue: Catalogue, name: str, what: str, known: Sequence[str]) -> str:
    if name in catalogue.retired:
        return f"the case {name!r} is retired: cases/retired.yaml says why"
    close = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "imp-conformance list shows all"
    return f"there is no {what} {name!r}: {hint}"
