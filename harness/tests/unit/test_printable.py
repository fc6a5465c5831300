"""Text of a candidate made fit to be shown: what a terminal or a CI would obey is an escape, and what is harmless stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.portable.printable import in_a_line, printable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2J\x07", "a\\x1b[2J\\x07"),
        ("\u202eabc\u2066\x9b", "\\u202eabc\\u2066\\x9b"),
        ("##[error]x", "\\x23#[error]x"),
        ("a ##vso[task.setvariable]x", "a \\x23#vso[task.setvariable]x"),
        ("##teamcity[x]", "\\x23#teamcity[x]"),
        ("::error::x", "\\x3a:error::x"),
        ("::error file=a,line=1::x", "\\x3a:error file=a,line=1::x"),
        ("::set-output name=a::b", "\\x3a:set-output name=a::b"),
        ("std::vector<int>, a[::2], ## heading, f::g", "std::vector<int>, a[::2], ## heading, f::g"),
        ("ä € 中", "ä € 中"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert printable(text) == shown


@given(st.text())
def test_it_is_one_line_whose_every_character_is_seen_and_it_is_done_once(text: str) -> None:
    shown = in_a_line(text)
    assert shown.isprintable()
    assert in_a_line(shown) == shown
