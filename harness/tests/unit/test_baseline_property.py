"""Whatever a baseline and results are: after an update it holds, another one changes nothing, and comments stay."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import results_made as made
from imp_conformance.baseline.model import Baseline, find_problems, fits, load_baseline
from imp_conformance.baseline.update import Update, plan_update
from imp_conformance.baseline.writing import write_update
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import InvalidBaseline
from imp_conformance.results.judge import Verdict

TARGETS = ["cpython-3.12.1", "cpython-3.12.4", "cpython-3.13.0-s390x", "pypy3.9-7.3.11"]
ELSEWHERE = ["cpython-3.12", "cpython-3.13", "pypy3.9", "pypy-3.9.16", "cpython-3.14", "other"]
CASES = [*made.CASES, "no/such-case"]
SMALL = Catalogue({}, dict.fromkeys(made.CASES), {}, frozenset(), {}, "")  # type: ignore[arg-type] # only the ids matter
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
    beside: str = entry["beside"].format(n=number)
    above: str = entry["above"].format(n=number)
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
    """What was not run is listed as it was; that holds for names of their own, and for patterns on targets that were run."""
    for entry in before.entries:
        ids = [target for target in entry.targets or () if "*" not in target]
        for target in {*ids, *(target for target in found if entry.matches(target))}:
            if before.entry(entry.case, target) is not entry:
                continue  # another entry names it more exactly
            if not any(entry.case in cases and fits(target, other) for other, cases in found.items()):
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
