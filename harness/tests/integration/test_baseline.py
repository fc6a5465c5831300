"""The baseline: strict both ways, in a run and on results, and kept up to date without losing what people wrote."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import results_made as made
from conftest import Cli, interpreter
from imp_conformance.baseline.model import Baseline, find_problems, load_baseline
from imp_conformance.baseline.reading import write_update
from imp_conformance.baseline.update import Update, plan_update
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidBaseline
from imp_conformance.results.judge import Verdict

P, F, C, N = Verdict.PASS, Verdict.FAIL, Verdict.CRASH, Verdict.NOT_APPLICABLE
ONE, TWO = "new_module/not-registered", "get_tag/silent"
A, B = "cpython-3.12+shim", "cpython-3.13+shim"

KNOWN = f"""\
# What we know.
differences:
  - case: {ONE}
    targets: [{A}]
    verdict: fail
    reason: It is registered, see below.
    link: https://example.org/1
  - case: {TWO}   # on all
    verdict: crash
    reason: It crashes.
"""


def known(tmp_path: Path, text: str = KNOWN) -> Baseline:
    (tmp_path / "known.yaml").write_text(text, encoding="utf-8")
    return load_baseline(tmp_path / "known.yaml", "known.yaml")


def told(tmp_path: Path, catalogue: Catalogue, found: dict[str, dict[str, Verdict]], text: str = KNOWN) -> list[str]:
    return [str(problem) for problem in find_problems(known(tmp_path, text), catalogue, found)]


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
        ({A: {ONE: C}}, f"known.yaml:5: {ONE} on {A} is crash, and is listed as fail: mend it, or write verdict: crash"),
        ({B: {ONE: F}}, f"known.yaml:4: {ONE} on {B} is fail, and is not listed: mend it, or add {B} to these targets"),
        (
            {B: {ONE: C}},
            f"known.yaml:10: {ONE} on {B} is crash, and is not listed: "
            f"mend it, or add - {{case: {ONE}, targets: [{B}], verdict: crash, reason: WHY}}",
        ),
        (
            {A: {TWO: P}},
            f"known.yaml:8: {TWO} on {A} passes, and is listed as crash: "
            f"delete the entry, or name under targets those of its targets that do not pass ({A} passes)",
        ),
        (
            {A: {TWO: F}},
            f"known.yaml:9: {TWO} on {A} is fail, and is listed as crash: "
            f"mend it, or write verdict: fail (in an entry for {A} alone, where the others still are crash)",
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
    retired = Catalogue(catalogue.clauses, catalogue.cases, catalogue.summaries, frozenset({"gone/x"}), {}, {})
    (problem,) = told(tmp_path, retired, {}, KNOWN.replace(ONE, "gone/x"))
    assert problem == "known.yaml:3: the case gone/x is retired: delete the entry (cases/retired.yaml says why)"


def test_targets_can_be_patterns(catalogue: Catalogue, tmp_path: Path) -> None:
    text = KNOWN.replace(f"[{A}]", "['cpython-3.1[23]+*']")
    assert told(tmp_path, catalogue, {A: {ONE: F}, B: {ONE: F}, "pypy-3.9": {ONE: P}}, text) == []
    assert told(tmp_path, catalogue, {A: {ONE: F}, B: {ONE: N}}, text) == []
    (problem,) = told(tmp_path, catalogue, {A: {ONE: F}, B: {ONE: P}}, text)
    assert "name under targets those of its targets that do not pass" in problem


ENTRY = f"  - {{case: {ONE}, verdict: fail, reason: r}}\n"
INVALID = {
    "no YAML": ("differences: [", r"known.yaml:\d+: not YAML: .*: mend the syntax"),
    "not UTF-8": (b"\xff", r"known.yaml:1: not UTF-8 .*: save it as UTF-8"),
    "a list": ("- a\n", r"known.yaml:1: the file: \['a'\] is not of type 'object': make it of type object"),
    "an unknown key": (f"differences:\n{ENTRY}more: 1\n", r"known.yaml:1: the file: .*'more' was unexpected.*: use only differences"),
    "a key twice": ("differences: []\ndifferences: []\n", r"known.yaml:2: the key 'differences' stands twice: keep one"),
    "no reason": (
        f"differences:\n  - case: {ONE}\n    verdict: fail\n",
        r"known.yaml:2: differences.0: 'reason' is a required property: add",
    ),
    "an empty reason": (f"differences:\n{ENTRY.replace('reason: r', 'reason: ')}", r"known.yaml:2: differences.0.reason: .*: write it so"),
    "no verdict": (
        f"differences:\n{ENTRY.replace('verdict: fail, ', '')}",
        r"known.yaml:2: differences.0: 'verdict' is a required property",
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


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "differences:\n", "differences: []\n"])
def test_a_baseline_can_be_empty(text: str, tmp_path: Path) -> None:
    assert known(tmp_path, text).entries == ()
    assert "- case: get_tag/silent\n" in updated(tmp_path, {A: {TWO: F}}, text)


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


def updated(tmp_path: Path, found: dict[str, dict[str, Verdict]], text: str = KNOWN) -> str:
    baseline = known(tmp_path, text)
    write_update(tmp_path / "known.yaml", baseline, plan_update(baseline, found, made.CASES))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["known.yaml"]
    return (tmp_path / "known.yaml").read_text(encoding="utf-8")


def test_an_update_that_finds_what_is_listed_changes_nothing(tmp_path: Path) -> None:
    assert updated(tmp_path, {A: {ONE: F, TWO: C}}) == KNOWN


def test_an_update_removes_what_passes(tmp_path: Path) -> None:
    text = "# one\n\n" + KNOWN.replace("  - case: get", "\n  # about the other\n  - case: get")
    expected = re.sub(r"  - case: new_module(.|\n)*?example.org/1\n", "", text)
    assert updated(tmp_path, {A: {ONE: P, TWO: C}}, text) == expected
    assert "# about the other" in expected
    assert updated(tmp_path, {A: {ONE: P, TWO: P}}) == "# What we know.\ndifferences: []\n"


def test_an_update_corrects_a_verdict_in_its_place(tmp_path: Path) -> None:
    text = KNOWN.replace("verdict: fail", "verdict:  'fail' # sure?")
    assert updated(tmp_path, {A: {ONE: C, TWO: C}}, text) == text.replace("'fail'", "crash")


def test_an_update_narrows_an_entry_to_the_targets_that_still_differ(tmp_path: Path) -> None:
    found = {A: {ONE: F, TWO: C}, B: {ONE: P, TWO: P}}
    assert updated(tmp_path, found) == KNOWN.replace("# on all\n", f"# on all\n    targets: [{A}]\n")
    lists = KNOWN.replace(f"[{A}]", f"\n      - gone # once\n      # next\n      - {B} # b\n      - {A} # a").replace(
        "# on all", f"\n    targets: [{A}]"
    )
    assert updated(tmp_path, found, lists) == lists.replace(f"      - {B} # b\n", "")


def test_an_update_adds_at_the_end_in_the_order_of_the_cases(tmp_path: Path) -> None:
    found = {A: {ONE: F, TWO: C, "get_tag/no-tag": F}, B: {ONE: C, TWO: C, "get_tag/no-tag": F}}
    added = [(ONE, B, "crash"), ("get_tag/no-tag", f"{A}, {B}", "fail")]
    more = "".join(
        f'  - case: {case}\n    targets: [{targets}]\n    verdict: {verdict}\n    reason: "TODO: say why"\n'
        for case, targets, verdict in added
    )
    assert updated(tmp_path, found) == KNOWN + more
    assert updated(tmp_path, found, KNOWN + more) == KNOWN + more


def test_an_update_begins_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "known.yaml"
    empty = Baseline("known.yaml", (), 1)
    write_update(path, empty, plan_update(empty, {A: {ONE: F}}, made.CASES))
    (entry,) = load_baseline(path).entries
    assert (entry.case, entry.targets, entry.verdict) == (ONE, (A,), F)


@pytest.mark.parametrize(
    "text",
    [
        f"differences: [{{case: {ONE}, verdict: fail, reason: r}}]\n",
        f"differences:\n- case: {ONE}\n  verdict: fail\n  reason: &why r\n- case: {TWO}\n  verdict: crash\n  reason: *why\n",
    ],
)
def test_what_cannot_be_edited_in_place_is_told_and_left_alone(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidBaseline, match=r"known.yaml:[12]: what is written here cannot be updated in place"):
        updated(tmp_path, {A: {ONE: P, TWO: C}}, text)
    assert (tmp_path / "known.yaml").read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["known.yaml"]


TARGETS = ["cpython-3.12", "cpython-3.13", "pypy-3.9"]
ELSEWHERE = ["cpython-3.14", "other"]
CASES = [*made.CASES, "no/such-case"]
SMALL = Catalogue({}, dict.fromkeys(made.CASES), {}, frozenset(), {}, {})  # type: ignore[arg-type] # only the ids matter
FOUND = st.dictionaries(st.sampled_from(TARGETS), st.dictionaries(st.sampled_from(made.CASES), st.sampled_from(Verdict)), min_size=1)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "case": st.sampled_from(CASES),
            "targets": st.none()
            | st.lists(st.sampled_from([*TARGETS, *ELSEWHERE, "cpython-*", "py*"]), min_size=1, max_size=4, unique=True),
            "verdict": st.sampled_from(["fail", "missing", "crash", "timeout"]),
            "reason": st.sampled_from(
                ["r", "'It is: so'", ">-\n      folded\n      # no comment\n\n      text", "|\n      literal\n", '"a # b"']
            ),
            "form": st.sampled_from(["block", "flow", "flow lines", "block list", "flow list"]),
            "above": st.sampled_from(["", "\n", "# {n} above\n", "\n  # {n} above\n\n", "   # {n} above\n"]),
            "beside": st.sampled_from(["", " # {n} beside"]),
            "link": st.sampled_from(["", "https://example.org/{n}"]),
        }
    ),
    max_size=5,
)


def write_entry(entry: dict[str, Any], number: int, indent: str) -> str:
    """Write an entry in one of the forms that people use."""
    beside = entry["beside"].format(n=number)
    above = entry["above"].format(n=number)
    targets = entry["targets"]
    link = entry["link"].format(n=number)
    if entry["form"].startswith("flow") and entry["form"] != "flow list":
        parts = [f"case: {entry['case']}", f"verdict: {entry['verdict']}", "reason: why not"]
        parts[1:1] = [] if targets is None else [f"targets: [{', '.join(targets)}]" if targets == ["other"] else f"targets: {targets!r}"]
        parts += [f"link: {link}"] if link else []
        joint = ", " if entry["form"] == "flow" else f",{beside}\n{indent}    "
        return f"{above}{indent}- {{ {joint.join(parts)} }}{beside}\n"
    lines = [f"{indent}-   case:  {entry['case']}{beside}"]
    key = indent + "    "
    if targets is not None and entry["form"] == "block list":
        lines += [f"{key}targets:", *(f"{key}- '{target}'{beside}" for target in targets), f"{key}# {number} after"]
    elif targets is not None and entry["form"] == "flow list":
        lines += [f"{key}targets: [", *(f"{key}  '{target}',{beside}" for target in targets), f"{key}]{beside}"]
    elif targets is not None:
        lines.append(f"{key}targets: {targets!r}{beside}")
    lines.append(f"{key}verdict: {entry['verdict']}{beside}")
    lines += [f"{key}link: {link}{beside}"] if link else []
    lines.append(f"{key}reason: " + entry["reason"].replace("\n      ", f"\n{key}  "))
    return above + "\n".join(lines) + "\n"


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    entries=ENTRIES,
    found=FOUND,
    indent=st.sampled_from(["", "  ", "    "]),
    newline=st.sampled_from(["\n", "\r\n"]),
    end=st.sampled_from(["", "# the end\n", "\n\n"]),
    cut=st.booleans(),
)
def test_after_an_update_the_baseline_holds_and_nothing_that_people_wrote_is_lost(
    *,
    entries: list[dict[str, Any]],
    found: dict[str, dict[str, Verdict]],
    indent: str,
    newline: str,
    end: str,
    cut: bool,
) -> None:
    written = [write_entry(entry, number, indent) for number, entry in enumerate(entries)]
    text = "# the head\n\ndifferences:  # these\n" + "".join(written) + end
    text = text.removesuffix("\n") if cut else text
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "known.yaml"
        path.write_text(text, encoding="utf-8", newline=newline)
        before = path.read_bytes()
        try:
            baseline = load_baseline(path)
            baseline.check_targets(found)
        except InvalidBaseline as error:
            assume("already" not in str(error))
            raise
        plan = plan_update(baseline, found, made.CASES)
        write_update(path, baseline, plan)
        after = path.read_bytes()
        result = load_baseline(path)
        again = plan_update(result, found, made.CASES)
        write_update(path, result, again)
        assert path.read_bytes() == after, "an update of what is up to date changes nothing"
    problems = [problem for problem in find_problems(result, SMALL, found) if "there is no case" not in problem.what]
    assert problems == []
    assert not plan.added or after.endswith(newline.encode())
    check_nothing_is_lost(baseline, result, found)
    check_text(written=written, before=before.decode(), after=after.decode(), newline=newline, plan=plan, baseline=baseline)


def check_nothing_is_lost(before: Baseline, after: Baseline, found: dict[str, dict[str, Verdict]]) -> None:
    """What was not run is listed as it was; that holds for ids on their own, and for patterns on targets that were run."""
    for entry in before.entries:
        ids = [target for target in entry.targets or () if "*" not in target]
        for target in {*ids, *(target for target in found if entry.matches(target))}:
            if entry.case not in found.get(target, {}):
                kept = after.entry(entry.case, target)
                assert kept is not None
                assert (kept.verdict, kept.reason, kept.link) == (entry.verdict, entry.reason, entry.link)


def check_text(*, written: list[str], before: str, after: str, newline: str, plan: Update, baseline: Baseline) -> None:
    """Comments stay, but for those within an entry that goes or beside a target that goes; entries that stay are not touched."""
    assert "\n" not in after.replace("\r\n", "") if newline == "\r\n" else "\r" not in after
    if not plan.added and list(plan.changed) == list(baseline.entries):
        assert after == before
    for number, (text, old, new) in enumerate(zip(written, baseline.entries, plan.changed, strict=True)):
        body = text.replace("\n", newline).strip()
        if new == old:
            assert body in after
        for comment in re.findall(r"# \d+ above", text):
            assert comment in after, "a comment above an entry"
        if new is not None:
            kept = f"# {number} beside" in after or f"# {number} beside" not in text
            assert kept or "block" in text
    for comment in ("# the head", "# these", *(["# the end"] if "# the end" in before else [])):
        assert comment in after


SHIM = """\
import _imp, sys, types
def new_module(name):
    module = types.ModuleType(name)
    if name == "fresh_one":
        sys.modules[name] = module
    return module
