"""The page that people read: for each function what stands in its place, as code, in words and in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.replacements import Replacement, Statement
from replacements.copying import cut
from replacements.measuring import LEVELS, Measured

NOT_MEASURED = "not measured"
"""What a cell says that has no figures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One replacement of one function."""

    replacement: Replacement
    scores: Sequence[str]
    """By level, as a cell."""
    statements: Sequence[Statement]
    unexplained: int
    """How many cases differ that no statement names."""


@dataclass(frozen=True, slots=True)
class Code:
    """Code to copy, and what it keeps."""

    replacements: Sequence[Replacement]
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A function of imp, or a group of constants."""

    name: str
    summary: str
    share: int
    rows: Sequence[Row]
    code: Sequence[Code]


def page(root: Path, catalogue: Catalogue, replacements: Sequence[Replacement], measured: Measured) -> str:
    """Return the page as Markdown.

    Args:
        root: the folder that the candidates' paths begin at.
        catalogue: the cases.
        replacements: all that is known of.
        measured: what they were measured to do.
    """
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    functions = dict.fromkeys(function for replacement in replacements for function in replacement.functions)
    sections = [
        _section(root, catalogue, function, [item for item in replacements if function in item.functions], measured)
        for function in sorted(functions, key=lambda function: -catalogue.use.share(function))
    ]
    interpreters = sorted({interpreter for by_interpreter in measured.values() for interpreter in by_interpreter})
    text = templates.get_template("replacements.md.j2").render(
        sections=sections, levels=[str(level) for level in LEVELS], interpreters=interpreters, use=catalogue.use.source
    )
    return text.rstrip() + "\n"


def _section(root: Path, catalogue: Catalogue, function: str, found: Sequence[Replacement], measured: Measured) -> Section:
    codes: dict[str, list[Replacement]] = {}
    for replacement in found:
        if replacement.own:
            source = (root / replacement.candidate).read_text(encoding="utf-8")
            codes.setdefault(cut(source, *sorted(catalogue.about[function])), []).append(replacement)
    code = [Code(items, text) for text, items in codes.items()]
    rows = [_row(replacement, function, measured) for replacement in found]
    return Section(function, catalogue.summaries[function], catalogue.use.share(function), rows, code)


def _row(replacement: Replacement, function: str, measured: Measured) -> Row:
    figures = {name: by_function[function] for name, by_function in measured.get(replacement.id, {}).items()}
    statements = replacement.functions[function]
    named = {case for statement in statements for case in statement.cases}
    unexplained = {case for found in figures.values() for case in found.differing} - named
    scores = []
    for level in LEVELS:
        by_score: dict[str, list[str]] = {}
        for name, found in figures.items():
            passed, asked = found.counts[level]
            by_score.setdefault(f"{passed}/{asked}" if asked else "-", []).append(name.rpartition("-")[2])
        cells = [score if len(by_score) == 1 else f"{score} on {', '.join(names)}" for score, names in by_score.items()]
        scores.append("<br>".join(cells) or NOT_MEASURED)
    return Row(replacement, scores, statements, len(unexplained))
