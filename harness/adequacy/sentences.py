"""Check that each sentence of the documents has its clause: python -m adequacy.sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from adequacy.genuine import own_catalogue
from imp_conformance.catalogue.model import Catalogue, Clause, Level
from imp_conformance.errors import ConformanceError

SENTENCES = Path(__file__).with_name("sentences.yaml")

LEVELS = {"pydoc": (Level.DOCUMENTED, Level.DOCSTRING)}
"""The levels that a clause of a document may have, by the first word of the document's name."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at one place of one document; exactly one of the last three says what becomes of it."""

    document: str
    anchor: str
    says: str
    clauses: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    prose: str = ""

    def __str__(self) -> str:
        return f"{self.document}, {self.anchor}: {self.says!r}"


def read_sentences(path: Path = SENTENCES) -> list[Sentence]:
    """Return every sentence of every document."""
    return [
        Sentence(
            document,
            group["anchor"],
            item["says"],
            tuple(item.get("clauses", ())),
            tuple(item.get("contradicted", ())),
            item.get("prose", ""),
        )
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))
        for document in group["documents"]
        for item in group["sentences"]
    ]


def problems(sentences: list[Sentence], catalogue: Catalogue) -> Iterator[str]:
    """Yield a line for each sentence without its clause, and for each clause of the documents without a sentence."""
    for sentence in sentences:
        said = [bool(sentence.clauses), bool(sentence.contradicted), bool(sentence.prose)]
        if sum(said) != 1:
            yield f"{sentence}: give it one of clauses, contradicted, prose"
        for name in sentence.clauses:
            yield from _not_held(sentence, name, catalogue.clauses.get(name))
        for name in sentence.contradicted:
            clause = catalogue.clauses.get(name)
            if clause is None:
                yield f"{sentence}: no clause {name}"
            elif not any(erratum.document == sentence.document for erratum in clause.errata):
                yield f"{sentence}: {name} has no erratum of {sentence.document}"
    held = {(name, sentence.document, sentence.anchor) for sentence in sentences for name in sentence.clauses}
    for clause in catalogue.clauses.values():
        if clause.level in (Level.DOCUMENTED, Level.DOCSTRING):
            for source in clause.sources:
                if source.document != "interpreter" and (clause.id, source.document, source.anchor) not in held:
                    yield f"{clause.id}: cites {source.document}, {source.anchor}, where no sentence is listed that says so"


def _not_held(sentence: Sentence, name: str, clause: Clause | None) -> Iterator[str]:
    """Yield what keeps a clause from being the one that holds a sentence."""
    if clause is None:
        yield f"{sentence}: no clause {name}"
        return
    levels = LEVELS.get(sentence.document.partition("-")[0], (Level.DOCUMENTED,))
    if clause.level not in levels:
        yield f"{sentence}: {name} is {clause.level}, not {' or '.join(levels)}"
    if not any((source.document, source.anchor) == (sentence.document, sentence.anchor) for source in clause.sources):
        yield f"{sentence}: {name} does not cite {sentence.document}, {sentence.anchor}"


@click.command()
def main() -> None:
    """Check sentences.yaml. The exit status is 1 where a sentence has no clause, or a clause of the documents no sentence."""
    try:
        sentences, catalogue = read_sentences(), own_catalogue()
    except ConformanceError as error:
        click.echo(f"sentences: {error}", err=True)
        sys.exit(error.exit_status)
    found: list[Any] = list(problems(sentences, catalogue))
    for text in found:
        click.echo(text)
    prose, contradicted = sum(bool(item.prose) for item in sentences), sum(bool(item.contradicted) for item in sentences)
    click.echo(f"{len(sentences)} sentences: {contradicted} contradicted, {prose} prose; {len(found)} problems")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
