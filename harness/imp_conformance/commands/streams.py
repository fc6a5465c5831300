"""Standard streams that are closed, full or no longer read: what a command does then, in the place of a traceback."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from imp_conformance.errors import ExitStatus


def open_streams() -> None:
    """Let each standard stream that is closed lead nowhere, before another file gets its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115 - it stays


def tell(message: str) -> None:
    """Say what is wrong, where anybody can hear it."""
    with contextlib.suppress(OSError):
        click.echo(f"imp-conformance: {message}", err=True)


def failed(error: OSError) -> int:
    """Say of an error that nothing else has told where it comes from, and return the exit status."""
    if error.filename is not None:
        tell(f"{error.filename}: {error.strerror}")
        return ExitStatus.USAGE
    if isinstance(error, BrokenPipeError):  # whoever read it has heard enough
        lead_nowhere()
        return ExitStatus.INCOMPLETE
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError as why:
        lead_nowhere()
        tell(f"standard output cannot be written: {why.strerror}")
        return ExitStatus.INCOMPLETE
    tell(error.strerror or str(error))
    return ExitStatus.USAGE


def lead_nowhere() -> None:
    """Let what is still to be written to standard output go nowhere: the interpreter would complain of it when it ends."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
