"""Take one part of Python away from a genuine interpreter, or break it, and judge its imp: the verdicts stay, or it is unavailable.

Whatever the agent relies on may be missing or odd in another implementation. A verdict that changes would be an accusation of
imp for what the agent cannot do without.
"""

from __future__ import annotations

import ast
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adequacy.fork_and_fresh import SEED
from adequacy.genuine import own_catalogue
from imp_conformance.catalogue.model import Case, Catalogue
from imp_conformance.catalogue.versions import Release
from imp_conformance.errors import ConformanceError, TargetLost, TargetUnavailable
from imp_conformance.resources import catalogue_root, package_text
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import OWN
from imp_conformance.targets.session import start_loaded
from imp_conformance.targets.target import find_interpreters

PYTHONS = ("3.8", "3.11")
DRAWN = {"warm": 30, "own": 18, "program": 6}
"""How many cases are run on each broken interpreter, by the kind of their process."""

MODULES = ("os", "resource", "mmap", "signal", "select", "fcntl", "struct", "json", "shutil", "tempfile")
"""The modules whose names are taken away one by one."""


def fork_that_fails(when: str) -> str:
    """Return code after which os.fork fails where a condition holds on made, which has an item for each call so far."""
    return f"""
import os
real, made = os.fork, []
def fork():
    made.append(1)
    if {when}:
        raise BlockingIOError(11, 'broken')
    return real()
os.fork = fork
"""


BREAKAGES = {
    "an anonymous mmap is not shared": """
import mmap
real = mmap.mmap
class Private(real):
    def __new__(cls, fileno, length, *rest, **named):
        return real(fileno, length, mmap.MAP_PRIVATE) if fileno == -1 else real(fileno, length, *rest, **named)
mmap.mmap = Private
""",
    "no mmap is shared": """
import mmap
real = mmap.mmap
class Private(real):
    def __new__(cls, fileno, length, *rest, **named):
        return real(fileno, length, mmap.MAP_PRIVATE)
mmap.mmap = Private
""",
    "mmap raises": "import mmap\ndef raises(*_, **__):\n    raise OSError(12, 'broken')\nmmap.mmap = raises\n",
    "the third fork fails": fork_that_fails("len(made) == 3"),
    "every third fork fails": fork_that_fails("len(made) % 3 == 0"),
    "a fork fails after forty": fork_that_fails("len(made) > 40"),
    "fork is of another kind": "import os\ndef fork():\n    raise RuntimeError('broken')\nos.fork = fork\n",
    "fork returns None in the child": "import os\nreal = os.fork\nos.fork = lambda: real() or None\n",
    "a wait loses the status": "import os\nreal = os.waitpid\nos.waitpid = lambda *given: (real(*given)[0], 0)\n",
    "a wait is of another shape": "import os\nreal = os.waitpid\nos.waitpid = lambda *given: real(*given)[1]\n",
    "urandom is always the same": "import os\nos.urandom = lambda count: b'x' * count\n",
    "open opens read-only": """
import os
real = os.open
os.open = lambda path, flags, *rest, **named: real(path, flags & ~os.O_RDWR, *rest, **named)
""",
    "a pipe holds nothing": "import os\ndef pipe():\n    raise OSError(24, 'broken')\nos.pipe = pipe\n",
    "limits cannot be set": "import resource\ndef setrlimit(*_):\n    raise ValueError('broken')\nresource.setrlimit = setrlimit\n",
    "limits are of another shape": "import resource\nresource.getrlimit = lambda kind: None\n",
    "select finds nothing": "import select\nselect.select = lambda *_: ([], [], [])\n",
    "signals cannot be masked": """
import signal
try:
    import _signal
except ImportError:
    _signal = signal
def broken(*_):
    raise OSError(22, 'broken')
signal.pthread_sigmask = _signal.pthread_sigmask = broken
""",
    "dup2 does nothing": "import os\nos.dup2 = lambda old, new, *rest, **named: new\n",
}
"""What is broken and not just taken away: a name, and the code that breaks it before the agent comes."""

RAISED = {
    "os": ("fork", "killpg", "kill", "waitpid", "urandom", "setpgid", "getpgid", "execve", "sysconf", "set_inheritable", "lseek"),
    "resource": ("setrlimit", "getrlimit"),
    "select": ("select",),
    "signal": ("setitimer", "signal"),
}
"""Functions that are there and always raise."""

_RAISES = "def raises(*_, **__):\n    raise OSError(1, 'broken')\n"


@dataclass(frozen=True, slots=True)
class Breakage:
    """One thing that is wrong with an interpreter."""

    name: str
    code: str
    """What its sitecustomize does."""


def agent_sources() -> dict[str, str]:
    """Return the sources of what travels to a target, by file."""
    names = [f"{folder}/{path.name}" for folder in ("agent", "portable") for path in sorted((_PACKAGE / folder).glob("*.py"))]
    return {name: package_text(name) for name in names}


_PACKAGE = Path(sys.modules["imp_conformance"].__file__ or "").parent


def agent_names() -> dict[str, set[str]]:
    """Return the names of the modules that the agent uses, whether it writes them as attributes or as texts beside the module."""
    found: dict[str, set[str]] = {module: set() for module in MODULES}
    for source in agent_sources().values():
        for statement in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt) and not hasattr(node, "body")):
            nodes = list(ast.walk(statement))
            for module in {node.id for node in nodes if isinstance(node, ast.Name) and node.id in found}:
                found[module] |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
                found[module] |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        for module, beginning in (("resource", "RLIM"), ("signal", "SIG")):
            found[module] |= {text for text in texts if text.startswith(beginning)}
    return found


