"""Source files into syntax trees; what cannot be read is told with its line and what to do."""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import tokenize
import warnings
from pathlib import Path

from imp_conformance.errors import Problem

_LARGEST = 32 * 1024 * 1024
"""Bytes of a file beyond which nobody has written it; to parse it would take gigabytes."""

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+imp[ \t]+import\b|import[ \t]+(?:[\w.]+[ \t]*,[ \t]*)*imp\b(?!\.))", re.MULTILINE)
"""An import of imp, as far as can be seen without a parser."""


class Unreadable(Exception):
    """A file that cannot be scanned, and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def parsed(data: bytes, shown: str) -> ast.Module:
    """Parse the bytes of a file.

    Raises:
        Unreadable: where that cannot be done.
    """
    line = data.count(b"\n", 0, data.index(b"\0")) + 1 if b"\0" in data else 0
    if line:
        raise Unreadable(Problem(shown, line, "it holds a null byte, which no Python source has", "leave the file out, or restore it"))
    _decoded(data, shown)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its escapes and the like, which are not what is asked
            return ast.parse(data, shown)
    except SyntaxError as error:
        where = error.lineno or 1
        raise Unreadable(Problem(shown, where, f"it is no Python 3 ({error.msg}){_mention(data)}", "port it to Python 3 first")) from None
    except (RecursionError, MemoryError):
        raise Unreadable(Problem(shown, 1, f"it is nested too deeply to be parsed{_mention(data)}", "look at it by hand")) from None
    except ValueError as error:  # of numbers with too many digits
        raise Unreadable(Problem(shown, 1, f"it cannot be parsed ({error}){_mention(data)}", "look at it by hand")) from None


def unreadable(shown: str, error: OSError) -> Unreadable:
    """Say of an error of the operating system what it means for a scan."""
    return Unreadable(Problem(shown, 0, f"it cannot be read ({error.strerror or error})", "make it readable, or leave it out"))


def read_data(path: Path, shown: str) -> bytes:
    """Read a regular file.

    Raises:
        Unreadable: where that cannot be done.
    """
    try:
        # Not to wait for who writes to a FIFO, which may have taken the file's place since it was listed.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable(Problem(shown, 0, "it is no regular file", "name a file of Python, or a folder of them"))
            if found.st_size > _LARGEST:
                raise Unreadable(Problem(shown, 0, f"it has more than {_LARGEST // 2**20} MB", "look at it by hand"))
            return file.read(_LARGEST)
    except OSError as error:
        raise unreadable(shown, error) from None


def _decoded(data: bytes, shown: str) -> None:
    """See that a file can be decoded as it declares: the parser would not say in which line it cannot."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            Problem(shown, line, f"it is no {error.encoding} ({error.reason})", "declare its encoding, or save it as UTF-8")
        ) from None
    except (SyntaxError, LookupError) as error:
        raise Unreadable(Problem(shown, 1, str(error), "declare its encoding, or save it as UTF-8")) from None


def _mention(data: bytes) -> str:
    found = _IMPORT.search(data)
    if found is None:
        return ""
    line = data.count(b"\n", 0, found.start()) + 1
    return f", and seems to import imp in line {line}"
