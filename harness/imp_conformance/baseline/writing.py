"""Write a baseline: whole and checked, or not at all."""

from __future__ import annotations

from pathlib import Path

from imp_conformance.baseline.editing import NotEditable, edited_text, new_text, with_edition
from imp_conformance.baseline.model import Baseline, Entry
from imp_conformance.baseline.reading import load_baseline, shown
from imp_conformance.baseline.update import Update
from imp_conformance.errors import InvalidBaseline, Problem
from imp_conformance.resources import replacing


def write_update(path: Path, baseline: Baseline, update: Update) -> None:
    """Carry out an update in the file of a baseline; where there is none, begin one.

    Args:
        path: where the file is.
        baseline: as the file has it, or as it is to begin.
        update: what becomes of it.

    Raises:
        InvalidBaseline: where an entry cannot be edited as it is written; the file stays as it is then.
    """
    path = path.resolve()  # a link stays a link
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = new_text(update, baseline.level)
    elif update.entries == baseline.entries and update.edition == baseline.edition:
        return
    else:
        text = path.read_bytes().decode("utf-8")
        try:
            if update.entries != baseline.entries:
                text = edited_text(text, baseline.entries, update)
        except NotEditable as error:
            raise _not_editable(baseline, error.line) from None
        if update.edition != baseline.edition:
            text = with_edition(text, update.edition)
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="")
        _check_written(fresh, baseline, update)


def _check_written(fresh: Path, baseline: Baseline, update: Update) -> None:
    """Read back what was written: YAML has more forms than the editor knows of, such as aliases."""
    try:
        written = load_baseline(fresh, shown(fresh))
    except InvalidBaseline:
        written = Baseline(shown(fresh), (), 1)
    if written.edition != update.edition or list(map(_content, written.entries)) != list(map(_content, update.entries)):
        changed = [old.line for old, new in zip(baseline.entries, update.changed, strict=True) if new != old]
        raise _not_editable(baseline, changed[0] if changed else baseline.end)


def _content(entry: Entry) -> tuple[object, ...]:
    targets = None if entry.targets is None else frozenset(entry.targets)
    return entry.cases, targets, entry.verdict, dict(entry.kinds), entry.missing, entry.reason, entry.link


def _not_editable(baseline: Baseline, line: int) -> InvalidBaseline:
    what = "what is written here cannot be updated in place"
    todo = "write an entry a '- case: …', a key a line, without anchors and aliases; nothing was changed"
    return InvalidBaseline([Problem(baseline.file, line, what, todo)])
