"""The files that show the matrix to readers: an HTML page, a Markdown page, a picture, a text of the folder's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.html import html_page
from imp_conformance.render.markdown import markdown_page
from imp_conformance.render.picture import picture
from imp_conformance.render.readme import fill_readme
from imp_conformance.resources import replacing
from imp_conformance.results.scores import Matrix


def write_pages(folder: Path, catalogue: Catalogue, matrix: Matrix) -> Iterator[Path]:
    """Write index.html, matrix.md, matrix.svg and, where there is a README.md.j2, README.md; give what was written.

    Raises:
        InvalidReadme: as fill_readme() does.
    """
    for name, page in (("index.html", html_page), ("matrix.md", markdown_page), ("matrix.svg", picture)):
        path = folder / name
        with replacing(path) as fresh:
            fresh.write_text(page(catalogue, matrix), encoding="utf-8", newline="\n")
        yield path
    readme = fill_readme(folder, catalogue, matrix)
    if readme is not None:
        yield readme
