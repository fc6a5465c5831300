"""Candidates that do their worst: the case that meets it gets its verdict, every other case its own, and nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
import yaml

from conftest import interpreter
from imp_conformance.catalogue.loader import load_catalogue
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import TargetUnavailable
from imp_conformance.portable.protocol import LIMITS
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import find_candidate
from imp_conformance.targets.session import start_loaded

HOSTILE = Path(__file__).parent / "hostile"

GENUINE = """\
import os, sys
exec(compile(open(os.path.join(os.path.dirname(os.__file__), "imp.py"), encoding="utf-8").read(), __file__, "exec"))
genuine_tag = get_tag()
"""
"""The interpreter's own imp under another name; what follows it is what is wrong with a candidate."""

GRANDPARENT = """
def grandparent():
    with open("/proc/%d/stat" % os.getppid()) as file:
        return int(file.read().rpartition(")")[2].split()[1])
"""

DESCRIPTORS_ABOVE = """
def descriptors_above():
    pid = os.getpid()
    for _ in range(2):
        with open("/proc/%d/stat" % pid) as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
        with open("/proc/%d/cmdline" % pid) as file:
            words = file.read()
        if "pytest" in words or "readline" in words:  # the test's own process, or a worker of xdist's
            break
        for number in os.listdir("/proc/%d/fd" % pid):
            yield "/proc/%d/fd/%s" % (pid, number)
"""

SPECS = """\
subject: thing
summary: A thing.
clauses:
  - {id: thing.works, text: It works., level: documented, sources: [{document: library-3.10, anchor: thing}]}
"""

QUIET = 'stdout: "", stderr: "", warnings: []'

CASES = f"""\
subject: thing
cases:
  - id: thing/before
    title: A module is made.
    clauses: [thing.works]
    limit: LIMIT
    run: imp.new_module("fresh")
    expect: {{value: 'module("fresh")', {QUIET}, files: {{added: []}}, modules: {{added: []}}}}
  - id: thing/meets-it
    title: The tag.
    clauses: [thing.works]
    limit: LIMIT
    run: imp.get_tag()
    expect: {{value: facts.tag}}
  - id: thing/watched
    title: The tag, and nothing beside it.
    clauses: [thing.works]
    limit: LIMIT
    run: imp.get_tag()
    expect:
      {{value: facts.tag, {QUIET}, files: {{added: [], changed: [], removed: []}}, modules: {{added: [], removed: []}}, open_files: []}}
  - id: thing/after
    title: A module is found and loaded.
    clauses: [thing.works]
    limit: LIMIT
    files: {{m.py: "x = 1\\n"}}
    run: |
      import os
      (imp.load_module("m", *imp.find_module("m", ["."])), imp.lock_held(), sorted(os.listdir(".")))
    expect:
      {{value: '(module("m"), False, ["__pycache__", "m.py"])', {QUIET}, modules: {{added: [m], removed: []}}, open_files: []}}
"""
PATIENT, BRIEF = 20, 1
"""Seconds that each of these cases has, by Catalogues."""

TOLD = 5000
"""Characters that one text of a result may have: no candidate decides how large a result file grows."""

MEETS_IT, WATCHED, OTHERS = "thing/meets-it", "thing/watched", {"thing/before", "thing/after"}


def table(name: str) -> dict[str, Any]:
    entries = yaml.safe_load((HOSTILE / name).read_text(encoding="utf-8"))
    return entries if isinstance(entries, dict) else {entry["name"]: entry for entry in entries}


CALLS, FORGERIES, IMPORTS = table("calls.yaml"), table("forgeries.yaml"), table("imports.yaml")


