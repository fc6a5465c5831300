"""`imp-conformance scan` and the profile that it writes, as a user meets them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from conftest import Cli, interpreter
from imp_conformance.resources import catalogue_root, package_text

KEPT = "import imp, sys\nm = imp.load_source('a', sys.argv[1])\n"
LOST = "import imp, sys\nm = imp.load_source('a', sys.argv[1])\n\n\nprint(sys.modules['a'])\n"
RECIPES = "cpython-3.13.0+migration_recipes"
ZOMBIE = "cpython-3.13.0+zombie-imp"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_what_each_target_does_with_a_call(cli: Cli, project: Path) -> None:
    done = cli("scan", ".", cwd=write(project, app=LOST))
    assert done.returncode == 0, done.stderr
    assert f"app.py:2:5: imp.load_source(...): {ZOMBIE} keeps all 5 clauses that this call needs" in done.stdout
    assert f"app.py:2:5: imp.load_source(...): {RECIPES} loses 1 of 5 clauses that this call needs" in done.stdout
    assert "load_source.registered: The module is entered into sys.modules" in done.stdout
    assert "Needed because sys.modules is asked for the module in line 5." in done.stdout
    assert "1 use of imp in 1 file" in done.stdout


@pytest.mark.parametrize(
    ("source", "target", "status", "says"),
    [
        (LOST, RECIPES, 1, "1 finding would break"),
        (KEPT, RECIPES, 0, "keeps all"),
        (LOST, "3.13", 1, ZOMBIE),
        (LOST, "3.8", 0, "cpython-3.8.18 keeps all"),
        (KEPT, "cpython-3.13.0", 1, "cpython-3.13.0 has no imp"),
        (KEPT, "3.15", 1, "cpython-3.15 has no imp"),
        (KEPT, "cpython-3.13.0+zombie", 2, f"did you mean {ZOMBIE}"),
        (KEPT, "nothing like it", 2, "or a series such as 3.13"),
        ("x = 1", RECIPES, 0, "no use of imp in 1 file"),
        ("import imp", ZOMBIE, 0, "app.py:1:1: import imp: nothing of it is used"),
        ("try:\n    import imp\nexcept ImportError:\n    imp = None", "3.13", 0, "1 guarded use in 1 file"),
    ],
)
def test_a_target_decides(*, source: str, target: str, status: int, says: str, cli: Cli, project: Path) -> None:
    done = cli("scan", "app.py", "--target", target, cwd=write(project, app=source))
    assert (done.returncode, says in done.stdout + done.stderr) == (status, True), done.stdout + done.stderr


def test_what_cannot_be_read_is_told_and_the_scan_goes_on(cli: Cli, project: Path) -> None:
    write(project, py2="x = 1\nprint 'a'\nimport imp\n", null=b"x = 1\n\0", undecodable=b"x = 1\ny = '\xff'\n", late="x = 1\n" * 3)
    write(project, deep="(" * 5000 + ")" * 5000, chain="x = " + "-" * 100_000 + "1", coding=b"# coding: nonsense\n", app="import imp\n")
    os.mkfifo(project / "fifo.py")
    (project / "broken.py").symlink_to("nowhere.py")
    (project / "loop").symlink_to(".")
    (project / "dir.py").mkdir()
    done = cli("scan", ".", cwd=project)
    assert done.returncode == 3, done.stdout
    for place in (
        "py2.py:2: ",
        "null.py:2: ",
        "undecodable.py:2: ",
        "deep.py:1: ",
        "chain.py:1: ",
        "coding.py:1: ",
        "fifo.py: ",
        "broken.py: ",
    ):
        assert f"\n{place}" in f"\n{done.stdout}", place
    assert "and seems to import imp in line 3" in done.stdout
    assert "app.py:1:1: import imp" in done.stdout and "8 files could not be scanned" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_imp_of_the_projects_own_is_no_finding(cli: Cli, project: Path) -> None:
    write(
        project, imp="def reload(m): ...", app="import imp\nimp.reload(1)", pkg____init__="", pkg__mod="from imp import reload\nreload(1)"
    )
    done = cli("scan", ".", cwd=project)
    assert done.returncode == 0 and "2 files with an imp of the program's own" in done.stdout, done.stdout


def test_text_of_a_program_is_no_command(cli: Cli, project: Path) -> None:
    (project / "a\x1b[31m\n::error::b.py").write_text("import imp\nimp.reload(x)\n", encoding="utf-8")
    for form in ("text", "github"):
        done = cli("scan", ".", "--format", form, "--target", "cpython-3.13.0", cwd=project)
        assert done.returncode == 1 and "\x1b" not in done.stdout and "\n::error::" not in done.stdout, done.stdout


def test_annotations(cli: Cli, project: Path) -> None:
    write(project, app=LOST, bad="print 'a'\n", unused="import imp\n", **{"a, b": LOST})
    done = cli("scan", ".", "--format", "github", "--target", RECIPES, cwd=project)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0].startswith("::error file=a%2C b.py,line=2,col=5,title=imp-conformance::imp.load_source(...): ")
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::warning", "::notice"]
    assert "%0Aload_source.registered: " in lines[1]


def test_the_profile_is_the_same_wherever_the_program_lies(cli: Cli, tmp_path: Path) -> None:
    schema = json.loads(package_text("schema/profile.schema.json"))
    outputs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, app=LOST, bad="print 'a'\n", pkg__mod="try:\n    import imp\nexcept ImportError:\n    imp = None\n")
        done = cli("scan", "pkg", "bad.py", folder / "app.py", "--format", "json", cwd=folder)
        assert done.returncode == 3, done.stderr
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    data = json.loads(outputs[0])
    jsonschema.Draft202012Validator(schema).validate(data)
    assert data["uses"][0]["features"] == {"file-omitted": 0, "later-lookup": 5}
    assert "load_source.registered" in data["targets"][RECIPES] and data["targets"][ZOMBIE] == {}


def test_what_is_installed(cli: Cli) -> None:
    done = cli("scan", "--installed", "--format", "json")
    assert done.returncode in (0, 1, 3), done.stderr
    data = json.loads(done.stdout)
    assert all(entry["distribution"] for entry in [*data["uses"], *data["imports"], *data["guarded"]])
    assert not [entry for entry in data["uses"] if entry["file"].startswith("/")]


@pytest.mark.parametrize("arguments", [[], ["nothing-there"], [".", "--format", "xml"]])
def test_wrong_usage(arguments: list[str], cli: Cli, project: Path) -> None:
    assert cli("scan", *arguments, cwd=project).returncode == 2


def test_a_candidate_is_judged_by_what_a_program_needs(cli: Cli, tmp_path: Path) -> None:
    python = interpreter("3.12")
    candidate = catalogue_root() / "harness" / "candidates" / "migration_recipes.py"
    for name, source, status in (("kept", KEPT, 0), ("lost", LOST, 1)):
        folder = tmp_path / name
        folder.mkdir()
        profile = folder / "profile.json"
        profile.write_text(cli("scan", "app.py", "--format", "json", cwd=write(folder, app=source)).stdout, encoding="utf-8")
        run = [
            "run",
            "load_source/registered",
            "load_source/keywords",
            "load_source/returns-module",
            "--python",
            python,
            "--candidate",
            candidate,
        ]
        done = cli(*run, "--needs", profile, "--results", folder / "results")
        assert done.returncode == status, done.stdout
        assert "not gated: " in done.stdout
        (folder / "pyproject.toml").write_text("[tool.imp-conformance]\nneeds = 'profile.json'\nresults = 'results'\n", encoding="utf-8")
        told = cli("report", cwd=folder).stdout
        assert ("enough for this program: it keeps all" in told) is (status == 0), told
        assert ("load_source.registered: " in told) is (status == 1)
    assert cli("report", "--needs", candidate, cwd=tmp_path / "kept").returncode == 2
    assert cli("run", "load_source/registered", "--needs", candidate, "--python", python).returncode != 0
