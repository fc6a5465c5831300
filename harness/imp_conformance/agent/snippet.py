"""Compile and run a snippet, so that its imports of imp find the candidate and its last line is its value."""

import ast

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


class CandidateNamer(ast.NodeTransformer):
    """Let the snippet's own import statements that say imp import the candidate, whatever its module is called."""

    def __init__(self, module: str) -> None:
        self.module = module

    def visit_Import(self, node: ast.Import) -> ast.Import:
        for alias in node.names:
            if alias.name == "imp":
                alias.name, alias.asname = self.module, alias.asname or "imp"
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if node.module == "imp" and not node.level:
            node.module = self.module
        return node


# RustPython loses lone surrogates on the way through a tree, and keeps them where it compiles text.
TREES_KEEP_ALL = eval(compile(ast.parse("'\\ud800'", mode="eval"), "snippet.py", "eval")) == "\ud800"


def parted(code: str, last: "Any") -> "tuple[str, str]":
    """Part a snippet's text before its last statement; each line of both parts keeps its number."""
    lines = code.splitlines(True)
    row, column = last.lineno - 1, last.col_offset
    return "".join(lines[:row]) + lines[row][:column], "\n" * row + "".join(lines[row:])[column:]


def compile_snippet(code: str, module: str) -> "tuple[Any, Any]":
    """Compile a snippet: all of it, but for the last line where that is an expression, and that expression or None.

    Raises SyntaxError or ValueError where this interpreter cannot read it.
    """
    tree = ast.parse(code, "snippet.py")  # type: Any
    if not TREES_KEEP_ALL and module == "imp" and tree.body and isinstance(tree.body[-1], ast.Expr):
        body, ending = parted(code, tree.body[-1])
        codes = [compile(body, "snippet.py", "exec", dont_inherit=True), compile(ending, "snippet.py", "eval", dont_inherit=True)]
        return codes[0], codes[1]
    if module != "imp":
        tree = CandidateNamer(module).visit(tree)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = compile(ast.Expression(tree.body.pop().value), "snippet.py", "eval", dont_inherit=True)
    return compile(tree, "snippet.py", "exec", dont_inherit=True), last


def run_snippet(codes: "Any", module: str, space: "dict[str, Any]") -> object:
    """Execute a snippet and return the value of its last line where that is an expression, as a prompt would."""
    if type(codes) is str:
        codes = compile_snippet(codes, module)
    exec(codes[0], space)
    return None if codes[1] is None else eval(codes[1], space)


def holds(codes: "Any", module: str, space: "dict[str, Any]") -> bool:
    """Say whether a snippet's value is True; one that raises does not hold."""
    try:
        return run_snippet(codes, module, space) is True
    except BaseException:  # of whatever kind: the candidate does not do what it must
        return False
