"""Modules that are joined into one program: each line where it was, each name once, nothing that cannot be joined."""

from __future__ import annotations

import ast
import builtins
import shutil
import subprocess
import symtable
from collections import Counter
from pathlib import Path

import pytest

from imp_conformance import bundle, sealed
from imp_conformance.bundle import PIECE, NotJoinable, join, joined
from imp_conformance.portable.protocol import BOOT
from imp_conformance.resources import package_text

PROGRAMS = ("agent.main", "repro.runtime")


def pieces(program: str) -> dict[str, str]:
    """Return the text of each module by its file."""
    return {piece.split()[0]: piece for piece in program.split(PIECE)[1:]}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of this test's own in place of imp_conformance."""
    monkeypatch.setattr(bundle, "package_text", lambda name: (tmp_path / name).read_text(encoding="utf-8"))
    return tmp_path


def write(package: Path, **modules: str) -> None:
    for name, text in modules.items():
        (package / f"{name}.py").write_text(f'"""{name}."""\n\n{text}', encoding="utf-8")


@pytest.mark.parametrize("root", PROGRAMS)
def test_a_program_binds_each_name_once_and_uses_none_that_is_nowhere(root: str) -> None:
    table = symtable.symtable(join(root), root, "exec")
    bound = [symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()]
    homes = Counter(
        name
        for text in pieces(join(root)).values()
        for name in {s.get_name() for s in symtable.symtable(f"#{text}", root, "exec").get_symbols() if s.is_assigned() or s.is_imported()}
    )
    assert set(homes.values()) == {1}
    assert set(homes) == set(bound)
    pending, used = [table], set()
    while pending:
        scope = pending.pop()
        pending += scope.get_children()
        used |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    assert used - set(bound) - set(dir(builtins)) <= {"__file__"}


@pytest.mark.parametrize("root", PROGRAMS)
def test_a_line_keeps_its_number(root: str) -> None:
    for file, text in pieces(join(root)).items():
        if file in ("imports", "needs"):
            continue
        source = package_text(file).splitlines()
        lines = text.rstrip("\n").splitlines()
        assert len(lines) == len(source)
        assert all(line in ("", written) for line, written in zip(lines[1:], source[1:], strict=True))
        kept = {node.lineno for node in ast.walk(ast.parse(f"#{text}")) if isinstance(node, ast.FunctionDef)}
        written = {node.lineno for node in ast.walk(ast.parse(package_text(file))) if isinstance(node, ast.FunctionDef)}
        assert kept == written


def test_modules_come_after_what_they_need_and_imports_before_all(package: Path) -> None:
    write(
        package,
        last="import sys\nimport os\nfrom imp_conformance.middle import two\nfrom imp_conformance.first import one\n\nthree = one + two\n",
        middle="import os\nfrom imp_conformance.first import one\n\nMYPY = False\nif MYPY:\n    import typing\n\ntwo = one + 1\n",
        first="one = 1\n",
    )
    program = join("last")
    assert list(pieces(program)) == ["imports", "first.py", "middle.py", "last.py"]
    assert [line for line in program.splitlines() if line and not line.startswith(PIECE)] == [
        "import os",
        "import sys",
        "one = 1",
        "two = one + 1",
        "three = one + two",
    ]


@pytest.mark.parametrize(
    ("modules", "why"),
    [
        ({"b": "def same():\n    pass\n"}, "same is bound at b.py:3 and at a.py:5: give one of them another name"),
        ({"b": "try:\n    import same\nexcept ImportError:\n    pass\n"}, "same is bound at b.py:3 and at a.py:5"),
        ({"b": "import same\n"}, "same is bound at a.py:5 and by 'import same' elsewhere"),
        ({"b": "from imp_conformance.a import same\n"}, "a needs b needs a: break the circle"),
        ({"b": "def f():\n    from imp_conformance.c import x\n"}, "b.py:4: imports a module of this package elsewhere"),
        ({"b": "from imp_conformance.c import x as y\n", "c": "x = 1\n"}, "b.py:3: renames what it imports"),
        ({"b": "text = '\u00e9'\n"}, "b.py: is not ASCII"),
        ({"b": f"text = '{PIECE}'\n"}, "which begins a module in a program"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_its_place(package: Path, modules: dict[str, str], why: str) -> None:
    write(package, a="from imp_conformance.b import other\n\nsame = [other for other in ()]\n", **modules)
    with pytest.raises(NotJoinable) as caught:
        join("a")
    assert why in str(caught.value)


def test_names_of_inner_scopes_are_no_names_of_the_program(package: Path) -> None:
    write(
        package,
        a="from imp_conformance.b import f\n\nx = [n for n in 'ab']\n\n\ndef n():\n    return x, f\n",
        b="def f():\n    x = n = 1\n    return x, n\n",
    )
    space: dict[str, object] = {}
    exec(join("a"), space)
    assert space["x"] == ["a", "b"]


def test_a_program_is_cached_for_the_state_of_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    joins: list[str] = []

    def noted(root: str) -> str:
        joins.append(root)
        return join(root)

    monkeypatch.setattr(bundle, "join", noted)
    texts = {joined.__wrapped__("agent.main") for _ in range(3)}
    assert texts == {join("agent.main")}
    assert joins == ["agent.main"]
    contents = sealed.contents
    monkeypatch.setattr(sealed, "contents", lambda base, files: [*contents(base, files), ("edited", b"")])
    joined.__wrapped__("agent.main")
    assert joins == ["agent.main"] * 2


def test_the_agent_is_what_the_oldest_python_can_read(tmp_path: Path) -> None:
    vermin = shutil.which("vermin")
    if vermin is None:
        pytest.skip("vermin is not installed here")
    (tmp_path / "agent.py").write_text(joined("agent.main"), encoding="ascii")
    (tmp_path / "boot.py").write_text(BOOT, encoding="ascii")
    options = ["--quiet", "--violations", "--eval-annotations", "-t=3.4-"]
    done = subprocess.run([vermin, *options, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
