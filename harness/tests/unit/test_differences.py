"""What programs print is compared line by line, and each difference has a cause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from adequacy.causes import Cause, Difference, causes_of, differences, read_causes
from adequacy.differences import summed_up
from adequacy.programs import cleaned, read_programs
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ConformanceError

CAUSES = """\
- cause: It keeps the name.
  targets: [pypy3.9]
  shows: [one, {program: two, lines: ^name }]
  cases: [load_source/a]
- cause: It compiles otherwise.
  targets: [pypy3.9, graalpy-24.2]
  shows: [{program: two, lines: ^code }]
  outside: The compiler does that.
"""


def causes(folder: Path, text: str = CAUSES) -> list[Cause]:
    file = folder / "causes.yaml"
    file.write_text(text, encoding="utf-8")
    return read_causes(["one", "two"], ["load_source/a"], file)


def difference(program: str, line: str) -> Difference:
    return Difference(program, line.partition(" ")[0], None, line)


def test_every_cause_in_scope_has_a_case(catalogue: Catalogue) -> None:
    found = read_causes(read_programs().texts, catalogue.cases)
    assert [cause.cause for cause in found if cause.outside is None and not cause.cases] == []


@pytest.mark.parametrize(
    ("genuine", "other", "found"),
    [
        (["a -> 1", "b -> 2"], ["a -> 1", "b -> 2"], []),
        (["a -> 1", "b -> 2"], ["a -> 1", "b -> 3"], [("b", "b -> 2", "b -> 3")]),
        (["a b -> 1"], ["a b RAISES ValueError"], [("a b", "a b -> 1", "a b RAISES ValueError")]),
        (["a -> 1", "b -> 2"], ["b -> 2"], [("a", "a -> 1", None)]),
        (["True"], ["False"], [("True", "True", "False")]),
        (["name x"], ["file y", "name x"], [("file", None, "file y")]),
        (["file x", "end -> status 0"], ["end -> signal 11"], [("file", "file x", None), ("end", "end -> status 0", "end -> signal 11")]),
    ],
)
def test_lines_of_one_label_belong_together(
    genuine: Sequence[str], other: Sequence[str], found: list[tuple[str, str | None, str | None]]
) -> None:
    assert differences("p", genuine, other) == [Difference("p", *each) for each in found]


def test_places_caches_and_addresses_are_no_differences() -> None:
    names = {"/t/root": "ROOT", "/t/root/case-1/cwd": "CWD", "cpython-311": "TAG"}
    text = "/t/root/case-1/cwd/__pycache__/m.cpython-311.pyc /t/root/x <object at 0x7f00deadbeef> 0x10"
    assert cleaned(text, names) == "CWD/__pycache__/m.TAG.pyc ROOT/x <object at 0x> 0x10"


def test_a_target_has_the_causes_of_its_series(tmp_path: Path) -> None:
    found = causes(tmp_path)
    assert causes_of("pypy3.9-7.3.11", found) == found
    assert causes_of("graalpy-24.2.2", found) == found[1:]
    assert causes_of("graalpy-24.2.2+shim", found) == []


def test_what_is_explained_and_noticed_is_complete(tmp_path: Path) -> None:
    seen = [difference("one", "file x"), difference("two", "name y"), difference("two", "code z")]
    compared = summed_up("3.9.18", 5, seen, causes(tmp_path), {"load_source/a"})
    assert compared.complete
    assert compared.differ == ["one", "two"]
    assert compared.noticed == {"It keeps the name.": ["load_source/a"]}
    assert compared.outside == {"It compiles otherwise.": "The compiler does that."}
    assert compared.subjects == {"load_source": {"causes": 1, "noticed": 1}}


def test_a_cause_in_scope_without_a_failing_case_is_not(tmp_path: Path) -> None:
    compared = summed_up("3.9.18", 5, [difference("one", "file x")], causes(tmp_path), set())
    assert not compared.complete
    assert compared.unnoticed == ["It keeps the name."]
    assert compared.unseen == ["It compiles otherwise."]
    assert compared.subjects == {"load_source": {"causes": 1, "noticed": 0}}


def test_a_difference_without_a_cause_is_not(tmp_path: Path) -> None:
    compared = summed_up("3.9.18", 5, [difference("two", "file x")], causes(tmp_path), {"load_source/a"})
    assert not compared.complete
    assert compared.unexplained == ["two: other: file x"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CAUSES.replace("[one,", "[three,"), "there is no three"),
        (CAUSES.replace("load_source/a", "load_source/b"), "there is no load_source/b"),
        (CAUSES.replace("  outside: The compiler does that.\n", ""), "say either"),
        (CAUSES + "  cases: []\n", "say either"),
    ],
)
def test_a_cause_that_cannot_be_checked_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConformanceError, match=told):
        causes(tmp_path, text)


def test_a_program_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConformanceError, match="no program nosuch"):
        read_programs().only(["nosuch"])
