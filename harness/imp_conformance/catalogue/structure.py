"""Hold the data of a YAML file against the JSON Schema of its kind; what the schema finds becomes problems at their lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import jsonschema

from imp_conformance.catalogue.source import YamlSource
from imp_conformance.errors import Problem
from imp_conformance.resources import package_text

_PATTERN_SHOWN = 80
"""Characters of a pattern that a message shows."""


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
    text = f"{error.instance!r} does not fit" if _in_words(error) else error.message
    return text if len(text) <= 160 else text[:157] + "..."


def _remedy(error: jsonschema.ValidationError) -> str:
    """Say what to do about a mistake that the schema found."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    match error.validator:
        case "additionalProperties":
            return "use only " + ", ".join(sorted(schema.get("properties", {})))
        case "required":
            return "add what is missing; all of these are required: " + ", ".join(schema.get("required", []))
        case "anyOf" if all(isinstance(part, Mapping) and "required" in part for part in schema["anyOf"]):
            return "give at least one of " + ", ".join(name for part in schema["anyOf"] for name in part["required"])
        case "enum":
            return "use one of " + ", ".join(str(value) for value in schema.get("enum", []) if isinstance(value, str))
        case "pattern" if description := _in_words(error):
            return f"it takes: {description[0].lower()}{description[1:]}"
        case "pattern":
            return f"write it so that it matches {schema.get('pattern')}"
        case "type":
            kinds = schema.get("type")
            return "make it " + (" or ".join(kinds) if isinstance(kinds, list) else f"of type {kinds}")
        case "not":
            return "keep one of the two: " + ", ".join(schema.get("not", {}).get("required", []))
        case "uniqueItems":
            return "name each once"
    description = _description(error)
    return f"see the schema: {description}" if description else "see cases/README.md for the format"


def _in_words(error: jsonschema.ValidationError) -> str:
    """Return what the schema says in the place of a pattern that is too long to be read; else empty."""
    return _description(error) if error.validator == "pattern" and len(str(error.validator_value)) > _PATTERN_SHOWN else ""


def _description(error: jsonschema.ValidationError) -> str:
    """Return what the schema says of the place of a mistake; empty where that is nothing."""
    return str(error.schema.get("description", "")) if isinstance(error.schema, Mapping) else ""
