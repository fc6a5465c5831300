"""The script that shows a case in a bug report: the files, the call, what is expected and what came, in plain Python.

It is made for one interpreter and one candidate, and holds nothing that the case does not need. What a case needs a process of
its own for, or what no short condition decides, has the isolating script of script.py.
"""

from __future__ import annotations

import ast
import re
import textwrap

from imp_conformance.portable.comparison import describe_expectation
from imp_conformance.portable.protocol import PROGRAM, WARM
from imp_conformance.repro.checks import Checks, TooRich, class_condition, text_conditions
from imp_conformance.repro.inline import Facts, Names, kept, passes_facts, without_imports, without_last_name
from imp_conformance.repro.laying import Files
from imp_conformance.repro.literal import quoted
from imp_conformance.repro.loading import loading
from imp_conformance.repro.wanted import WIDTH, Wanted, heading
from imp_conformance.repro.watches import Watches

_SAME_PATH = """\
def same_path(path, wanted):  # whether it names that file, however it is spelt
    is_path = (isinstance(path, str) and path) or hasattr(path, "__fspath__")
    return is_path and os.path.abspath(str(path)) == os.path.abspath(wanted)"""
_PATHS = ("cwd", "extension_path", "multi_phase_path", "prefix", "stdlib")
_CACHES = re.compile("cache", re.IGNORECASE)
_THREADS = re.compile("thread")
_HOOK = "sys.excepthook = lambda *error: (sys.__excepthook__(*error), os._exit(1))  # a thread that waits hinders an exit"


class NeedsIsolation(Exception):
    """A case that the isolating script shows; the text says why."""


def short_script(wanted: Wanted) -> str:
    """Return the script.

    Raises:
        NeedsIsolation: where such a script would not come to the verdict of a run.
    """
    case, candidate, platform = wanted.case, wanted.candidate, wanted.platform
    codes = [case.code] if case.given is None else [case.given, case.code]
    names = Names(codes)
    if case.process == PROGRAM or "output" in case.watched:
        raise NeedsIsolation("what it prints is captured")
    if any("snippet" in text for text in (*codes, str(case.expectation(wanted.release, platform)))):
        raise NeedsIsolation("it asks for lines of its own file")
    if names.usurped or any(map(passes_facts, codes)):
        raise NeedsIsolation("its code gives another meaning to a name that the script needs, or passes facts on")
    if platform != "linux" and "open_files" in case.watched:
        raise NeedsIsolation("which files are open is found out otherwise there")
    if platform in ("win32", "emscripten", "wasi"):
        raise NeedsIsolation(f"a plain script has no folder of its own on {platform}")
    if candidate.kind == "module" and re.search(r"^\s*(from|import) imp\b", "\n".join(codes), re.MULTILINE):
        raise NeedsIsolation("it imports imp, and the candidate has another name")
    try:
        return _Script(wanted, names).text()
    except TooRich as error:
        raise NeedsIsolation(f"there is no short condition for {error}") from None


