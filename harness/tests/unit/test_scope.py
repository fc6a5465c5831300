"""The part of imp that is asked for: how it is named, and which cases are in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import UnknownName
from imp_conformance.results.judge import Verdict, not_applicable
from imp_conformance.results.scope import EVERYTHING, Scope, absent_names, listed, ordered, scope_in_words
from results_made import about, in_memory, wrong

FINAL = Release.parse("3.11")


def test_a_scope_is_read(catalogue: Catalogue) -> None:
    for text in ("all", "provided", "load_source,reload,PY_SOURCE"):
        assert str(Scope.parse(catalogue, text)) == text
    assert Scope.parse(catalogue, "reload, load_source") == Scope.parse(catalogue, "load_source,reload")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("load_sourc", "imp has no name 'load_sourc': did you mean load_source"),
        ("provded", "did you mean provided?"),
        ("reload,", "imp has no name '': use all, provided, or names such as load_source,reload"),
        ("module", "imp has no name 'module'"),  # a subject, and no name
        ("all,reload", "imp has no name 'all'"),
    ],
)
def test_a_scope_that_is_none_is_told(text: str, told: str, catalogue: Catalogue) -> None:
    with pytest.raises(UnknownName) as caught:
        Scope.parse(catalogue, text)
    assert str(caught.value).startswith(f"--scope {text}: ")
    assert told in str(caught.value)


def test_the_names_of_imp_are_those_of_the_release(catalogue: Catalogue) -> None:
    assert catalogue.public(FINAL) - catalogue.public(Release.parse("3.4.10")) == {"create_dynamic"}
    assert {"reload", "NullImporter", "IMP_HOOK"} <= catalogue.public(FINAL)
    assert not any(name.startswith("_") for name in catalogue.public(FINAL))


def test_what_has_all_names_is_asked_for_everything(catalogue: Catalogue) -> None:
    for text in ("all", "provided", ",".join(catalogue.public(FINAL))):
        asked = Scope.parse(catalogue, text).asked(catalogue, FINAL, catalogue.names)
        assert asked == EVERYTHING
        assert asked.told == "all"
        assert not any(map(asked.why_not, catalogue.cases.values()))


def test_a_case_is_in_scope_where_all_names_that_it_uses_are(catalogue: Catalogue) -> None:
    asked = Scope.parse(catalogue, "provided").asked(catalogue, FINAL, ["find_module", "reload", "__name__", "other"])
    assert asked.told == ["find_module", "reload"]
    reasons = {
        "find_module/package": "",
        "find_module/example": "out of scope: load_module is not provided",  # of load_module, too
        "acquire_lock/counted": "out of scope: acquire_lock, release_lock are not provided",
        "module/keywords-reload": "",
        "module/keywords-load-source": "out of scope: load_source is not provided",
        "module/import-warns": "",  # of no name
        "module/documented-functions": "out of scope: acquire_lock, cache_from_source, get_magic and 8 more are not provided",
    }
    assert {name: asked.why_not(catalogue.cases[name]) for name in reasons} == reasons
    named = Scope.parse(catalogue, "find_module").asked(catalogue, FINAL, [])
    assert named.told == ["find_module"], "what is asked for by its name is asked for where it is not provided, too"
    assert named.why_not(catalogue.cases["reload/same-object"]) == "out of scope: reload is not asked for"


def test_what_holds_for_other_releases_is_told_first(catalogue: Catalogue) -> None:
    case = next(case for case in catalogue.cases.values() if FINAL not in case.versions)
    result = not_applicable(case, FINAL, {}, outside="out of scope: x")
    assert result is not None
    assert (result.verdict, result.reason) == (Verdict.NOT_APPLICABLE, f"holds for {case.holds}")


def test_a_scope_is_told_in_words(catalogue: Catalogue) -> None:
    found = in_memory("t", {}, complete=True)
    assert scope_in_words(catalogue, found) == ""
    part = replace(found, scope=["find_module", "reload"], target=about("t", emulates="3.11"))
    assert scope_in_words(catalogue, part) == "2 of 34 names"
    assert scope_in_words(catalogue, replace(part, target=about("t", emulates="3.4.10"))) == "2 of 33 names"


def test_absent_names_are_those_of_missing_cases() -> None:
    lacking = {"verdict": "missing", "expected": "1", "observed": "not run"}
    differences = [{"where": ["names"], "kind": "missing", "expected": names, "observed": ""} for names in ("reload", "PY_SOURCE, get_tag")]
    results = {str(number): {**lacking, "difference": difference} for number, difference in enumerate(differences)}
    found = in_memory("t", {**results, "x": wrong(), "y": "pass"}, complete=False)
    assert absent_names(found.results.values()) == ["get_tag", "reload", "PY_SOURCE"]


def test_names_are_listed_as_far_as_there_is_room() -> None:
    names = ordered(["PY_SOURCE", "reload", "NullImporter", "get_tag"])
    assert names == ["get_tag", "NullImporter", "reload", "PY_SOURCE"]
    assert listed(names, 100) == "get_tag, NullImporter, reload, PY_SOURCE"
    assert listed(names, 32) == "get_tag, NullImporter, reload, …"
    assert listed(names, 31) == "get_tag, NullImporter, …"
    assert listed(names, 1) == "get_tag, …"
    assert listed([], 1) == ""
