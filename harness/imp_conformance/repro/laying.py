"""The lines of a plain script that make the files of a case."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from imp_conformance.repro.inline import MAGIC, Facts, Names
from imp_conformance.repro.literal import literal, quoted

_GLANCE = 100
_FIRST_OF_3_7 = 3390
_PYC = f"""\
def {{pyc}}(text, name):  # the .pyc file of a text
    magic = {MAGIC}
    return magic + bytes(12 if sys.version_info >= (3, 7) else 8) + marshal.dumps(compile(text, name, "exec"))"""
_PYC_NEW = """\
def {pyc}(text, name):  # the .pyc file of a text, as Python 3.7 and later ones have it
    return importlib._bootstrap_external.MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(text, name, "exec"))"""
_PYC_OF = f"""\
def {{pyc}}(text, name, source=None):  # the .pyc file of a text, made from a source file as it is now
    numbers = [0] if sys.version_info >= (3, 7) else []
    numbers += [int(os.stat(source).st_mtime), os.stat(source).st_size] if source else [0, 0]
    head = {MAGIC} + b"".join(number.to_bytes(4, "little") for number in numbers)
    return head + marshal.dumps(compile(text, source or name, "exec"))"""


class Files:
    """The lines, and what they need."""

    def __init__(self, entries: Sequence[Mapping[str, Any]], names: Names, facts: Facts) -> None:
        self.modules: set[str] = set()
        self.helpers: list[str] = []
        self._facts = facts
        written = [entry for entry in entries if not entry["path"].endswith("/")]
        self._pyc = ""
        if any("compile" in entry for entry in written):
            self._pyc = names.new("pyc", "bytecode")
            self.modules |= {"importlib", "marshal"}
            plain = _PYC_NEW if _is_new(facts) else _PYC
            self.helpers.append((_PYC_OF if any(entry.get("source") for entry in written) else plain).format(pyc=self._pyc))
        folders = {entry["path"].rpartition("/")[0] for entry in entries} - {""}
        deepest = sorted(folder for folder in folders if not any(other.startswith(f"{folder}/") for other in folders))
        self.lines = [f"os.makedirs({facts.in_text(folder)})" for folder in deepest]
        if len(deepest) > 1:
            each = names.new("directory", "place")
            self.lines = [f"for {each} in {', '.join(map(facts.in_text, deepest))}:", f"    os.makedirs({each})"]
        file = names.new("file", "new_file")
        contents = [self._content(entry) for entry in written]
        many = "".join(content for _, content in contents).count("\n")
        if len(written) > 1 and not many and not any(entry.get("mtime") or entry.get("source") for entry in written):
            self._together(written, contents, file, names)
            return
        for entry, (mode, content) in zip(written, contents, strict=True):
            name = facts.in_text(entry["path"])
            if content == '""':
                self.lines.append(f'open({name}, "{mode}").close()')
            else:
                self.lines += _written(name, mode, file, content)
            if "mtime" in entry:
                self.lines.append(f"os.utime({name}, ({entry['mtime']}, {entry['mtime']}))")

    def _together(self, written: Sequence[Mapping[str, Any]], contents: list[tuple[str, str]], file: str, names: Names) -> None:
        """Write several files in a loop, all of them as bytes where one of them is no text."""
        mode = "w" if all(mode == "w" for mode, _ in contents) else "wb"
        name, data = names.new("name", "path"), names.new("text", "data", "content")
        pairs = [
            f"({self._facts.in_text(entry['path'])}, {content if own == mode else f'b{content}'})"
            for entry, (own, content) in zip(written, contents, strict=True)
        ]
        line = f"for {name}, {data} in [{', '.join(pairs)}]:"
        if len(line) > 120 or "\n" in line:
            self.lines += [f"for {name}, {data} in [", *(f"    {pair}," for pair in pairs), "]:"]
        else:
            self.lines.append(line)
        self.lines += [f"    {line}" for line in _written(name, mode, file, data)]

    def _content(self, entry: Mapping[str, Any]) -> tuple[str, str]:
        """Return the mode in which a file is opened, and the expression for what is written into it."""
        if "compile" in entry:
            source = f", {self._facts.in_text(entry['source'])}" if entry.get("source") else ""
            return "wb", f"{self._pyc}({_text(entry['compile'])}, {self._facts.in_text(entry['path'])}{source})"
        data = base64.b64decode(entry["data"])
        if data.isascii() and b"\r" not in data:
            return "w", _text(data.decode("ascii"))
        return "wb", quoted(data)


def _is_new(facts: Facts) -> bool:
    """Whether an interpreter is known to write the .pyc files of 3.7, whose magic number is the first of its kind."""
    magic = facts.known("magic")
    return facts.known("implementation") == "cpython" and isinstance(magic, bytes) and int.from_bytes(magic[:2], "little") >= _FIRST_OF_3_7


def _written(name: str, mode: str, file: str, content: str) -> list[str]:
    """Return the lines that write a file; one, as people do in what is to be short, where it is one that is read at a glance."""
    opened, written = f'with open({name}, "{mode}") as {file}:', f"{file}.write({content})"
    line = f"{opened} {written}"
    return [line] if len(line) <= _GLANCE and "\n" not in line else [opened, f"    {written}"]


def _text(text: str) -> str:
    """Write a text over several lines where it has many, since it is read better so."""
    return literal(text) if len(text) > 60 and text.count("\n") > 2 and '"""' not in text else quoted(text)
