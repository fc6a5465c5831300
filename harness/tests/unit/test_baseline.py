"""The baseline: strict both ways, and invalid files told with their lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import results_made as made
from baseline_made import KNOWN, ONE, TWO, A, B, C, F, N, P, known, seen
from imp_conformance.baseline.checking import find_problems, summary_lines
from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import Baseline
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.baseline.update import plan_update
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidBaseline
from imp_conformance.results.judge import Verdict


def told(tmp_path: Path, catalogue: Catalogue, found: dict[str, dict[str, Verdict]], text: str = KNOWN) -> list[str]:
    return [str(problem) for problem in find_problems(known(tmp_path, text), catalogue, seen(found))]


@pytest.mark.parametrize(
    "found",
    [
        {A: {ONE: F, TWO: C}},
        {A: {ONE: F}},  # a part of the cases
        {B: {ONE: P, TWO: C}},  # another target than the first entry's
        {A: {ONE: F, TWO: N}},  # an entry for every target need not be asked on every one
        {A: {ONE: F, TWO: C}, B: {ONE: P, TWO: C}},
        {},
    ],
)
def test_it_holds(found: dict[str, dict[str, Verdict]], catalogue: Catalogue, tmp_path: Path) -> None:
    assert told(tmp_path, catalogue, found) == []


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({A: {ONE: P}}, f"known.yaml:3: {ONE} on {A} passes, and is listed as fail: delete the entry"),
        ({A: {ONE: N}}, f"known.yaml:3: {ONE} is not applicable to {A}, and is listed as fail: delete the entry"),
        ({A: {ONE: C}}, f"known.yaml:5: {ONE} on {A} is crash, and is listed as fail: fix it, or write verdict: crash"),
        ({B: {ONE: F}}, f"known.yaml:4: {ONE} on {B} is fail, and is not listed: fix it, or add {B} to these targets"),
        (
            {B: {ONE: C}},
            f"known.yaml:10: {ONE} on {B} is crash, and is not listed: "
            f"fix it, or add - {{case: {ONE}, targets: [{B}], differs: crash, reason: TODO}}",
        ),
        (
            {A: {TWO: P}},
            f"known.yaml:8: {TWO} on {A} passes, and is listed as crash: "
            f"delete the entry, or name under targets those of its targets that do not pass ({A} passes)",
        ),
        (
            {A: {TWO: F}},
            f"known.yaml:9: {TWO} on {A} is fail, and is listed as crash: "
            f"fix it, or write verdict: fail (in an entry for {A} alone, where the others still are crash)",
        ),
    ],
)
def test_what_does_not_hold_is_told_with_the_line_to_change(
    found: dict[str, dict[str, Verdict]], problem: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    assert told(tmp_path, catalogue, found) == [problem]


def test_the_lines_that_are_told_are_those_of_the_file(catalogue: Catalogue, tmp_path: Path) -> None:
    lines = KNOWN.splitlines()
    for problem in told(tmp_path, catalogue, {A: {ONE: C}, B: {ONE: F, TWO: P}}):
        line = lines[int(problem.split(":")[1]) - 1]
        assert ("verdict: fail" in line) or (f"targets: [{A}]" in line) or (f"- case: {TWO}" in line)


def test_an_unknown_case_is_told_with_those_like_it(catalogue: Catalogue, tmp_path: Path) -> None:
    (problem,) = told(tmp_path, catalogue, {}, KNOWN.replace(ONE, f"{ONE}x"))
    assert problem.startswith(f"known.yaml:3: there is no case '{ONE}x': did you mean {ONE}")


def test_a_retired_case_is_said_to_be_retired(catalogue: Catalogue, tmp_path: Path) -> None:
    retired = Catalogue(catalogue.clauses, catalogue.cases, catalogue.summaries, frozenset({"gone/x"}), {}, "")
    (problem,) = told(tmp_path, retired, {}, KNOWN.replace(ONE, "gone/x"))
    assert problem == "known.yaml:3: the case gone/x is retired: delete the entry (cases/retired.yaml says why)"


def test_targets_can_be_patterns(catalogue: Catalogue, tmp_path: Path) -> None:
    text = KNOWN.replace(f"[{A}]", "['cpython-3.1[23]+*']")
    assert told(tmp_path, catalogue, {A: {ONE: F}, B: {ONE: F}, "pypy-3.9": {ONE: P}}, text) == []
    assert told(tmp_path, catalogue, {A: {ONE: F}, B: {ONE: N}}, text) == []
    (problem,) = told(tmp_path, catalogue, {A: {ONE: F}, B: {ONE: P}}, text)
    assert "name under targets those of its targets that do not pass" in problem


ENTRY = f"  - {{case: {ONE}, verdict: fail, reason: r}}\n"
INVALID: dict[str, tuple[str | bytes, str]] = {
    "no YAML": ("differences: [", r"known.yaml:\d+: not YAML: .*: fix the syntax"),
    "not UTF-8": (b"\xff", r"known.yaml:1: not UTF-8 .*: save it as UTF-8"),
    "a list": ("- a\n", r"known.yaml:1: the file: \['a'\] is not of type 'object': make it of type object"),
    "an unknown key": (f"differences:\n{ENTRY}more: 1\n", r"known.yaml:1: the file: .*'more' was unexpected.*: use only differences"),
    "a key twice": ("differences: []\ndifferences: []\n", r"known.yaml:2: the key 'differences' stands twice: keep one"),
    "no reason": (
        f"differences:\n  - case: {ONE}\n    verdict: fail\n",
        r"known.yaml:2: differences.0: 'reason' is a required property: add",
    ),
    "an empty reason": (
        f"differences:\n{ENTRY.replace('reason: r', 'reason: ')}",
        r"known.yaml:2: differences.0.reason: .*: write it so",
    ),
    "no verdict": (
        f"differences:\n{ENTRY.replace('verdict: fail, ', '')}",
        r"known.yaml:2: an entry does not say how its case differs: add differs",
    ),
    "pass": (f"differences:\n{ENTRY.replace('fail', 'pass')}", r"known.yaml:2: .*'pass' is not one of .*: use one of fail, missing, crash"),
    "an unknown verdict": (f"differences:\n{ENTRY.replace('fail', 'Fail')}", r"known.yaml:2: .*'Fail' is not one of"),
    "a misspelt key": (
        f"differences:\n{ENTRY.replace('reason', 'link: http://x, cause: y, reason')}",
        r"known.yaml:2: .*'cause' was unexpected.*: use only case,",
    ),
    "one target": (f"differences:\n{ENTRY.replace('verdict', 'targets: x, verdict')}", r"known.yaml:2: .*'x' is not of type 'array'"),
    "no link": (
        f"differences:\n{ENTRY.replace('reason', 'link: here, reason')}",
        r"known.yaml:2: differences.0.link: .*'here' does not match",
    ),
    "no such kind": (
        f"differences:\n{ENTRY.replace('verdict: fail', 'differs: bananas')}",
        r"known.yaml:2: differences.0.differs: 'bananas' does not fit: it takes: what differs: raises EXCEPTION, returns, value,",
    ),
    "nothing": ("", r"known.yaml:1: it has no differences: write differences: \[\]"),
    "a remark alone": ("# c\n---\n", r"known.yaml:2: it has no differences: write differences: \[\]"),
    "names alone": ("provides: [reload]\n", r"known.yaml:1: it has no differences: write differences: \[\]"),
    "the same twice": (f"differences:\n{ENTRY}{ENTRY}", r"known.yaml:3: .* on every target is listed at line 2 already: name different"),
    "the same by a pattern": (
        f"differences:\n{ENTRY.replace('verdict', 'targets: [a-*], verdict')}{ENTRY.replace('verdict', 'targets: [a-1], verdict')}",
        r"known.yaml:3: .* on a-1 is listed at line 2 already",
    ),
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_file_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    text, message = INVALID[name]
    (tmp_path / "known.yaml").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    with pytest.raises(InvalidBaseline) as caught:
        load_baseline(tmp_path / "known.yaml", "known.yaml")
    assert re.match(message, str(caught.value)), caught.value
    assert str(caught.value).endswith("the baseline is invalid: 1 problem")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Root may read all files but such a one."""
    (tmp_path / "known.yaml").symlink_to("/proc/self/mem")
    with pytest.raises(InvalidBaseline, match=r"^known.yaml: it cannot be read \(.+\): make it readable\n"):
        load_baseline(tmp_path / "known.yaml", "known.yaml")