class _Script:
    """The parts of one script."""

    def __init__(self, asked: Wanted, names: Names) -> None:
        self.asked, self.case = asked, asked.case
        self.expectation = self.case.expectation(asked.release, asked.platform)
        self.wanted = self.expectation.resolved_by(lambda expression: expression.source)
        self.given, self.code = self.case.given, self.case.code
        if asked.unfounded and self.case.given is not None:
            self.given, self.code, self.wanted = None, self.case.given, {"value": "True"}
        self.names, self.facts = names, Facts(asked.facts, names)
        self.checks = Checks(self.facts, str(asked.facts.get("sep", "/")))
        self.found, self.folder = names.new("found", "result", "came"), names.new("folder", "scratch")
        self.modules = {"os", "sys", "tempfile"}
        self.known = set(self.modules)
        """What the script has imported when it comes to the code of the case."""
        self.helpers: list[str] = []

    def text(self) -> str:
        """Return the script as a whole."""
        files = Files(self.case.files, self.names, self.facts)
        start = loading(self.asked.candidate, self.asked.path, self.folder, imports=self.case.process == WARM)
        self.known |= start.modules | files.modules
        given = self._given()
        watches = Watches(self.wanted, self.names, self.facts, first=self.given is None)
        run = self._run("open_files" in self.wanted)
        conditions = self._conditions()
        shown = [("found", self.found)] if conditions else []
        hinders = _THREADS.search(f"{self.given} {self.code}") is not None
        ending = [f"{self.folder}.cleanup()"] if hinders else []
        verdict = _verdict(ending, conditions + watches.conditions, self._expected(), [*shown, *watches.shown])
        if self.checks.spells_paths:
            self.helpers.append(_SAME_PATH)
        facts = self.facts.lines()
        if any("importlib." in line for line in facts):
            self.modules.add("importlib")
        modules = self.modules | files.modules | watches.modules | self.checks.modules | start.modules
        place = [f"os.chdir({start.place})"]
        if "files" in self.wanted or _CACHES.search(f"{self.case.id} {self.case.title} {self.code} {self.wanted}"):
            place.append("sys.dont_write_bytecode = False")
        helpers = [*self.helpers, *files.helpers, *watches.helpers]
        place += [*facts, *files.lines]
        imported = f"import {', '.join(sorted(modules))}"
        if hinders:
            place.insert(0, _HOOK)
        blocks = [
            [heading(self.asked)],
            *([[imported, *start.lines], *([helper] for helper in helpers), place] if helpers else [[imported, *start.lines, *place]]),
            given,
            [*watches.before, *run, *watches.after],
            verdict,
        ]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _given(self) -> list[str]:
        if self.given is None:
            return []
        return self._guarded(self._asserted(self.given)) if self.asked.guarded else self._asserted(self.given)

    def _asserted(self, given: str) -> list[str]:
        source = given.strip("\n")
        first = source.partition("\n")[0]
        told = quoted(first[1:].strip() if first.startswith("#") else "the case builds on this")
        code = without_imports(self.facts.in_code(source), self.known)
        if first.startswith("#") and source.count("#") == 1:
            code = code.partition("\n")[2]  # it is told as what does not hold
        last = ast.parse(source).body[-1]
        boolean = _is_boolean(last.value if isinstance(last, ast.Expr) else last)
        lines = _unspaced(kept(code, "assert ", f", {told}" if boolean else f" is True, {told}", wraps=not boolean)[0])
        if not self.asked.facts.get("optimize") and ast.unparse(last).isprintable() and len(lines[-1]) <= WIDTH and _compiles(lines):
            return lines
        before, after = ("if not (", "):") if boolean else ("if ", " is not True:")
        lines = _unspaced(kept(code, before, after, wraps=not boolean)[0])
        return [*lines, f"    raise AssertionError({told})"]

    def _run(self, forgets_frames: bool) -> list[str]:
        code = without_imports(self.facts.in_code(self.code), self.known)
        lines = []
        last = ast.parse(code).body[-1]
        if self.wanted.get("value", "...") != "..." and isinstance(last, ast.Expr) and isinstance(last.value, ast.Name):
            self.found = last.value.id
            lines = _unspaced(code)[:-1]
        elif "raises" not in self.wanted:
            told = self.wanted.get("value", "...") != "..."
            held = told or "open_files" in self.wanted or "warnings" in self.wanted  # what is let go of is closed
            held = held and not (isinstance(last, ast.Expr) and isinstance(last.value, ast.Name))
            code, is_value = kept(code, f"{self.found} = ") if held else (without_last_name(code), False)
            lines = _unspaced(code) + ([f"{self.found} = None"] if told and not is_value else [])
        else:
            code, is_value = kept(code, f'{self.found} = ("returned", ', ")")
            error = self.names.new("error", "raised")
            leaves = self.asked.leaves or (self.expectation.raises and self.expectation.raises.type == "SystemExit")
            caught = "BaseException" if leaves else "Exception"
            lines = ["try:", *textwrap.indent("\n".join(_unspaced(code)), "    ").splitlines()]
            lines += [] if is_value else [f'    {self.found} = "nothing was raised"']
            lines += [f"except {caught} as {error}:", f"    {self.found} = {error}"]
            if forgets_frames:
                lines.append(f"    {self.found}.__traceback__ = None  # its frames keep files open")
        if self.asked.leaves and "raises" not in self.wanted:
            lines = self._guarded(lines)
        if self.asked.lacks and self._could_pass_without():
            names = sorted(self.case.names)
            them = "them" if len(names) > 1 else "it"
            lines.insert(0, f"{', '.join(f'imp.{name}' for name in names)}  # without {them}, nothing is shown")
        return lines

    def _guarded(self, lines: list[str]) -> list[str]:
        """Return lines in which nothing ends the program but with a traceback."""
        error = self.names.new("error", "raised")
        inner = textwrap.indent("\n".join(lines), "    ").splitlines()
        end = f'    raise AssertionError("nothing should end the program here") from {error}'
        return ["try:", *inner, f"except (SystemExit, KeyboardInterrupt, GeneratorExit) as {error}:", end]

    def _could_pass_without(self) -> bool:
        """Whether an AttributeError for a name that imp lacks might be taken for what is expected."""
        uses = {name for name in self.case.names if not re.search(rf"\bimp\.{name}\b", self.given or "")}
        if not uses or self.case.process != WARM:
            return False
        return "except" in self.code or "hasattr" in self.code or "raises" in self.wanted

    def _expected(self) -> str:
        """Return what is expected of this interpreter, in words, without the paths of this machine."""
        if self.asked.unfounded:
            return "True, which the case builds on"
        facts = {**self.asked.facts, **{name: f"{{{name}}}" for name in _PATHS}}
        return describe_expectation(self.expectation.resolved(facts), facts)

    def _conditions(self) -> list[str]:
        if "value" in self.wanted:
            return self.checks.value(self.wanted["value"], self.found)
        if "raises" not in self.wanted:
            return []
        raises = self.wanted["raises"]
        found = [class_condition(raises, self.found)]
        found += text_conditions(raises, f"str({self.found})", self.facts, self.modules)
        for attribute, source in raises.get("attributes", {}).items():
            found += self.checks.value(source, f"{self.found}.{attribute}")
        return found


