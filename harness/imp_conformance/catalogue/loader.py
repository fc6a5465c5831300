"""Read specs/ and cases/ into a catalogue, reporting every mistake with its file, its line and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imp_conformance.catalogue.digest import content_digest
from imp_conformance.catalogue.model import Case, Catalogue, Clause
from imp_conformance.catalogue.reader import Reader
from imp_conformance.catalogue.source import YamlSource, read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.catalogue.use import USE, read_use
from imp_conformance.errors import InvalidCatalogue, Problem

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
    about: dict[str, frozenset[str]] = {}
    for source in _sources(root, "specs", problems):
        reader = Reader(source, problems)
        subject = source.data["subject"]
        summaries[subject] = source.data["summary"]
        about[subject] = frozenset(source.data.get("names", (subject,)))
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
    use = read_use(root / "specs" / USE, summaries, problems)
    if not cases and not problems:
        problems.append(Problem(str(root / "cases"), 1, "no cases there", "give a folder that holds specs/ and cases/"))
    if problems:
        raise InvalidCatalogue(problems)
    return Catalogue(clauses, cases, summaries, retired, texts, content_digest(raw, clauses), about, use)


def _sources(root: Path, kind: str, problems: list[Problem]) -> list[YamlSource]:
    """Read the files of one kind that the schema accepts; what it does not accept becomes problems."""
    found = []
    for path in sorted((root / kind).glob("*.yaml")):
        name = f"{kind}/{path.name}"
        if path.name in (RETIRED, USE):
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
