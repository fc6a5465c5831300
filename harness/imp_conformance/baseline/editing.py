"""Edit the text of a baseline in place, so that every line that need not change stays as somebody wrote it.

A YAML library that writes whole documents lays out lines that nobody asked it to touch, and drops the comment above an
entry together with the entry before it; so changes are cut into the text at the places that the parser gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from imp_conformance.baseline.model import Entry
from imp_conformance.baseline.update import Update
from imp_conformance.catalogue.source import YamlSource

HEADER = """\
# The known differences of this imp. Each entry says which case, on which targets, and why.
# imp-conformance baseline update --results DIR --baseline FILE keeps this file up to date; reasons, links and comments are yours.
"""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what ends a line in YAML 1.1
_PLAIN = re.compile(r"[A-Za-z][\w./+-]*", re.ASCII)


class NotEditable(Exception):
    """An entry that is written in a way in which it cannot be edited by lines; line is counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class _Edit:
    """Text that takes the place of what is between two offsets."""

    start: int
    end: int
    text: str


def new_text(update: Update) -> str:
    """Return the text of a baseline that was not there before."""
    return HEADER + ("differences:\n" + _items(update.added, "  ", "\n") if update.added else "differences: []\n")


def edited_text(source: YamlSource, raw: str, before: tuple[Entry, ...], update: Update) -> str:
    """Return the text of a baseline with an update carried out.

    Args:
        source: the baseline as it was parsed.
        raw: its text with its own line endings.
        before: its entries.
        update: what is to become of each, and what comes.

    Raises:
        NotEditable: where what must change shares its lines with what must not.
    """
    return _Editor(source, raw).carry_out(before, update)


