"""How `imp-conformance run` calls pytest, and what pytest's exit status means for it."""

from __future__ import annotations

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

# What these plugins do around every item is for tests that run in pytest's own process; a case runs elsewhere.
_IDLE = ("doctest", "logging", "threadexception", "unittest", "unraisableexception", "warnings")


def run_pytest(options: list[str], arguments: list[str], plugins: Sequence[object]) -> int:
    """Run the catalogue's cases under pytest.

    Args:
        options: the plugin's own, --python and the like.
        arguments: cases to run, all where there are none, and options of pytest.
        plugins: more plugins, which pytest-xdist does not load in its workers.

    Returns:
        The project's exit status.
    """
    # pytest-xdist hands its workers no option whose text is that of a path which is there, unless it is one word with its name.
    # Without the plugin for temporary directories, xdist makes none, which a killed run would leave behind.
    fixed = ["-p", "imp_conformance.pytest_plugin.plugin", "-p", "no:tmpdir", *_PATHS]
    fixed += ["-o", f"cache_dir={Path.cwd() / '.pytest_cache'}", "--assert=plain", *(f"-pno:{name}" for name in _IDLE)]
    status = pytest.main([*fixed, *options, *arguments], plugins=plugins)
    return _MEANINGS.get(pytest.ExitCode(status), ExitStatus.INCOMPLETE)


_PATHS = [f"--config-file={Path(__file__).with_name('pytest.ini')}", f"--rootdir={catalogue_root()}"]


def own_paths(arguments: Sequence[str]) -> list[str]:
    """Put this installation's paths in place of those of another one, where the arguments of run_pytest have come from there."""
    names = tuple(f"{path.partition('=')[0]}=" for path in _PATHS)
    return [*_PATHS, *(argument for argument in arguments if not argument.startswith(names))]
