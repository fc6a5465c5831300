"""How `imp-conformance run` calls pytest, and what pytest's exit status means for it."""

from __future__ import annotations

import difflib
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from imp_conformance.errors import ExitStatus
from imp_conformance.resources import catalogue_root

_MEANINGS = {
    pytest.ExitCode.OK: ExitStatus.CONFORMS,
    pytest.ExitCode.TESTS_FAILED: ExitStatus.DIFFERS,
    pytest.ExitCode.USAGE_ERROR: ExitStatus.USAGE,
    pytest.ExitCode.NO_TESTS_COLLECTED: ExitStatus.USAGE,
}

# What is set in them is meant for a project's own tests.
_IGNORED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DEBUG", "PYTEST_THEME", "PYTEST_THEME_MODE")

# What these plugins do around every item is for tests that run in pytest's own process; a case runs elsewhere.
_IDLE = ("doctest", "logging", "threadexception", "unittest", "unraisableexception", "warnings")


def run_pytest(options: Sequence[str], arguments: Sequence[str], plugins: Sequence[object], own: Sequence[str] = ()) -> int:
    """Run the catalogue's cases under pytest.

    Args:
        options: the plugin's own, --python and the like.
        arguments: cases to run, all where there are none, and options of pytest.
        plugins: further plugins of this process, which workers of pytest-xdist do not get.
        own: what the options of the command are called, of which one may be misspelt.

    Returns:
        The project's exit status.
    """
    ignored = set_own_paths()
    if ignored:
        print(f"imp-conformance: {' and '.join(ignored)} ignored: give options of pytest on the command line", file=sys.stderr)
    signal.signal(signal.SIGTERM, _interrupt)
    # Nothing of the project in whose environment this is installed has a part in a run: neither its plugins nor its conftest.py.
    # Without the plugin for temporary directories, xdist makes none, which a killed run would leave behind.
    fixed = ["--disable-plugin-autoload", "-p", "xdist", "-p", "imp_conformance.pytest_plugin.plugin", "-p", "no:tmpdir"]
    fixed += ["--noconftest", "-o", f"cache_dir={Path.cwd() / '.pytest_cache'}", "--assert=plain", *(f"-pno:{name}" for name in _IDLE)]
    understood = _Understood()
    status = pytest.main([*fixed, *options, *arguments], [understood, *plugins])
    if status == pytest.ExitCode.USAGE_ERROR and not understood.all:
        print(f"imp-conformance: {_hint(arguments, own)}", file=sys.stderr)
    return _MEANINGS.get(pytest.ExitCode(status), ExitStatus.INCOMPLETE)


class _Understood:
    """A plugin that learns whether pytest has understood its arguments."""

    def __init__(self) -> None:
        self.all = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        self.all = True


def _hint(arguments: Sequence[str], own: Sequence[str]) -> str:
    """Say what to do about arguments that pytest does not understand."""
    for argument in arguments:
        close = difflib.get_close_matches(argument.partition("=")[0], own, n=1, cutoff=0.8) if argument.startswith("--") else []
        if close:
            return f"{argument}: did you mean {close[0]}?"
    return "options are those of imp-conformance run --help and pytest's own: plugins of pytest that are installed have no part in a run"


def _interrupt(number: int, _frame: object) -> None:
    """End a run that is told to end as Ctrl-C does: results are written, and nothing is left running."""
    signal.signal(number, signal.SIG_IGN)  # once is enough: what is being written is to be whole
    raise KeyboardInterrupt("SIGTERM")


def set_own_paths() -> list[str]:
    """Give pytest the paths of this installation through its environment variable, in the place of what a user has put there.

    pytest-xdist hands a run's arguments to its workers, and these may be on a machine where the installation is elsewhere.
    The environment is each process's own: local workers inherit it, and others set it themselves. Nor is a worker to find
    modules in the directory in which it starts, before it has this process's path.

    Returns:
        The user's variables that are ignored.
    """
    own = shlex.join([f"--config-file={Path(__file__).with_name('pytest.ini')}", f"--rootdir={catalogue_root()}"])
    ignored = [name for name in _IGNORED if os.environ.pop(name, own) not in ("", own)]
    os.environ["PYTEST_ADDOPTS"] = own
    os.environ["PYTHONSAFEPATH"] = "1"
    return ignored
