"""Result files: one a target, the same bytes whenever the same was found."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imp_conformance import __version__
from imp_conformance.catalogue.model import Case, Catalogue, Level
from imp_conformance.errors import InvalidResults, ResultsUnwritable, UnknownTarget
from imp_conformance.resources import package_text
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.targets.target import Target

if TYPE_CHECKING:
    import jsonschema

PARTIAL = ".partial.json"
"""How the names of files end that hold a part of the cases, beside the whole."""

SCHEMA = 1
"""The number of the format; raised when a reader of the old one would misread the new one."""

_WRONG_KEYS = ("expected", "observed", "reason")
_KEYS = {**dict.fromkeys(Verdict, _WRONG_KEYS), Verdict.PASS: (), Verdict.NOT_APPLICABLE: ("reason",)}


@dataclass(frozen=True, slots=True)
class TargetResults:
    """What is known of one target."""

    suite: Mapping[str, str]
    target: Mapping[str, Any]
    summary: Mapping[str, Mapping[str, int]]
    results: Mapping[str, Mapping[str, Any]]
    complete: bool
    unavailable: str | None = field(default=None)
    shard: Mapping[str, Any] | None = field(default=None)
    """Which part of a run they are of, as Plan.about says it; None where they are of a whole one."""

    @property
    def id(self) -> str:
        """The target's id, which names its file."""
        return str(self.target["id"])

    def count(self, verdict: Verdict) -> int:
        """How many cases have a verdict, at all levels together."""
        return sum(counts.get(verdict, 0) for counts in self.summary.values())

    @property
    def conforms(self) -> bool:
        """Whether everything that was asked was answered rightly."""
        return all(self.count(verdict) == 0 for verdict in Verdict if not verdict.conforms)


def collect(catalogue: Catalogue, target: Target, results: Iterable[Result]) -> TargetResults:
    """Put the results of a target's cases together."""
    found = {result.case: result for result in results}
    summary = {level.value: {verdict.value: 0 for verdict in Verdict} for level in Level}
    for result in found.values():
        summary[catalogue.level(catalogue.cases[result.case])][result.verdict] += 1
    about = {
        "id": target.id,
        "implementation": target.identity.get("implementation", "unknown"),
        "version": target.identity.get("release", "unknown"),
        "platform": target.identity.get("platform", "unknown"),
        "candidate": dict(target.candidate.about),
        "emulates": target.emulates,
    }
    return TargetResults(
        suite={"version": __version__, "digest": catalogue.digest},
        target=about,
        summary=summary,
        results={case: _result_data(result, catalogue.cases[case]) for case, result in found.items()},
        complete=target.unavailable is None and found.keys() == catalogue.cases.keys(),
        unavailable=target.unavailable,
    )


def _result_data(result: Result, case: Case) -> dict[str, Any]:
    data: dict[str, Any] = {"verdict": result.verdict.value, "clauses": list(case.clauses)}
    if result.verdict is Verdict.NOT_APPLICABLE:
        data["reason"] = result.reason
    elif result.difference is not None:
        data.update(expected=result.expected, observed=result.observed, reason=result.reason, difference=result.difference.to_json())
    return data