def write_catalogue(root: Path, cases: str, limit: int) -> Catalogue:
    cases = cases.replace("limit: LIMIT", f"limit: {limit}")
    for folder, text in (("specs", SPECS), ("cases", cases)):
        (root / folder).mkdir()
        (root / folder / "thing.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(root)


class Catalogues(NamedTuple):
    """The same cases with two limits."""

    patient: Catalogue
    brief: Catalogue

    def fitting(self, entry: Mapping[str, Any]) -> Catalogue:
        """Return the patient ones for what answers sooner or later, also on a busy machine, and the brief ones for what may never."""
        ends = {entry.get("ends"), entry.get("watched"), *entry.get("verdicts", {}).values()}
        return self.brief if ends & {"timeout", "any"} else self.patient


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Catalogues:
    return Catalogues(*(write_catalogue(tmp_path_factory.mktemp("catalogue"), CASES, limit) for limit in (PATIENT, BRIEF)))


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that carry a mark, or work in its directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get("HOSTILE_TEST") == mark or process.cwd().startswith(mark):
                found.append(process)
        except (psutil.Error, OSError):  # it is gone, or its directory too deep to be told
            continue
    return found


@pytest.fixture
def nothing_is_left(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check after the test that no process, thread, descriptor, child or file of it is left."""
    monkeypatch.setenv("HOSTILE_TEST", str(scratch))
    descriptors, threads = sorted(Path("/proc/self/fd").iterdir()), threading.active_count()
    children = set(psutil.Process().children())
    yield
    left = marked(str(scratch))
    for process in left:
        process.send_signal(signal.SIGKILL)
    assert left == []
    assert set(psutil.Process().children()) <= children
    assert threading.active_count() == threads
    assert sorted(Path("/proc/self/fd").iterdir()) == descriptors
    assert sorted(scratch.iterdir()) == []


@pytest.fixture(scope="module")
def may_mount(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether a case may mount something, and set attributes of files."""
    place = str(tmp_path_factory.mktemp("mounted"))
    commands = (["mount", "-t", "tmpfs", "tmpfs", place], ["umount", place], ["chattr", "+i", place], ["chattr", "-i", place])
    return all(shutil.which(words[0]) and subprocess.run(words, check=False).returncode == 0 for words in commands)


def judged(source: str, catalogue: Catalogue, folder: Path, leave_out: str = "", before: Sequence[str] = ()) -> dict[str, Result]:
    """Judge a candidate's source by every case but one; what is before the interpreter on its command line starts it."""
    path = folder / "hostile.py"
    path.write_text(source, encoding="utf-8")
    session = start_loaded([*before, interpreter("3.8")], find_candidate(str(path), "3.8"), catalogue.names)
    try:
        release, forks = Release.parse(session.identity.version), session.identity.forks
        found = {case.id: ask(session, case, release) for case in catalogue.cases.values() if case.id != leave_out}
        assert session.identity.forks is forks, "without fork the candidate would run as a child of the host"
        return found
    finally:
        session.close()


def others_pass(found: Mapping[str, Result]) -> None:
    assert [result for result in found.values() if result.case in OTHERS and result.verdict is not Verdict.PASS] == []


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder that is none of a candidate's business."""
    folder = tmp_path / "outside"
    folder.mkdir()
    kept = {folder / name for name in ("kept", "tmp/kept", "candidate/imp.py", "around/cwd/kept")}  # as the harness names its own
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kept", encoding="ascii")
    yield folder
    assert {path for path in folder.rglob("*") if not path.is_dir()} == kept
    assert {path.read_text(encoding="ascii") for path in kept} == {"kept"}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.usefixtures("nothing_is_left")
def test_what_a_call_does_is_a_matter_of_its_case(
    name: str, catalogues: Catalogues, tmp_path: Path, outside: Path, may_mount: bool
) -> None:
    wanted = CALLS[name]
    if wanted.get("mounts") and not may_mount:
        pytest.skip("nothing can be mounted here, or files have no attributes")
    source = f"{GENUINE}{GRANDPARENT}outside = {str(outside)!r}\ndef get_tag():\n{indented(wanted['does'])}"
    passes = wanted["ends"] == "pass"
    found = judged(source, catalogues.fitting(wanted), tmp_path, leave_out="" if passes else WATCHED)
    result = found[MEETS_IT]
    if wanted["ends"] != "any":
        assert result.verdict == wanted["ends"], result
        reason = wanted.get("reason", {"pass": "", "timeout": "no answer within 1 s"}.get(wanted["ends"]))
        assert reason in ("any", result.reason)
    if passes:
        allowed = [wanted["watched"]] if "watched" in wanted else ["pass", "fail"]
        assert found[WATCHED].verdict in allowed, found[WATCHED]
        assert len(found[WATCHED].reason) < TOLD
    others_pass(found)


@pytest.mark.parametrize("name", [name for name, entry in CALLS.items() if "once" in entry])
@pytest.mark.usefixtures("nothing_is_left", "outside")
def test_without_fork_it_is_the_same(name: str, catalogues: Catalogues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import os\ndel os.fork\n", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(site))
    wanted = CALLS[name]
    source = f"import posix\n{GENUINE}os.fork = posix.fork\ndef get_tag():\n{indented(wanted['does'])}"
    found = judged(source, catalogues.fitting(wanted), tmp_path, leave_out=WATCHED)
    assert found[MEETS_IT].verdict == wanted["ends"], found[MEETS_IT]  # how it says so differs: there the target itself ends
    others_pass(found)


WITHOUT_RIGHT = ("setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource")
"""How a process is started that cannot raise a limit once more that was lowered for good."""


@pytest.mark.parametrize("name", [name for name in CALLS if ("above it" in name and "limit" in name) or "lowered for good" in name])
@pytest.mark.usefixtures("nothing_is_left", "outside")
def test_limits_that_cannot_be_raised_again_are_a_matter_of_their_case(name: str, catalogues: Catalogues, tmp_path: Path) -> None:
    if os.geteuid() == 0 and subprocess.run([*WITHOUT_RIGHT, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("setpriv is not here")
    source = f"{GENUINE}{GRANDPARENT}def get_tag():\n{indented(CALLS[name]['does'])}"
    before = WITHOUT_RIGHT if os.geteuid() == 0 else ()
    found = judged(source, catalogues.fitting(CALLS[name]), tmp_path, leave_out=WATCHED, before=before)
    others_pass(found)


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.usefixtures("nothing_is_left")
def test_an_answer_cannot_be_forged(name: str, catalogues: Catalogues, tmp_path: Path) -> None:
    value = b'{"kind":"str","value":"%s","length":10}'
    answer = b'{"cwd":"/","value":' + value + b',"warnings":[]}\n'
    ended = b'{"ended":{"how":"exit","number":0},"output":{"stdout":"","stderr":""},"cwd":"/","warm":true}\n'
    source = f"{GENUINE}{DESCRIPTORS_ABOVE}forged = b'ended 0\\n' + {ended!r} + {answer!r} % genuine_tag.encode()\n"
    found = judged(f"{source}def get_tag():\n{indented(FORGERIES[name]['does'])}", catalogues.patient, tmp_path, leave_out=WATCHED)
    assert found[MEETS_IT].verdict is not Verdict.PASS, found[MEETS_IT]
    others_pass(found)


@pytest.mark.parametrize("name", IMPORTS)
@pytest.mark.usefixtures("nothing_is_left")
def test_what_an_import_does(name: str, catalogues: Catalogues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = IMPORTS[name]
    if "unavailable" in wanted:  # some of them never end
        monkeypatch.setattr("imp_conformance.targets.session.LIMITS", LIMITS._replace(load_seconds=1.5))
    source = GENUINE + wanted["does"]
    if "unavailable" in wanted:
        with pytest.raises(TargetUnavailable) as caught:
            judged(source, catalogues.fitting(wanted), tmp_path, leave_out=WATCHED)
        assert wanted["unavailable"] in ("any", str(caught.value))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < TOLD
    else:
        found = judged(source, catalogues.fitting(wanted), tmp_path, leave_out=WATCHED)
        for case, result in found.items():
            assert wanted.get("verdicts", {}).get(case, "pass") in ("any", result.verdict), result
