"""What of a use decides which clauses it needs, as keys of specs/needs.yaml."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from imp_conformance.scan.collecting import Collected, UseDraft, literal, literal_text, same_name
from imp_conformance.scan.model import Kind
from imp_conformance.scan.values import NOTHING, Known, Made, Values

_PARAMETERS = {
    "load_source": ("name", "pathname", "file"),
    "load_compiled": ("name", "pathname", "file"),
    "load_dynamic": ("name", "path", "file"),
    "load_package": ("name", "path"),
    "load_module": ("name", "file", "filename", "details"),
    "find_module": ("name", "path"),
    "reload": ("module",),
    "new_module": ("name",),
    "cache_from_source": ("path", "debug_override"),
    "source_from_cache": ("path",),
    "get_frozen_object": ("name", "data"),
    "create_dynamic": ("spec", "file"),
}
_OPTIONAL = {
    "load_source": "file",
    "load_compiled": "file",
    "load_dynamic": "file",
    "load_module": "file",
    "find_module": "path",
    "cache_from_source": "debug_override",
    "get_frozen_object": "data",
    "create_dynamic": "file",
}
"""The parameter of each function that makes a difference by being there."""

_KINDS = ("", "source", "compiled", "extension", "", "package", "builtin", "frozen")
"""By the value of a constant: the kind of module that it stands for."""

_CONSTANTS = {
    "imp.PY_SOURCE": "source",
    "imp.PY_COMPILED": "compiled",
    "imp.C_EXTENSION": "extension",
    "imp.PKG_DIRECTORY": "package",
    "imp.C_BUILTIN": "builtin",
    "imp.PY_FROZEN": "frozen",
}
_ITEMS = ("file", "pathname", "description")
"""What find_module gives, in its order."""

_READ = {
    "__file__": "reads-file",
    "__path__": "reads-path",
    "__name__": "reads-name",
    "__spec__": "reads-spec",
    "__loader__": "reads-loader",
    "__cached__": "reads-cached",
    "__package__": "reads-package",
    "__doc__": "reads-doc",
}
_CAUGHT = {
    "ImportError": "import-error-caught",
    "ModuleNotFoundError": "import-error-caught",
    "SyntaxError": "syntax-error-caught",
    "OSError": "os-error-caught",
    "IOError": "os-error-caught",
    "EnvironmentError": "os-error-caught",
    "FileNotFoundError": "os-error-caught",
    "Exception": "exception-caught",
    "BaseException": "exception-caught",
    "ValueError": "value-error-caught",
}

EMITTED = frozenset(
    {
        *(f"{name}-{state}" for name in _OPTIONAL.values() for state in ("given", "none", "omitted")),
        *(f"kind-{kind}" for kind in _KINDS if kind),
        *(f"{item}-used" for item in _ITEMS),
        *_READ.values(),
        *_CAUGHT.values(),
        *("passed-on", "replaced", "keywords", "found", "result-used", "result-unused", "result-unpacked", "result-reloaded"),
        *("later-lookup", "later-import", "name-dotted", "name-main", "init-file", "suffix-other", "path-relative", "module-sys"),
        *("file-read", "file-closed"),
    }
)
"""Every feature that a use may have."""


def features(use: UseDraft, found: Collected, parents: Mapping[ast.AST, ast.AST]) -> frozenset[str]:
    """Return the features of a use, once its whole file is known."""
    if use.kind is Kind.REPLACED:
        return frozenset({"replaced"})
    if use.call is None:
        return frozenset() if use.name.isupper() else frozenset({"passed-on"})  # a constant cannot be called
    noted = {*_noted(use), *_of_arguments(use), *_of_result(use, found, parents)}
    noted |= {_CAUGHT[name] for name in use.caught if name in _CAUGHT}
    for what, line in _later(use, found):
        use.note(what, line)
        noted.add(what)
    return frozenset(noted)


def argument(use: UseDraft, parameter: str) -> tuple[ast.expr | None, Values]:
    """Return what a call gives for a parameter, and what that may stand for; None where it is left out or not seen."""
    assert use.call is not None
    names = _PARAMETERS.get(use.name, ())
    position = names.index(parameter) if parameter in names else -1
    plain = [node for node in use.call.args if not isinstance(node, ast.Starred)]
    if 0 <= position < len(plain) == len(use.call.args):
        return plain[position], use.arguments.get(str(position), NOTHING)
    for keyword in use.call.keywords:
        if keyword.arg == parameter:
            return keyword.value, use.arguments.get(parameter, NOTHING)
    return None, NOTHING


def _noted(use: UseDraft) -> Iterator[str]:
    """Give what was noted while the file was walked through."""
    for note in use.features:
        what, _, attribute = note.partition(" ")
        if what == "reads" and attribute in _READ:
            use.reasons.setdefault(_READ[attribute], use.reasons.get(note, use.place.line))
            yield _READ[attribute]
        elif what.startswith("item-") and use.name == "find_module":
            number = int(what.removeprefix("item-"))
            if 0 <= number < len(_ITEMS):
                yield f"{_ITEMS[number]}-used"
            if number == 0 and attribute.startswith("read"):
                yield "file-read"
            elif number == 0 and attribute == "close":
                yield "file-closed"
        elif what == "result-used":
            yield what


def _of_arguments(use: UseDraft) -> Iterator[str]:
    assert use.call is not None
    if any(keyword.arg is not None for keyword in use.call.keywords):
        yield "keywords"
    optional = _OPTIONAL.get(use.name)
    unseen = any(isinstance(node, ast.Starred) for node in use.call.args) or any(keyword.arg is None for keyword in use.call.keywords)
    if optional is not None and not unseen:
        node, values = argument(use, optional)
        yield f"{optional}-omitted" if node is None else f"{optional}-none" if literal(values) is None else f"{optional}-given"
    _, name = argument(use, "name")
    text = literal_text(name)
    if text is not None:
        yield from (feature for feature, holds in (("name-dotted", "." in text), ("name-main", text == "__main__")) if holds)
    if use.name in ("load_source", "load_compiled"):
        yield from _of_path(use)
    if use.name == "load_module":
        yield from _of_details(use)
    if use.name == "reload" and Known("sys") in argument(use, "module")[1]:
        yield "module-sys"


def _of_path(use: UseDraft) -> Iterator[str]:
    text = literal_text(argument(use, "pathname")[1])
    if not text:
        return
    path = PurePosixPath(text)
    if path.name == "__init__.py":
        yield "init-file"
    if path.suffix not in (".py", ".pyw", ".pyc"):
        yield "suffix-other"
    if not path.is_absolute():
        yield "path-relative"


def _of_details(use: UseDraft) -> Iterator[str]:
    node, values = argument(use, "details")
    given = [*values, *use.arguments.get("*", NOTHING), *(value for number in "123" for value in use.arguments.get(number, NOTHING))]
    if any(isinstance(value, Made) for value in given):
        yield "found"
    elif isinstance(node, ast.Tuple | ast.List) and node.elts:
        kind = _kind(node.elts[-1])
        if kind:
            yield f"kind-{kind}"


def _kind(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=int(number)) if 0 <= number < len(_KINDS):
            return _KINDS[number]
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return _CONSTANTS.get(f"imp.{name}", "")
    return ""


def _of_result(use: UseDraft, found: Collected, parents: Mapping[ast.AST, ast.AST]) -> Iterator[str]:
    assert use.call is not None
    parent = parents.get(use.call)
    match parent:
        case ast.Expr():
            yield "result-unused"
        case ast.Assign(targets=[ast.Tuple() | ast.List(), *_]):
            yield "result-unpacked"
        case ast.Assign(targets=[ast.Name()]) if "result-used" not in use.features:
            pass  # whoever takes the name later is seen where the name is followed, and noted
        case ast.Attribute(attr=attribute):
            yield "result-used"
            if attribute in _READ:
                yield _READ[attribute]
        case ast.Subscript(slice=ast.Constant(value=int(number))) if use.name == "find_module" and 0 <= number < len(_ITEMS):
            yield f"{_ITEMS[number]}-used"
        case ast.Starred():
            yield "result-unpacked"
        case _:
            yield "result-used"
    index = found.uses.index(use)
    for other in found.uses:
        if other.name == "reload" and other.call is not None and Made(index) in argument(other, "module")[1]:
            yield "result-reloaded"


def _later(use: UseDraft, found: Collected) -> Iterator[tuple[str, int]]:
    """Give what elsewhere in the file takes the module by its name, with its line."""
    node, values = argument(use, "name")
    if node is None:
        return
    name = same_name(node, values)
    for lookup in found.lookups:
        if lookup.name == name and (lookup.what == "later-lookup" or lookup.line > use.place.line):
            yield lookup.what, lookup.line
