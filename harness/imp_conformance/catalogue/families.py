"""Write the cases of a family: one text, and a case of it for each way of loading, so that siblings are asked the same."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from imp_conformance.catalogue.aspects import Aspects, Form
from imp_conformance.catalogue.source import YamlSource
from imp_conformance.errors import Problem

FAMILIES = "cases/families"
"""Where the files of families are."""

OBSERVED = "3.4.0 to 3.11.7"
"""The releases that a clause of a family was observed on, where it does not say so."""

_OWN = ("name", "aspect", "forms", "clause", "code", "as", "stem", "but", "values")
"""Keys of a family that are none of its cases."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """One case of a family as data, and the clause that the family adds for it, if it adds one."""

    case: Mapping[str, Any]
    clause: Mapping[str, Any] | None
    path: tuple[str | int, ...]
    """Where the family stands in its file."""
    cell: tuple[str, str]
    """The aspect and the form."""

    @property
    def text(self) -> str:
        """The case as it would be written by hand, in YAML."""
        return yaml.dump(dict(self.case), Dumper=_Blocks, sort_keys=False, allow_unicode=True, width=120).strip()


class _Blocks(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Blocks.add_representer(str, _text)


def expand(source: YamlSource, aspects: Aspects, problems: list[Problem]) -> Iterator[Expansion]:
    """Write the cases of the families in a file that the schema accepts; a mistake becomes a problem at its line."""
    for index, family in enumerate(source.data["families"]):
        path = ("families", index)
        aspect = aspects.rows.get(family["aspect"])
        if aspect is None:
            line = source.line((*path, "aspect"))
            problems.append(Problem(source.name, line, f"there is no aspect {family['aspect']!r}", f"add it to {aspects.file}"))
            continue
        names = [name for given in family.get("forms", [form.id for form in aspects.asked(aspect)]) for name in aspects.named(given)]
        but = family.get("but", {})
        for unknown in [name for name in (*family.get("forms", ()), *but) if not aspects.named(name)]:
            line = source.line((*path, "forms" if unknown in family.get("forms", ()) else "but"))
            problems.append(Problem(source.name, line, f"there is no form {unknown!r}", f"name one of {', '.join(aspects.forms)}"))
        for name in dict.fromkeys(names):
            other = {key: value for given, keys in but.items() if name in aspects.named(given) for key, value in keys.items()}
            try:
                yield _expansion({**family, **other}, aspects.forms[name], path)
            except (KeyError, ValueError) as error:
                what = f"{family['name']}: ${error.args[0]} stands for nothing" if isinstance(error, KeyError) else str(error)
                todo = f"use a value of the form {name} in {aspects.file}, or write $$ for a dollar sign"
                problems.append(Problem(source.name, source.line(path), what, todo))


def _expansion(family: Mapping[str, Any], form: Form, path: tuple[str | int, ...]) -> Expansion:
    name = family.get("as", "m")
    values = {"stem": family.get("stem", name), "name": repr(name), "function": form.function, "what": form.what}
    for key, text in {**form.values, **family.get("values", {}), "load": form.load, "code": family.get("code", "")}.items():
        values[key] = _filled(text, values)
    short = f"{form.prefix}{family['name']}"
    item = {key: value for key, value in family.items() if key not in _OWN}
    files = {**(form.files if "code" in family else {}), **family.get("files", {})}
    item = {"id": f"{form.function}/{short}", **item, **({"files": files} if files else {})}
    clause = None
    if "clause" in family:
        promise = {"level": "observed", "sources": [{"document": "interpreter", "anchor": OBSERVED}], **family["clause"]}
        clause = _all_filled({"id": f"{form.function}.{short}", **promise}, values)
        item["clauses"] = [f"{form.function}.{short}"]
    item = _all_filled(item, values)
    item["run"] = _filled(form.before, values) + item["run"]
    return Expansion(item, clause, path, (family["aspect"], form.id))


def _all_filled(given: Any, values: Mapping[str, str]) -> Any:
    if isinstance(given, Mapping):
        return {_filled(key, values): _all_filled(value, values) for key, value in given.items()}
    if isinstance(given, list):
        return [_all_filled(value, values) for value in given]
    return _filled(given, values) if isinstance(given, str) else given


def _filled(text: str, values: Mapping[str, str]) -> str:
    return string.Template(text).substitute(values)
