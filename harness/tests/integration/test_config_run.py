"""Commands with defaults from pyproject.toml: they are taken, and the command line comes first."""

from __future__ import annotations

import json
import re
from pathlib import Path

from baseline_made import SHIM, TWO, entry_text
from conftest import Cli, id_of, interpreter


def configure(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(f"[project]\nname = 'x'\n{text}", encoding="utf-8")
    return path


def test_a_run_takes_its_defaults_from_the_project_around_it(cli: Cli, tmp_path: Path) -> None:
    interpreter("3.8")
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    (tmp_path / "known.yaml").write_text(entry_text(), encoding="ascii")
    configure(
        tmp_path,
        '[tool.imp-conformance]\npython = "3.8"\ncandidate = "shim.py"\nemulates = "3.7"\nresults = "out"\nbaseline = "known.yaml"\n',
    )
    (tmp_path / "inner").mkdir()
    done = cli("run", "-q", "new_module", cwd=tmp_path / "inner")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "baseline: 1 known difference holds, 0 problems" in done.stdout
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"{id_of('3.8')}+shim-as-3.7.json"
    assert json.loads(path.read_text(encoding="ascii"))["targets"][0]["emulates"] == "3.7"


def test_the_command_line_beats_the_configuration(cli: Cli, tmp_path: Path) -> None:
    interpreter("3.8")
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    (tmp_path / "empty.yaml").write_text("differences: []\n", encoding="ascii")
    configure(
        tmp_path,
        '[tool.imp-conformance]\npython = "3.99"\ncandidate = "none.py"\nemulates = "2.7"\nresults = "/dev/null/x"\n'
        'baseline = "none.yaml"\n',
    )
    options = ["--python", "3.8", "--candidate", "shim.py", "--emulates", "3.7", "--results", "out", "--baseline", "empty.yaml"]
    done = cli("run", "-q", *options, TWO)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out" / f"{id_of('3.8')}+shim-as-3.7.json").exists()
    done = cli("run", "-q", TWO)
    assert done.returncode == 2
    assert re.search(r"there is no none\.yaml yet, so every difference counts", done.stderr)


def test_a_baseline_is_begun_with_a_run_and_an_update(cli: Cli, tmp_path: Path) -> None:
    interpreter("3.8")
    (tmp_path / "shim.py").write_text(SHIM, encoding="ascii")
    configure(tmp_path, '[tool.imp-conformance]\npython = "3.8"\ncandidate = "shim.py"\nresults = "out"\nbaseline = "to_be.yaml"\n')
    done = cli("run", "lock_held", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "there is no to_be.yaml yet, so every difference counts: imp-conformance baseline update makes it" in done.stderr
    assert "imp-conformance baseline update --results out --baseline to_be.yaml" in done.stdout
    assert not re.search(r" $", done.stdout, re.MULTILINE), "a table has no blanks at the end of its lines"
    assert cli("report", cwd=tmp_path).returncode in (0, 1)
    assert cli("baseline", "update", cwd=tmp_path).returncode == 0
    done = cli("run", "lock_held", cwd=tmp_path)
    assert done.returncode == 0 and "yet" not in done.stderr, done.stdout + done.stderr


def test_a_mistake_stops_a_command_in_one_line(cli: Cli, tmp_path: Path) -> None:
    path = configure(tmp_path, "[tool.imp-conformance]\nresult = 'x'\n")
    done = cli("run", TWO)
    assert done.returncode == 2
    expected = f"imp-conformance: {path}:4: [tool.imp-conformance] has no key 'result': did you mean results? the keys are "
    assert done.stderr.startswith(expected)
    assert len(done.stderr.splitlines()) == 1


def test_pytest_configuration_of_the_project_has_no_part_in_a_run(cli: Cli, tmp_path: Path) -> None:
    configure(tmp_path, "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit('loaded')\n", encoding="ascii")
    done = cli("run", "-q", "--python", interpreter("3.8"), TWO)
    assert done.returncode == 0, done.stdout + done.stderr
