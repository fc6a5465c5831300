"""Read YAML so that every value can be traced to its line, and every scalar is the text that was written."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from imp_conformance.errors import InvalidCatalogue, Problem

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A YAML file: its data, in which every scalar is a str (so 3.10 stays 3.10), and the line of each of its places."""

    name: str
    data: Any
    root: yaml.Node | None
    lines: Sequence[str]

    def excerpt(self, path: Sequence[str | int]) -> str:
        """Return the lines in which the item at the path is written, moved to the left margin."""
        node = self.root
        for step in path:
            assert isinstance(node, yaml.CollectionNode)
            values = node.value if isinstance(step, int) else [value for key, value in node.value if key.value == step]
            node = values[step if isinstance(step, int) else 0]
        assert node is not None
        first, last = node.start_mark.line, node.end_mark.line
        lines = [*self.lines[first : max(last, first + 1)]]
        lines[0] = " " * node.start_mark.column + lines[0][node.start_mark.column :]
        return textwrap.dedent("\n".join(lines)).strip()

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line (counted from 1) of the value at the path, or of the nearest place around it."""
        node = self.root
        line = 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pairs = [(key, value) for key, value in node.value if key.value == step]
                if not pairs:
                    break
                line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line


def read_yaml(path: Path, name: str) -> YamlSource:
    """Read one YAML file; name is what messages call it.

    Raises:
        InvalidCatalogue: where the file cannot be read, is not UTF-8, not YAML, or gives a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidCatalogue([Problem(name, 1, f"not UTF-8 ({error.reason})", "save it as UTF-8")]) from None
    except OSError as error:
        raise InvalidCatalogue([Problem(name, 0, f"it cannot be read ({error.strerror})", "make it readable")]) from None
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        what = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise InvalidCatalogue([Problem(name, line, f"not YAML: {what}", "fix the syntax there or just above")]) from None
    problems: list[Problem] = []
    try:
        data = _construct(root, name, problems)
    except RecursionError:
        raise InvalidCatalogue([Problem(name, 1, "values that contain themselves", "write them out")]) from None
    if problems:
        raise InvalidCatalogue(problems)
    return YamlSource(name, data, root, text.splitlines())


def _construct(node: yaml.Node | None, name: str, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                problems.append(Problem(name, line, "a key that is not plain text", "use a text key"))
            elif key.value in found:
                problems.append(Problem(name, line, f"the key {key.value!r} stands twice", "keep one of the two"))
            else:
                found[key.value] = _construct(value, name, problems)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, name, problems) for item in node.value]
    return None if node is None else node.value
