"""The releases of an interpreter: Python's and the implementation's own, from the one text that its agent sends."""

from __future__ import annotations

import re


def releases(text: str) -> tuple[str, str]:
    """Return the release of Python and the implementation's own, such as ("3.9.16", "7.3.11") of ``3.9.16 (PyPy 7.3.11)``.

    A text without parentheses names both. Suffixes such as ``rc1`` stay.
    """
    both = re.fullmatch(r"(\S+) \(\S+ (\S+)\)", text)
    return (both[1], both[2]) if both is not None else (text, text)


def is_prerelease(python: str) -> bool:
    """Say whether a release of Python, such as 3.10.0a7, came before the one that its numbers name; it is judged as that one."""
    return re.fullmatch(r"[\d.]+(a|b|c|rc)\d+", python) is not None


def releases_text(implementation: str, python: str, release: str) -> str:
    """Return both releases as one text for people."""
    return python if release == python else f"{python} ({IMPLEMENTATIONS.get(implementation, implementation)} {release})"


IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy", "pyodide": "Pyodide"}
"""By sys.implementation.name: what people call it."""
