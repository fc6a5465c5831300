"""`imp-conformance baseline` on results that are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import results_made as made
from baseline_made import ONE, TWO, A, B, C, F, P, entry_text
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.commands import baseline

Make = Callable[[Path, Catalogue], object]


def edited(change: Callable[[dict[str, Any]], object]) -> Make:
    def make(folder: Path, catalogue: Catalogue) -> None:
        content = made.whole(catalogue, A, {ONE: F})
        change(content)
        content["counts"] = made.counts(catalogue, content["results"])
        made.write(folder, content)

    return make


CHECKS: dict[str, tuple[Make, int, str]] = {
    "it holds": (edited(lambda data: None), 0, "baseline: 1 known difference holds, 0 problems"),
    "fixed by hand": (edited(lambda data: data["results"].update({ONE: made.entry(P)})), 1, f"known.yaml:2: {ONE} on {A} passes"),
    "another by hand": (edited(lambda data: data["results"].update({TWO: made.entry(C)})), 1, f"{TWO} on {A} is crash, and is not listed"),
    "a part": (edited(lambda data: data.update(complete=False)), 3, f"PARTIAL {A}: only"),
    "unavailable": (edited(lambda data: data.update(complete=False, unavailable="no imp", results={})), 3, f"UNAVAILABLE {A}: no imp"),
    "other cases": (edited(lambda data: data["suite"].update(digest="sha256:" + "0" * 64)), 2, "made with other cases than this"),
    "nothing": (lambda folder, catalogue: None, 2, "no such file or folder"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_results_that_are_there_can_be_gated(name: str, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, status, message = CHECKS[name]
    make(tmp_path / "out", catalogue)
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    found, output = called(catalogue, tmp_path, monkeypatch, "check", "--results", "out", "--baseline", "known.yaml")
    assert found == status, output
    assert message in output


def called(catalogue: Catalogue, folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """Call `imp-conformance baseline` in this process, with a catalogue that is read already."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(baseline, "own_catalogue", lambda: catalogue)
    done = CliRunner().invoke(baseline.command, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_update_then_check(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.write(tmp_path / "out", made.whole(catalogue, A, {ONE: F, TWO: C}))
    made.write(tmp_path / "out", made.whole(catalogue, B, {ONE: F}))
    (tmp_path / "pyproject.toml").write_text('[tool.imp-conformance]\nresults = "out"\nbaseline = "known.yaml"\n', encoding="ascii")
    status, output = called(catalogue, tmp_path, monkeypatch, "update")
    assert status == 0, output
    assert f"added: {ONE}: value x on {A}, {B}" in output
    assert "baseline: 2 without a reason (TODO), the first at known.yaml:" in output
    text = (tmp_path / "known.yaml").read_bytes()
    status, output = called(catalogue, tmp_path, monkeypatch, "check")
    assert status == 0, output
    assert "added" not in called(catalogue, tmp_path, monkeypatch, "update")[1]
    assert (tmp_path / "known.yaml").read_bytes() == text


def test_update_reports_cases_that_do_not_exist_and_keeps_them(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.write(tmp_path / "out", made.whole(catalogue, A, {}))
    (tmp_path / "known.yaml").write_text(entry_text("no/such"), encoding="ascii")
    status, output = called(catalogue, tmp_path, monkeypatch, "update", "--results", "out", "--baseline", "known.yaml")
    assert status == 1
    assert "known.yaml:3: there is no case 'no/such'" in output
    text = (tmp_path / "known.yaml").read_text(encoding="ascii")
    assert text == f"edition: {catalogue.edition}\n{entry_text('no/such')}", "it gates all editions from now on"


def test_what_is_missing_on_the_command_line_is_told(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output = called(catalogue, tmp_path, monkeypatch, "check", "--results", "out")
    assert status == 2
    assert "--baseline is missing: give it, or set baseline under [tool.imp-conformance]" in output
