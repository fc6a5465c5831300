"""Measure what can stand in place of imp's functions, and write reports/replacements.md: nox -s replacements."""

from __future__ import annotations

import json
from pathlib import Path

import click

from imp_conformance.catalogue.cache import sound_catalogue
from imp_conformance.catalogue.replacements import read_replacements
from imp_conformance.errors import ConformanceError
from imp_conformance.resources import catalogue_root, replacing
from replacements.measuring import Figures, Measured, measure
from replacements.page import page

FIGURES = "replacements.json"
PAGE = "replacements.md"


def read_figures(path: Path) -> Measured:
    """Return what was measured before; nothing where there is no such file."""
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="ascii"))
    return {
        name: {
            interpreter: {function: Figures.from_json(item) for function, item in by_function.items()}
            for interpreter, by_function in by_interpreter.items()
        }
        for name, by_interpreter in data.items()
    }


def write_figures(path: Path, measured: Measured) -> None:
    """Write what was measured; equal figures are equal bytes."""
    data = {
        name: {
            interpreter: {function: item.to_json() for function, item in by_function.items()}
            for interpreter, by_function in by_interpreter.items()
        }
        for name, by_interpreter in measured.items()
    }
    with replacing(path) as fresh:
        fresh.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="ascii", newline="\n")


@click.command()
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False), help=f"The folder for {PAGE} and {FIGURES}.")
@click.option("--python", "pythons", multiple=True, default=[">=3.12"], show_default=True, help="The interpreters to measure on.")
@click.option("--only", multiple=True, help="Measure only the replacement of this id; the figures of others stay.")
@click.option("--page-only", is_flag=True, help="Measure nothing; write the page from the figures that are there.")
def main(output: Path, pythons: tuple[str, ...], only: tuple[str, ...], page_only: bool) -> None:
    """Measure, and write the figures and the page."""
    try:
        root = catalogue_root()
        catalogue = sound_catalogue(root)
        replacements = read_replacements(root, catalogue)
        measured = read_figures(output / FIGURES)
        measured = {item.id: measured[item.id] for item in replacements if item.id in measured}
        for replacement in [] if page_only else replacements:
            if not only or replacement.id in only:
                measured[replacement.id] = measure(root, catalogue, replacement, pythons)
                write_figures(output / FIGURES, measured)
                click.echo(f"measured: {replacement.id}")
        with replacing(output / PAGE) as fresh:
            fresh.write_text(page(root, catalogue, replacements, measured), encoding="utf-8", newline="\n")
    except ConformanceError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"written: {output / PAGE}")


if __name__ == "__main__":
    main()
