"""How an interpreter is started reaches no case, and what cannot be put right is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conftest import answered, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Release
from imp_conformance.portable.observation import decode
from imp_conformance.results.judge import not_applicable
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import Session

MakeCase = Callable[..., Case]


def said(command: Sequence[str], case: Case) -> object:
    """Return the value of a case on an interpreter that is started in some way."""
    session = Session(command)
    try:
        session.load(OWN, ())
        return decode(answered(session.observe(case))["value"])
    finally:
        session.close()


@pytest.mark.parametrize(
    ("before", "after", "asked", "expected"),
    [
        ((), ("-X", "pycache_prefix=/nonexistent/prefix"), "sys.pycache_prefix", None),
        (("env", "PYTHONPYCACHEPREFIX=/nonexistent/prefix"), (), "sys.pycache_prefix", None),
        (("env", "PYTHONIOENCODING=utf-16"), (), "sys.stdout.encoding, sys.stderr.encoding", ("utf-8", "utf-8")),
        (("env", "PYTHONOPTIMIZE=1", "SOURCE_DATE_EPOCH=1"), (), "[n for n in os.environ if n[:6] in ('PYTHON', 'SOURCE')]", []),
        (("sh", "-c", 'umask 077; exec "$@"', "sh"), (), "os.umask(0)", 0o022),
        (("sh", "-c", 'ulimit -S -n 64; exec "$@"', "sh"), (), "resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 256", True),
        (("sh", "-c", "trap '' TERM; exec \"$@\"", "sh"), (), "signal.getsignal(signal.SIGTERM) == signal.SIG_DFL", True),
        (("env", "TMPDIR=/nonexistent"), (), "os.listdir(tempfile.gettempdir()), tempfile.gettempdir() == '/nonexistent'", ([], False)),
    ],
)
def test_what_is_put_right(before: tuple[str, ...], after: tuple[str, ...], asked: str, expected: object, one_case: MakeCase) -> None:
    code = f"imp\nimport os, resource, signal, sys, tempfile\n{asked}"
    assert said([*before, interpreter("3.8"), *after], one_case(code)) == expected


@pytest.mark.parametrize("series", ["3.6", "3.8", "3.11"])
def test_modules_in_the_directory_of_the_start_are_not_taken_for_the_library(series: str, tmp_path: Path, one_case: MakeCase) -> None:
    for name in ("random", "json", "tempfile", "signal", "struct", "shutil"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('this is not the library')\n", encoding="ascii")
    command = ["sh", "-c", 'cd "$0" && PYTHONPATH="$0" exec "$@"', str(tmp_path), interpreter(series)]
    assert said(command, one_case("imp\n5")) == 5


def test_temporary_files_of_a_case_are_not_there_for_the_next(one_case: MakeCase) -> None:
    session = Session([interpreter("3.8")])
    try:
        session.load(OWN, ())
        make = one_case("imp\nimport os, tempfile\nos.close(tempfile.mkstemp()[0])\nlen(os.listdir(tempfile.gettempdir()))")
        assert [decode(answered(session.observe(make))["value"]) for _ in range(3)] == [1, 1, 1]
        spoil = one_case("imp\nimport os, tempfile\nfolder = tempfile.gettempdir()\nos.rmdir(folder)\nopen(folder, 'w').close()")
        session.observe(spoil)
        assert decode(answered(session.observe(make))["value"]) == 1
    finally:
        session.close()


def test_an_interpreter_that_writes_to_its_standard_error_is_not_asked_about_it(one_case: MakeCase) -> None:
    asked, other = one_case("imp\n5", "      stderr: ''\n"), one_case("imp\n5")
    for option, flag in (("-v", "-v or PYTHONVERBOSE"), ("-X", "-X importtime"), ("-B", None)):
        session = Session([interpreter("3.8"), option, *(["importtime"] if option == "-X" else [])])
        session.close()
        result = not_applicable(asked, Release.parse("3.8"), session.identity.lacking)
        assert (result is None) == (flag is None)
        assert flag is None or (result is not None and flag in result.reason)
        assert not_applicable(other, Release.parse("3.8"), session.identity.lacking) is None


def test_a_warning_about_encodings_that_the_user_asks_for_is_not_seen(one_case: MakeCase) -> None:
    case = one_case("imp\nopen('x', 'w').close()\n5", "      warnings: []\n")
    session = Session([interpreter("3.11"), "-X", "warn_default_encoding"])
    try:
        session.load(OWN, ())
        assert answered(session.observe(case))["warnings"] == []
    finally:
        session.close()


@pytest.mark.parametrize("series", ["3.6", "3.8", "3.11"])
def test_what_the_library_brings_is_not_counted(series: str, one_case: MakeCase) -> None:
    code = """\
imp
import sys, types
for name in list(sys.modules):
    if name.partition(".")[0] in ("typing", "xml", "pyexpat", "ntpath"):
        del sys.modules[name]
import ntpath, typing, xml.parsers.expat
sys.modules["mine"] = sys.modules["typing.mine"] = types.ModuleType("mine")
5"""
    session = Session([interpreter(series)])
    try:
        session.load(OWN, ())
        added = answered(session.observe(one_case(code, "      modules: {added: []}\n")))["modules"]["added"]
    finally:
        session.close()
    assert [name for name in added if name.partition(".")[0] in ("mine", "typing", "xml", "pyexpat", "ntpath")] == ["mine", "typing.mine"]


@pytest.mark.parametrize("series", ["3.6", "3.8", "3.11"])
def test_an_extension_is_what_the_facts_say(series: str, one_case: MakeCase) -> None:
    """Each fact is held against what the interpreter does in a fresh process."""
    code = """\
imp
import importlib, importlib.util, sys
def kind(name, path):
    loaded = sys.modules.pop(name, None)
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    return loaded is None, "single-phase" if name in sys.modules else "multi-phase", set(dir(made))
first, second = kind(facts.extension, facts.extension_path), kind(facts.multi_phase, facts.multi_phase_path)
(first[0], first[1] == facts.extension_kind, len(facts.extension_defines) > 0, set(facts.extension_defines) <= first[2],
 second[1], facts.multi_phase_adds in second[2], hasattr(importlib.import_module(facts.multi_phase), facts.multi_phase_adds))"""
    assert said([interpreter(series)], one_case(code)) == (True, True, True, True, "multi-phase", False, True)


def test_an_interpreter_without_mmap_forks_all_the_same(tmp_path: Path, one_case: MakeCase) -> None:
    (tmp_path / "mmap.py").write_text("raise ImportError('there is no mmap')\n", encoding="ascii")
    blocked = "import sys; sys.modules['mmap'] = None"
    (tmp_path / "sitecustomize.py").write_text(blocked, encoding="ascii")
    session = Session(["env", f"PYTHONPATH={tmp_path}", interpreter("3.8")])
    try:
        session.load(OWN, ())
        assert session.identity.forks
        for number in (5, 6):
            assert decode(answered(session.observe(one_case(f"imp\nimport os\nos.closerange(3, 100)\n{number}")))["value"]) == number
    finally:
        session.close()


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")
def test_paths_of_the_machine_are_told_to_the_host(tmp_path: Path) -> None:
    session = Session([interpreter("3.8"), "-X", f"pycache_prefix={tmp_path}"])
    session.close()
    assert str(tmp_path) in session.identity.places
