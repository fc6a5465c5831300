"""Scripts that show a case: they say what a run says, wherever they run; and the explanation of results."""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_agent import FORGETFUL, eventually
from test_run import HOLLOW

import results_made as made
from conftest import SPECS, Cli, interpreter
from imp_conformance.catalogue.by_release import expectation_by_release, expectations, releases_alike
from imp_conformance.catalogue.expression import FACTS
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL, Release
from imp_conformance.errors import UnknownTarget
from imp_conformance.portable.comparison import describe_expectation
from imp_conformance.portable.difference import Difference
from imp_conformance.portable.matchers import MATCHERS
from imp_conformance.portable.values import show
from imp_conformance.repro.command_line import options_of
from imp_conformance.repro.literal import literal, old_expression
from imp_conformance.repro.script import candidate_text, case_head, runtime, script
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN, Candidate, find_candidate
from imp_conformance.targets.session import start_loaded
from imp_conformance.targets.target import find_one

BROKEN = (
    HOLLOW["any arguments"]
    + """
import builtins, json, os, signal, sys
def find_module(name, path=None): os._exit(3)
def load_source(*a, **k): os.kill(os.getpid(), signal.SIGSEGV)
def load_package(*a): sys.exit(0)
def load_compiled(*a, **k): os.kill(os.getppid(), signal.SIGKILL)
def reload(module): os.killpg(0, signal.SIGKILL)
def is_builtin(name): raise KeyboardInterrupt
def is_frozen(name): return "1"
def get_tag(): os._exit(0)
def get_magic(): return bytearray(b"x")
def get_suffixes(): print("hello"); os.write(1, b"bytes"); return ([], {})
def new_module(name): return type(name, (), {"__name__": name})()
def cache_from_source(*a, **k): raise SystemError("boom \\udc80")
def source_from_cache(path): return path + "c"
def lock_held():
    builtins.len = json.loads = os.dup2 = sys.stdout = sys.exit = None
    return 1 / 0
del init_frozen, load_dynamic, NullImporter, PY_FROZEN
"""
)
VERDICT = re.compile(r"^  verdict:  (\S+)$", re.MULTILINE)


