"""Messages name the next step: what to give in place of what was given."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

import results_made as made
from conftest import Cli, interpreter
from imp_conformance.catalogue.model import Catalogue
from imp_conformance.errors import UnknownTarget
from imp_conformance.results.reading import SCHEMA
from imp_conformance.targets.advice import advice
from imp_conformance.targets.candidate import find_candidate

GOOD = "import sys\ndef get_tag(): return sys.implementation.cache_tag\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "given", "folder"),
    [
        ({"shim/imp.py": "import _helper\n" + GOOD, "shim/_helper.py": ""}, "shim/imp.py", "shim"),
        ({"shim/imp.py": "from helpers.a import x\n" + GOOD, "shim/helpers/a.py": "x = 1\n"}, "shim/imp.py", "shim"),
        ({"shim/imp/__init__.py": "from . import late\n" + GOOD, "shim/imp/late.py": ""}, "shim/imp/__init__.py", "shim"),
    ],
    ids=["a module", "a package", "a part of the package"],
)
def test_a_file_that_needs_its_neighbours_is_told_the_folder(
    files: dict[str, str], given: str, folder: str, cli: Cli, tmp_path: Path
) -> None:
    write(tmp_path, files)
    done = cli("run", "get_tag/string", "--python", "3.8", "--candidate", given)
    assert (done.returncode, f"--candidate {folder}\n" in done.stdout) == (3, True), done.stdout
    assert cli("run", "get_tag/string", "--python", "3.8", "--candidate", folder).returncode == 0
    assert f"--candidate {folder}\n" in cli("repro", "get_tag/string", "--python", "3.8", "--candidate", given).stderr


def test_a_module_that_is_nowhere_is_no_neighbour(tmp_path: Path) -> None:
    write(tmp_path, {"imp.py": "", "other.py": ""})
    told = advice("ModuleNotFoundError: No module named 'six' (imp.py, line 1)", str(tmp_path / "imp.py"))
    assert told == "install six for that interpreter, or give a directory that holds it beside imp"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = (\n", "(shim.py, line 1): fix it in shim.py, or judge it on a Python that knows this syntax"),
        ("import sys\nsys.exit(5)\n", "SystemExit: 5 (shim.py, line 2): an import must not exit"),
        ("import os\nos._exit(7)\n", "importing it ends the process: an import must not exit"),
    ],
)
def test_what_cannot_be_imported_is_told_with_what_to_do(text: str, told: str, cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"shim.py": text})
    done = cli("run", "get_tag/string", "--python", "3.8", "--candidate", "shim.py")
    assert (done.returncode, told in done.stdout) == (3, True), done.stdout


def test_an_interpreter_without_an_imp_is_told_to_name_a_candidate(cli: Cli) -> None:
    python = interpreter("3.13")
    for arguments in (["run", "get_tag/string"], ["repro", "get_tag/string"]):
        done = cli(*arguments, "--python", python)
        assert done.returncode == 3
        assert "say whose imp is to be judged, with --candidate" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


SMALL = """\
#!/bin/sh
echo 'it is micropython'
"""


@pytest.mark.parametrize(
    ("python", "text"),
    [
        ("foo:bar", "foo: means nothing here"),
        ("/bin/true", "no Python"),
        ("/bin/cat", "no Python"),
        ("./small", "micropython has none of the library that imp is made of"),
    ],
)
def test_what_is_no_python_is_refused(python: str, text: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "small").write_text(SMALL, encoding="ascii")
    (tmp_path / "small").chmod(0o755)
    for arguments in (["run", "get_tag/string"], ["repro", "get_tag/string"]):
        done = cli(*arguments, "--python", python)
        assert (done.returncode, text in done.stderr) == (2, True), done
        assert "imp-conformance targets lists what is here" in done.stderr or ":" in python


def test_what_is_too_large_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"imp.py": GOOD, "data/small.txt": "x"})
    (tmp_path / "data" / "large.bin").write_bytes(bytes(21 << 20))
    with pytest.raises(UnknownTarget, match=r"more than 20 MB, most of it in data/ \(21\.0 MB\), imp\.py"):
        find_candidate(str(tmp_path), "3.8")


def test_environments_repositories_and_built_things_do_not_travel(tmp_path: Path) -> None:
    left = ["my-env/pyvenv.cfg", "my-env/lib/a.py", ".git/config", "node_modules/a.js", "build/lib/imp.py", "a/__pycache__/b.pyc"]
    kept = ["imp.py", "a/b.py", "pkg/build/__init__.py", "pkg/build/x.py", "dist/__init__.py", "pkg/data.txt"]
    project, outside = tmp_path / "project", tmp_path / "outside"
    write(project, dict.fromkeys([*left, *kept], "x = 1\n"))
    write(outside, {"secret.py": "x = 1\n"})
    (project / "link.py").symlink_to(outside / "secret.py")
    (project / "links").symlink_to(outside)
    (project / "inside.py").symlink_to(project / "imp.py")
    assert sorted(find_candidate(str(project), "3.8").files) == sorted([*kept, "inside.py"])


def test_the_script_line_of_an_explanation_works_as_it_is(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"src/my shim/imp.py": "def get_tag(): return 1\n", "src/other/imp.py": GOOD})
    ran = cli("run", "get_tag/string", "--python", "3.8", "--candidate", "src/my shim/imp.py", "--results", "out")
    assert ran.returncode == 1
    told = cli("explain", "get_tag/string", "--results", "out").stdout
    (line,) = [line.partition("script:")[2].strip() for line in told.splitlines() if line.startswith("  script:")]
    words = shlex.split(line)
    assert words[-1] == "src/my shim/imp.py"
    done = cli(*words[1:])
    assert (done.returncode, "src/my shim/imp.py" in done.stdout) == (0, True), done
    (tmp_path / "src" / "my shim" / "imp.py").unlink()
    (tmp_path / "src" / "other" / "imp.py").unlink()
    assert "--candidate PATH-OF-imp.py\n" in cli("explain", "get_tag/string", "--results", "out").stdout


def test_a_result_file_of_a_newer_schema_says_so(cli: Cli, catalogue: Catalogue, tmp_path: Path) -> None:
    data = made.data(catalogue, "", {"get_tag/string": "pass"})
    data["schema"] = SCHEMA + 1
    path = made.write(tmp_path, data)
    path.write_text(json.dumps(data), encoding="ascii")
    for arguments in (["report", "--results", ".", "--output", "out"], ["explain", "get_tag/string", "--results", "."]):
        done = cli(*arguments)
        assert (done.returncode, "written by a newer imp-conformance" in done.stderr) == (2, True), done
        assert "install" in done.stderr


def test_progress_counts_what_was_selected(cli: Cli) -> None:
    done = cli("run", "get_tag", "-k", "string", "--python", "3.8")
    assert ": 1 pass\n" in done.stdout, done.stdout
