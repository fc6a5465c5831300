"""The digest of the cases: prose leaves it as it is, everything that is asked changes it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SPECS
from imp_conformance.catalogue.digest import _without_comments
from imp_conformance.catalogue.loader import load_catalogue

CASE = """\
subject: thing
cases:
  - id: thing/one
    title: One.
    clauses: [thing.works]
    run: |
      # What for.
      imp.reload  # the function
      '# a text'
    expect: {value: "1"}
    changes:
      - {since: 3.7, why: It grew., expect: {value: "2"}}
"""
Make = Callable[..., Path]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: One.", "title: Another one."),
        ("why: It grew.", "why: It was made larger."),
        ("      # What for.\n", ""),
        ("  # the function", "  # a function"),
        ("clauses: [thing.works]", "clauses: [thing.works]\n    edition: 2"),
        ("clauses: [thing.works]", "clauses: [thing.works]  # both"),
        ("clauses: [thing.works]", "clauses: [thing.also]"),
    ],
)
def test_prose_leaves_the_digest_as_it_is(old: str, new: str, make_catalogue: Make) -> None:
    specs = SPECS + SPECS[SPECS.index("  - id:") :].replace("thing.works", "thing.also")
    assert CASE.count(old) == 1
    digests = [load_catalogue(make_catalogue(text, specs)).digest for text in (CASE, CASE.replace(old, new))]
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("thing/one", "thing/two"),
        ("imp.reload", "imp.get_tag"),
        ("'# a text'", "'# another text'"),
        ('{value: "1"}', '{value: "3"}'),
        ('{value: "2"}', '{value: "3"}'),
        ("since: 3.7", "since: 3.8"),
        ("title: One.", "title: One.\n    versions: '>=3.5'"),
        ("title: One.", "title: One.\n    limit: 20"),
    ],
)
def test_what_is_asked_is_in_the_digest(old: str, new: str, make_catalogue: Make) -> None:
    digests = {load_catalogue(make_catalogue(text)).digest for text in (CASE, CASE.replace(old, new, 1))}
    assert len(digests) == 2


def test_another_level_is_another_digest(make_catalogue: Make) -> None:
    digests = {load_catalogue(make_catalogue(CASE, SPECS.replace("documented", level))).digest for level in ("documented", "observed")}
    assert len(digests) == 2


LINES = st.lists(st.sampled_from(["a = 1", "'# no comment'", '"""x\n# y\n"""', "if a:\n    b  # c", "f(  # d\n    1)", "# e", "", "  # f"]))


@given(LINES)
def test_a_snippet_without_comments_means_the_same(lines: list[str]) -> None:
    code = "\n".join(lines)
    bare = _without_comments(code)
    assert ast.dump(ast.parse(bare)) == ast.dump(ast.parse(code))
    assert _without_comments(bare) == bare
    assert not {"# e", "# f", "# d", "# c"} & {line.strip() for line in bare.split("\n")}
