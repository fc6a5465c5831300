"""Whatever a baseline and results are: after an update it holds, another one changes nothing, and comments stay."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import results_made as made
from baseline_made import lacks, raises, small_catalogue
from imp_conformance.baseline.checking import find_problems
from imp_conformance.baseline.known import Known
from imp_conformance.baseline.model import Baseline, fits
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.baseline.update import Update, plan_update
from imp_conformance.baseline.writing import write_update
from imp_conformance.errors import InvalidBaseline
from imp_conformance.results.judge import Result, Verdict

TARGETS = ["cpython-3.12.1", "cpython-3.12.4", "cpython-3.13.0-s390x", "pypy3.9-7.3.11"]
ELSEWHERE = ["cpython-3.12", "cpython-3.13", "pypy3.9", "pypy-3.9.16", "cpython-3.14", "other"]
CASES = [*made.CASES, "no/such-case"]
SMALL = small_catalogue(*made.CASES, *(f"reload/{number}" for number in range(6)))
NAMES = ["get_tag", "new_module", "reload"]
WAYS: list[Callable[[str], Result]] = [
    *(
        partial(lambda verdict, case: made.result(case, verdict), verdict)
        for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.CRASH, Verdict.NOT_APPLICABLE)
    ),
    lambda case: raises(case, "KeyError"),
    lambda case: raises(case, "TypeError"),
]
"""What can come of a case of which imp has the names."""


def of_target(lacking: set[str], ways: dict[str, Callable[[str], Result]]) -> dict[str, Result]:
    """The results of a target that lacks some names."""
    return {case: lacks(case, name) if (name := case.partition("/")[0]) in lacking else way(case) for case, way in ways.items()}


RESULTS = st.builds(of_target, st.sets(st.sampled_from(NAMES)), st.dictionaries(st.sampled_from([*SMALL.cases]), st.sampled_from(WAYS)))
FOUND = st.dictionaries(st.sampled_from(TARGETS), RESULTS, min_size=1)
ABOUT = (
    st.tuples(
        st.sampled_from(CASES),
        st.sampled_from(["verdict: fail", "verdict: missing", "verdict: crash", "differs: value", "differs: [crash, raises]"]),
    ).map(lambda parts: [f"case: {parts[0]}", parts[1]])
    | st.tuples(
        st.lists(st.sampled_from(CASES), min_size=2, max_size=3, unique=True),
        st.sampled_from(["verdict: fail", "differs: raises TypeError"]),
    ).map(lambda parts: [f"case: [{', '.join(parts[0])}]", parts[1]])
    | st.tuples(
        st.sampled_from(["reload/*", "'*/no*'", "[get_tag/*, new_module/*]"]),
        st.sampled_from(["verdict: fail", "differs: raises", "differs: {raises TypeError: 2, raises: 1}", "differs: {value: 3, crash: 1}"]),
    ).map(lambda parts: [f"case: {parts[0]}", parts[1]])
    | st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(lambda names: [f"missing: [{', '.join(names)}]"])
)
"""What an entry can be about, and how that differs: one key a line."""
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "about": ABOUT,
            "targets": st.none()
            | st.lists(st.sampled_from([*TARGETS, *ELSEWHERE, "cpython-*", "py*"]), min_size=1, max_size=4, unique=True),
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
    beside: str = entry["beside"].format(n=number)
    above: str = entry["above"].format(n=number)
    targets = entry["targets"]
    link = entry["link"].format(n=number)
    if entry["form"].startswith("flow") and entry["form"] != "flow list":
        parts = [*entry["about"], "reason: why not"]
        parts[1:1] = [] if targets is None else [f"targets: [{', '.join(targets)}]" if targets == ["other"] else f"targets: {targets!r}"]
        parts += [f"link: {link}"] if link else []
        joint = ", " if entry["form"] == "flow" else f",{beside}\n{indent}    "
        return f"{above}{indent}- {{ {joint.join(parts)} }}{beside}\n"
    first, *rest = entry["about"]
    lines = [f"{indent}-   {first}{beside}"]
    key = indent + "    "
    if targets is not None and entry["form"] == "block list":
        lines += [f"{key}targets:", *(f"{key}- '{target}'{beside}" for target in targets), f"{key}# {number} after"]
    elif targets is not None and entry["form"] == "flow list":
        lines += [f"{key}targets: [", *(f"{key}  '{target}',{beside}" for target in targets), f"{key}]{beside}"]
    elif targets is not None:
        lines.append(f"{key}targets: {targets!r}{beside}")
    lines += [f"{key}{said}{beside}" for said in rest]
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
    found: dict[str, dict[str, Result]],
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
        plan = plan_update(baseline, SMALL, found)
        write_update(path, baseline, plan)
        after = path.read_bytes()
        result = load_baseline(path)
        again = plan_update(result, SMALL, found)
        write_update(path, result, again)
        assert path.read_bytes() == after, "an update of what is up to date changes nothing"
    problems = [problem for problem in find_problems(result, SMALL, found) if "there is no case" not in problem.what]
    assert problems == []
    assert not plan.added or after.endswith(newline.encode())
    check_nothing_is_lost(baseline, result, found)
    check_text(written=written, before=before.decode(), after=after.decode(), newline=newline, plan=plan, baseline=baseline)


def check_nothing_is_lost(before: Baseline, after: Baseline, found: dict[str, dict[str, Result]]) -> None:
    """What was not run is listed as it was; that holds for names of their own, and for patterns on targets that were run."""
    for entry, case in [(old, case) for old in before.entries if not old.by_pattern for case in old.cases]:
        ids = [target for target in entry.targets or () if "*" not in target]
        for target in {*ids, *(target for target in found if entry.rank(target) is not None)}:
            if Known(before).exact(case, target) is not entry:
                continue  # another entry names it more exactly
            if not any(case in cases and fits(target, other) for other, cases in found.items()):
                kept = Known(after).exact(case, target)
                assert kept is not None
                assert (kept.listed, kept.reason, kept.link) == (entry.listed, entry.reason, entry.link)


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
