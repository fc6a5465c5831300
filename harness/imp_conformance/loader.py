"""Read specs/ and cases/ into a catalogue, reporting every mistake with its file, its line and the way to mend it."""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import jsonschema

from imp_conformance.catalogue import (
    Case,
    Catalogue,
    Change,
    Clause,
    Erratum,
    Expectation,
    Level,
    Raises,
    Source,
    Text,
    Warned,
)
from imp_conformance.data import package_text
from imp_conformance.errors import InvalidCatalogue, Problem
from imp_conformance.expression import FACTS, Expression
from imp_conformance.versions import EVERYWHERE, ChangePoint, Range
from imp_conformance.yaml_source import YamlSource, read_yaml

DEFAULT_LIMIT = 10.0
"""Seconds that a snippet may take where its case says nothing."""

RETIRED = "retired.yaml"
_FACT = re.compile(r"\{facts\.(\w*)\}")
_T = TypeVar("_T")
Path_ = tuple[str | int, ...]


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
        reader = _Reader(source, problems)
        summaries[source.data["subject"]] = source.data["summary"]
        for index, item in enumerate(source.data["clauses"]):
            clause = reader.clause(item, ("clauses", index))
            reader.keep(clauses, clause.id, clause, ("clauses", index, "id"), "clause")
    for source in _sources(root, "cases", problems):
        reader = _Reader(source, problems)
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
    return Catalogue(clauses, cases, summaries, retired, raw, texts)


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
        checked = _checked(source, kind, problems)
        if checked is None:
            continue
        found.append(checked)
        if checked.data["subject"] != path.stem:
            problems.append(Problem(name, source.line(("subject",)), "the subject is not the file's name", f"write subject: {path.stem}"))
    return found


def _checked(source: YamlSource, kind: str, problems: list[Problem]) -> YamlSource | None:
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


