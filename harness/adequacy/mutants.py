"""Make mutants of imp.py with cosmic-ray, and find those that no case notices."""

from __future__ import annotations

import ast
import difflib
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from adequacy.genuine import Genuine, first_noticing, own_catalogue
from imp_conformance.catalogue.model import Case

EQUIVALENT = Path(__file__).with_name("equivalent.yaml")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed imp.py, and what was changed where."""

    operator: str
    line: int
    function: str
    before: str
    after: str
    source: str

    @property
    def key(self) -> str:
        """The mutant's name in equivalent.yaml; it holds no line number, so that lines may move."""
        return f"{self.function}: {self.before} -> {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant that cosmic-ray's operators make, each text once."""
    functions = _functions(source)
    seen = {source}
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():
            continue  # it mutates only variables named by a configuration
        operator = kind()
        occurrence = 0
        while (changed := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            if changed in seen:
                continue
            seen.add(changed)
            line, before, after = _difference(source, changed)
            yield Mutant(name, line, functions.get(line, "module"), before, after, changed)


def _difference(source: str, changed: str) -> tuple[int, str, str]:
    old, new = source.splitlines(), changed.splitlines()
    for tag, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            return first + 1, " ".join(" ".join(old[first:last]).split()), " ".join(" ".join(new[start:end]).split())
    raise ValueError("the mutant does not differ")


def _functions(source: str) -> dict[int, str]:
    """Map each line to the function or class that it is in."""
    found: dict[int, str] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found[line] = node.name
    return found


@dataclass(frozen=True, slots=True)
class Hunted:
    """A mutant, and the case that notices it, if any."""

    mutant: Mutant
    noticed_by: str | None


def hunt(genuine: Genuine, workers: int) -> Iterator[Hunted]:
    """Run the cases against every mutant, in that many processes."""
    found = list(mutants(genuine.source))
    random.Random(0).shuffle(found)  # else the progress bar could not estimate the time that is left
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_hunt_one, [genuine] * len(found), found, chunksize=4)


_killers: dict[str, int] = {}


def _hunt_one(genuine: Genuine, mutant: Mutant) -> Hunted:
    """Run those cases first that are likely to notice the mutant: of its function, then those that noticed others."""
    catalogue = own_catalogue()

    def unlikely(case: Case) -> tuple[bool, int]:
        return not (mutant.function == case.subject or mutant.function in case.names), -_killers.get(case.id, 0)

    noticed = first_noticing(genuine, mutant.source, catalogue, sorted(catalogue.cases.values(), key=unlikely))
    if noticed is not None:
        _killers[noticed] = _killers.get(noticed, 0) + 1
    return Hunted(mutant, noticed)


def equivalent() -> dict[str, str]:
    """Return the mutants that no case can notice, by key, each with its reason."""
    return dict(yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or {})
