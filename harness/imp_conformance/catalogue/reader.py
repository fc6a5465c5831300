"""Make clauses and cases of the data of one file; a mistake becomes a problem at its line."""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from imp_conformance.catalogue.expectation import Expectation, Raises, Text, Warned
from imp_conformance.catalogue.expression import FACTS, Expression
from imp_conformance.catalogue.model import Case, Change, Clause, Erratum, Level, Source
from imp_conformance.catalogue.snippet import names_used, parse_snippet, uses_imp
from imp_conformance.catalogue.source import YamlSource
from imp_conformance.catalogue.versions import EVERYWHERE, FIRST, ChangePoint, Range
from imp_conformance.errors import Malformed, Problem
from imp_conformance.portable.comparison import facts_named
from imp_conformance.portable.protocol import CASE_SECONDS, PROGRAM, WARM

_T = TypeVar("_T")
Path_ = tuple[str | int, ...]


class Reader:
    """Makes values of one file's data; a mistake becomes a problem at its line."""

    def __init__(self, source: YamlSource, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems

    def problem(self, path: Sequence[str | int], what: str, todo: str) -> None:
        """Note a mistake at the line of the value at the path."""
        self.problems.append(Problem(self.source.name, self.source.line(path), what, todo))

    def parse(self, parser: Callable[[Any], _T], text: Any, path: Path_, default: _T) -> _T:
        """Parse a text; where that fails, note what the parser says and return the default."""
        try:
            return parser(text)
        except Malformed as error:
            self.problem(path, error.what, error.todo)
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
        """Make a clause of data that the schema accepts."""
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
            versions=self._versions(item, path),
            sources=tuple(Source(source["document"], source["anchor"]) for source in item["sources"]),
            errata=tuple(errata),
            file=self.source.name,
            line=self.source.line(path),
            platforms=_platforms(item),
        )

    def _versions(self, item: Mapping[str, Any], path: Path_) -> Range:
        if "versions" not in item:
            return EVERYWHERE
        return self.parse(Range.parse, item["versions"], (*path, "versions"), EVERYWHERE)

    def case(self, item: Mapping[str, Any], path: Path_) -> Case | None:
        """Make a case of data that the schema accepts, or None where its snippet cannot be read."""
        tree = self.parse(parse_snippet, item["run"], (*path, "run"), None)
        process = item.get("process", WARM)
        given = item.get("given")
        names: frozenset[str] = frozenset()
        if given is not None:
            tree_given = self.parse(parse_snippet, given, (*path, "given"), None)
            if tree_given is None:
                return None
            names = names_used(tree_given)
            if process == PROGRAM:
                self.problem((*path, "given"), "nothing can be given before a program", "leave out given or process")
        if tree is None:
            return None
        names |= names_used(tree)
        if not uses_imp(tree):
            self.problem((*path, "run"), "the snippet never uses imp", "test the candidate, or set process: own and import it")
        if "options" in item and process != PROGRAM:
            self.problem((*path, "options"), "only a program is started with options", "leave out options, or set process: program")
        if process == PROGRAM:
            for name in set(item.get("files", ())) & {"m.py", "imp.py"}:
                self.problem((*path, "files", name), f"a program has a file {name} already", "choose another name")
        changes = []
        for index, change in enumerate(item.get("changes", [])):
            where = (*path, "changes", index)
            # A change that names only platforms has been there ever since.
            since = self._point(change, "since", where) if "since" in change else ChangePoint((FIRST,))
            if since is not None:
                expected = self._expectation(change["expect"], (*where, "expect"))
                changes.append(Change(since, change["why"], expected, self._point(change, "until", where), _platforms(change)))
        expect = self._expectation(item["expect"], (*path, "expect"))
        needs = list(item.get("needs", []))
        if process != PROGRAM and any(expected.stderr is not None for expected in (expect, *(change.expect for change in changes))):
            needs.append("quiet-start")
        return Case(
            id=item["id"],
            title=item["title"],
            clauses=tuple(item["clauses"]),
            edition=int(item.get("edition", 1)),
            split_from=item.get("split_from"),
            versions=self._versions(item, path),
            needs=tuple(needs),
            process=process,
            options=tuple(item.get("options", ())),
            limit=float(item.get("limit", CASE_SECONDS)),
            files=tuple(self._files(item.get("files", {}), (*path, "files"))),
            given=given,
            code=item["run"],
            expect=expect,
            changes=tuple(changes),
            names=names,
            file=self.source.name,
            line=self.source.line((*path, "id")),
            platforms=_platforms(item),
            uses={name: " ".join(reason.split()) for name, reason in item.get("uses", {}).items()},
        )

    def _point(self, change: Mapping[str, Any], key: str, path: Path_) -> ChangePoint | None:
        """Read the releases under a key, which may be left out."""
        given = change.get(key)
        if given is None:
            return None
        return self.parse(ChangePoint.parse, given if isinstance(given, list) else [given], (*path, key), None)

    def _files(self, files: Mapping[str, Any], path: Path_) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for name, content in files.items():
            where = (*path, name)
            if name.startswith("/") or ".." in name.split("/"):
                self.problem(where, f"{name!r} leaves the case's directory", "use a relative path without ..")
            self._placeholders(name, where)
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

    def _placeholders(self, text: str, path: Path_) -> None:
        for name in facts_named(text):
            if name not in FACTS:
                self.problem(path, f"facts.{name} does not exist", "use one of " + ", ".join(FACTS))

    def _expectation(self, item: Mapping[str, Any], path: Path_) -> Expectation:
        names = {}
        for key in ("modules", "files"):
            if key in item:
                names[key] = {kind: tuple(found) for kind, found in item[key].items()}
                for kind, found in item[key].items():
                    for name in found:
                        self._placeholders(name, (*path, key, kind))
        return Expectation(
            value=self._expression(item["value"], (*path, "value")) if "value" in item else None,
            raises=self._raises(item["raises"], (*path, "raises")) if "raises" in item else None,
            warnings=tuple(self._warned(entry, (*path, "warnings", i)) for i, entry in enumerate(item["warnings"]))
            if "warnings" in item
            else None,
            modules=names.get("modules"),
            files=names.get("files"),
            open_files=tuple(item["open_files"]) if "open_files" in item else None,
            stdout=item.get("stdout"),
            stderr=item.get("stderr"),
            status=int(item["status"]) if "status" in item else None,
        )

    def _expression(self, text: Any, path: Path_) -> Expression | None:
        return self.parse(Expression.parse, text, path, None)

    def _raises(self, item: str | Mapping[str, Any], path: Path_) -> Raises:
        given: Mapping[str, Any] = {"type": item} if isinstance(item, str) else item
        attributes = {}
        for name, text in given.get("attributes", {}).items():
            expression = self._expression(text, (*path, "attributes", name))
            if expression is not None:
                attributes[name] = expression
        return Raises(given.get("type") or given["kind_of"], "type" in given, self._text(given, path), attributes)

    def _warned(self, item: Mapping[str, Any], path: Path_) -> Warned:
        return Warned(item["category"], self._text(item, path), item.get("file"))

    def _text(self, item: Mapping[str, Any], path: Path_) -> Text:
        if "message" in item:
            self._placeholders(item["message"], (*path, "message"))
        if "pattern" in item:
            self.parse(_compile_pattern, item["pattern"], (*path, "pattern"), None)
        return Text(item.get("message"), item.get("pattern"))


def _platforms(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(item.get("platforms", ()))


def _compile_pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise Malformed(f"no regular expression ({error})", "fix it") from None


def _file_bytes(given: Mapping[str, Any]) -> bytes:
    if "bytes" in given:
        quoted = given["bytes"].replace("'", "\\x27")
        try:
            return bytes(ast.literal_eval(f"b'{quoted}'"))
        except (SyntaxError, ValueError):
            raise Malformed("not the inside of a bytes literal", "write ASCII and escapes such as \\xe9 or \\n") from None
    encoding = given.get("encoding", "utf-8")
    try:
        return str(given.get("text", "")).encode(encoding)
    except (LookupError, ValueError) as error:
        raise Malformed(f"the text cannot be encoded ({error})", "choose another encoding, or use bytes") from None
