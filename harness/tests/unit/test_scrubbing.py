"""What differs from one machine to the next stands in no result."""

from __future__ import annotations

import pytest

from imp_conformance.results.judge import Scrubber


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
    ("text", "expected"),
    [
        (r"'C:\\Temp\\scratch\\case\\cwd\\m.py'", r"'{cwd}\\m.py'"),
        (r"C:\Temp\scratch\case\cwd/m.py:1", r"{cwd}/m.py:1"),
        (r"raises ImportError: no 'C:\\\\Temp\\\\scratch\\\\case\\\\cwd'", "raises ImportError: no '{cwd}'"),
        (r"'C:\\Temp\\scratch\\candidate\\imp.py'", r"'{candidate}\\imp.py'"),
        (r"'C:\\Python310\\Lib\\os.py'", r"'{stdlib}\\os.py'"),
        (r"'C:\\Python310\\DLLs\\x.pyd'", r"'{prefix}\DLLs\\x.pyd'"),
        (r"C:\Users\someone\x and C:\Users\someone2\x", r"{machine}\x and C:\Users\someone2\x"),
    ],
)
def test_paths_of_windows_are_taken_out_however_they_are_escaped(text: str, expected: str) -> None:
    facts = {"sep": "\\", "stdlib": r"C:\Python310\Lib", "prefix": r"C:\Python310"}
    scrub = Scrubber(r"C:\Temp\scratch\case\cwd", r"C:\Temp\scratch", facts, (r"C:\Users\someone",))
    assert scrub(text) == expected
