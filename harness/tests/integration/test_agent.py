"""The agent in real interpreters: what it sees."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import answered, interpreter
from imp_conformance.catalogue.model import Case
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.observation import Observation
from imp_conformance.results.judge import Verdict, judge
from imp_conformance.targets.candidate import OWN, find_candidate
from imp_conformance.targets.session import Session

Observe = Callable[..., Observation]
MakeCase = Callable[..., Case]


WATCH_ALL = "".join(
    f"      {key}\n" for key in ("warnings: []", "modules: {added: []}", "files: {added: []}", "open_files: []", "stdout: ''", "stderr: ''")
)
"""More of what a case expects, so that all of it is observed."""


def value(seen: Observation) -> object:
    assert seen.answer is not None, seen
    assert "value" in seen.answer, seen.answer
    return seen.answer["value"].get("value")


def test_the_last_line_is_the_value(python: str, observe: Observe) -> None:
    assert value(observe(python, "imp\nx = 5\nx + 1")) == "6"
    assert answered(observe(python, "imp\nx = 5"))["value"] == {"kind": "none"}


def test_a_case_runs_in_an_empty_directory_of_its_own(python: str, observe: Observe, scratch: Path) -> None:
    code = "import os, sys; imp\nopen('left', 'w').close()\n"
    code += "(os.listdir('.'), '' in sys.path, os.getcwd() in sys.path, sys.dont_write_bytecode)"
    first, second = observe(python, code, WATCH_ALL), observe(python, code, WATCH_ALL)
    assert first.answer == second.answer
    assert first.cwd != second.cwd
    assert [item["value"] for item in answered(first)["value"]["items"][1:]] == [False, False, False]
    assert answered(first)["files"] == {"added": ["left"], "changed": [], "removed": []}
    assert not Path(first.cwd).exists()


FORGETFUL = "import importlib\ndef get_tag():\n    return importlib.util.sys.implementation.cache_tag\n"
"""It forgets to import what it uses, which is there only where something else has imported it."""


def test_a_candidate_finds_only_what_it_imports(python: str, one_case: MakeCase, tmp_path: Path) -> None:
    path = tmp_path / "forgetful.py"
    path.write_text(FORGETFUL, encoding="ascii")
    alone = subprocess.run(
        [python, "-c", "import forgetful; forgetful.get_tag()"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    session = Session([python])
    try:
        session.load(find_candidate(str(path), "3.8"), [])
        seen = session.observe(one_case("imp.get_tag()"))
    finally:
        session.close()
    assert seen.answer is not None
    assert ("raised" in seen.answer) == (alone.returncode != 0), (seen.answer, alone.stderr)


def test_a_case_starts_from_a_clean_state(python: str, observe: Observe) -> None:
    observe(python, "import sys; imp.leaked = 1; sys.modules['leaked'] = imp; sys.path.append('leaked')")
    assert value(observe(python, "import sys\nhasattr(imp, 'leaked') or 'leaked' in sys.modules or 'leaked' in sys.path")) is False


def test_files_are_made_as_written(python: str, observe: Observe) -> None:
    more = """\
    files:
      pkg/sub/text.py: "x = 'é'\\n"
      latin.py: {text: "x = 'é'", encoding: latin-1}
      raw.bin: {bytes: "\\\\x00'\\\\xff\\\\n"}
      empty/: ""
      dated.txt: {text: a, mtime: 1000000000}
      "made.pyc": {compile: "answer = 42"}
      "__pycache__/text.{facts.tag}.pyc": {compile: "answer = 43", source: pkg/sub/text.py}
"""
    code = """\
import os, sys, marshal
imp
def read(name):
    with open(name, 'rb') as file:
        return file.read()
names = {}
exec(marshal.loads(read('made.pyc')[(16 if sys.version_info >= (3, 7) else 12):]), names)
(read('pkg/sub/text.py'), read('latin.py'), read('raw.bin'), os.listdir('empty'), int(os.stat('dated.txt').st_mtime),
 names['answer'], read('made.pyc')[:4] == facts.magic, os.path.exists('__pycache__/text.' + facts.tag + '.pyc'))"""
    items = answered(observe(python, code, more))["value"]["items"]
    assert [bytes.fromhex(item["hex"]) for item in items[:3]] == ["x = 'é'\n".encode(), "x = 'é'".encode("latin-1"), b"\x00'\xff\n"]
    assert [item.get("value") for item in items[4:]] == ["1000000000", "42", True, True]


def test_effects_are_seen(python: str, observe: Observe) -> None:
    more = WATCH_ALL + '    files: {kept.txt: "a", gone.txt: "b"}\n'
    code = """\
