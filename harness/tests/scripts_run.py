"""Scripts of cases, run as their readers run them, beside the runs that they show."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL, Release
from imp_conformance.repro.script import script
from imp_conformance.results.judge import Result
from imp_conformance.runner.run import ask
from imp_conformance.targets.candidate import Candidate, find_candidate
from imp_conformance.targets.session import start_loaded

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
