"""What the loader and the checks say of wrong catalogues: the file, the line, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import SPECS as CLAUSE
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.validation import checked_catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import InvalidCatalogue

GOOD = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: |
      imp.thing()
    expect:
      value: (1, None)
"""

PROGRAM = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    process: program
    run: |
      import imp
      raise SystemExit(3)
    expect:
      status: 3
"""

WRONG_CASES = {
    "not YAML": (GOOD.replace("clauses: [", "clauses: [["), "cases/thing.yaml:6", "not YAML"),
    "a tab": (GOOD.replace("    title", "\ttitle"), "cases/thing.yaml:4", "not YAML"),
    "an unknown key": (GOOD.replace("title:", "titel:"), "cases/thing.yaml:3", "titel"),
    "a key twice": (GOOD.replace("title: One.", "title: One.\n    title: Two."), "cases/thing.yaml:5", "the key 'title' stands twice"),
    "a bad id": (GOOD.replace("thing/one", "thing/One"), "cases/thing.yaml:3", "matches ^[a-z]"),
    "another subject": (GOOD.replace("thing/one", "other/one"), "cases/thing.yaml:3", "begin it with thing"),
    "another file": (GOOD.replace("subject: thing", "subject: other"), "cases/thing.yaml:1", "write subject: thing"),
    "no Python": (GOOD.replace("imp.thing()", "imp.thing("), "cases/thing.yaml:6", "the snippet is not Python"),
    "never imp": (GOOD.replace("imp.thing()", "thing()"), "cases/thing.yaml:6", "never uses imp"),
    "an unquoted text": (GOOD.replace("(1, None)", "abc"), "cases/thing.yaml:9", "'abc' means nothing here"),
    "a list of YAML": (GOOD.replace("(1, None)", "[1, None]"), "cases/thing.yaml:9", "expect.value"),
    "value and raises": (GOOD + "      raises: ValueError\n", "cases/thing.yaml:8", "keep one of the two: value, raises"),
    "a bad pattern": (
        GOOD.replace("value: (1, None)", "raises: {type: ValueError, pattern: '('}"),
        "cases/thing.yaml:9",
        "no regular expression",
    ),
    "an unknown fact": (GOOD + "      files: {added: ['{facts.tga}.pyc']}\n", "cases/thing.yaml:10", "facts.tga does not exist"),
    "a path outside": (GOOD + "    files: {../up.py: ''}\n", "cases/thing.yaml:10", "leaves the case's directory"),
    "two contents": (GOOD + "    files: {m.py: {text: a, bytes: b}}\n", "cases/thing.yaml:10", "keep exactly one"),
    "bad bytes": (GOOD + "    files: {m.py: {bytes: 'é'}}\n", "cases/thing.yaml:10", "not the inside of a bytes literal"),
    "an unknown codec": (GOOD + "    files: {m.py: {text: a, encoding: no-such}}\n", "cases/thing.yaml:10", "choose another encoding"),
    "given and program": (PROGRAM + "    given: imp.x == 1\n", "cases/thing.yaml:12", "leave out given or process"),
    "another process": (GOOD + "    process: fresh\n", "cases/thing.yaml:10", "use one of warm, own, program"),
    "options of no program": (GOOD + "    options: [-O]\n", "cases/thing.yaml:10", "only a program is started with options"),
    "an option that hides the candidate": (PROGRAM + "    options: [-I]\n", "cases/thing.yaml:12", "-I"),
    "a program's own file": (PROGRAM + "    files: {m.py: ''}\n", "cases/thing.yaml:12", "a program has a file m.py already"),
    "a program's value": (
        PROGRAM + "      value: '1'\n",
        "cases/thing.yaml:3",
        "of a program only stdout, stderr, status and files are seen",
    ),
    "a program's value, later": (
        PROGRAM + "    changes:\n      - {since: 3.7.0, why: w, expect: {raises: ValueError}}\n",
        "cases/thing.yaml:3",
        "of a program only stdout",
    ),
    "a snippet's status": (GOOD + "      status: 1\n", "cases/thing.yaml:3", "only a program has an exit status"),
    "no status": (PROGRAM.replace("status: 3", "status: -3"), "cases/thing.yaml:11", "status"),
    "an unknown need": (GOOD + "    needs: [luck]\n", "cases/thing.yaml:10", "use one of threads"),
    "colons in the text": (
        GOOD.replace("(1, None)", "\"{'a: b' 1}\""),
        "cases/thing.yaml:9",
        "is no Python expression (invalid syntax. Perhaps you forgot a comma?): see cases/README.md for the format",
    ),
    "a null character": (GOOD.replace("(1, None)", "\"'\\0'\""), "cases/thing.yaml:9", "null bytes"),
    "a bad range": (GOOD + "    versions: three\n", "cases/thing.yaml:10", "is no version range"),
    "a treacherous range": (GOOD + "    versions: <=3.6\n", "cases/thing.yaml:10", "name the third number"),
    "an empty range": (GOOD + "    versions: '>=3.12'\n", "cases/thing.yaml:3", "hold no release"),
    "an unknown clause": (GOOD.replace("[thing.works]", "[thing.works, thing.other]"), "cases/thing.yaml:3", "no clause 'thing.other'"),
    "a change outside": (
        GOOD + "    changes:\n      - {since: 3.4.0, why: w, expect: {value: '2'}}\n",
        "cases/thing.yaml:3",
        "outside its versions",
    ),
    "changes out of order": (
        GOOD + "    changes:\n      - {since: 3.7.0, why: w, expect: {value: '2'}}\n      - {since: 3.6.0, why: w, expect: {value: '3'}}\n",
        "cases/thing.yaml:3",
        "comes after a later one",
    ),
    "nothing expected": (GOOD.replace("value: (1, None)", "modules: {added: []}"), "cases/thing.yaml:3", "nothing is expected"),
    "an empty file": ("", "cases/thing.yaml:1", "of type object"),
    "a list": ("- a\n", "cases/thing.yaml:1", "of type object"),
}


def problems(load: Callable[[Path], object], root: Path) -> str:
    with pytest.raises(InvalidCatalogue) as caught:
        load(root)
    return str(caught.value)


@pytest.mark.parametrize("name", WRONG_CASES)
def test_a_mistake_in_a_case_is_told_at_its_line(name: str, make_catalogue: Callable[..., Path]) -> None:
    text, place, message = WRONG_CASES[name]
    told = problems(checked_catalogue, make_catalogue(text, CLAUSE))
    assert any(line.startswith(f"{place}: ") and message in line for line in told.splitlines()), told


def test_the_good_one_is_good(make_catalogue: Callable[..., Path]) -> None:
    catalogue = checked_catalogue(make_catalogue(GOOD, CLAUSE))
    assert list(catalogue.cases) == ["thing/one"]
    assert catalogue.names == ("thing",)


def test_a_program_is_read(make_catalogue: Callable[..., Path]) -> None:
    text = PROGRAM + "    options: [-OO, '-Werror::DeprecationWarning', -Xdev]\n"
    case = checked_catalogue(make_catalogue(text, CLAUSE)).cases["thing/one"]
    assert (case.process, case.options) == ("program", ("-OO", "-Werror::DeprecationWarning", "-Xdev"))
    assert (case.expect.status, case.watched) == (3, [])
    other = checked_catalogue(make_catalogue(GOOD, CLAUSE)).cases["thing/one"]
    assert (other.process, other.options, other.expect.status) == ("warm", (), None)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (CLAUSE.replace("documented", "sworn"), "specs/thing.yaml:6", "use one of documented, docstring, observed"),
        (CLAUSE.replace("library-3.10", "library-3.1"), "specs/thing.yaml:7", "use one of library-3.6"),
        (CLAUSE + CLAUSE[CLAUSE.index("  - id") :], "specs/thing.yaml:8", "the clause id 'thing.works' is taken at specs/thing.yaml:4"),
        (CLAUSE + CLAUSE[CLAUSE.index("  - id") :].replace("works", "rests"), "specs/thing.yaml:8", "the clause thing.rests has no case"),
        (CLAUSE + "    versions: '<3.4'\n", "specs/thing.yaml:4", "holds in no release"),
        (CLAUSE + "    versions: '>=3.6'\n", "cases/thing.yaml:3", "it runs on 3.4, 3.5, where the clause thing.works does not hold"),
    ],
)
def test_a_mistake_in_a_clause_is_told_at_its_line(text: str, place: str, message: str, make_catalogue: Callable[..., Path]) -> None:
    told = problems(checked_catalogue, make_catalogue(GOOD, text))
    assert any(line.startswith(f"{place}: ") and message in line for line in told.splitlines()), told


def test_all_mistakes_are_told_not_only_the_first(make_catalogue: Callable[..., Path]) -> None:
    told = problems(load_catalogue, make_catalogue(GOOD.replace("(1, None)", "abc") + "    versions: three\n", CLAUSE))
    assert told.splitlines()[-1] == "the catalogue is invalid: 2 problems"


def test_a_clause_is_tested_wherever_it_holds(make_catalogue: Callable[..., Path]) -> None:
    told = problems(checked_catalogue, make_catalogue(GOOD + "    versions: '>=3.5.3'\n", CLAUSE))
    assert "the clause thing.works has no case in 3.4, 3.5.0 and others of its series" in told


def test_an_id_is_never_used_again(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(GOOD, CLAUSE)
    (root / "cases" / "retired.yaml").write_text("thing/one: It was wrong.\n", encoding="ascii")
    assert "cases/thing.yaml:3: thing/one: this id is retired" in problems(checked_catalogue, root)


def test_an_id_is_used_once(make_catalogue: Callable[..., Path]) -> None:
    told = problems(load_catalogue, make_catalogue(GOOD + GOOD[GOOD.index("  - id") :], CLAUSE))
    assert "cases/thing.yaml:10: the case id 'thing/one' is taken at cases/thing.yaml:3" in told


def test_text_that_is_not_utf8(make_catalogue: Callable[..., Path]) -> None:
    root = make_catalogue(GOOD, CLAUSE)
    (root / "cases" / "thing.yaml").write_bytes(b"subject: \xff\n")
    assert "cases/thing.yaml:1: not UTF-8" in problems(load_catalogue, root)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "no cases there" in problems(load_catalogue, tmp_path)


def test_numbers_stay_as_written(make_catalogue: Callable[..., Path]) -> None:
    text = GOOD + "    changes:\n      - {since: 3.10, why: w, expect: {value: '2'}}\n"
    change = load_catalogue(make_catalogue(text, CLAUSE)).cases["thing/one"].changes[0]
    assert change.since.releases == (Release(3, 10, 0),)


def test_a_change_replaces_what_it_mentions(make_catalogue: Callable[..., Path]) -> None:
    text = GOOD + "      stdout: x\n    changes:\n      - {since: [3.5.4, 3.6.3], why: w, expect: {raises: ValueError}}\n"
    case = load_catalogue(make_catalogue(text, CLAUSE)).cases["thing/one"]
    before, after = case.expectation(Release.parse("3.6.2")), case.expectation(Release.parse("3.6.3"))
    assert before.value is not None
    assert before.raises is None
    assert after.value is None
    assert after.raises is not None
    assert before.stdout == after.stdout == "x"
    assert case.expectation(Release.parse("3.5.4")) == after
    assert case.expectation(Release.parse("3.6.0")) == before


def test_the_digest_is_of_the_content(make_catalogue: Callable[..., Path]) -> None:
    plain = load_catalogue(make_catalogue(GOOD, CLAUSE)).digest
    assert load_catalogue(make_catalogue("# a comment\n" + GOOD, CLAUSE)).digest == plain
    assert load_catalogue(make_catalogue(GOOD.replace("(1, None)", "(2, None)"), CLAUSE)).digest != plain


def test_every_case_has_a_hint_at_what_it_is_about(catalogue: Catalogue) -> None:
    assert {case.subject for case in catalogue.cases.values()} == set(catalogue.summaries)
