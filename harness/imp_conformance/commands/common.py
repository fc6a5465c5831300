"""What the commands share: the types of options, the telling of errors, the catalogue, the console."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from imp_conformance.commands.streams import failed, tell
from imp_conformance.errors import ConformanceError, ExitStatus, UnknownName
from imp_conformance.resources import catalogue_root

if TYPE_CHECKING:
    from rich.console import Console

    from imp_conformance.catalogue.model import Case, Catalogue, Level
    from imp_conformance.config import Configuration
    from imp_conformance.results.gate import Gate

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Text(click.types.StringParamType):
    """A text that is not empty: an empty one is most often a shell variable that is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty: give a value, or leave it out", param, ctx)
        return super().convert(value, param, ctx)


class _Path(click.Path):
    """A path that is not empty, for the same reason."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty: give a path, or leave it out", param, ctx)
        return super().convert(value, param, ctx)


class _Level(click.ParamType):  # type: ignore[type-arg]  # older releases of click have no argument
    """A level of clauses, the least binding that is gated."""

    name = "level"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Level:
        from imp_conformance.catalogue.model import Level

        try:
            return Level(value)
        except ValueError:
            self.fail(f"{value!r} is no level: use one of {', '.join(Level)}", param, ctx)


TEXT = _Text()
PATH = _Path(path_type=Path)
START_LIMIT = click.option(
    "--start-limit", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="What an interpreter may take to start; default: 60."
)
LEVEL = click.option("--level", type=_Level(), metavar="LEVEL", help="The least binding level that is gated and scored; default: observed.")


EDITION = click.option(
    "--edition", type=click.IntRange(1), metavar="N", help="The last edition of the cases that is gated; default: the baseline's, or any."
)


def _go_offline(_context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    from imp_conformance.targets.fetching import go_offline

    go_offline(value)
    return value


OFFLINE = click.option(
    "--offline", is_flag=True, expose_value=False, callback=_go_offline, help="Fetch nothing: what is not here is an error, which says so."
)


def told(command: _Command) -> _Command:
    """Make a command tell each error that a user can cause in one message, and exit with its status."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConformanceError as error:
            tell(str(error))
            sys.exit(error.exit_status)
        except KeyboardInterrupt:
            tell("interrupted")
            sys.exit(ExitStatus.INCOMPLETE)
        except OSError as error:
            sys.exit(failed(error))

    return wrapper  # type: ignore[return-value]


def own_catalogue() -> Catalogue:
    """Load the catalogue of this installation.

    Raises:
        InvalidCatalogue: where it breaks a rule.
    """
    from imp_conformance.catalogue.cache import cached_catalogue

    return cached_catalogue(catalogue_root())


def chosen_gate(
    defaults: Configuration, catalogue: Catalogue, level: Level | None = None, edition: int | None = None, baseline: int | None = None
) -> Gate:
    """Return the gate of a level and an edition: what an option gave, or else is configured, or else is usual.

    Args:
        defaults: the configuration.
        catalogue: the cases.
        level: the level that an option gave.
        edition: the edition that an option gave.
        baseline: the edition of the baseline, which counts before the configured one; None where there is no baseline.

    Raises:
        InvalidConfiguration: for an edition that the catalogue does not have yet.
    """
    from imp_conformance.catalogue.model import Level
    from imp_conformance.config import check_edition
    from imp_conformance.results.gate import Gate

    check_edition(edition or defaults.edition, catalogue.edition)
    return Gate(level or Level(defaults.level or Level.OBSERVED), edition or baseline or defaults.edition)


def known_case(catalogue: Catalogue, name: str) -> Case:
    """Return the case of an id.

    Raises:
        UnknownName: where there is none, with the ids most like it.
    """
    from imp_conformance.catalogue.lookup import unknown_case

    if name not in catalogue.cases:
        raise UnknownName(unknown_case(catalogue, name))
    return catalogue.cases[name]


def console() -> Console:
    """Return a console as wide as the terminal, or of a fixed width where there is none."""
    from rich.console import Console

    from imp_conformance.render.terminal import PLAIN_WIDTH

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # it would end the process with a status that says that something differs

    return Screen(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
