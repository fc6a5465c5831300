"""Result files read back: what is none, or contradicts itself or the cases, is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import results_made as made
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidResults
from imp_conformance.results.folders import check_cases, read_result_set
from imp_conformance.results.reading import read_results
from imp_conformance.results.scores import build_matrix

ONE = "new_module/not-registered"
Change = Callable[[dict[str, Any]], object]


def test_a_matrix_is_not_made_of_cases_that_do_not_exist(catalogue: Catalogue, tmp_path: Path) -> None:
    path = made.write(tmp_path, made.data(catalogue, "cpython-3.8", {"new_module/nothing": "pass"}))
    with pytest.raises(InvalidResults, match=r"^cpython-3.8: results.new_module/nothing: these cases have none of that id"):
        build_matrix(catalogue, read_results(path))


def drop(*path: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        for step in path[:-1]:
            content = content[step]
        del content[path[-1]]

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "an unknown verdict": (lambda data: data["results"].update({ONE: {**made.wrong(), "verdict": "fine"}}), "'fine' is not one of"),
    "an unknown word": (lambda data: data["results"].update({ONE: "fine"}), f"results.{ONE}: 'pass' was expected"),
    "a verdict of another type": (
        lambda data: data["results"].update({ONE: {**made.wrong(), "verdict": ["fail"]}}),
        "['fail'] is not one of",
    ),
    "a verdict alone": (lambda data: data["results"].update({ONE: {"verdict": "fail"}}), "'expected' is a required property"),
    "no difference": (
        lambda data: data["results"].update({ONE: {"verdict": "fail", "expected": "", "observed": ""}}),
        "'difference' is a required property",
    ),
    "no reason": (lambda data: data["results"].update({ONE: {"verdict": "not-applicable"}}), "'reason' is a required property"),
    "a pass that says more": (lambda data: data["results"].update({ONE: {**made.wrong(), "verdict": "pass"}}), "'pass' is not one of"),
    "a difference nowhere": (
        lambda data: data["results"].update({ONE: made.wrong(where=[])}),
        f"results.{ONE}.difference.where: [] should be non-empty",
    ),
    "a difference of no kind": (lambda data: data["results"].update({ONE: made.wrong(kind="odd")}), "'odd' is not one of"),
    "a verdict changed, not the counts": (
        lambda data: data["results"].update({ONE: made.wrong()}),
        "counts: it counts {all} pass, and the results hold {less}",
    ),
    "counts at another level": (
        lambda data: data.update(counts={"documented": {"pass": 1}, "observed": {"pass": len(data["results"]) - 1}}),
        "counts.documented: it counts 1 pass, and the results hold {documented}",
    ),
    "a count of another type": (lambda data: data["counts"]["observed"].update({"pass": "many"}), "'many' is not of type 'integer'"),
    "a count of nothing": (lambda data: data["counts"]["observed"].update({"fail": 0}), "0 is less than the minimum of 1"),
    "an unknown level": (lambda data: data["counts"].update(vague={}), "'vague' is not one of"),
    "a result removed": (
        lambda data: (data["results"].pop(ONE), data["counts"]["documented"].update({"pass": data["counts"]["documented"]["pass"] - 1})),
        f"complete: true, and the results lack {ONE}",
    ),
    "an unknown case": (
        lambda data: data["results"].update({ONE + "x": data["results"].pop(ONE)}),
        f"these cases have none of that id (did you mean {ONE}?)",
    ),
    "no results": (drop("results"), "'results' is a required property"),
    "no counts": (drop("counts"), "'counts' is a required property"),
    "no suite": (drop("suite"), "'suite' is a required property"),
    "no edition": (drop("suite", "edition"), "'edition' is a required property"),
    "no target": (lambda data: data["targets"].clear(), "targets: [] should be non-empty"),
    "a target without an id": (lambda data: data["targets"][0].pop("id"), "'id' is a required property"),
    "a target outside of its folder": (lambda data: data["targets"][0].update(id="../x"), "'../x' does not match"),
    "a target twice": (lambda data: data["targets"].append(made.about("cpython-3.8")), "targets: cpython-3.8 stands there 2 times"),
    "results in a list": (lambda data: data.update(results=[]), "[] is not of type 'object'"),
    "complete and unavailable": (lambda data: data.update(unavailable="gone"), "complete: true, and the target is unavailable"),
    "a key more": (lambda data: data.update(note="mine"), "'note' was unexpected"),
    "a schema that never was": (lambda data: data.update(schema=0), "2 was expected"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_results_that_were_broken_by_hand_are_refused(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    change, message = BROKEN[name]
    content = made.whole(catalogue, "cpython-3.8", {})
    numbers = {"all": len(catalogue.cases), "less": len(catalogue.cases) - 1, "documented": content["counts"]["documented"]["pass"]}
    for word, number in numbers.items():
        message = message.replace(f"{{{word}}}", str(number))
    change(content)
    path = made.write(tmp_path, content, "x.json")
    with pytest.raises(InvalidResults) as caught:
        check_cases(catalogue, read_result_set(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert str(caught.value).endswith("make it anew with imp-conformance run --results")
    assert "\n" not in str(caught.value)


NO_FILES: dict[str, tuple[Callable[[Path, dict[str, Any]], object], str]] = {
    "nothing": (lambda folder, data: folder.rmdir(), "no such file or folder"),
    "a journal": (
        lambda folder, data: (folder / "journal-0.jsonl").write_text(""),
        "only the journal of a run that did not end: the same",
    ),
    "an empty folder": (lambda folder, data: None, "no result files there"),
    "not JSON": (lambda folder, data: (folder / "a.json").write_text(json.dumps(data)[:-1]), "not JSON"),
    "not UTF-8": (lambda folder, data: (folder / "a.json").write_bytes(b"\xff\xfe{}"), "not JSON"),
    "another JSON": (lambda folder, data: (folder / "a.json").write_text("[1, 2]"), "[1, 2] is not of type 'object'"),
    "nested without end": (lambda folder, data: (folder / "a.json").write_text("[" * 100_000), "not JSON"),
    "a key twice": (
        lambda folder, data: (folder / "a.json").write_text(json.dumps(data).replace('"complete"', '"schema": 1, "complete"')),
        "the key 'schema' stands twice",
    ),
    "a target twice": (lambda folder, data: [made.write(folder, data, name) for name in ("a.json", "b.json")], "both are of the target"),
    "a folder named so": (lambda folder, data: (folder / "a.json").mkdir(), "Is a directory"),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_result_file_is_refused(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    make, message = NO_FILES[name]
    (tmp_path / "new").mkdir()
    make(tmp_path / "new", made.whole(catalogue, "cpython-3.8", {}))
    with pytest.raises(InvalidResults) as caught:
        read_result_set(tmp_path / "new")
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'new'}")


@pytest.mark.parametrize("schema", [3, 99])
def test_a_file_of_a_newer_schema_says_what_to_install(schema: int, catalogue: Catalogue, tmp_path: Path) -> None:
    path = made.write(tmp_path, {**made.whole(catalogue, "cpython-3.8", {}), "schema": schema, "results": {"new": []}})
    with pytest.raises(InvalidResults) as caught:
        read_results(path)
    assert str(caught.value) == f"{path}: schema {schema}: written by a newer imp-conformance: install that"
