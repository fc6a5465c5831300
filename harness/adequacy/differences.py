"""Run programs that use imp on other implementations beside the genuine one: nox -s differences.

Whatever an implementation does otherwise has a cause in differences.yaml. A cause that is imp's or loading's own must have a case
that fails there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import jinja2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adequacy.causes import Cause, Difference, causes_of, differences, read_causes
from adequacy.genuine import genuine_interpreters, own_catalogue
from adequacy.programs import Programs, printed, read_programs
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import ConformanceError, TargetUnavailable
from imp_conformance.portable.protocol import PROGRAM
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.discovery import found_interpreters
from imp_conformance.targets.session import Session, start_loaded
from imp_conformance.targets.target import Target, find_interpreters, open_targets


@dataclass(slots=True)
class Compared:
    """What came of a target, in the form of differences.json."""

    genuine: str
    """The release that it was compared with."""
    programs: int
    differ: list[str] = field(default_factory=list)
    """The programs that differ."""
    noticed: dict[str, list[str]] = field(default_factory=dict)
    """By cause in scope: its cases that fail."""
    unnoticed: list[str] = field(default_factory=list)
    """The causes in scope without a failing case."""
    outside: dict[str, str] = field(default_factory=dict)
    """By cause that is not in scope: the reason."""
    unseen: list[str] = field(default_factory=list)
    """The causes that no program showed this time."""
    unexplained: list[str] = field(default_factory=list)
    """The differences that no cause explains."""
    subjects: dict[str, dict[str, int]] = field(default_factory=dict)
    """By function or topic: its causes, and those of them with a failing case."""

    @property
    def complete(self) -> bool:
        """Whether every difference has a cause, and every cause in scope a failing case."""
        return not self.unnoticed and not self.unexplained


@click.command()
@click.option("--python", "pythons", multiple=True, metavar="PYTHON", help="What to compare; default: what is here and not CPython.")
@click.option("--candidate", metavar="CANDIDATE", help="Whose imp to compare; default: each interpreter's own.")
@click.option("--program", "wanted", multiple=True, metavar="ID", help="A program to run; default: all.")
@click.option("--causes", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The causes; default: differences.yaml.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for differences.json and differences.md.")
def main(pythons: Sequence[str], candidate: str | None, wanted: Sequence[str], causes: Path | None, output: Path | None) -> None:
    """Compare implementations of imp. The exit status is 1 where a cause in scope has no failing case, or a difference no cause."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        catalogue, programs = own_catalogue(), read_programs()
        known = read_causes(programs.texts, catalogue.cases, *([] if causes is None else [causes]))
        programs = programs.only(wanted)
        found = {
            target.id: _compared(target, session, programs, known, catalogue=catalogue, console=console)
            for target, session in _opened(pythons, candidate, catalogue)
        }
    except ConformanceError as error:
        click.echo(f"differences: {error}", err=True)
        sys.exit(error.exit_status)
    for name, compared in found.items():
        _tell(name, compared, console)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        figures = {name: asdict(compared) for name, compared in found.items()}
        (output / "differences.json").write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        (output / "differences.md").write_text(_page(found), encoding="utf-8")
    sys.exit(0 if all(compared.complete for compared in found.values()) else 1)


def _opened(pythons: Sequence[str], candidate: str | None, catalogue: Catalogue) -> Iterator[tuple[Target, Session]]:
    """Start each target.

    Raises:
        TargetUnavailable: one does not start, or runs no programs.
    """
    named = pythons or [item.path for item in found_interpreters() if item.implementation != "cpython"]
    if not named:
        raise ConformanceError("there is no interpreter here but CPython: name one with --python")
    requests = [request for text in named for request in find_interpreters(text)]
    for target, session in open_targets(requests, candidate, None, catalogue.names):
        if session is None:
            raise TargetUnavailable(f"{target.id} is unavailable: {target.unavailable}")
        with closing(session):
            lacking = session.lacking.get(PROGRAM)
            if lacking is not None:
                raise TargetUnavailable(f"{target.id} runs no programs: {lacking}")
            yield target, session


def _compared(
    target: Target, session: Session, programs: Programs, causes: Sequence[Cause], *, catalogue: Catalogue, console: Console
) -> Compared:
    mine = [cause for cause in causes_of(target.id, causes) if any(shown.program in programs.texts for shown in cause.shows)]
    seen: list[Difference] = []
    with ExitStack() as stack:
        reference = stack.enter_context(closing(_reference(target, catalogue)))
        pool = stack.enter_context(ThreadPoolExecutor(2))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        progress = stack.enter_context(Progress(*columns, console=console))
        for name, case in progress.track(programs.cases().items(), description=target.id):
            genuine, other = pool.map(printed, (reference, session), (case, case))
            seen += differences(name, genuine, other)
        release = reference.identity.release
    cases = {case for cause in mine if cause.outside is None and any(map(cause.explains, seen)) for case in cause.cases}
    results = [ask(session, catalogue.cases[case], target.release) for case in sorted(cases)]
    return summed_up(release, len(programs.texts), seen, mine, {result.case for result in results if not result.conforms})


def summed_up(genuine: str, programs: int, seen: Sequence[Difference], causes: Sequence[Cause], failing: Set[str]) -> Compared:
    """Say what the differences of a target come of.

    Args:
        genuine: the release that it was compared with.
        programs: how many were run.
        seen: the differences.
        causes: those that the target is said to have.
        failing: the cases that fail there.
    """
    compared = Compared(genuine, programs, list(dict.fromkeys(difference.program for difference in seen)))
    compared.unexplained = [str(difference) for difference in seen if not any(cause.explains(difference) for cause in causes)]
    for cause in causes:
        cases = sorted(failing & set(cause.cases))
        if not any(map(cause.explains, seen)):
            compared.unseen.append(cause.cause)
        elif cause.outside is not None:
            compared.outside[cause.cause] = cause.outside
        else:
            of_subject = compared.subjects.setdefault(cause.subject, {"causes": 0, "noticed": 0})
            of_subject["causes"] += 1
            of_subject["noticed"] += bool(cases)
            if cases:
                compared.noticed[cause.cause] = cases
            else:
                compared.unnoticed.append(cause.cause)
    return compared


def _reference(target: Target, catalogue: Catalogue) -> Session:
    """Start the newest CPython of the series that a target stands for.

    Raises:
        ConformanceError: there is none.
    """
    hits = [item for item in genuine_interpreters() if item.version[:2] == target.release.series]
    if not hits:
        series = ".".join(map(str, target.release.series))
        raise ConformanceError(f"{target.id} is compared with CPython {series}, which is not on this machine: install it")
    return start_loaded([hits[-1].path], OWN, catalogue.names)


def _tell(name: str, compared: Compared, console: Console) -> None:
    for text in compared.unexplained:
        console.print(f"{name}: no cause: {text}", markup=False)
    for text in compared.unnoticed:
        console.print(f"{name}: no failing case: {text}", markup=False)
    for text in compared.unseen:
        console.print(f"{name}: not seen: {text}", markup=False)
    console.print(
        f"{name} beside CPython {compared.genuine}: {len(compared.differ)} of {compared.programs} programs differ; "
        f"{len(compared.noticed)} of {len(compared.noticed) + len(compared.unnoticed)} causes in scope have a failing case, "
        f"{len(compared.outside)} are outside, {len(compared.unexplained)} differences have no cause",
        markup=False,
    )


def _page(found: Mapping[str, Compared]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    return environment.get_template("differences.md.j2").render(found=found)


if __name__ == "__main__":
    main()
