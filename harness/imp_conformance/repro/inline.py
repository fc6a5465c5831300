"""A case's snippet as lines of a plain script: its facts under names of their own, its value kept."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping, Set
from typing import Any

from imp_conformance.catalogue.expression import Expression
from imp_conformance.repro.literal import quoted

FACTS = "facts"

MAGIC = "(importlib._bootstrap_external if sys.version_info >= (3, 5) else importlib._bootstrap).MAGIC_NUMBER"
"""The expression for an interpreter's magic number."""

_COMPUTED = {
    "cwd": "os.getcwd()",
    "sep": "os.sep",
    "tag": "sys.implementation.cache_tag",
    "implementation": "sys.implementation.name",
    "optimize": "sys.flags.optimize",
    "prefix": "sys.prefix",
    "magic": MAGIC,
}
"""Facts that any interpreter can say of itself in a line; the others are written as the target has them."""

_RESERVED = frozenset(["imp", "os", "sys", "re", "types", "warnings", "importlib", "marshal", "tempfile", "shutil", "gc"])
"""What the script itself calls so."""


def passes_facts(code: str) -> bool:
    """Whether a snippet does anything with its facts but read one of them."""
    nodes = list(ast.walk(ast.parse(code)))
    read = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    return any(isinstance(node, ast.Name) and node.id == FACTS and id(node) not in read for node in nodes)


class Names:
    """Names for the script's own variables, none of which the case uses."""

    def __init__(self, codes: list[str]) -> None:
        self._taken: set[str] = set()
        self.bound: set[str] = set()
        for code in codes:
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.Name):
                    self._taken.add(node.id)
                    if not isinstance(node.ctx, ast.Load):
                        self.bound.add(node.id)
                elif isinstance(node, ast.alias):
                    name = node.asname or node.name.partition(".")[0]
                    self._taken.add(name)
                    if name != node.name.partition(".")[0]:
                        self.bound.add(name)
                elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler) and node.name:
                    self._taken.add(node.name)
                    self.bound.add(node.name)

    @property
    def usurped(self) -> bool:
        """Whether the case gives another meaning to a name that the script needs."""
        return bool(self.bound & _RESERVED)

    def new(self, *wanted: str) -> str:
        """Return the first of the names that is free, or the first with underscores, and keep it."""
        name = next((name for name in wanted if name not in self._taken), wanted[0])
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


class Facts:
    """The facts that a script uses, each a variable of it."""

    def __init__(self, known: Mapping[str, Any], names: Names) -> None:
        self._known, self._names = known, names
        self._used: dict[str, str] = {}

    def known(self, fact: str) -> Any:
        """Return a fact of the interpreter that the script is for."""
        return self._known.get(fact)

    def value(self, node: ast.expr) -> Any:
        """Return what an expression of facts is for the interpreter that the script is for."""
        return Expression(ast.unparse(node)).evaluate({"cwd": "", **self._known})

    def variable(self, fact: str) -> str:
        """Return the name of the variable that holds a fact."""
        if fact not in self._used:
            self._used[fact] = self._names.new(fact, f"the_{fact}")
        return self._used[fact]

    def lines(self) -> list[str]:
        """Return the assignments."""
        return [f"{variable} = {self._value(fact)}" for fact, variable in self._used.items()]

    def _value(self, fact: str) -> str:
        if fact in _COMPUTED:
            return _COMPUTED[fact]
        value, stdlib = self._known.get(fact), str(self._known.get("stdlib") or "")
        if fact == "stdlib":
            return "os.path.dirname(os.__file__)"
        if fact.endswith("_path") and stdlib and str(value).startswith(stdlib + os.sep):
            return f"os.path.dirname(os.__file__) + {str(value)[len(stdlib) :]!a}"
        return quoted(value) if isinstance(value, str | bytes) else ascii(value)

    def in_code(self, code: str) -> str:
        """Return code with the variables in place of ``facts.NAME``."""
        found = [
            node
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == FACTS
        ]
        lines = code.encode("utf-8").splitlines(keepends=True)
        for node in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
            line = lines[node.lineno - 1]
            lines[node.lineno - 1] = line[: node.col_offset] + self.variable(node.attr).encode("ascii") + line[node.end_col_offset :]
        return b"".join(lines).decode("utf-8")

    def in_text(self, text: str) -> str:
        """Return an expression for a text in which ``{facts.NAME}`` stands."""
        parts = text.split("{facts.")
        values = [self.variable(part.partition("}")[0]) for part in parts[1:]]
        pieces = [parts[0], *(part.partition("}")[2] for part in parts[1:])]
        if not values:
            return quoted(text)
        template = "{}".join(piece.replace("{", "{{").replace("}", "}}") for piece in pieces)
        return f"{quoted(template)}.format({', '.join(values)})"


def without_imports(code: str, known: Set[str]) -> str:
    """Return code whose first statements import nothing that is known, where they are imports of modules under their own names."""
    lines = code.strip("\n").encode("utf-8").splitlines(keepends=True)
    for node in ast.parse(code.strip("\n")).body:
        if not isinstance(node, ast.Import) or node.lineno != node.end_lineno:
            break
        line = lines[node.lineno - 1]
        if node.col_offset or line[node.end_col_offset :].strip():
            break
        left = [ast.unparse(alias) for alias in node.names if alias.asname or alias.name not in known]
        lines[node.lineno - 1] = f"import {', '.join(left)}\n".encode() if left else b""
    return b"".join(lines).decode("utf-8")


def without_last_name(code: str) -> str:
    """Return code without a last line that is a name alone, the value of which nobody asks for."""
    code = code.strip("\n")
    last = ast.parse(code).body[-1]
    is_name = isinstance(last, ast.Expr) and isinstance(last.value, ast.Name | ast.Constant) and last.col_offset == 0
    return "\n".join(code.split("\n")[: last.lineno - 1]) if is_name and last.lineno > 1 else code


def kept(code: str, before: str, after: str = "", *, wraps: bool = False) -> tuple[str, bool]:
    """Return code whose last line, where that is an expression, is put between two texts, and whether it is one.

    Where it wraps, what is more than a name or a call is put into parentheses.
    """
    code = code.strip("\n")
    body = ast.parse(code).body
    if not body or not isinstance(body[-1], ast.Expr):
        return code, False
    last = body[-1].value
    lines = code.encode("utf-8").splitlines(keepends=True)
    begin = sum(map(len, lines[: body[-1].lineno - 1])) + body[-1].col_offset
    end = sum(map(len, lines[: (body[-1].end_lineno or 1) - 1])) + (body[-1].end_col_offset or 0)
    whole = b"".join(lines)
    text = whole[begin:end].decode("utf-8")
    bare = isinstance(last, ast.Tuple) and not text.startswith("(")
    loose = wraps and not isinstance(last, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    inner = f"({text})" if loose or (bare and (before.endswith(" ") or before.endswith("("))) else text
    return whole[:begin].decode("utf-8") + before + inner + after + whole[end:].decode("utf-8"), True