def prepare_folder(folder: Path, option: str = "--results") -> None:
    """Make a folder for what is to be written before the work for it begins.

    Args:
        folder: the folder.
        option: which names it on the command line.

    Raises:
        ResultsUnwritable: where nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ResultsUnwritable(f"{option} {folder}: {error.strerror}: name a folder that can be written to") from None


def write_results(folder: Path, results: TargetResults) -> Path:
    """Write a target's file at once or not at all, and return its path.

    Results of a whole run are never replaced by those of a part of one: these then go into ``<id>.partial.json``. Those of a
    shard go into ``<id>.shard-I-of-N.json``, so that the shards of a target can lie in one folder.
    """
    path = folder / f"{results.id}.json"
    partial = folder / f"{results.id}{PARTIAL}"
    if results.shard is not None:
        path = folder / f"{results.id}.shard-{results.shard['index']}-of-{results.shard['of']}.json"
    elif not results.complete and _is_complete(path):
        path = partial
    elif results.complete:
        partial.unlink(missing_ok=True)
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "suite": results.suite,
        "target": results.target,
        "summary": results.summary,
        "results": results.results,
        "complete": results.complete,
    }
    if results.unavailable is not None:
        data["unavailable"] = results.unavailable
    if results.shard is not None:
        data["shard"] = results.shard
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n", encoding="ascii")
    fresh.replace(path)
    return path


def _is_complete(path: Path) -> bool:
    try:
        return read_results(path).complete
    except (InvalidResults, OSError):
        return False


def read_results(path: Path) -> TargetResults:
    """Read one result file.

    Raises:
        InvalidResults: where it is not one.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise InvalidResults(f"{path}: not JSON ({error}): make it anew with imp-conformance run --results") from None
    except OSError as error:
        raise InvalidResults(f"{path}: {error.strerror}: make it readable") from None
    import jsonschema  # a run that reads no results starts without it

    problem = jsonschema.exceptions.best_match(_validator().iter_errors(data))
    if problem is not None:
        place = ".".join(str(step) for step in problem.absolute_path) or "the file"
        what = problem.message if len(problem.message) <= 200 else problem.message[:197] + "..."
        raise InvalidResults(f"{path}: {place}: {what}: make it anew with imp-conformance run --results")
    for what in _contradictions(data):
        raise InvalidResults(f"{path}: {what}: make it anew with imp-conformance run --results")
    names = ("suite", "target", "summary", "results", "complete")
    return TargetResults(**{name: data[name] for name in names}, unavailable=data.get("unavailable"), shard=data.get("shard"))


def result_files(folder: Path) -> list[Path]:
    """Return the result files of a folder; a part of a target's cases is none where the whole lies beside it."""
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [
        path for path in paths if not path.name.endswith(PARTIAL) or path.with_name(path.name.removesuffix(PARTIAL) + ".json") not in paths
    ]


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)
        raise ValueError(f"the key {twice!r} stands twice in an object")
    return found


def _contradictions(data: Mapping[str, Any]) -> Iterator[str]:
    """Find what the schema cannot see: keys that a verdict calls for, and counts that are not those of the results."""
    for case, result in data["results"].items():
        lacking = [key for key in _KEYS[result["verdict"]] if key not in result]
        if lacking:
            yield f"results.{case}: the verdict is {result['verdict']}, and it lacks {' and '.join(map(repr, lacking))}"
    found = Counter(result["verdict"] for result in data["results"].values())
    for verdict in Verdict:
        counted = sum(counts.get(verdict, 0) for counts in data["summary"].values())
        if counted != found[verdict]:
            yield f"summary: it counts {counted} {verdict}, and the results hold {found[verdict]}"
    if data["complete"] and "unavailable" in data:
        yield "complete: true, and the target is unavailable"


def named_target(found: list[TargetResults], name: str, folder: Path) -> list[TargetResults]:
    """Return the results of the target of a name, alone.

    Raises:
        UnknownTarget: where there are none.
    """
    hits = [results for results in found if results.id == name]
    if not hits:
        raise UnknownTarget(f"--target {name}: {folder} has no results of it: name one of {', '.join(results.id for results in found)}")
    return hits


def column_order(results: TargetResults) -> tuple[bool, str, tuple[int, ...], str]:
    """Return what a matrix's columns are sorted by."""
    numbers = [part for part in str(results.target["version"]).partition(" ")[0].split(".") if part.isdigit()]
    own = results.target["candidate"].get("kind") == "own"
    return not own, str(results.target["implementation"]), tuple(map(int, numbers)), results.id


@cache
def _validator() -> jsonschema.Draft202012Validator:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(package_text("schema/results.schema.json")))