import os, sys, types, warnings, wave
imp
sys.modules['new'] = types.ModuleType('new')
os.remove('gone.txt')
with open('kept.txt', 'a') as file:
    file.write('more')
left = open('kept.txt')
print('out')
sys.stderr.write('err')
os.write(1, b'direct')
warnings.warn('careful', UserWarning)"""
    seen = observe(python, code, more)
    assert answered(seen)["modules"] == {"added": ["new"], "removed": [], "replaced": []}, "wave is the interpreter's own"
    assert answered(seen)["files"] == {"added": [], "changed": ["kept.txt"], "removed": ["gone.txt"]}
    assert answered(seen)["open_files"] == ["kept.txt"]
    assert sorted(seen.output["stdout"].split("direct")) == ["", "out\n"]
    assert seen.output["stderr"] == "err"
    assert answered(seen)["warnings"] == [{"category": "UserWarning", "message": "careful", "file": "snippet.py"}]


def test_exceptions_are_seen_with_their_attributes(python: str, observe: Observe) -> None:
    raised = answered(observe(python, "imp\nraise ImportError('no', name='n', path='p')"))["raised"]
    assert (raised["type"], raised["message"]) == ("ImportError", "no")
    assert {name: tree.get("value") for name, tree in raised["attributes"].items() if name in ("name", "path")} == {
        "name": "n",
        "path": "p",
    }
    assert answered(observe(python, "import sys; imp\nsys.exit(3)"))["raised"]["type"] == "SystemExit"
    assert answered(observe(python, "imp\nraise KeyboardInterrupt"))["raised"]["type"] == "KeyboardInterrupt"


def test_without_fork_the_verdicts_are_the_same(
    python: str, observe: Observe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_case: MakeCase
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\ndel os.fork\n", encoding="ascii")
    codes = ["imp.new_module('a')", "imp\nraise ImportError('no')", "import os; imp; os._exit(3)", "imp\nprint('out')\n5"]
    forked = [observe(python, code) for code in codes]
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    session = Session([python])
    try:
        assert session.identity.forks is False
        session.load(OWN, ())
        for code, expected in zip(codes, forked, strict=True):
            seen = session.observe(one_case(code))
            assert (seen.answer or {}).get("value") == (expected.answer or {}).get("value")
            assert (seen.answer or {}).get("raised") == (expected.answer or {}).get("raised")
            assert (seen.answer is None) == (expected.answer is None)
            if seen.answer is not None:
                assert seen.output == expected.output
    finally:
        session.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("raise SystemExit(0)\n", "SystemExit: 0"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        ("import os\nos._exit(0)\n", "importing it ends the process"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "importing it ends the process"),
        ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd\n", "<str() raised ValueError>"),
    ],
)
def test_a_candidate_that_cannot_be_imported_is_told(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "my_imp.py"
    path.write_text(text, encoding="ascii")
    session = Session([interpreter("3.8")])
    try:
        with pytest.raises(TargetUnavailable) as caught:
            session.load(find_candidate(str(path), "3.8"), ())
    finally:
        session.close()
    assert why in str(caught.value)
    assert session._root not in str(caught.value)


def test_a_candidate_from_a_file_is_the_one_that_is_judged(observe: Observe, tmp_path: Path) -> None:
    path = tmp_path / "my_imp.py"
    path.write_text("marker = 'mine'\n", encoding="ascii")
    seen = observe(
        interpreter("3.8"),
        "import imp as again, sys\n(imp.marker, again is imp, sys.modules['imp'] is imp)",
        "",
        find_candidate(str(path), "3.8"),
    )
    assert [item["value"] for item in answered(seen)["value"]["items"]] == ["mine", True, True]


def test_the_environment_of_the_host_does_not_reach_the_snippet(observe: Observe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", os.devnull)
    seen = observe(interpreter("3.8"), "import sys; imp\n(sys.flags.optimize, sys.pycache_prefix, sys.dont_write_bytecode)")
    assert [item.get("value") for item in answered(seen)["value"]["items"]] == ["0", None, False]


@pytest.mark.parametrize(("given", "holds"), [("True", True), ("1", False), ("imp.nothing", False), ("import sys\nsys.exit()", False)])
def test_what_is_given_must_be_true(given: str, holds: bool, observe: Observe, one_case: MakeCase) -> None:
    more = "    given: |\n" + "".join(f"      {line}\n" for line in given.splitlines())
    seen = observe(interpreter("3.8"), "imp\n5", more)
    result = judge(one_case("imp\n5", more), Release.parse("3.8"), seen, {})
    assert result.verdict is (Verdict.PASS if holds else Verdict.FAIL)
