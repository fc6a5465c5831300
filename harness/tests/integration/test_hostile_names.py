"""Names and texts that a terminal or a CI would obey: none is obeyed, wherever what a candidate or a target says comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from conftest import Cli, interpreter
from imp_conformance.portable.printable import in_a_line

BAD = "X\x1b[2J\x07\r\n::set-output name=a::b\n::error::c\n##vso[task.x]y\n##[group]\n##teamcity[z]\u202e\u2066\x9b31m\x1b]0;t\x07 Y"

CANDIDATE = f"""\
import os, sys, warnings
BAD = {BAD!a}
def bad(*bases): return type(BAD, bases, {{"__module__": BAD, "__qualname__": BAD}})
def get_tag(): return bad(object)()
def get_magic(): raise bad(Exception)(BAD)
def get_suffixes(): return [bad(object), BAD, {{BAD: bad(str)(BAD)}}]
def new_module(name):
    print(BAD)
    warnings.warn(BAD, bad(UserWarning))
    sys.modules[BAD] = type(sys)(BAD)
    open(BAD.replace("/", "_"), "w").close()
    return sys.modules[BAD]
def lock_held():
    os.write(2, BAD.encode("utf-8", "surrogateescape"))
    os.kill(os.getpid(), 9)
"""
SUBJECTS = ("get_tag", "get_magic", "get_suffixes", "new_module", "lock_held")
OBEYED = re.compile(r"##[a-zA-Z.]*\[|^\s*::[\w-]+.*::", re.MULTILINE)


def harmless(texts: Iterable[str]) -> None:
    for text in texts:
        assert {char for char in text if char not in "\n\t" and not char.isprintable()} == set(), text[:2000]
        assert OBEYED.search(text) is None, text[:2000]


def test_what_is_said_of_a_candidate_holds_no_command(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(CANDIDATE, encoding="ascii")
    run = ["run", "-v", "--python", interpreter("3.8"), "--results", "found"]
    cli(*run, *SUBJECTS)
    own = cli(*run, "--candidate", "evil.py", "--junitxml", "junit.xml", *SUBJECTS)
    assert own.returncode == 1, own.stderr
    assert in_a_line(BAD)[:20] in own.stdout
    report = cli("report", "--results", "found", "--output", "report")
    update = cli("baseline", "update", "--results", "found", "--baseline", "known.yaml")
    found = sorted((tmp_path / "found").glob("*.json"))
    compare = cli("compare", *found)
    explained = [
        cli("explain", f"{name}", "--results", "found") for name in ("get_tag/equals-cache-tag", "new_module/silent", "get_magic/silent")
    ]
    repro = cli("repro", "get_tag/silent", "--python", interpreter("3.8"), "--candidate", "evil.py")
    (tmp_path / "show.py").write_text(repro.stdout, encoding="utf-8")
    done = [own, report, update, compare, *explained]
    assert in_a_line(BAD)[:20] in explained[0].stdout
    written = [tmp_path / "junit.xml", tmp_path / "known.yaml", *found, *(path for path in (tmp_path / "report").rglob("*.*"))]
    harmless([text for one in done for text in (one.stdout, one.stderr)])
    harmless([path.read_text(encoding="utf-8") for path in written if path.suffix != ".md"])
    harmless([re.sub(r"^##+ ", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE) for path in written if path.suffix == ".md"])


@pytest.mark.parametrize(
    "end", ["raise type(BAD, (Exception,), {'__module__': BAD})(BAD)", "os.write(2, BAD.encode()); os.kill(os.getppid(), 9); os._exit(3)"]
)
def test_why_a_candidate_cannot_be_imported_holds_no_command(end: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(f"import os\nBAD = {BAD!a}\n{end}\n", encoding="ascii")
    done = cli("run", "--python", interpreter("3.8"), "--candidate", "evil.py", "--results", "found", "get_tag")
    assert done.returncode == 3
    report = cli("report", "--results", "found")
    harmless([done.stdout, done.stderr, report.stdout, *(path.read_text() for path in (tmp_path / "found").iterdir())])


def test_what_an_interpreter_says_of_itself_holds_no_command(cli: Cli, tmp_path: Path) -> None:
    silent, odd = tmp_path / "silent", tmp_path / "odd"
    silent.write_text("#!/bin/sh\nprintf '\\033[2J::error::x\\n##vso[a]y' >&2\nexit 3\n", encoding="ascii")
    names = 'sys.implementation.name = chr(27) + chr(10) + "##vso[x]::error::y"; sys.version = sys.implementation.name + sys.version'
    odd.write_text(f"#!/bin/sh\nexec {interpreter('3.8')} -c 'import sys; {names}; exec(sys.argv[1])' \"$2\"\n", encoding="ascii")
    for path in (silent, odd):
        path.chmod(0o755)
        done = cli("run", "--python", path, "get_tag", "--results", path.with_suffix(".found"))
        listed = cli("targets", "--python", path)
        harmless([done.stdout, done.stderr, listed.stdout, listed.stderr])
        harmless([file.name + file.read_text(encoding="ascii") for file in path.with_suffix(".found").iterdir()])
