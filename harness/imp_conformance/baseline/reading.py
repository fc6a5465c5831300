"""Write a baseline: whole and checked, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from imp_conformance.baseline.editing import NotEditable, edited_text, new_text
from imp_conformance.baseline.model import Baseline, Entry, load_baseline, read_source, shown
from imp_conformance.baseline.update import Update
from imp_conformance.errors import InvalidBaseline, Problem


def write_update(path: Path, baseline: Baseline, update: Update) -> None:
    """Carry an update out in the file of a baseline, which is begun where there is none.

    Raises:
        InvalidBaseline: where an entry is written in a way that cannot be edited in place; nothing is changed then.
    """
    path = path.resolve()  # a link stays a link
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = new_text(update)
    elif update.entries == baseline.entries:
        return
    else:
        with path.open(encoding="utf-8", newline="") as file:
            raw = file.read()
        try:
            text = edited_text(read_source(path, baseline.file), raw, baseline.entries, update)
        except NotEditable as error:
            raise _not_editable(baseline, error.line) from None
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        if path.exists():
            shutil.copymode(path, fresh)
        _check_written(fresh, baseline, update)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _check_written(fresh: Path, baseline: Baseline, update: Update) -> None:
    """Read back what was written: YAML has more forms than an edit by lines can know of, such as aliases."""
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
