"""What a plain script looks at beside the value of a case: warnings, modules, files and what is left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imp_conformance.repro.checks import class_condition, text_conditions
from imp_conformance.repro.inline import Facts, Names

_MODULES = """\
def {modules}():  # those in sys.modules that do not come from the standard library
    brought = {brought}
    return {{name: id(module) for name, module in sys.modules.items() if not any(text in repr(module) for text in brought)}}"""

_FILES = """\
def {files}():  # those below this folder, and the empty folders, with what changes when they are written
    found = {{}}
    for folder, folders, names in os.walk("."):
        for path in [os.path.join(folder, name)[2:] for name in names]:
            found[path] = os.lstat(path).st_mtime_ns, os.lstat(path).st_size, os.lstat(path).st_ino
        if folder != "." and not folders and not names:
            found[folder[2:] + "/"] = ()
    return found"""

_OPEN = """\
def {opened}():  # the numbers and names of the files below this folder that are open
    paths = [(fd, os.path.realpath("/proc/self/fd/" + fd)) for fd in os.listdir("/proc/self/fd")]
    return {{(fd, os.path.relpath(path)) for fd, path in paths if path.startswith(os.getcwd() + "/") and os.path.isfile(path)}}"""


class Watches:
    """The lines around a snippet that watch it, and the conditions that follow from what is expected."""

    def __init__(self, wanted: Mapping[str, Any], names: Names, facts: Facts, *, first: bool = False) -> None:
        """Make the lines; they are shorter where the snippet is the first that may leave a file open."""
        self.helpers: list[str] = []
        self.before: list[str] = []
        self.after: list[str] = []
        self.shown: list[tuple[str, str]] = []
        """Words for what was seen, and the expression for it."""
        self.conditions: list[str] = []
        self.modules: set[str] = set()
        self._names, self._facts = names, facts
        if "modules" in wanted:
            self._snapshots("modules", _MODULES, wanted["modules"], "replaced")
        if "files" in wanted:
            self._snapshots("files", _FILES, wanted["files"], "changed")
        if "open_files" in wanted:
            self._open_files(wanted["open_files"], first=first)
        if "warnings" in wanted:
            self._warnings(wanted["warnings"])

    def _snapshots(self, what: str, helper: str, wanted: Mapping[str, Sequence[str]], middle: str) -> None:
        if not wanted:
            return
        look, before = self._names.new(f"{what}_here"), self._names.new("before", f"{what}_before")
        brought = '"(built-in)", "(frozen)", os.path.dirname(os.__file__)'
        if self._facts.known("implementation") == "pypy":
            brought += ', "lib_pypy"'
        self.helpers.append(helper.format(**{what: look, "brought": brought}))
        self.before.append(f"{before} = {look}()")
        if not any(wanted.values()) and len(wanted) == 3:
            changed = self._names.new("changed", f"{what}_changed")
            self.after.append(f"{changed} = sorted({{name for name, _ in {look}().items() ^ {before}.items()}})")
            self.conditions.append(f"not {changed}")
            self.shown.append((f"{what} changed", changed))
            return
        if list(wanted) == ["added"]:
            after = f"{look}()"
        else:
            after = self._names.new("after")
            self.after.append(f"{after} = {look}()")
        differences = {
            "added": f"sorted(set({after}) - set({before}))",
            "removed": f"sorted(set({before}) - set({after}))",
            middle: f"sorted(name for name in {after} if name in {before} and {after}[name] != {before}[name])",
        }
        for kind, names in wanted.items():
            variable = self._names.new(kind, f"{what}_{kind}")
            self.after.append(f"{variable} = {differences[kind]}")
            texts = [self._facts.in_text(name) for name in sorted(names)]
            self.conditions.append(f"{variable} == {_sorted(texts)}" if texts else f"not {variable}")
            self.shown.append((f"{what} {kind}", variable))

    def _open_files(self, wanted: Sequence[str], *, first: bool) -> None:
        look, before, left = self._names.new("open_files"), self._names.new("open_before"), self._names.new("left_open")
        if not first:
            self.helpers.append(_OPEN.format(opened=look))
            self.before.append(f"{before} = {look}()")
        if self._facts.known("implementation") != "cpython":
            self.modules.add("gc")
            self.after.append("gc.collect()  # elsewhere than in CPython files are closed when they are collected")
        if first:
            self.after += [
                f'{look} = [os.path.realpath("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd")]',
                f"{look} = [os.path.relpath(path) for path in {look} if os.path.isfile(path)]",
                f'{left} = sorted(path for path in {look} if not path.startswith(".."))',
            ]
        else:
            self.after.append(f"{left} = sorted(name for number, name in {look}() - {before})")
        self.conditions.append(f"{left} == {sorted(wanted)!a}")
        self.shown.append(("files left open", left))

    def _warnings(self, wanted: Sequence[Mapping[str, Any]]) -> None:
        caught = self._names.new("caught", "warned")
        self.modules.add("warnings")
        self.before += [f"{caught} = warnings.catch_warnings(record=True).__enter__()", 'warnings.simplefilter("always")']
        self.after.append(f"{caught} = list({caught})")
        self.conditions.append(f"len({caught}) == {len(wanted)}" if wanted else f"not {caught}")
        for index, entry in enumerate(wanted):
            place = f"{caught}[{index}]"
            self.conditions.append(class_condition({"type": entry["category"]}, f"{place}.message"))
            self.conditions += text_conditions(entry, f"str({place}.message)", self._facts, self.modules)
            if "file" in entry:
                self.conditions.append(f"os.path.basename({place}.filename) == os.path.basename(__file__)")
        self.shown.append(("warnings", f"[str(entry) for entry in {caught}]"))


def _sorted(texts: list[str]) -> str:
    items = f"[{', '.join(texts)}]"
    return items if len(texts) == 1 or all(".format(" not in text for text in texts) else f"sorted({items})"
