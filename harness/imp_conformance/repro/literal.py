"""Python literals and expressions that CPython 3.4 reads, in ASCII, laid out for people."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from imp_conformance.catalogue.expression import without_paths

_LINE = 100
"""Characters up to which what is inside of a display stays on one line."""


def quoted(text: str | bytes) -> str:
    """Write a text or bytes in double quotes where it has none in it, as most people do."""
    plain = ascii(text)
    quote = plain.find("'")
    return plain if '"' in plain or quote not in (0, 1) else f'{plain[:quote]}"{plain[quote + 1 : -1]}"'


class Verbatim(str):
    """Source text that stands in a display as it is."""

    __slots__ = ()


def literal(value: Any, depth: int = 0) -> str:
    """Write plain data, with Verbatim in it, as a Python display over lines that are indented by depth levels."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping) and value:
        return _display("{}", [f"{key!a}: {literal(item, depth + 1)}" for key, item in value.items()], depth)
    if isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        return _display("[]", [literal(item, depth + 1) for item in value], depth)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item, depth) for item in value) + "]"
    return ascii(value)


def _display(brackets: str, items: list[str], depth: int) -> str:
    line = brackets[0] + ", ".join(items) + brackets[1]
    if depth and "\n" not in line and len(line) <= _LINE:
        return line
    margin = "    " * (depth + 1)
    return brackets[0] + "\n" + "".join(f"{margin}{item},\n" for item in items) + "    " * depth + brackets[1]


def _text(text: str) -> str:
    """Write a text of several lines as such, any other one as repr() does."""
    if "\n" not in text[:-1]:
        return ascii(text)
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    return '"""\\\n' + "".join(char if char in "\n\t" or " " <= char <= "~" else ascii(char)[1:-1] for char in escaped) + '"""'


def old_expression(source: str) -> str:
    """Write an expected value so that 3.4 reads it: no f-strings, which are newer, and ASCII alone."""
    tree = without_paths(ast.parse(f"({source.strip()}\n)", mode="eval"))
    text = ast.unparse(ast.fix_missing_locations(_Formats().visit(tree)))
    return text.encode("ascii", "backslashreplace").decode("ascii")  # outside of strings there is nothing else


class _Formats(ast.NodeTransformer):
    """Turns f-strings into calls of str.format."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        values: list[ast.expr] = []
        template = ast.Attribute(ast.Constant(self._template(node, values)), "format", ast.Load())
        return ast.Call(template, values, [])

    def _template(self, node: ast.JoinedStr, values: list[ast.expr]) -> str:
        """Return the format string of an f-string, and add what it is filled with to the values."""
        pieces = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                pieces.append(str(part.value).replace("{", "{{").replace("}", "}}"))
            elif isinstance(part, ast.FormattedValue):
                values.append(self.visit(part.value))
                conversion = "" if part.conversion == -1 else f"!{chr(part.conversion)}"
                spec = "" if part.format_spec is None else ":" + self._template(part.format_spec, values)  # type: ignore[arg-type]
                pieces.append("{" + conversion + spec + "}")
        return "".join(pieces)