def removals(python: str) -> Iterator[Breakage]:
    """Yield a breakage for each name that the agent uses and neither a case nor the interpreter's own imp does."""
    used = "\n".join(path.read_text(encoding="utf-8") for path in sorted((catalogue_root() / "cases").glob("*.yaml")))
    used += Path(_said(python, "import imp; print(imp.__file__)")).read_text(encoding="utf-8")
    for module, names in agent_names().items():
        there = _said(python, f"import {module}; print(*dir({module}))").split()
        for name in sorted(names.intersection(there)):
            if not re.search(rf"\b{module}\.{name}\b|from {module} import [^\n]*\b{name}\b", used):
                yield Breakage(f"no {module}.{name}", f"import {module}\ndel {module}.{name}\n")


def breakages(python: str) -> list[Breakage]:
    """Return all that is tried on an interpreter."""
    raising = [
        Breakage(
            f"{module}.{name} raises", f"import {module}\ndef raises(*_, **__):\n    raise OSError(1, 'broken')\n{module}.{name} = raises\n"
        )
        for module, names in RAISED.items()
        for name in names
    ]
    return [*(Breakage(name, code) for name, code in BREAKAGES.items()), *raising, *removals(python)]


def sample(catalogue: Catalogue, drawn: Mapping[str, int] = DRAWN) -> list[Case]:
    """Return the cases that are run each time."""
    draw = random.Random(SEED)
    return [
        case
        for process, count in drawn.items()
        for case in draw.sample([case for case in catalogue.cases.values() if case.process == process], count)
    ]


def verdicts(python: str, catalogue: Catalogue, cases: Sequence[Case], code: str | None) -> dict[str, str] | str:
    """Run cases on an interpreter's own imp, broken by code; return the verdict of each, or why it is unavailable or was lost."""
    with tempfile.TemporaryDirectory(prefix="imp-conformance-sweep-") as folder:
        command = [python]
        if code is not None:
            Path(folder, "sitecustomize.py").write_text(code, encoding="utf-8")
            command = ["env", f"PYTHONPATH={folder}", python]
        try:
            session = start_loaded(command, OWN, catalogue.names)
        except TargetUnavailable as error:
            return f"unavailable: {error}"
        try:
            release = Release.parse(session.identity.version)
            return {case.id: ask(session, case, release).verdict.value for case in cases}
        except TargetLost as error:
            return f"lost: {error}"
        finally:
            session.close()


def told_badly(why: str) -> bool:
    """Say whether what is said of a target that cannot be judged is no sentence for its user."""
    return "Traceback" in why or "\n" in why or not why.partition(": ")[2]


def differences(whole: Mapping[str, str], found: dict[str, str] | str) -> list[str]:
    """Return what a broken interpreter is accused of; nothing where it is unavailable and says why."""
    if isinstance(found, str):
        return [f"it says no more than {found!r}"] if told_badly(found) else []
    return [f"{case}: {whole[case]} became {verdict}" for case, verdict in found.items() if verdict != whole[case]]


@click.command()
@click.option("--python", "pythons", multiple=True, default=PYTHONS, show_default=True, metavar="PYTHON", help="Which interpreters.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Number of interpreters that run at once.")
@click.option("--only", metavar="TEXT", default="", help="Only breakages that have this in their names.")
@click.option("-v", "--verbose", is_flag=True, help="Say also of each breakage that does no harm what comes of it.")
def main(pythons: Sequence[str], workers: int, only: str, verbose: bool) -> None:
    """Take parts of Python away, one at a time, and judge imp: the same verdicts, or unavailable. The exit status is 1 where not."""
    try:
        catalogue = own_catalogue()
        interpreters = [find_interpreters(text)[0].command[0] for text in pythons]
    except ConformanceError as error:
        click.echo(f"sweep: {error}", err=True)
        sys.exit(error.exit_status)
    cases = sample(catalogue)
    jobs = [(python, item) for python in interpreters for item in breakages(python) if only in item.name]
    wrong = unavailable = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress, ThreadPoolExecutor(workers) as pool:
        whole: dict[str, Mapping[str, str]] = {}
        for python in interpreters:
            found = verdicts(python, catalogue, cases, None)
            if isinstance(found, str):
                click.echo(f"sweep: {python}: {found}", err=True)
                sys.exit(3)
            whole[python] = found
        task = progress.add_task("sweep", total=len(jobs))

        def run(job: tuple[str, Breakage]) -> dict[str, str] | str:
            return verdicts(job[0], catalogue, cases, job[1].code)

        for (python, item), broken in zip(jobs, pool.map(run, jobs), strict=True):
            progress.advance(task)
            lines = differences(whole[python], broken)
            wrong += bool(lines)
            unavailable += isinstance(broken, str)
            if verbose and not lines:
                lines = [broken if isinstance(broken, str) else "the same verdicts"]
            for line in lines:
                progress.console.print(f"{python}, {item.name}: {line}", markup=False, highlight=False, soft_wrap=True)
        progress.console.print(
            f"{len(jobs)} breakages of {len(interpreters)} interpreters, {len(cases)} cases each: "
            f"{len(jobs) - unavailable - wrong} with the same verdicts, {unavailable} unavailable or lost, {wrong} wrong"
        )
    sys.exit(1 if wrong else 0)


def _said(python: str, code: str) -> str:
    return subprocess.run([python, "-W", "ignore", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