class _Reader:
    """Makes values of one file's data; a mistake becomes a problem at its line."""

    def __init__(self, source: YamlSource, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems

    def problem(self, path: Sequence[str | int], what: str, todo: str) -> None:
        self.problems.append(Problem(self.source.name, self.source.line(path), what, todo))

    def parse(self, parser: Callable[[Any], _T], text: Any, path: Path_, default: _T) -> _T:
        """Parse a text; where that fails, note the parser's message and return the default."""
        try:
            return parser(text)
        except ValueError as error:
            what, _, todo = str(error).partition(": ")
            self.problem(path, what, todo or "see cases/README.md for the format")
            return default

    def keep(self, into: dict[str, _T], key: str, value: _T, path: Path_, kind: str) -> bool:
        """Enter a value under its id; an id that is taken is a problem."""
        if key in into:
            other = into[key]
            place = f"{other.file}:{other.line}"  # type: ignore[attr-defined]
            self.problem(path, f"the {kind} id {key!r} is taken at {place}", "choose another: an id is never used twice")
            return False
        if re.split(r"[./]", key)[0] != self.source.data["subject"]:
            self.problem(path, f"the {kind} id {key!r} is not of this subject", f"begin it with {self.source.data['subject']}")
        into[key] = value
        return True

    def clause(self, item: Mapping[str, Any], path: Path_) -> Clause:
        errata = []
        for index, erratum in enumerate(item.get("errata", [])):
            text = erratum.get("versions")
            where = (*path, "errata", index, "versions")
            versions = None if text is None else self.parse(Range.parse, text, where, None)
            errata.append(Erratum(erratum["document"], versions, erratum["says"], erratum["fact"]))
        return Clause(
            id=item["id"],
            text=" ".join(item["text"].split()),
            level=Level(item["level"]),
            versions=self.versions(item, path),
            sources=tuple(Source(source["document"], source["anchor"]) for source in item["sources"]),
            errata=tuple(errata),
            file=self.source.name,
            line=self.source.line(path),
        )

    def versions(self, item: Mapping[str, Any], path: Path_) -> Range:
        if "versions" not in item:
            return EVERYWHERE
        return self.parse(Range.parse, item["versions"], (*path, "versions"), EVERYWHERE)

    def case(self, item: Mapping[str, Any], path: Path_) -> Case | None:
        names = self.parse(names_used, item["run"], (*path, "run"), None)
        fresh = item.get("fresh", "false") == "true"
        given = item.get("given")
        if given is not None:
            names_given = self.parse(names_used, given, (*path, "given"), None)
            if names is None or names_given is None:
                return None
            names |= names_given
            if fresh:
                self.problem((*path, "given"), "nothing can be given before the first import", "leave out given or fresh")
        if names is None:
            return None
        if not uses_imp(item["run"]):
            self.problem((*path, "run"), "the snippet never uses imp", "test the candidate, or set fresh: true and import it")
        changes = []
        for index, change in enumerate(item.get("changes", [])):
            where = (*path, "changes", index)
            since = change["since"] if isinstance(change["since"], list) else [change["since"]]
            point = self.parse(ChangePoint.parse, since, (*where, "since"), None)
            if point is not None:
                changes.append(Change(point, change["why"], self.expectation(change["expect"], (*where, "expect"))))
        return Case(
            id=item["id"],
            title=item["title"],
            clauses=tuple(item["clauses"]),
            versions=self.versions(item, path),
            needs=tuple(item.get("needs", [])),
            fresh=fresh,
            limit=float(item.get("limit", DEFAULT_LIMIT)),
            files=tuple(self.files(item.get("files", {}), (*path, "files"))),
            given=given,
            code=item["run"],
            expect=self.expectation(item["expect"], (*path, "expect")),
            changes=tuple(changes),
            names=names,
            file=self.source.name,
            line=self.source.line((*path, "id")),
        )

    def files(self, files: Mapping[str, Any], path: Path_) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for name, content in files.items():
            where = (*path, name)
            if name.startswith("/") or ".." in name.split("/"):
                self.problem(where, f"{name!r} leaves the case's directory", "use a relative path without ..")
            self.placeholders(name, where)
            given = content if isinstance(content, Mapping) else {"text": content}
            entry: dict[str, Any] = {"path": name}
            kinds = [kind for kind in ("text", "bytes", "compile") if kind in given]
            if len(kinds) != 1 and not (name.endswith("/") and not isinstance(content, Mapping)):
                self.problem(where, "a file is one of text, bytes and compile", "keep exactly one of these keys")
                continue
            if "compile" in given:
                entry["compile"] = given["compile"]
                if "source" in given:
                    entry["source"] = given["source"]
            else:
                data = self.parse(_file_bytes, given, where, b"")
                entry["data"] = base64.b64encode(data).decode("ascii")
            if "mtime" in given:
                entry["mtime"] = int(given["mtime"])
            found.append(entry)
        return found

    def placeholders(self, text: str, path: Path_) -> None:
        for name in _FACT.findall(text):
            if name not in FACTS:
                self.problem(path, f"facts.{name} does not exist", "use one of " + ", ".join(FACTS))

    def expectation(self, item: Mapping[str, Any], path: Path_) -> Expectation:
        names = {}
        for key in ("modules", "files"):
            if key in item:
                names[key] = {kind: tuple(found) for kind, found in item[key].items()}
                for kind, found in item[key].items():
                    for name in found:
                        self.placeholders(name, (*path, key, kind))
        return Expectation(
            value=self.expression(item["value"], (*path, "value")) if "value" in item else None,
            raises=self.raises(item["raises"], (*path, "raises")) if "raises" in item else None,
            warnings=tuple(self.warned(entry, (*path, "warnings", i)) for i, entry in enumerate(item["warnings"]))
            if "warnings" in item
            else None,
            modules=names.get("modules"),
            files=names.get("files"),
            open_files=tuple(item["open_files"]) if "open_files" in item else None,
            stdout=item.get("stdout"),
            stderr=item.get("stderr"),
        )

    def expression(self, text: Any, path: Path_) -> Expression | None:
        return self.parse(Expression.parse, text, path, None)

    def raises(self, item: str | Mapping[str, Any], path: Path_) -> Raises:
        given: Mapping[str, Any] = {"type": item} if isinstance(item, str) else item
        attributes = {}
        for name, text in given.get("attributes", {}).items():
            expression = self.expression(text, (*path, "attributes", name))
            if expression is not None:
                attributes[name] = expression
        return Raises(given.get("type") or given["kind_of"], "type" in given, self.text(given, path), attributes)

    def warned(self, item: Mapping[str, Any], path: Path_) -> Warned:
        return Warned(item["category"], self.text(item, path), item.get("file"))

    def text(self, item: Mapping[str, Any], path: Path_) -> Text:
        if "message" in item:
            self.placeholders(item["message"], (*path, "message"))
        if "pattern" in item:
            self.parse(_compile_pattern, item["pattern"], (*path, "pattern"), None)
        return Text(item.get("message"), item.get("pattern"))


def fill_facts(text: str, facts: Mapping[str, Any]) -> str:
    """Put facts in the place of ``{facts.NAME}``."""
    return _FACT.sub(lambda found: str(facts[found.group(1)]), text)


def _compile_pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression ({error}): mend it") from None


def _file_bytes(given: Mapping[str, Any]) -> bytes:
    if "bytes" in given:
        quoted = given["bytes"].replace("'", "\\x27")
        try:
            return bytes(ast.literal_eval(f"b'{quoted}'"))
        except (SyntaxError, ValueError):
            raise ValueError("not the inside of a bytes literal: write ASCII and escapes such as \\xe9 or \\n") from None
    encoding = given.get("encoding", "utf-8")
    try:
        return str(given.get("text", "")).encode(encoding)
    except (LookupError, UnicodeEncodeError) as error:
        raise ValueError(f"the text cannot be encoded ({error}): choose another encoding, or use bytes") from None


def uses_imp(code: str) -> bool:
    """Say whether a snippet uses or imports imp at all."""
    for node in ast.walk(ast.parse(code)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if (
            (isinstance(node, ast.Name) and node.id == "imp")
            or (isinstance(node, ast.ImportFrom) and node.module == "imp")
            or "imp" in names
        ):
            return True
    return False


def names_used(code: str) -> frozenset[str]:
    """Return the attributes of imp that a snippet uses.

    Raises:
        ValueError: where it is not Python.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise ValueError(f"the snippet is not Python ({error.msg}, its line {error.lineno}): mend it") from None
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "imp":
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "imp":
            found.update(alias.name for alias in node.names if alias.name != "*")
    return frozenset(found)