class _Editor:
    def __init__(self, source: YamlSource, raw: str) -> None:
        found = _BREAK.search(raw)
        self.newline = "\n" if found is None else found.group()
        self.text = raw if not raw or _BREAK.fullmatch(raw[-1]) else raw + self.newline
        self.starts = [0, *(match.end() for match in _BREAK.finditer(self.text))]
        self.root = source.root
        self.edits: list[_Edit] = []

    def carry_out(self, before: tuple[Entry, ...], update: Update) -> str:
        key, items = self._differences()
        if key is None:
            return self.text + self._lines("differences:") + _items(update.added, "  ", self.newline) if update.added else self.text
        for node, old, new in zip(items, before, update.changed, strict=True):
            if new is None:
                self._remove(node, last=node is items[-1])
            elif new != old:
                self._change(node, old, new)
        self._append(key, items, update)
        text = self.text
        for edit in sorted(self.edits, key=lambda edit: (edit.start, edit.end), reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def _differences(self) -> tuple[tuple[yaml.Node, yaml.Node] | None, list[yaml.MappingNode]]:
        """Return the key ``differences`` with its value, and the nodes of the entries."""
        if not isinstance(self.root, yaml.MappingNode):
            return None, []
        ((key, value),) = self.root.value
        if not isinstance(value, yaml.SequenceNode):
            return (key, value), []
        if value.flow_style and value.value:
            raise NotEditable(value.start_mark.line + 1)
        for node in value.value:
            if self._before(node) != "-":
                raise NotEditable(node.start_mark.line + 1)
        return (key, value), value.value

    def _before(self, node: yaml.Node) -> str:
        """Return what stands before a node on its line."""
        return self.text[self.starts[node.start_mark.line] : self._start(node)].strip()

    def _start(self, node: yaml.Node) -> int:
        return self.starts[node.start_mark.line] + node.start_mark.column

    def _end(self, node: yaml.Node) -> int:
        return self.starts[node.end_mark.line] + node.end_mark.column

    def _lines(self, *lines: str) -> str:
        return "".join(line + self.newline for line in lines)

    def _blank(self, line: int) -> bool:
        """Whether a line, counted from 0, is blank; there is a blank one before the first."""
        return line < 0 or (line + 1 < len(self.starts) and not self.text[self.starts[line] : self.starts[line + 1]].strip())

    def _remove(self, node: yaml.Node, last: bool) -> None:
        """Take an entry out, with one of the blank lines around it; what is behind the last one is where new ones go."""
        start, end = node.start_mark.line, self._last_line(node) + 1
        if self._blank(start - 1) and self._blank(end) and not last:
            end += 1
        self.edits.append(_Edit(self.starts[start], self.starts[end], ""))

    def _last_line(self, node: yaml.Node) -> int:
        """Return the last line, counted from 0, that belongs to a node: the parser ends a block where the next thing begins."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            children = [child for item in node.value for child in (item if isinstance(item, tuple) else (item,))]
            return max(self._last_line(child) for child in children)
        last: int = node.end_mark.line
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            last = min(last, len(self.starts) - 2)
            while last > node.start_mark.line and ((last == node.end_mark.line and not node.end_mark.column) or self._blank(last)):
                last -= 1
        return last

    def _change(self, node: yaml.MappingNode, old: Entry, new: Entry) -> None:
        values = {key.value: (key, value) for key, value in node.value}
        if new.verdict is not old.verdict:
            value = values["verdict"][1]
            self.edits.append(_Edit(self._start(value), self._end(value), new.verdict))
        if new.targets == old.targets:
            return
        assert new.targets is not None
        if "targets" in values:
            self._change_targets(values["targets"][1], values["targets"][0], new.targets)
        elif node.flow_style:
            end = self._end(values["case"][1])
            self.edits.append(_Edit(end, end, f", targets: {_flow(new.targets)}"))
        else:
            key, value = values["case"]
            end = self.starts[value.end_mark.line + 1]
            self.edits.append(_Edit(end, end, self._lines(" " * key.start_mark.column + f"targets: {_flow(new.targets)}")))

    def _change_targets(self, node: yaml.SequenceNode, key: yaml.Node, targets: tuple[str, ...]) -> None:
        if node.flow_style:
            old = self.text[self._start(node) : self._end(node)]
            self.edits.append(_Edit(self._start(node), self._end(node), _flow(targets)))
            comments = [match.group(1) for line in _BREAK.split(old) if (match := re.search(r"(?:^|\s)(#.*)", line))]
            after = self.starts[node.end_mark.line + 1]
            self.edits += [_Edit(after, after, self._lines(" " * key.start_mark.column + comment)) for comment in reversed(comments)]
            return
        for item in node.value:
            if self._before(item) != "-":
                raise NotEditable(item.start_mark.line + 1)
            if item.value not in targets:
                line = item.start_mark.line
                self.edits.append(_Edit(self.starts[line], self.starts[self._last_line(item) + 1], ""))
        more = [target for target in targets if target not in {item.value for item in node.value}]
        line = node.value[-1].start_mark.line
        dash = self.text[self.starts[line] : self._start(node.value[-1])]
        end = self.starts[self._last_line(node) + 1]
        self.edits.append(_Edit(end, end, self._lines(*(dash + _scalar(target) for target in more))))

    def _append(self, key: tuple[yaml.Node, yaml.Node], items: list[yaml.MappingNode], update: Update) -> None:
        """Put new entries behind the last one, and keep the list a list where none is left."""
        name, value = key
        left = any(entry is not None for entry in update.changed)
        if items:
            line = items[0].start_mark.line
            indent = self.text[self.starts[line] : self._start(items[0])].partition("-")[0]
            end = self.starts[self._last_line(items[-1]) + 1]
        else:
            indent = " " * (name.start_mark.column + 2)
            end = self.starts[self._last_line(value) + 1]
        if update.added:
            if not items and value.value == [] and isinstance(value, yaml.SequenceNode):
                self.edits.append(_Edit(self._end(name), self._end(value), ":"))
            self.edits.append(_Edit(end, end, _items(update.added, indent, self.newline)))
        elif items and not left:
            colon = self.text.index(":", self._end(name)) + 1
            self.edits.append(_Edit(colon, colon, " []"))


def _items(entries: tuple[Entry, ...], indent: str, newline: str) -> str:
    return "".join(indent + line + newline for entry in entries for line in _entry_lines(entry))


def _entry_lines(entry: Entry) -> Iterator[str]:
    assert entry.targets is not None
    yield f"- case: {_scalar(entry.case)}"
    yield f"  targets: {_flow(entry.targets)}"
    yield f"  verdict: {entry.verdict}"
    yield f"  reason: {_scalar(entry.reason)}"


def _flow(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_scalar, texts))}]"


def _scalar(text: str) -> str:
    """Write a text so that YAML reads it back, quoted where it need be."""
    if _PLAIN.fullmatch(text):
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', width=float("inf"), allow_unicode=False)
    return quoted.strip()