def test_an_edition_that_is_not_there_yet_is_told_at_its_line(tmp_path: Path) -> None:
    baseline = known(tmp_path, "# c\nedition: 99\ndifferences: []\n")
    baseline.check_edition(99)
    with pytest.raises(InvalidBaseline, match=r"^known.yaml:2: edition 99: this imp-conformance has editions up to 3: write one of"):
        baseline.check_edition(3)


def test_two_patterns_that_meet_on_a_target_are_refused(tmp_path: Path) -> None:
    text = (
        f"differences:\n{ENTRY.replace('verdict', 'targets: [a*], verdict')}{ENTRY.replace('verdict', 'targets: [x, y, a-1, b*], verdict')}"
    )
    with pytest.raises(InvalidBaseline):
        known(tmp_path, text)
    baseline = known(tmp_path, text.replace("a-1, b*", "'*b'"))
    baseline.check_targets(["ac", "cb"])
    with pytest.raises(InvalidBaseline, match=r"known.yaml:3: .* on ab is listed at line 2 already"):
        baseline.check_targets(["ac", "cb", "ab"])


def test_a_series_and_an_old_id_are_about_each_release(tmp_path: Path, catalogue: Catalogue) -> None:
    for name, target in (
        ("cpython-3.12+shim", "cpython-3.12.1+shim"),
        ("cpython-3.12+shim", "cpython-3.12.10-macos-arm64+shim"),
        ("pypy3.9", "pypy3.9-7.3.11"),
        ("pypy-3.9.16", "pypy3.9-7.3.11"),
        ("graalpy-24.2", "graalpy-24.2.2"),
    ):
        text = KNOWN.replace(f"[{A}]", f"[{name}]")
        assert told(tmp_path, catalogue, {target: {ONE: F, TWO: C}}, text) == []
        (line,) = told(tmp_path, catalogue, {target: {ONE: P, TWO: C}}, text)
        assert f"{ONE} on {target} passes" in line
        assert told(tmp_path, catalogue, {target: {ONE: N, TWO: C}}, text) == [], "a series may well take in releases that are not asked"
    (line,) = told(tmp_path, catalogue, {"cpython-3.13.1+shim": {ONE: F, TWO: C}}, KNOWN)
    assert "add cpython-3.13+shim to these targets" in line


