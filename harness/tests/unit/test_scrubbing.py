"""What differs from one machine to the next stands in no result, and a pre-release says that it is one."""

from __future__ import annotations

import pytest

from imp_conformance.results.judge import Scrubber
from imp_conformance.targets.identity import is_prerelease
from imp_conformance.targets.target import shown_version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'/tmp/scratch/case/cwd/m.py'", "'{cwd}/m.py'"),
        ("/var/cache/pyc/tmp/scratch/case/cwd/m.pyc", "{machine}{cwd}/m.pyc"),
        ("/home/someone/bin/python and /home/someone", "{machine} and {machine}"),
        ("/home/someone2/x", "/home/someone2/x"),
        ("/mnt/home/someone/x", "/mnt/home/someone/x"),
        ("/opt/python/lib/os.py", "{stdlib}/os.py"),
        ("/usr is short", "/usr is short"),
    ],
)
def test_paths_of_the_machine_are_taken_out(text: str, expected: str) -> None:
    places = ("/home/someone", "/home/someone/bin/python", "/var/cache/pyc", "/usr", "/opt/python")
    assert (
        Scrubber("/tmp/scratch/case/cwd", "/tmp/scratch", {"stdlib": "/opt/python/lib", "prefix": "/opt/python"}, places)(text) == expected
    )


@pytest.mark.parametrize(
    ("version", "python", "precision", "shown"),
    [
        ("3.10.0", "3.10.0a7", 3, "3.10.0a7"),
        ("3.14.0", "3.14.0rc1", 2, "3.14.0rc1"),
        ("3.10.4", "3.10.4", 3, "3.10.4"),
        ("3.10.4", "3.10.4", 2, "3.10"),
        ("3.9.0", "3.9.0+", 3, "3.9.0"),
    ],
)
def test_an_id_names_a_prerelease_to_the_letter(version: str, python: str, precision: int, shown: str) -> None:
    assert shown_version(version, python, precision) == shown
    assert is_prerelease(python) == (python in ("3.10.0a7", "3.14.0rc1"))
