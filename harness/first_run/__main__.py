"""Draw what a run of a shim that differs shows in a terminal, as the picture of the top README: nox -s picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

SHIM = """\
import types

def new_module(name):
    return types.ModuleType(str(name))
"""
"""A shim of one function that takes too much for a name."""

COMMAND = ("run", "-q", "--candidate", "my_shim.py", "--python", "3.12", "new_module")
WIDTH = 118

_TIME = re.compile(r" in \d+\.\d+s")
_PROGRESS = re.compile(r"^.*\[\s*\d+/\d+\]\S*\n", re.MULTILINE)
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""What rich would have a reader's browser fetch from elsewhere."""


def output_of_run() -> str:
    """Run it, and return what it prints, with colours and without times."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "my_shim.py").write_text(SHIM, encoding="ascii")
        command = [sys.executable, "-m", "imp_conformance", *COMMAND, "--color=yes"]
        done = subprocess.run(
            command, cwd=folder, env={**kept, "COLUMNS": str(WIDTH)}, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
        )
    if done.returncode != 1:
        raise click.ClickException(f"the run ends with status {done.returncode} where it is to differ:\n{done.stdout}")
    return _TIME.sub("", _PROGRESS.sub("", done.stdout))


def drawn(output: str) -> str:
    """Return an SVG of a terminal's content, which fetches nothing; equal contents are equal bytes."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - it is none of pathlib's
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, highlight=False)
        console.print(Text.from_ansi(f"$ imp-conformance {' '.join(COMMAND)}\n{output.rstrip()}"))
        return console.export_svg(title="imp-conformance", code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT))


@click.command()
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder for run.svg.")
def main(output: Path) -> None:
    """Draw the picture."""
    (output / "run.svg").write_text(drawn(output_of_run()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
