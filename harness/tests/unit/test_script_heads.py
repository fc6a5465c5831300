"""What a script says of its case, and how a target is asked for again: the same as the catalogue and the results say."""

from __future__ import annotations

import ast
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results_made as made
from conftest import SPECS
from imp_conformance.catalogue.by_release import expectation_by_release, expectations, releases_alike
from imp_conformance.catalogue.expression import FACTS
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.comparison import describe_expectation
from imp_conformance.portable.matchers import MATCHERS
from imp_conformance.portable.values import show
from imp_conformance.repro.command_line import options_of
from imp_conformance.repro.literal import literal, old_expression
from imp_conformance.repro.script import case_head

FACTS_HERE: dict[str, Any] = {name: name.upper() for name in FACTS} | {
    "magic": b"U\r\r\n",
    "source_suffixes": [".py"],
    "bytecode_suffixes": [".pyc"],
    "extension_suffixes": [".abi3.so", ".so"],
    "optimize": 1,
    "cwd": "/work",
}


def shown(wanted: Any) -> Any:
    """Make expectations comparable: matchers by what they say of themselves."""
    if isinstance(wanted, dict):
        return {key: shown(value) for key, value in wanted.items()}
    return [shown(value) for value in wanted] if isinstance(wanted, list | tuple) else show(wanted)


def test_a_head_says_what_the_catalogue_says(catalogue: Catalogue) -> None:
    for case in catalogue.cases.values():
        for release in [releases[0] for releases, _ in expectations(case)]:
            space: dict[str, Any] = {**MATCHERS, "sys": sys}
            exec(case_head(catalogue, case, release), space)
            wanted, mine = case.expectation(release).resolved(FACTS_HERE), space["expected"](SimpleNamespace(**FACTS_HERE))
            assert shown(mine) == shown(wanted)
            assert describe_expectation(mine, FACTS_HERE) == describe_expectation(wanted, FACTS_HERE)
            given = space["CASE"]
            assert (given["run"], given.get("given"), given["names"]) == (case.code, case.given, sorted(case.names))
            assert len(given.get("files", [])) == len(case.files)


def test_a_case_has_one_head_for_all_releases_that_answer_alike(catalogue: Catalogue) -> None:
    case = next(case for case in catalogue.cases.values() if len(case.changes) == 1 and str(case.versions) == ">=3.4")
    heads = {case_head(catalogue, case, release) for release in case.versions.releases()}
    assert len(heads) == len(expectation_by_release(case)) == 2


def test_a_path_is_spelt_out_for_the_scripts() -> None:
    text = old_expression('[path("./a/m.py"), path(f"{facts.cwd}/m.{facts.tag}.pyc")]')
    for sep, expected in (("/", ["./a/m.py", "/w/m.t.pyc"]), ("\\", [".\\a\\m.py", "C:\\w\\m.t.pyc"])):
        cwd = "/w" if sep == "/" else "C:\\w"
        assert eval(text, {"facts": SimpleNamespace(cwd=cwd, tag="t", sep=sep)}) == expected


@given(st.recursive(st.text() | st.binary() | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_literal_is_what_it_was_made_of(value: object) -> None:
    text = literal(value)
    assert text.isascii()
    assert ast.literal_eval(text) == value


@given(st.text(alphabet="\n\"\\'{}é\t\r\x00 a", min_size=2))
def test_a_text_of_several_lines_stays_itself(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize(
    "source",
    [
        'f"__pycache__/m.{facts.tag}.pyc"',
        "f\"m.{facts.tag}{'.pyo' if facts.optimize else '.pyc'}\"",
        'f"{{literal}} {facts.optimize!r:>5} {facts.tag:{facts.optimize}} é"',
        '(f"{facts.tag}",\n [f"{suffix}" for suffix in facts.source_suffixes])',
    ],
)
def test_an_expression_means_the_same_without_f_strings(source: str) -> None:
    facts = SimpleNamespace(**FACTS_HERE)
    text = old_expression(source)
    assert "JoinedStr" not in ast.dump(ast.parse(text))
    assert text.isascii()
    assert eval(text, {"facts": facts}) == eval(f"({source})", {"facts": facts})


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ({"python": "3.8.18", "emulates": "3.8.18"}, "--python 3.8.18"),
        ({"implementation": "pypy", "python": "3.9.16", "release": "7.3.11", "emulates": "3.9.16"}, "--python pypy3.9.16"),
        (
            {"python": "3.13.0", "candidate": {"kind": "file", "name": "imp.py"}, "emulates": "3.6.2"},
            "--python 3.13.0 --candidate imp.py --emulates 3.6.2",
        ),
        ({"python": "3.12.0", "candidate": {"kind": "module", "name": "a.b"}, "emulates": "3.11"}, "--python 3.12.0 --candidate a.b"),
        ({"python": "3.14.0rc2", "candidate": {"kind": "pypi", "name": "a"}, "emulates": "3.11"}, "--python 3.14.0 --candidate pypi:a"),
        ({"implementation": "pyodide", "python": "3.11.3", "release": "0.25.1", "emulates": "3.11.3"}, "--python pyodide@0.25.1"),
        ({"python": "edited", "emulates": "3.8"}, "--python PATH-OF-cpython-3.8.18 --emulates 3.8"),
        ({"build": "debug", "emulates": "3.8.18"}, "--python PATH-OF-cpython-3.8.18-debug"),
        ({"platform": "linux-s390x", "emulates": "3.8.18"}, "--python PATH-OF-cpython-3.8.18-s390x"),
        ({"implementation": "graalpy", "python": "3.11.7", "release": "24.2.2", "emulates": "3.11.7"}, "--python graalpy-24.2.2"),
        ({"implementation": "graalpy", "python": "3.11.7", "release": "3.11.7", "emulates": "3.11.7"}, "--python PATH-OF-graalpy-3.11.7"),
        (
            {"implementation": "rustpython", "python": "3.12.0alpha", "release": "0.4.0", "emulates": "3.11"},
            "--python PATH-OF-rustpython-0.4.0",
        ),
    ],
)
def test_how_a_target_is_asked_for_again(target: dict[str, Any], options: str) -> None:
    assert shlex.join(options_of(made.about("cpython-3.8", **target))) == options


CHANGED = """\
subject: thing
cases:
  - id: thing/changed
    title: It changed.
    clauses: [thing.works]
    given: imp.works() is True
    run: |
      found = imp.find("a")
      (found, imp.size(found), [1, 2])
    expect:
      value: (f"{facts.cwd}/m.{facts.tag}.pyc", 1, [...])
    changes:
      - since: [3.5.4, 3.6.3]
        why: It was fixed.
        expect: {raises: {type: ImportError, message: "no {facts.tag}"}}
"""


def test_what_genuine_versions_answer(make_catalogue: Callable[..., Path]) -> None:
    case = load_catalogue(make_catalogue(CHANGED, SPECS)).cases["thing/changed"]
    assert expectation_by_release(case) == [
        ("3.4 to 3.5.3, 3.6 to 3.6.2", "('{cwd}/m.{tag}.pyc', 1, [anything])"),
        ("3.5.4 and later of 3.5, since 3.6.3", "raises ImportError: no {tag}"),
    ]
    assert releases_alike(case, Release.parse("3.6.1")) == "3.4 to 3.5.3, 3.6 to 3.6.2"
