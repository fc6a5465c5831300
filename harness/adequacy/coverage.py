"""Line and branch coverage of a genuine imp.py by the cases, on interpreters that coverage tools no longer support.

A copy of imp.py gets probes and is judged as a candidate. A line is covered when the statement that begins there was
executed. A branch (of if, while, for, try, and, or, conditional expressions) is covered when it was taken.
"""

from __future__ import annotations

import ast
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adequacy.genuine import Genuine, results
from imp_conformance.catalogue.model import Catalogue

_PRELUDE = """
def _probe_(name, value=None, _seen=set()):
    if name not in _seen:
        _seen.add(name)
        import os
        sink = os.open({path!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(sink, (name + '\\n').encode('ascii'))
        os.close(sink)
    return value
def _branch_(name, value):
    return _probe_(name + (':true' if value else ':false'), value)
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is to reach in an imp.py, and what was reached."""

    lines: frozenset[str]
    branches: frozenset[str]
    reached: frozenset[str]

    @property
    def missed(self) -> list[str]:
        """What was not reached, such as ``line 12`` or ``line 14: if at column 7:true``."""
        return sorted((self.lines | self.branches) - self.reached, key=lambda name: (int(name.split()[1].rstrip(":")), name))


class _Prober(ast.NodeTransformer):
    """Put a probe before every statement and around every condition."""

    def __init__(self) -> None:
        self.lines: set[str] = set()
        self.branches: set[str] = set()

    def body(self, statements: list[ast.stmt], branch: str | None = None) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        if branch is not None:
            self.branches.add(branch)
            found.append(_call(branch))
        for statement in statements:
            documented = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            changed = self.visit(statement)
            if not documented and not future:
                name = f"line {statement.lineno}"
                self.lines.add(name)
                found.append(_call(name))
            found.append(changed)
        return found

    def condition(self, test: ast.expr, kind: str) -> ast.expr:
        name = f"line {test.lineno}: {kind} at column {test.col_offset}"
        self.branches.update((f"{name}:true", f"{name}:false"))
        value = self.visit(test)
        return ast.Call(ast.Name("_branch_", ast.Load()), [ast.Constant(name), value], [])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        start = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
        node.body = start + self.body(node.body[len(start) :])
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        start = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
        node.body = start + self.body(node.body[len(start) :])
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        node.test = self.condition(node.test, "if")
        node.body, node.orelse = self.body(node.body), self.body(node.orelse)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        node.test = self.condition(node.test, "if-else")
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        node.values = [self.condition(value, "operand") for value in node.values]
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        node.body = self.body(node.body, f"line {node.lineno}: for entered")
        node.orelse = self.body(node.orelse, f"line {node.lineno}: for exhausted")
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        node.test = self.condition(node.test, "while")
        node.body, node.orelse = self.body(node.body), self.body(node.orelse)
        return node

    def visit_With(self, node: ast.With) -> ast.With:
        node.body = self.body(node.body)
        return node

    def visit_Try(self, node: ast.Try) -> ast.Try:
        node.body, node.orelse, node.finalbody = self.body(node.body), self.body(node.orelse), self.body(node.finalbody)
        for handler in node.handlers:
            handler.body = self.body(handler.body, f"line {handler.lineno}: except entered")
        return node


def _call(name: str) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name("_probe_", ast.Load()), [ast.Constant(name)], []))


def with_probes(source: str, path: Path) -> tuple[str, Coverage]:
    """Return a copy of a module that writes to a file what is reached, and all that there is to reach."""
    tree = ast.parse(source)
    prober = _Prober()
    tree.body = prober.body(tree.body)
    start = 1 if ast.get_docstring(tree) is not None else 0
    tree.body[start:start] = ast.parse(_PRELUDE.format(path=str(path))).body
    text = ast.unparse(ast.fix_missing_locations(tree))
    return text, Coverage(frozenset(prober.lines), frozenset(prober.branches), frozenset())


def measure(genuine: Genuine, catalogue: Catalogue) -> Coverage:
    """Run all cases against a genuine imp.py with probes.

    Raises:
        RuntimeError: a case fails; the copy must behave as the original does.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reached"
        source, there = with_probes(genuine.source, path)
        for result in results(genuine, source, catalogue, catalogue.cases.values()):
            if not result.conforms:
                raise RuntimeError(f"{genuine.release}: {result.case} fails with probes: {result.reason}")
        reached = frozenset(path.read_text(encoding="ascii").splitlines())
    return Coverage(there.lines, there.branches, reached)