def _verdict(ending: list[str], conditions: list[str], expected: str, shown: list[tuple[str, str]]) -> list[str]:
    """Return the lines that say what was found, and the exit status; what is done between them makes that a hard exit."""
    lines = [f"print({quoted(f'{words}:')}, ascii({expression}))" for words, expression in shown]
    wanted = quoted(expected.removeprefix("anything; "))
    lines.append(f'print("expected:", {wanted}, flush=True)' if ending else f'print("expected:", {wanted})')
    leave = "os._exit" if ending else "sys.exit"
    if not conditions:
        return [*lines, *ending, f"{leave}(0)  # it has come so far without an exception"]
    line = f"{leave}(0 if {' and '.join(conditions)} else 1)"
    if len(line) <= WIDTH and not (ending and "same_path" in line):  # which needs the folder that goes at the end
        return [*lines, *ending, line]
    rows = [""]
    for number, condition in enumerate(conditions):
        part = condition if number == 0 else f"and {condition}"
        if rows[-1] and len(rows[-1]) + len(part) + 5 > WIDTH:
            rows.append(part)
        else:
            rows[-1] = f"{rows[-1]} {part}".strip()
    told = [f"ok = {rows[0]}"] if len(rows) == 1 else ["ok = (", *(f"    {row}" for row in rows), ")"]
    return [*lines, *told, *ending, f"{leave}(0 if ok else 1)"]


def _unspaced(code: str) -> list[str]:
    return [line.rstrip() for line in code.strip("\n").splitlines()]


def _compiles(lines: list[str]) -> bool:
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return False
    return True


def _is_boolean(node: ast.AST) -> bool:
    if isinstance(node, ast.BoolOp):
        return all(map(_is_boolean, node.values))
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
