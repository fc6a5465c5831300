"""Read specs/ and cases/ into a catalogue, reporting every mistake with its file, its line and the way to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from imp_conformance.catalogue.digest import content_digest
from imp_conformance.catalogue.model import Case, Catalogue, Clause
from imp_conformance.catalogue.reader import Reader
from imp_conformance.catalogue.source import YamlSource, read_yaml
from imp_conformance.errors import InvalidCatalogue, Problem
from imp_conformance.resources import package_text

RETIRED = "retired.yaml"


def load_catalogue(root: Path) -> Catalogue:
    """Read the catalogue under root, which holds specs/ and cases/.

    Raises:
        InvalidCatalogue: with every mistake found, not only the first.
    """
    problems: list[Problem] = []
    clauses: dict[str, Clause] = {}
    cases: dict[str, Case] = {}
    raw: dict[str, Any] = {}
    texts: dict[str, str] = {}
    summaries: dict[str, str] = {}
    for source in _sources(root, "specs", problems):
        reader = Reader(source, problems)
        summaries[source.data["subject"]] = source.data["summary"]
        for index, item in enumerate(source.data["clauses"]):
            clause = reader.clause(item, ("clauses", index))
            reader.keep(clauses, clause.id, clause, ("clauses", index, "id"), "clause")
    for source in _sources(root, "cases", problems):
        reader = Reader(source, problems)
        for index, item in enumerate(source.data["cases"]):
            case = reader.case(item, ("cases", index))
            if case is not None and reader.keep(cases, case.id, case, ("cases", index, "id"), "case"):
                raw[case.id] = item
                texts[case.id] = source.excerpt(("cases", index))
    retired = _retired(root / "cases" / RETIRED, problems)
    if not cases and not problems:
        problems.append(Problem(str(root / "cases"), 1, "no cases there", "give a folder that holds specs/ and cases/"))
    if problems:
        raise InvalidCatalogue(problems)
    return Catalogue(clauses, cases, summaries, retired, texts, content_digest(raw, clauses))


def _sources(root: Path, kind: str, problems: list[Problem]) -> list[YamlSource]:
    """Read the files of one kind that the schema accepts; what it does not accept becomes problems."""
    found = []
    for path in sorted((root / kind).glob("*.yaml")):
        name = f"{kind}/{path.name}"
        if path.name == RETIRED:
            continue
        try:
            source = read_yaml(path, name)
        except InvalidCatalogue as error:
            problems.extend(error.problems)
            continue
        checked = checked_source(source, kind, problems)
        if checked is None:
            continue
        found.append(checked)
        if checked.data["subject"] != path.stem:
            problems.append(Problem(name, source.line(("subject",)), "the subject is not the file's name", f"write subject: {path.stem}"))
    return found


def checked_source(source: YamlSource, kind: str, problems: list[Problem]) -> YamlSource | None:
    """Hold a file against the schema of its kind; return it, or None where that finds problems, which are noted."""
    errors = sorted(_validator(kind).iter_errors(source.data), key=lambda error: [str(step) for step in error.absolute_path])
    for error in errors:
        best = jsonschema.exceptions.best_match([error]) or error
        path = list(best.absolute_path)
        place = ".".join(str(step) for step in path) or "the file"
        problems.append(Problem(source.name, source.line(path), f"{place}: {_brief(best)}", _remedy(best)))
    return None if errors else source


@cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(package_text(f"schema/{kind}.schema.json")))


def _brief(error: jsonschema.ValidationError) -> str:
    text = error.message
    return text if len(text) <= 160 else text[:157] + "..."


def _remedy(error: jsonschema.ValidationError) -> str:
    """Say what to do about a mistake that the schema found."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    match error.validator:
        case "additionalProperties":
            return "use only " + ", ".join(sorted(schema.get("properties", {})))
        case "required":
            return "add what is missing; all of these are required: " + ", ".join(schema.get("required", []))
        case "enum":
            return "use one of " + ", ".join(str(value) for value in schema.get("enum", []) if isinstance(value, str))
        case "pattern":
            return f"write it so that it matches {schema.get('pattern')}"
        case "type":
            kinds = schema.get("type")
            return "make it " + (" or ".join(kinds) if isinstance(kinds, list) else f"of type {kinds}")
        case "not":
            return "keep one of the two: " + ", ".join(schema.get("not", {}).get("required", []))
        case "uniqueItems":
            return "name each once"
    description = schema.get("description")
    return f"see the schema: {description}" if description else "see cases/README.md for the format"


def _retired(path: Path, problems: list[Problem]) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    try:
        data = read_yaml(path, f"cases/{RETIRED}").data
    except InvalidCatalogue as error:
        problems.extend(error.problems)
        return frozenset()
    if not isinstance(data, dict) or not all(isinstance(reason, str) for reason in data.values()):
        if data not in (None, ""):
            problems.append(Problem(f"cases/{RETIRED}", 1, "not a mapping", "write each retired id, a colon, and the reason"))
        return frozenset()
    return frozenset(data)