def test_a_more_exact_name_may_stand_beside_a_series_and_an_equal_one_may_not(tmp_path: Path) -> None:
    more = "  - case: {case}\n    targets: [{name}]\n    verdict: crash\n    reason: r\n"
    exact = "cpython-3.12.1+shim"
    baseline = known(tmp_path, KNOWN + more.format(case=ONE, name=exact))
    baseline.check_targets([exact])
    entry, other = Known(baseline).exact(ONE, exact), Known(baseline).exact(ONE, "cpython-3.12.2+shim")
    assert entry is not None
    assert other is not None
    assert (entry.verdict, other.verdict) == (C, F)
    for name in (A, '"cpython-3.12*"'):
        with pytest.raises(InvalidBaseline, match="is listed at line 3 already"):
            known(tmp_path, KNOWN + more.format(case=ONE, name=name)).check_targets([exact])


@pytest.mark.parametrize(
    ("candidate", "old"),
    [({"kind": "file", "name": "imp.py"}, "imp"), ({"kind": "directory", "name": "src"}, "src")],
)
def test_a_candidate_may_still_be_called_by_its_folder_or_file(
    candidate: dict[str, str], old: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    target = "cpython-3.12.1+my-shim"
    found = seen({target: {ONE: F, TWO: C}})
    about = made.about(target, release="3.12.1", python="3.12.1", candidate=candidate)
    for name in (f"cpython-3.12+{old}", f"cpython-3.12.1+{old}", f'"cpython-3.1?+{old}"'):
        baseline = known(tmp_path, KNOWN.replace(f"[{A}]", f"[{name}]")).knowing([about])
        baseline.check_targets(found)
        assert find_problems(baseline, catalogue, found) == []
        assert find_problems(Baseline.from_json(baseline.to_json()), catalogue, found) == []
        assert plan_update(baseline, catalogue, found).changed == baseline.entries
        assert not any("not run" in line for line in summary_lines(baseline, found, 0))
    other = {**about, "id": "gate"}
    baseline = known(tmp_path, KNOWN.replace(f"[{A}]", f"[cpython-3.12+{old}]")).knowing([other])
    assert len(find_problems(baseline, catalogue, seen({"gate": {ONE: F, TWO: C}}))) == 1
