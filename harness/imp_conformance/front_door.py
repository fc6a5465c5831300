"""How `imp-conformance run` calls pytest, and what pytest's exit status means for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from imp_conformance.data import catalogue_root
from imp_conformance.errors import ExitStatus

_MEANINGS = {
    pytest.ExitCode.OK: ExitStatus.CONFORMS,
    pytest.ExitCode.TESTS_FAILED: ExitStatus.DIFFERS,
    pytest.ExitCode.USAGE_ERROR: ExitStatus.USAGE,
    pytest.ExitCode.NO_TESTS_COLLECTED: ExitStatus.USAGE,
}

# What these plugins do around every item is for tests that run in pytest's own process; a case runs elsewhere.
_IDLE = ("doctest", "logging", "threadexception", "unittest", "unraisableexception", "warnings")


def run_pytest(options: list[str], arguments: list[str]) -> int:
    """Run the catalogue's cases under pytest.

    Args:
        options: the plugin's own, --python and the like.
        arguments: cases to run, all where there are none, and options of pytest.

    Returns:
        The project's exit status.
    """
    configuration = Path(__file__).with_name("pytest.ini")
    fixed = ["-p", "imp_conformance.plugin", "-c", str(configuration), "--rootdir", str(catalogue_root())]
    fixed += ["-o", f"cache_dir={Path.cwd() / '.pytest_cache'}", "--assert=plain", *(f"-pno:{name}" for name in _IDLE)]
    # pytest-xdist makes pytest's directory for temporary files even where no item asks for one.
    with tempfile.TemporaryDirectory(prefix="imp-conformance-pytest-") as folder:
        status = pytest.main([*fixed, "--basetemp", str(Path(folder) / "base"), *options, *arguments])
    return _MEANINGS.get(pytest.ExitCode(status), ExitStatus.INCOMPLETE)
