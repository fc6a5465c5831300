"""The picture of a failing run: it is drawn from a real one, the same each time, and fetches nothing."""

from __future__ import annotations

import re

import pytest

from conftest import interpreter
from first_run.__main__ import COMMAND, drawn, output_of_run


def test_the_picture_shows_a_real_run() -> None:
    interpreter("3.12")
    first, second = output_of_run(), output_of_run()
    assert first == second
    picture = drawn(first)
    assert picture == drawn(second)
    words = re.sub(r"<[^>]*>", " ", picture).replace("&#160;", " ")
    assert " ".join(COMMAND) in words
    assert "new_module/name-not-a-str" in words
    assert re.findall(r"url\((?!#)|@import|href", picture) == []


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m <b>&amp;"])
def test_what_it_holds_is_text(text: str) -> None:
    assert "<b>" not in drawn(text)
