"""Values and exceptions that do their worst when somebody looks at them: each fails its own case, and no more than that."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping
from pathlib import Path

import pytest
from test_hostile import BRIEF, CASES, GENUINE, HOSTILE, PATIENT, TOLD, judged, nothing_is_left, table, write_catalogue

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.results.judge import Verdict

__all__ = ["nothing_is_left"]  # a fixture

VALUES, EXCEPTIONS = table("values.yaml"), table("exceptions.yaml")

HOOKS = (
    *("__del__", "__repr__", "__eq__", "__hash__", "__str__", "__getattribute__", "__class__", "__dict__"),
    *("__iter__", "__len__", "__bool__", "__index__", "__format__", "__getitem__", "__reduce_ex__", "__name__"),
)
BASES = ("object", "str", "int", "list", "dict", "Exception", "type(sys)")


def hooked() -> dict[str, str]:
    """Write instances of each base whose one special method raises, never returns or ends the process."""
    found = {}
    for hook, what, base in itertools.product(HOOKS, ("raises", "never", "leaves"), BASES):
        space = f"{{'{hook}': property({what})}}" if hook in ("__class__", "__dict__", "__name__") else f"{{'{hook}': {what}}}"
        arguments = "'m'" if base == "type(sys)" else ""
        found[f"a {base} whose {hook} {what}"] = f"type('Odd', ({base},), {space})({arguments})"
        found[f"a class whose metaclass's {hook} {what}, of {base}"] = f"type('Meta', (type,), {space})('Odd', ({base},), {{}})"
    return found


def odd_candidate(statement: str, expressions: Mapping[str, str], folder: Path, brief: Container[str] = ()) -> tuple[str, Catalogue]:
    """Write a candidate whose get_tag does the statement with the expression of a number, and a case for each.

    Args:
        statement: what get_tag does with one.
        expressions: by name.
        folder: for the catalogue.
        brief: names of those that never answer, which get less time.
    """
    lines = [GENUINE, (HOSTILE / "odd.py").read_text(encoding="utf-8"), "genuine = get_tag\n", "odd = [\n"]
    lines += [f"    lambda: {expression},  # {name}\n" for name, expression in expressions.items()]
    lines.append(f"]\ndef get_tag(n=None):\n    {statement}\n")
    case = "  - {{id: thing/odd-{0}, title: Odd., clauses: [thing.works], limit: {1}, "
    case += "run: imp.get_tag({0}), expect: {{value: facts.tag}}}}\n"
    cases = [case.format(number, BRIEF if name in brief else PATIENT) for number, name in enumerate(expressions)]
    folder.mkdir()
    return "".join(lines), write_catalogue(folder, CASES + "".join(cases), PATIENT)


@pytest.mark.usefixtures("nothing_is_left")
def test_odd_values_are_no_more_than_wrong(tmp_path: Path, nothing_is_left: None) -> None:
    odd = {**VALUES, **hooked()}
    source, catalogue = odd_candidate("return genuine() if n is None else odd[n]()", odd, tmp_path / "odd")
    found = judged(source, catalogue, tmp_path)
    names = dict(enumerate(odd))
    wrong = {names[n]: found[f"thing/odd-{n}"] for n in names if found[f"thing/odd-{n}"].verdict is not Verdict.FAIL}
    assert wrong == {}
    assert max(len(result.reason) + len(result.observed) for result in found.values()) < 2 * TOLD
    assert {result.verdict for case, result in found.items() if "odd" not in case} == {Verdict.PASS}


@pytest.mark.usefixtures("nothing_is_left")
def test_odd_exceptions_are_no_more_than_wrong(tmp_path: Path, nothing_is_left: None) -> None:
    odd = {name: entry["raises"] for name, entry in EXCEPTIONS.items()}
    stuck = {name for name, entry in EXCEPTIONS.items() if entry["reason"] == "timeout"}
    source, catalogue = odd_candidate("if n is None: return genuine()\n    raise odd[n]()", odd, tmp_path / "odd", brief=stuck)
    found = judged(source, catalogue, tmp_path)
    wrong = {}
    for number, (name, entry) in enumerate(EXCEPTIONS.items()):
        result = found[f"thing/odd-{number}"]
        verdict = Verdict.TIMEOUT if name in stuck else Verdict.FAIL
        if result.verdict is not verdict or entry["reason"] not in ("any", "timeout", result.reason):
            wrong[name] = result
    assert wrong == {}
    assert {result.verdict for case, result in found.items() if "odd" not in case} == {Verdict.PASS}