def run_script(python: str, text: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(text, encoding="ascii")
    return subprocess.run(
        [python, str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
    )


def as_file(text: str, folder: Path) -> Candidate:
    path = folder / "broken.py"
    path.write_text(text, encoding="utf-8")
    return find_candidate(str(path), "3.8")


def release_of(python: str) -> Release:
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    release = Release.parse(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    return min(release, FINAL)


def both(catalogue: Catalogue, python: str, candidate: Candidate, cases: list[str], folder: Path) -> list[tuple[Result, str, int]]:
    """Run cases as a run does and as their scripts do."""
    release = release_of(python)
    session = start_loaded([python], candidate, catalogue.names)
    found = []
    try:
        for name in cases:
            case = catalogue.cases[name]
            if release in case.versions:
                done = run_script(python, script(catalogue, case, release, candidate), folder)
                assert done.stderr == ""
                found.append((ask(session, case, release), VERDICT.findall(done.stdout)[0], done.returncode))
    finally:
        session.close()
    return found


def spread(catalogue: Catalogue, subjects: int) -> list[str]:
    """Take a few cases of each subject, others for other numbers."""
    found = []
    for number, subject in enumerate(sorted(catalogue.summaries)):
        mine = [case.id for case in catalogue.cases.values() if case.subject == subject and case.limit <= 10]
        if number % 2 == subjects % 2:
            found.append(mine[(7 * subjects) % len(mine)])
    return found


@pytest.mark.parametrize(("series", "implementation"), [("3.4", "cpython"), ("3.6", "cpython"), ("3.8", "cpython"), ("3.9", "pypy")])
def test_a_script_comes_to_the_verdict_of_a_run(
    series: str, implementation: str, catalogue: Catalogue, tmp_path: Path, scratch: Path
) -> None:
    cases = spread(catalogue, int(series[-1]))
    found = both(catalogue, interpreter(series, implementation), as_file(BROKEN, tmp_path), cases, tmp_path)
    assert len({result.verdict for result, _, _ in found}) >= 2
    for result, verdict, status in found:
        assert (verdict, status) == (result.verdict, 0 if result.conforms else 1), result
    assert list(scratch.iterdir()) == []


def test_each_way_to_fail_is_reproduced(catalogue: Catalogue, tmp_path: Path) -> None:
    wanted = {
        "find_module/package": "crash",
        "load_source/returns-module": "crash",
        "load_compiled/returns-module": "crash",
        "reload/same-object": "crash",
        "get_tag/string": "crash",
        "is_frozen/frozen-true": "fail",
        "is_builtin/built-in-true": "fail",
        "init_frozen/unknown": "missing",
        "lock_held/free": "fail",
    }
    found = both(catalogue, interpreter("3.11"), as_file(BROKEN, tmp_path), list(wanted), tmp_path)
    assert [result.verdict for result, _, _ in found] == list(wanted.values())
    assert [verdict for _, verdict, _ in found] == list(wanted.values())


def test_a_script_imports_no_more_than_a_run(catalogue: Catalogue, python: str, tmp_path: Path) -> None:
    cases = ["get_tag/string", "get_tag/equals-cache-tag"]
    for result, verdict, _ in both(catalogue, python, as_file(FORGETFUL, tmp_path), cases, tmp_path):
        assert verdict == result.verdict


def test_genuine_interpreters_pass_their_scripts(catalogue: Catalogue, python: str, tmp_path: Path) -> None:
    for result, verdict, status in both(catalogue, python, OWN, spread(catalogue, release_of(python).minor)[:8], tmp_path):
        assert (result.verdict, verdict, status) in (("pass", "pass", 0), ("not-applicable", "not-applicable", 0))


LOOPS = """\
subject: thing
cases:
  - id: thing/loops
    title: It comes to an end.
    clauses: [thing.works]
    limit: 1
    run: |
      imp.thing()
    expect: {value: 1}
"""


@pytest.fixture
def loops(make_catalogue: Callable[..., Path]) -> Catalogue:
    return load_catalogue(make_catalogue(LOOPS, SPECS))


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "import os; os.fork() or os.setsid()\n    while True: pass"],
    ids=["plain", "fled"],
)
def test_an_endless_loop_is_told_and_ended(body: str, loops: Catalogue, tmp_path: Path, scratch: Path) -> None:
    candidate = as_file(f"def thing():\n    {body}\n", tmp_path)
    assert both(loops, interpreter("3.8"), candidate, ["thing/loops"], tmp_path)[0][1:] == ("timeout", 1)
    assert list(scratch.iterdir()) == []
    eventually(
        lambda: not [process for process in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(process.info["cmdline"] or [])]
    )


def test_a_candidate_that_cannot_be_imported_is_unavailable(loops: Catalogue, tmp_path: Path) -> None:
    for body, why in (("1 / 0", "ZeroDivisionError"), ("import os; os._exit(5)", "importing it ends the process")):
        text = script(loops, loops.cases["thing/loops"], FINAL, as_file(body, tmp_path))
        done = run_script(interpreter("3.8"), text, tmp_path)
        assert (done.returncode, why in done.stdout) == (3, True), done


def test_a_script_judges_what_it_is_given_in_place_of_its_own(loops: Catalogue, tmp_path: Path) -> None:
    text = script(loops, loops.cases["thing/loops"], FINAL, as_file("def thing(): return 2\n", tmp_path))
    python = interpreter("3.8")
    assert "value: expected 1, observed 2" in run_script(python, text, tmp_path).stdout
    (tmp_path / "right" / "imp").mkdir(parents=True)
    (tmp_path / "right" / "imp" / "__init__.py").write_text("def thing(): return 1\n", encoding="ascii")
    assert run_script(python, text, tmp_path, str(tmp_path / "right")).returncode == 0
    assert run_script(python, text, tmp_path, str(tmp_path / "right" / "imp" / "__init__.py")).returncode == 0
    for arguments in (["nowhere"], [str(tmp_path / "right" / "imp")], ["a", "b"]):
        assert run_script(python, text, tmp_path, *arguments).returncode == 2
    assert "usage:" in run_script(python, text, tmp_path, "--help").stdout


def test_a_dotted_module_is_imported_where_the_script_is_run(loops: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim" / "other.py").write_text("def thing(): return 1\n", encoding="ascii")
    text = script(loops, loops.cases["thing/loops"], FINAL, find_candidate("shim.other", "3.8"))
    assert run_script(interpreter("3.8"), text, tmp_path).returncode == 0


def test_files_that_are_no_text_travel_in_a_script(loops: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "imp.py").write_bytes(b"# coding: latin-1\nimport os\ndef thing(): return len('\xe9')\n")
    text = script(loops, loops.cases["thing/loops"], FINAL, find_candidate(str(tmp_path), "3.8"))
    assert run_script(interpreter("3.8"), text, tmp_path / "..").returncode == 0


@pytest.mark.parametrize("way", ["standard input", "no processes"])
def test_a_script_runs_where_it_cannot_start_itself(way: str, catalogue: Catalogue, tmp_path: Path) -> None:
    python = interpreter("3.8")
    case = catalogue.cases["find_module/package"]
    prelude = "import sys; sys.platform = 'emscripten'\n" if way == "no processes" else ""
    for candidate, verdict, status in ((OWN, "pass", 0), (as_file(HOLLOW["any arguments"], tmp_path), "fail", 1)):
        text = prelude + script(catalogue, case, release_of(python), candidate)
        done = subprocess.run([python, "-"], input=text, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (VERDICT.findall(done.stdout), done.returncode, done.stderr) == ([verdict], status, "")


def test_what_the_interpreter_lacks_is_not_asked(catalogue: Catalogue, tmp_path: Path) -> None:
    case = next(case for case in catalogue.cases.values() if case.needs == ("threads",))
    text = "import sys; sys.platform = 'emscripten'\n" + script(catalogue, case, Release.parse("3.8"), OWN)
    done = run_script(interpreter("3.8"), text, tmp_path)
    assert (VERDICT.findall(done.stdout), done.returncode) == (["not-applicable"], 0)


def test_what_users_set_for_their_own_python_changes_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    case = next(case for case in catalogue.cases.values() if "facts.optimize" in (case.expect.value.source if case.expect.value else ""))
    text = script(catalogue, case, release_of(interpreter("3.8")), OWN)
    done = run_script(interpreter("3.8"), text, tmp_path, PYTHONOPTIMIZE="2", PYTHONPYCACHEPREFIX=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stdout


def test_every_script_is_read_by_the_oldest_python(catalogue: Catalogue, tmp_path: Path) -> None:
    heads = [case_head(catalogue, case, max(case.versions.releases())) for case in catalogue.cases.values()]
    texts = [*heads, candidate_text(OWN), runtime()]
    (tmp_path / "all.json").write_text(json.dumps(texts), encoding="ascii")
    code = "import json, sys\nfor text in json.load(open(sys.argv[1])): compile(text.encode(), 'script', 'exec')"
    subprocess.run([interpreter("3.4"), "-c", code, str(tmp_path / "all.json")], check=True)


def test_a_script_uses_what_the_oldest_python_has(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(script(catalogue, catalogue.cases["find_module/package"], FINAL, OWN), encoding="ascii")
    vermin = shutil.which("vermin")
    if vermin is None:
        pytest.skip("vermin is not installed here")
    options = ["--quiet", "--violations", "--eval-annotations", "-t=3.4-"]
    done = subprocess.run([vermin, *options, str(tmp_path / "script.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_runtime_has_all_that_it_uses() -> None:
    tree = ast.parse(runtime())
    bound = {name.id for name in ast.walk(tree) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler) and node.name}
    bound |= {argument.arg for argument in ast.walk(tree) if isinstance(argument, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    used = {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}
    assert used - bound - set(dir(builtins)) == {"CASE", "CANDIDATE"}


FACTS_HERE: dict[str, Any] = {name: name.upper() for name in FACTS} | {
    "magic": b"U\r\r\n",
    "source_suffixes": [".py"],
    "bytecode_suffixes": [".pyc"],
    "extension_suffixes": [".abi3.so", ".so"],
    "optimize": 1,
    "cwd": "/work",
}


def shown(wanted: Any) -> Any:
    """Make expectations comparable: matchers by what they say of themselves."""
    if isinstance(wanted, dict):
        return {key: shown(value) for key, value in wanted.items()}
    return [shown(value) for value in wanted] if isinstance(wanted, list | tuple) else show(wanted)


def test_a_head_says_what_the_catalogue_says(catalogue: Catalogue) -> None:
    for case in catalogue.cases.values():
        for release in [releases[0] for releases, _ in expectations(case)]:
            space: dict[str, Any] = dict(MATCHERS)
            exec(case_head(catalogue, case, release), space)
            wanted, mine = case.expectation(release).resolved(FACTS_HERE), space["expected"](SimpleNamespace(**FACTS_HERE))
            assert shown(mine) == shown(wanted)
            assert describe_expectation(mine, FACTS_HERE) == describe_expectation(wanted, FACTS_HERE)
            given = space["CASE"]
            assert (given["run"], given.get("given"), given["names"]) == (case.code, case.given, sorted(case.names))
            assert len(given.get("files", [])) == len(case.files)


def test_a_case_has_one_head_for_all_releases_that_answer_alike(catalogue: Catalogue) -> None:
    case = next(case for case in catalogue.cases.values() if len(case.changes) == 1 and str(case.versions) == ">=3.4")
    heads = {case_head(catalogue, case, release) for release in case.versions.releases()}
    assert len(heads) == len(expectation_by_release(case)) == 2


@given(st.recursive(st.text() | st.binary() | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_literal_is_what_it_was_made_of(value: object) -> None:
    text = literal(value)
    assert text.isascii()
    assert ast.literal_eval(text) == value


@given(st.text(alphabet="\n\"\\'{}é\t\r\x00 a", min_size=2))
def test_a_text_of_several_lines_stays_itself(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize(
    "source",
    [
        'f"__pycache__/m.{facts.tag}.pyc"',
        "f\"m.{facts.tag}{'.pyo' if facts.optimize else '.pyc'}\"",
        'f"{{literal}} {facts.optimize!r:>5} {facts.tag:{facts.optimize}} é"',
        '(f"{facts.tag}",\n [f"{suffix}" for suffix in facts.source_suffixes])',
    ],
)
def test_an_expression_means_the_same_without_f_strings(source: str) -> None:
    facts = SimpleNamespace(**FACTS_HERE)
    text = old_expression(source)
    assert "JoinedStr" not in ast.dump(ast.parse(text))
    assert text.isascii()
    assert eval(text, {"facts": facts}) == eval(f"({source})", {"facts": facts})


# --- the command line


def test_the_script_that_a_failure_names_shows_it(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my shim.py").write_text(HOLLOW["any arguments"], encoding="ascii")
    done = cli("run", "--python", "3.8", "--candidate", "my shim.py", "--emulates", "3.6.2", "--results", "out", "find_module/package")
    line = re.search(r"^  script:   (.*)$", done.stdout, re.MULTILINE)
    assert line is not None, done.stdout
    words = shlex.split(line[1])
    assert words == [
        "imp-conformance",
        "repro",
        "find_module/package",
        "--python",
        "3.8",
        "--candidate",
        "my shim.py",
        "--emulates",
        "3.6.2",
    ]
    printed = cli(*words[1:])
    assert printed.returncode == 0, printed.stderr
    shown = run_script(interpreter("3.8"), printed.stdout, tmp_path)
    assert (VERDICT.findall(shown.stdout), shown.returncode) == (["fail"], 1)

    told = cli("explain", "find_module/package", "--results", "out")
    assert told.returncode == 0, told.stderr
    for text in (
        "cpython-3.8+my shim-as-3.6.2: fail",
        "  reason:",
        "  to do:    ",
        "find_module.package (documented",
        "3.4 to 3.11: ",
        "source: ",
    ):
        assert text in told.stdout, told.stdout
    (command,) = re.findall(r"^  script:   (.*)$", told.stdout, re.MULTILINE)
    words = shlex.split(command)
    assert words[-4:] == ["--candidate", "my shim.py", "--emulates", "3.6.2"]
    other = cli("explain", "find_module/list-searched", "--results", "out")
    assert "not asked" in other.stdout


def test_a_target_of_a_range_is_named_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("", encoding="ascii")
    python = interpreter("3.8")
    done = cli(
        "run",
        "--python",
        f"cmd:{python} -O",
        "--python",
        python,
        "--candidate",
        "empty.py",
        "find_module/package",
    )
    lines = [shlex.split(line)[4] for line in re.findall(r"^  script:   (.*)$", done.stdout, re.MULTILINE)]
    assert lines == [f"cmd:{python} -O", python]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["repro", "find_module/packag"], "did you mean find_module/package"),
        (["repro", "find_module/package", "--emulates", "3.3"], "imp is judged as of 3.4 to 3.11"),
        (["explain", "find_module/packag", "--results", "."], "did you mean find_module/package"),
        (["explain", "find_module/package", "--results", "."], "no result files there"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], text: str, cli: Cli) -> None:
    done = cli(*arguments)
    assert (done.returncode, text in done.stderr) == (2, True), done


def test_a_script_is_for_one_interpreter() -> None:
    interpreter("3.8"), interpreter("3.11")
    with pytest.raises(UnknownTarget, match="interpreters are in that range: name one of them"):
        find_one(">=3.8", None, None)


def test_a_case_of_another_release_has_no_script(catalogue: Catalogue, cli: Cli) -> None:
    case = next(case for case in catalogue.cases.values() if Release.parse("3.4.0") not in case.versions)
    done = cli("repro", case.id, "--emulates", "3.4.0")
    assert done.returncode == 2
    assert f"{case.id} holds for {case.versions}, and 3.4.0 is asked for" in done.stderr


def test_an_explanation_of_published_results(cli: Cli, catalogue: Catalogue, tmp_path: Path) -> None:
    crash = Result("find_module/package", Verdict.CRASH, "1", "x", Difference(("process",), "crash", "", "ended by signal 11 (SIGSEGV)"))
    data = made.data(catalogue, "", {crash.case: crash.to_json(), "find_module/list-searched": "pass"})
    shim = {"kind": "pypi", "name": "shim", "version": "1.0"}
    data["targets"] = [made.about("cpython-3.12.1+shim-1.0", release="3.12.1", python="3.12.1", emulates="3.11", candidate=shim)]
    path = made.write(tmp_path, data)
    told = cli("explain", "find_module/package", "--results", ".", "--target", "cpython-3.12.1+shim-1.0").stdout
    assert "ended by signal 11 (SIGSEGV)" in told
    assert "imp-conformance repro find_module/package --python 3.12.1 --candidate pypi:shim==1.0\n" in told
    assert "pass: cpython-3.12.1+shim-1.0" in cli("explain", "find_module/list-searched", "--results", ".").stdout
    unknown = cli("explain", "find_module/package", "--results", ".", "--target", "nope")
    assert (unknown.returncode, "name one of cpython-3.12.1+shim-1.0" in unknown.stderr) == (2, True)
    data["suite"]["digest"] = "sha256:" + "0" * 64
    path.write_text(json.dumps(data), encoding="ascii")
    assert "crash (of other cases than these: run it again)" in cli("explain", "find_module/package", "--results", ".").stdout


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ({"python": "3.8.18", "emulates": "3.8.18"}, "--python 3.8.18"),
        ({"implementation": "pypy", "python": "3.9.16", "release": "7.3.11", "emulates": "3.9.16"}, "--python pypy3.9.16"),
        (
            {"python": "3.13.0", "candidate": {"kind": "file", "name": "imp.py"}, "emulates": "3.6.2"},
            "--python 3.13.0 --candidate imp.py --emulates 3.6.2",
        ),
        ({"python": "3.12.0", "candidate": {"kind": "module", "name": "a.b"}, "emulates": "3.11"}, "--python 3.12.0 --candidate a.b"),
        ({"python": "3.14.0rc2", "candidate": {"kind": "pypi", "name": "a"}, "emulates": "3.11"}, "--python 3.14.0 --candidate pypi:a"),
        ({"implementation": "pyodide", "python": "3.11.3", "release": "0.25.1", "emulates": "3.11.3"}, "--python pyodide@0.25.1"),
        ({"python": "edited", "emulates": "3.8"}, "--python edited --emulates 3.8"),
    ],
)
def test_how_a_target_is_asked_for_again(target: dict[str, Any], options: str) -> None:
    assert shlex.join(options_of(made.about("cpython-3.8", **target))) == options


CHANGED = """\
subject: thing
cases:
  - id: thing/changed
    title: It changed.
    clauses: [thing.works]
    given: imp.works() is True
    run: |
      found = imp.find("a")
      (found, imp.size(found), [1, 2])
    expect:
      value: (f"{facts.cwd}/m.{facts.tag}.pyc", 1, [...])
    changes:
      - since: [3.5.4, 3.6.3]
        why: It was fixed.
        expect: {raises: {type: ImportError, message: "no {facts.tag}"}}
"""


def test_what_genuine_versions_answer(make_catalogue: Callable[..., Path]) -> None:
    case = load_catalogue(make_catalogue(CHANGED, SPECS)).cases["thing/changed"]
    assert expectation_by_release(case) == [
        ("3.4 to 3.5.3, 3.6 to 3.6.2", "('{cwd}/m.{tag}.pyc', 1, [anything])"),
        ("3.5.4 and later of 3.5, since 3.6.3", "raises ImportError: no {tag}"),
    ]
    assert releases_alike(case, Release.parse("3.6.1")) == "3.4 to 3.5.3, 3.6 to 3.6.2"
