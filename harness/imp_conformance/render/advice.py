"""What a shim's maintainer has to change for a case to pass, told from the difference that the judge found."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from imp_conformance.catalogue.model import Case
from imp_conformance.portable.difference import in_one_line, is_field
from imp_conformance.results.judge import Result

_SNIPPET = "What the snippet comes to"
_EXPRESSION_SHOWN = 90
"""Characters of an expression that a sentence names; it speaks of the snippet where there are more."""


def advice(case: Case, result: Result) -> str:
    """Say in a sentence what has to change, or nothing where nothing has, or where only a sentence is known of the difference.

    Args:
        case: what was run.
        result: what came of it.
    """
    difference = result.difference
    if difference is None:
        return ""
    wanted, seen = difference.expected, difference.observed
    match difference.kind, *difference.where:
        case "missing", *_:
            return f"Add {wanted} to the module."
        case "crash", *_:
            return f"The process must live on and answer ({result.expected}); it {seen}."
        case "timeout", *_:
            return f"The call must come to an end within {case.limit:g} s."
        case "given", *_:
            return f"First make what is given hold: {in_one_line(wanted)}. A refusal counts only where the function works."
        case "raised", *_:
            return f"{_call(case)} must not raise {seen}; expected: {result.expected}."
        case "returned", *_:
            return f"{_call(case)} must raise {wanted}; it gives {seen}."
        case "class", "exception":
            return f"{_call(case)} must raise {wanted}, not {seen}."
        case _, "message":
            return f"The exception's message must be {wanted}, not {seen}."
        case "absent", "attribute", name:
            return f"The exception must have the attribute {name}: {wanted}."
        case _, "attribute", name, *steps:
            place = " of ".join([*_in_words(steps), f"the exception's {name}"])
            return f"{place[0].upper()}{place[1:]} must be {wanted}, not {seen}."
        case "count", "warnings":
            return f"The warnings must be: {wanted}. There are: {seen}."
        case "class", "warnings", _:
            return f"The warning must be {wanted}, not {seen}."
        case "place", "warnings", _:
            return f"The warning must point to its caller, {wanted}, not to {seen}: fix its stacklevel."
        case _, "warnings", _, "message":
            return f"The warning's text must be {wanted}, not {seen}."
        case _, "open_files":
            return f"The files left open must be {wanted}; they are {seen}."
        case _, ("modules" | "files") as what, which:
            return f"The {what} that are {which} must be {wanted}; they are {seen}."
        case _, ("stdout" | "stderr") as stream:
            return f"On {stream} there must be {wanted}, not {seen}."
        case _, "status":
            return f"The program must exit with the status {wanted}, not {seen}."
        case _, "value", *steps:
            return _about_value(case, steps, wanted, seen)
    return ""


def _about_value(case: Case, steps: list[int | str], wanted: str, seen: str) -> str:
    """Say which part of the snippet must come to something else."""
    node, inner = _last_expression(case.code), steps
    while inner and isinstance(node, ast.Tuple | ast.List) and isinstance(inner[0], int) and inner[0] < len(node.elts):
        node, inner = node.elts[inner[0]], inner[1:]
    text = "" if node is None else ast.unparse(node)
    if not text or len(text) > _EXPRESSION_SHOWN:
        text, inner = _SNIPPET, steps
    if inner:
        return f"{text} must have {wanted} as {' of '.join(_in_words(inner))}, not {seen}."
    verb = "return" if isinstance(node, ast.Call) and text != _SNIPPET else "be"
    return f"{text} must {verb} {wanted}, not {seen}."


def _in_words(steps: Sequence[int | str]) -> list[str]:
    """Say each step into a value, the innermost first."""
    return [
        f"item {step + 1}" if isinstance(step, int) else f"its {step}" if is_field(step) else f"the item {step}" for step in reversed(steps)
    ]


def _last_expression(code: str) -> ast.expr | None:
    last = ast.parse(code).body[-1]
    return last.value if isinstance(last, ast.Expr) else None


def _call(case: Case) -> str:
    """Name the call that the case is about where its snippet is nothing else, as the first words of a sentence."""
    node = _last_expression(case.code)
    if isinstance(node, ast.Call) and len(ast.parse(case.code).body) == 1 and len(ast.unparse(node)) <= _EXPRESSION_SHOWN:
        return ast.unparse(node)
    return "The snippet"
