"""The language of expected values: Python displays, the interpreter's facts, and matchers for what has no literal."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

from imp_conformance.errors import Malformed
from imp_conformance.portable.matchers import MATCHERS

FACTS = (
    "cwd",
    "sep",
    "tag",
    "magic",
    "source_suffixes",
    "bytecode_suffixes",
    "extension_suffixes",
    "optimize",
    "extension",
    "extension_path",
    "extension_kind",
    "extension_defines",
    "multi_phase",
    "multi_phase_path",
    "multi_phase_adds",
    "prefix",
    "stdlib",
    "implementation",
)
"""What ``facts.NAME`` may name, in expected values as in snippets; the agent gathers them in the target."""

PATH = "path"
"""The name of what spells a path as the platform does."""

_SEE = "see cases/README.md for the format"

_PLAIN = (
    ast.Expression,
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.ListComp,
    ast.comprehension,
    ast.IfExp,
    ast.Subscript,
    ast.Compare,
    ast.Eq,
    ast.In,
    ast.BinOp,
    ast.Add,
    ast.UnaryOp,
    ast.USub,
    ast.keyword,
    ast.Load,
    ast.Store,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expected value, as written; it is compiled when it is first evaluated, since few runs evaluate all."""

    source: str

    @property
    def constant(self) -> bool:
        """Whether it is the same for every target: no fact is in it, and no path whose separator is one."""
        return "facts" not in self.source and f"{PATH}(" not in self.source

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Read an expected value.

        Raises:
            Malformed: with what is not allowed and what is.
        """
        text = source.strip()
        try:
            tree = _tree(text)
        except SyntaxError as error:
            raise Malformed(f"{text!r} is no Python expression ({error.msg})", _SEE) from None
        except ValueError as error:  # a null character, up to 3.11.3
            raise Malformed(f"{text!r} is no Python expression ({error})", _SEE) from None
        _Checker(text).visit(tree)
        return cls(text)

    def evaluate(self, facts: Mapping[str, Any]) -> Any:
        """Return the expected value for a target with these facts, matchers in their places."""
        space = {"__builtins__": {}, "facts": SimpleNamespace(**facts), **MATCHERS}
        return eval(_compiled(self.source), space)


class _Paths(ast.NodeTransformer):
    """Turns ``path("a/b")`` into ``"a/b".replace("/", facts.sep)``, which the scripts of `repro` can evaluate, too."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == PATH):
            return node
        separator = ast.Attribute(ast.Name("facts", ast.Load()), "sep", ast.Load())
        replace = ast.Attribute(node.args[0], "replace", ast.Load())
        return ast.copy_location(ast.Call(replace, [ast.Constant("/"), separator], []), node)


def without_paths(tree: ast.Expression) -> ast.Expression:
    """Return an expected value with every ``path(...)`` spelt out: / is the platform's separator there."""
    spelt: ast.Expression = _Paths().visit(tree)
    return ast.fix_missing_locations(spelt)


def _tree(text: str) -> ast.Expression:
    return ast.parse(f"({text}\n)" if text else "", mode="eval")  # in brackets, it may run over lines


@cache
def _compiled(text: str) -> CodeType:
    return compile(without_paths(_tree(text)), "<expected>", "eval")


class _Checker(ast.NodeVisitor):
    """Refuses everything that an expected value has no use for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bound: set[str] = set()

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, _PLAIN):
            raise Malformed(f"{ast.unparse(node)!r} cannot stand in an expected value", _SEE)
        super().generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        for generator in node.generators:
            self.bound.update(name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name))
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self.bound:
            known = ", ".join(sorted([*MATCHERS, PATH]))
            raise Malformed(f"the name {node.id!r} means nothing here", f"quote it if it is text, or use facts.NAME or one of {known}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id == "facts"):
            raise Malformed(f"only facts has attributes here, and this is {ast.unparse(node)!r}", _SEE)
        if node.attr not in FACTS:
            raise Malformed(f"facts.{node.attr} does not exist", f"use one of {', '.join(FACTS)}")

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == PATH:
            if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                raise Malformed(f"{ast.unparse(node)!r} is no path", 'write path("a/m.py") or path(f"{facts.cwd}/m.py")')
            if isinstance(node.args[0], ast.Constant) and "/" not in str(node.args[0].value):
                raise Malformed(f"{ast.unparse(node)!r} has no / in it", "leave path() out: the text is the same everywhere")
            self.visit(node.args[0])
            return
        if not (isinstance(node.func, ast.Name) and node.func.id in MATCHERS):
            raise Malformed(f"{ast.unparse(node.func)!r} is no matcher", f"use one of {', '.join(sorted([*MATCHERS, PATH]))}")
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.visit(argument)
        if not any(isinstance(part, ast.Attribute) or _is_path(part) for part in ast.walk(node)):
            _try_call(node)


def _is_path(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == PATH


def _try_call(node: ast.Call) -> None:
    """Make the matcher once, so that wrong arguments are found when the catalogue is read."""
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "<expected>", "eval")
    try:
        eval(code, {"__builtins__": {}, **MATCHERS})
    except NameError:
        return  # it stands in a list comprehension: found when it is evaluated
    except (TypeError, ValueError) as error:
        raise Malformed(f"{ast.unparse(node)}: {error}", _SEE) from None
