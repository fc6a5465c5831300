"""The text of a script: what old interpreters can read, and all that it uses."""

from __future__ import annotations

import ast
import builtins
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.catalogue.versions import FINAL
from imp_conformance.repro.script import candidate_text, case_head, runtime, script
from imp_conformance.targets.candidate import OWN


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
