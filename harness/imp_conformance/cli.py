"""The command line: its commands by name, each imported only when it is called, so that a small one starts fast."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from imp_conformance import __version__
from imp_conformance.commands.streams import failed, open_streams
from imp_conformance.errors import ExitStatus

COMMANDS = ("run", "targets", "list", "show", "check", "repro", "explain", "merge", "compare", "report", "baseline")
"""Each has a module of its name in imp_conformance.commands, whose attribute ``command`` it is."""

WINDOWS_HOST = "it runs on Linux, macOS or WSL, and judges a Windows Python from there: in WSL, imp-conformance run --python cmd:python.exe"


class _Commands(click.Group):
    """The commands in the order in which people meet them."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Call a command, and see that all it says has gone out, or say why not."""
        open_streams()
        status: Any = ExitStatus.CONFORMS
        try:
            super().main(*args, **kwargs)
        except SystemExit as end:
            status = end.code
        except OSError as error:  # of --help: each command tells its own
            status = failed(error)
        try:
            sys.stdout.flush()
        except OSError as error:
            status = failed(error)
        sys.exit(status)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            close = difflib.get_close_matches(cmd_name, COMMANDS, n=1)
            ctx.fail(f"No such command {cmd_name!r}: " + (f"did you mean {close[0]}?" if close else f"use {', '.join(COMMANDS)}"))
        if sys.platform == "win32":
            click.echo(f"imp-conformance: {WINDOWS_HOST}", err=True)
            sys.exit(ExitStatus.USAGE)
        command = import_module(f"imp_conformance.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imp-conformance")
def main() -> None:
    """Whether what calls itself imp behaves as CPython's imp did.

    Exit status: 0 it conforms, 1 it does not, 2 wrong usage or an invalid catalogue, 3 the run is incomplete.
    """
