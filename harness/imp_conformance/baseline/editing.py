"""Edit the text of a baseline: ruamel.yaml edits each entry that changes, and every other line stays as somebody wrote it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from imp_conformance.baseline.model import Entry
from imp_conformance.baseline.text import WIDTH, entry_lines, scalar
from imp_conformance.baseline.update import Update
from imp_conformance.catalogue.model import Level

HEADER = """\
# The known differences of this imp, kept up to date by imp-conformance baseline update; reasons, links and comments are yours.
"""

_COMMENT = re.compile(r"(?:^|\s)(#.*)")
_EDITION = re.compile(r"(edition\s*:\s*)(['\"]?)\d+\2")
_EMPTY_LIST = re.compile(r":\s*\[\s*\]")


class NotEditable(Exception):
    """An entry that is written in a way in which it cannot be edited; line is counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class _TextResolver(VersionedResolver):
    """Takes every plain scalar for text, as the catalogue's reader does: 3.10 stays 3.10."""

    def resolve(self, kind: object, value: str | None, implicit: tuple[bool, bool]) -> str:
        tag: str = super().resolve(kind, value, (False, implicit[1]) if isinstance(value, str) else implicit)
        return tag


def new_text(update: Update, level: Level) -> str:
    """Return the text of a baseline that was not there before, for the cases of all editions up to one."""
    entries = "differences:\n" + "".join(_added(update, "  ", "\n")) if update.added else "differences: []\n"
    least = "" if level is Level.OBSERVED else f"level: {level}\n"
    return f"{HEADER}edition: {update.edition}\n{least}{entries}"


def with_edition(text: str, edition: int) -> str:
    """Return the text of a baseline with another edition, which stands above the differences where there was none."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if _EDITION.match(line):
            lines[number] = _EDITION.sub(rf"\g<1>\g<2>{edition}\g<2>", line, count=1)
            return "".join(lines)
    place = next((number for number, line in enumerate(lines) if line.startswith("differences")), len(lines))
    lines.insert(place, f"edition: {edition}{newline}")
    return "".join(lines)


def edited_text(text: str, before: Sequence[Entry], update: Update) -> str:
    """Return the text of a baseline with an update carried out.

    Args:
        text: the baseline's text, with its own line endings.
        before: its entries.
        update: what becomes of each of them, and which new ones there are.

    Raises:
        NotEditable: where an entry that must change is not an item of a list, with its first key beside the dash.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and lines[-1] == lines[-1].splitlines()[0]:
        lines[-1] += newline
    document = _loaded(text, 1)
    assert isinstance(document, CommentedMap)  # what has no differences is not read
    key_line, key_column = document.lc.key("differences")
    items = document["differences"]
    if not isinstance(items, CommentedSeq) or not items:
        lines[key_line] = _EMPTY_LIST.sub(":", lines[key_line], count=1) if update.added else lines[key_line]
        lines[key_line + 1 : key_line + 1] = _added(update, " " * (key_column + 2), newline)
        return "".join(lines)
    if items.fa.flow_style():
        raise NotEditable(key_line + 1)
    starts = [items.lc.item(number) for number in range(len(items))]
    for line, column in starts:
        if lines[line][:column].strip() != "-":
            raise NotEditable(line + 1)
    found = lines[: starts[0][0]]
    if not update.entries:
        place = lines[key_line].index(":", key_column + len("differences"))
        found[key_line] = f"{lines[key_line][:place]}: []{lines[key_line][place + 1 :]}"
    ends = [line for line, _ in starts[1:]] + [len(lines)]
    for (line, column), end, old, new in zip(starts, ends, before, update.changed, strict=True):
        written, behind = _split(lines[line:end])
        if new == old:
            found += written
        elif new is not None:
            found += [text.replace("\n", newline) for text in _changed(written, column, old, new, line)]
        elif behind and _blank(behind[0]) and found and _blank(found[-1]):
            del behind[0]
        if end == len(lines):
            found += _added(update, lines[starts[0][0]].partition("-")[0], newline)
        found += behind
    return "".join(found)


def _yaml(list_offset: int = 2) -> YAML:
    """Return what reads and writes YAML with its comments; lists are indented by list_offset columns."""
    yaml = YAML()
    yaml.Resolver = _TextResolver
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # a long text is not wrapped
    yaml.indent(mapping=2, sequence=list_offset + 2, offset=list_offset)
    return yaml


def _loaded(text: str, line: int) -> Any:
    try:
        return _yaml().load(text)
    except YAMLError:  # such as an alias whose anchor is in another entry
        raise NotEditable(line) from None


