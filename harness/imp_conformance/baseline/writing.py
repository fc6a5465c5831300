"""Write a baseline: whole and checked, or not at all."""

from __future__ import annotations

from pathlib import Path

from imp_conformance.baseline.editing import NotEditable, edited_text, new_text
from imp_conformance.baseline.model import Baseline, Entry, load_baseline, shown
from imp_conformance.baseline.update import Update
from imp_conformance.errors import InvalidBaseline, Problem
from imp_conformance.resources import replacing


def write_update(path: Path, baseline: Baseline, update: Update) -> None:
    """Carry out an update in the file of a baseline; where there is none, begin one.

    Raises:
        InvalidBaseline: where an entry cannot be edited as it is written; the file stays as it is then.
    """
    path = path.resolve()  # a link stays a link
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = new_text(update, baseline.edition)
    elif update.entries == baseline.entries:
        return
    else:
        try:
            text = edited_text(path.read_bytes().decode("utf-8"), baseline.entries, update)
        except NotEditable as error:
            raise _not_editable(baseline, error.line) from None
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="")
        _check_written(fresh, baseline, update)


def _check_written(fresh: Path, baseline: Baseline, update: Update) -> None:
    """Read back what was written: YAML has more forms than the editor knows of, such as aliases."""
    try:
        entries = load_baseline(fresh, shown(fresh)).entries
    except InvalidBaseline:
        entries = ()
    if list(map(_content, entries)) != list(map(_content, update.entries)):
        changed = [old.line for old, new in zip(baseline.entries, update.changed, strict=True) if new != old]
        raise _not_editable(baseline, changed[0] if changed else baseline.end)


def _content(entry: Entry) -> tuple[object, ...]:
    targets = None if entry.targets is None else frozenset(entry.targets)
    return entry.case, targets, entry.verdict, entry.reason, entry.link


def _not_editable(baseline: Baseline, line: int) -> InvalidBaseline:
    what = "what is written here cannot be updated in place"
    todo = "write an entry a '- case: …', a key a line, without anchors and aliases; nothing was changed"
    return InvalidBaseline([Problem(baseline.file, line, what, todo)])