def get_tag():
    return sys.implementation.cache_tag
"""


@pytest.fixture
def shim(tmp_path: Path) -> list[str | Path]:
    """Options for a run of a shim of which one case of new_module is known to fail."""
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    return ["run", "-q", "-rxX", "--python", interpreter("3.8"), "--candidate", "shim.py", "--baseline", "known.yaml"]


def entry_text(case: str = ONE, verdict: str = "fail", more: str = "") -> str:
    return f"differences:\n  - case: {case}\n    verdict: {verdict}\n    reason: It registers.\n    link: https://example.org/7\n{more}"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_run_takes_known_differences_for_expected_failures(workers: list[str], shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    done = cli(*shim, *workers, "--junitxml", "junit.xml", "--results", "out", "new_module")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^XFAIL .*{ONE}\[.*\] - It registers. \(https://example.org/7\)$", done.stdout, re.MULTILINE)
    assert "baseline: 1 known difference holds, 0 problems" in done.stdout
    assert "1 xfailed" in done.stdout
    assert 'type="pytest.xfail"' in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    (path,) = (tmp_path / "out").iterdir()
    assert '"verdict": "fail"' in path.read_text(encoding="ascii"), "results say what was found, whatever is known"


def test_a_run_fails_for_what_the_baseline_says_otherwise(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    text = entry_text(
        verdict="crash", more=f"  - {{case: {TWO}, verdict: fail, reason: r}}\n  - {{case: no/such, verdict: fail, reason: r}}\n"
    )
    (tmp_path / "known.yaml").write_text(text, encoding="ascii")
    target = "cpython-3.8.18+shim"
    done = cli(*shim, "new_module", TWO)
    target = re.search(r"cpython-3\.8\.\d+\+shim", done.stdout).group()  # type: ignore[union-attr]
    assert done.returncode == 1
    crash = f"known.yaml:3: {ONE} on {target} is fail, and is listed as crash: mend it, or write verdict: fail"
    passes = f"known.yaml:6: {TWO} on {target} passes, and is listed as fail: delete the entry"
    unknown = "known.yaml:7: there is no case 'no/such'"
    for line in (f"baseline: {crash}", f"[XPASS(strict)] baseline: {passes}", crash, passes, unknown):
        assert re.search(rf"^{re.escape(line)}", done.stdout, re.MULTILINE), (line, done.stdout)
    assert "baseline: 0 known differences hold, 3 problems" in done.stdout
    assert "2 failed" in done.stdout


def test_a_run_fails_for_an_unknown_case_alone_and_for_what_is_not_listed(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(entry_text("no/such"), encoding="ascii")
    done = cli(*shim, TWO)
    assert done.returncode == 1, done.stdout
    assert "known.yaml:2: there is no case 'no/such'" in done.stdout
    (tmp_path / "known.yaml").write_text("differences: []\n", encoding="ascii")
    done = cli(*shim, ONE)
    assert done.returncode == 1
    advice = re.search(
        rf"and is not listed: mend it, or write (differences: \[{{case: {ONE}, targets: \[cpython-3\.8\S*\], .*?}}\]);", done.stdout
    )
    assert advice is not None, done.stdout
    (tmp_path / "known.yaml").write_text(f"{advice[1]}\n", encoding="ascii")  # as it stands
    assert cli(*shim, ONE).returncode == 0


def test_a_run_of_a_part_says_nothing_of_the_rest(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    done = cli(*shim, TWO)
    assert done.returncode == 0, done.stdout
    assert "baseline: 0 known differences hold, 0 problems" in done.stdout


def test_a_run_with_an_invalid_baseline_does_not_start(shim: list[str], cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("differences: 3\n", encoding="ascii")
    done = cli(*shim, "--results", "out", TWO)
    assert done.returncode == 2
    assert done.stderr.startswith("ERROR: known.yaml:1: differences: '3' is not of type 'array'")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


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
    from click.testing import CliRunner  # noqa: PLC0415

    from imp_conformance.commands import baseline  # noqa: PLC0415

    monkeypatch.chdir(folder)
    monkeypatch.setattr(baseline, "own_catalogue", lambda: catalogue)
    done = CliRunner().invoke(baseline.command, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_update_then_check(catalogue: Catalogue, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.write(tmp_path / "out", made.whole(catalogue, A, {ONE: F, TWO: C}))
    made.write(tmp_path / "out", made.whole(catalogue, B, {ONE: F}))
    (tmp_path / "pyproject.toml").write_text('[tool.imp-conformance]\nresults = "out"\nbaseline = "known.yaml"\n', encoding="ascii")
    done = cli("baseline", "update")
    assert done.returncode == 0, done.stderr
    assert f"added: {ONE}: fail on {A}, {B}" in done.stdout
    assert "baseline: 2 without a reason (TODO), the first at known.yaml:" in done.stdout
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
    assert "known.yaml:2: there is no case 'no/such'" in output
    assert (tmp_path / "known.yaml").read_text(encoding="ascii") == entry_text("no/such")


def test_what_is_missing_on_the_command_line_is_told(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output = called(catalogue, tmp_path, monkeypatch, "check", "--results", "out")
    assert status == 2
    assert "--baseline is missing: give it, or set baseline under [tool.imp-conformance]" in output