def _split(lines: list[str]) -> tuple[list[str], list[str]]:
    """Split the lines from an entry to the next into its own and the blank lines and comments behind it."""
    end = len(lines)
    while end > 1 and (_blank(lines[end - 1]) or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return lines[:end], lines[end:]


def _blank(line: str) -> bool:
    return not line.strip()


def _changed(lines: list[str], column: int, old: Entry, new: Entry, line: int) -> Iterator[str]:
    """Yield the lines of an entry that changes; its first key is in a column, and its first line is that of a number."""
    margin = " " * column
    alone = lines[0][column:] + "".join(text.removeprefix(margin) if text.startswith(margin) else text.lstrip(" ") for text in lines[1:])
    alone = alone.replace("\r\n", "\n")
    entry = _loaded(alone, line + 1)
    if new.verdict is not None and new.verdict is not old.verdict:
        entry["verdict"] = new.verdict.value
    if new.kinds != old.kinds:
        _change_kinds(entry, new.kinds)
    if new.cases != old.cases:
        _keep_only(entry["case"], new.cases)
    if new.missing != old.missing:
        _keep_only(entry["missing"], new.missing)
    if new.targets != old.targets:
        assert new.targets is not None
        _change_targets(entry, new.targets)
    targets = entry.get("targets", [])
    in_brackets = entry.fa.flow_style() or (isinstance(targets, CommentedSeq) and targets.fa.flow_style())
    offset = 2 if in_brackets or "targets" not in entry else max(0, targets.lc.item(0)[1] - 2)
    yaml = _yaml(offset)
    if old.missing and entry.fa.flow_style():
        yaml.width = WIDTH  # it was written by an update, which breaks long lines
    text = _dumped(entry, yaml)
    yield lines[0][:column] + text[0]
    yield from (margin + more if not _blank(more) else more for more in text[1:])
    # ruamel.yaml has no place for a comment between brackets, nor for one below an item that goes.
    whole = "".join(text)
    for comment in _comments(alone, beside=in_brackets):
        if comment not in whole:
            yield f"{margin}{comment}\n"


def _change_targets(entry: CommentedMap, targets: Sequence[str]) -> None:
    if "targets" not in entry:
        entry.insert([*entry].index("missing" if "missing" in entry else "case") + 1, "targets", _flow(targets))
        return
    written = entry["targets"]
    _keep_only(written, targets)
    written.extend(_scalar(target) for target in targets if target not in written)


def _change_kinds(entry: CommentedMap, kinds: Sequence[tuple[str, int | None]]) -> None:
    """Write other kinds, each as it was written where it was there, and other numbers."""
    written = entry["differs"]
    if isinstance(written, CommentedMap):
        for kind in [kind for kind in written if kind not in dict(kinds)]:
            del written[kind]
        for kind, count in kinds:
            if written[kind] != str(count):
                written[kind] = str(count)
    elif isinstance(written, CommentedSeq) and {kind for kind, _ in kinds} <= {*written}:
        _keep_only(written, [kind for kind, _ in kinds])
    else:
        entry["differs"] = _scalar(kinds[0][0]) if len(kinds) == 1 else _flow([kind for kind, _ in kinds])


def _keep_only(written: CommentedSeq, texts: Sequence[str]) -> None:
    for number in reversed(range(len(written))):
        if written[number] not in texts:
            del written[number]


def _comments(text: str, beside: bool) -> Iterator[str]:
    """Yield the comments that have a line of their own, and where it is asked for those beside something."""
    for line in text.splitlines():
        comment = _COMMENT.search(line)
        if comment is not None and (beside or _blank(line[: comment.start(1)])):
            yield comment[1].rstrip()


def _added(update: Update, indent: str, newline: str) -> Iterator[str]:
    """Yield the lines of the new entries, as items of a list."""
    for entry in update.added:
        for number, line in enumerate(entry_lines(entry)):
            yield f"{indent}{'  ' if number else '- '}{line}{newline}"


def _dumped(entry: CommentedMap, yaml: YAML) -> list[str]:
    stream = io.StringIO()
    yaml.dump(entry, stream)
    return stream.getvalue().splitlines(keepends=True)


def _flow(texts: Sequence[str]) -> CommentedSeq:
    found = CommentedSeq(map(_scalar, texts))
    found.fa.set_flow_style()
    return found


def _scalar(text: str) -> str:
    """Return a text as it is written: in quotes where it is not plain words."""
    return text if scalar(text) == text else DoubleQuotedScalarString(text)
