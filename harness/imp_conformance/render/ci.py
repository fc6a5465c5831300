"""The files that continuous integration takes from results: JUnit XML, a job's summary, badges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from imp_conformance.baseline.model import Baseline
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.render.badges import badge_files
from imp_conformance.render.junit import junit_xml
from imp_conformance.render.summary import summary_page
from imp_conformance.resources import replacing
from imp_conformance.results.scores import Matrix


def write_ci_outputs(folder: Path, catalogue: Catalogue, matrix: Matrix, baseline: Baseline | None) -> Iterator[Path]:
    """Write junit.xml, summary.md and badges/ into a folder, and give what was written."""
    path = folder / "junit.xml"
    with replacing(path) as fresh:
        fresh.write_bytes(junit_xml(catalogue, matrix, baseline))
    yield path
    path = folder / "summary.md"
    with replacing(path) as fresh:
        fresh.write_text(summary_page(catalogue, matrix, baseline), encoding="utf-8", newline="\n")
    yield path
    badges = folder / "badges"
    badges.mkdir(exist_ok=True)
    for name, text in badge_files(matrix):
        with replacing(badges / name) as fresh:
            fresh.write_text(text, encoding="utf-8", newline="\n")
    yield badges
