"""What a shim's maintainer has to change for a case to pass, from what the judge says of it."""

from __future__ import annotations

import ast
import re

from imp_conformance.catalogue.model import Case
from imp_conformance.results.judge import Verdict

_SNIPPET = "What the snippet comes to"
_THE_SNIPPET = "the snippet"
_EXPRESSION_SHOWN = 90
_STEP = re.compile(r"\[(?:(\d+)|(.+?))\]|\.(\w+)")
_REASONS = (
    (r"what is given does not hold", "Mend {given} first, which must be true: a refusal counts only where the function works."),
    (r"expected (?P<wanted>.+?), observed the value (?P<seen>.+)", "{call} must raise {wanted}; it gives {seen}."),
    (r"expected (?P<wanted>.+?), observed (?P<seen>.+)", "{call} must raise {wanted}, not {seen}."),
    (r"raised (?P<seen>.+)", "{call} must not raise {seen}; expected: {expected}."),
    (
        r"message: expected text matching (?P<wanted>.+?), observed (?P<seen>.+)",
        "The exception's message must match {wanted}; it is {seen}.",
    ),
    (r"message: expected (?P<wanted>.+?), observed (?P<seen>.+)", "The exception's message must be {wanted}, not {seen}."),
    (
        r"(?P<name>\w+) of the (?P<kind>[\w.]+): expected (?P<wanted>.+?), observed no such attribute",
        "The {kind} must have the attribute {name}: {wanted}.",
    ),
    (
        r"(?P<name>\w+) of the (?P<kind>[\w.]+)(?P<path>\S*): expected (?P<wanted>.+?), observed (?P<seen>.+)",
        "{of}the {name} of the {kind} must be {wanted}, not {seen}.",
    ),
    (r"warnings: expected (?P<wanted>.+?), observed (?P<seen>.+)", "The warnings must be: {wanted}. There are: {seen}."),
    (r"warnings\[\d+\]\.message: expected (?P<wanted>.+?), observed (?P<seen>.+)", "The warning's text must be {wanted}, not {seen}."),
    (r"warnings\[\d+\]: expected (?P<wanted>.+?), observed (?P<seen>.+)", "The warning must be {wanted}, not {seen}."),
    (
        r"warnings\[\d+\] points to (?P<seen>.+), expected to (?P<wanted>.+)",
        "The warning must point to its caller, {wanted}, not to {seen}: mend its stacklevel.",
    ),
    (
        r"(?P<name>modules|files) (?P<kind>\w+): expected (?P<wanted>\[.*?\]), observed (?P<seen>\[.*\])",
        "The {name} that are {kind} must be {wanted}; they are {seen}.",
    ),
    (r"files left open: expected (?P<wanted>\[.*?\]), observed (?P<seen>\[.*\])", "The files left open must be {wanted}; they are {seen}."),
    (r"(?P<name>stdout|stderr): expected (?P<wanted>.+?), observed (?P<seen>.+)", "On {name} there must be {wanted}, not {seen}."),
)
_VALUE = re.compile(r"value(?P<path>.*?): expected (?P<wanted>.+?), observed (?P<seen>.+)", re.DOTALL)


def advice(case: Case, verdict: str, expected: str, reason: str) -> str:
    """Say in a sentence what has to change, or nothing where nothing has.

    Args:
        case: what was run.
        verdict, expected, reason: of the result.
    """
    if verdict == Verdict.MISSING:
        return f"Add {reason.removeprefix('imp has no ')} to the module."
    if verdict == Verdict.CRASH:
        return f"The process must live on and answer ({expected}); it {reason}."
    if verdict == Verdict.TIMEOUT:
        return f"The call must come to an end within {case.limit:g} s."
    if verdict != Verdict.FAIL:
        return ""
    found = _VALUE.fullmatch(reason)
    if found is not None:
        return _about_value(case, found["path"], found["wanted"], found["seen"])
    for pattern, sentence in _REASONS:
        found = re.match(pattern + r"\Z" if "(?P" in pattern else pattern, reason, re.DOTALL)
        if found is not None:
            groups = found.groupdict()
            of = "".join(f"{step} of " for step in reversed(_steps(groups.get("path") or "")))
            call = _call(case)
            text = sentence.format(given=(case.given or "").strip(), call=call, expected=expected, of=of, **groups)
            begins_with_code = sentence.startswith("{call}") and call != _THE_SNIPPET
            return text if begins_with_code else text[0].upper() + text[1:]
    return ""


def _about_value(case: Case, path: str, wanted: str, seen: str) -> str:
    """Say which part of the snippet must come to something else."""
    steps = list(_STEP.finditer(path))
    node = _last_expression(case.code)
    while steps and steps[0][1] and isinstance(node, ast.Tuple | ast.List) and int(steps[0][1]) < len(node.elts):
        node = node.elts[int(steps.pop(0)[1])]
    text = "" if node is None else ast.unparse(node)
    if not text or len(text) > _EXPRESSION_SHOWN:
        text, steps = _SNIPPET, list(_STEP.finditer(path))
    rest = _steps("".join(step[0] for step in steps))
    if rest:
        return f"{text} must have {wanted} as {' of '.join(reversed(rest))}, not {seen}."
    verb = "return" if isinstance(node, ast.Call) and text != _SNIPPET else "be"
    return f"{text} must {verb} {wanted}, not {seen}."


def _steps(path: str) -> list[str]:
    """Say each step into a value."""
    found = []
    for index, key, attribute in (step.groups() for step in _STEP.finditer(path)):
        found.append(f"item {int(index) + 1}" if index else f"the item {key}" if key else f"its {attribute}")
    return found


def _last_expression(code: str) -> ast.expr | None:
    last = ast.parse(code).body[-1]
    return last.value if isinstance(last, ast.Expr) else None


def _call(case: Case) -> str:
    """Name the call that the case is about where its snippet is nothing else."""
    node = _last_expression(case.code)
    if isinstance(node, ast.Call) and len(ast.parse(case.code).body) == 1 and len(ast.unparse(node)) <= _EXPRESSION_SHOWN:
        return ast.unparse(node)
    return _THE_SNIPPET
