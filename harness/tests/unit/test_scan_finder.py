"""What a scan finds in a program: each form of import, aliases, guards, polyfills, and what only looks like imp."""

from __future__ import annotations

import ast
import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.catalogue.cache import cached_catalogue
from imp_conformance.resources import catalogue_root
from imp_conformance.scan.features import EMITTED
from imp_conformance.scan.file import scan_tree
from imp_conformance.scan.model import Import, Use
from imp_conformance.scan.reading import Unreadable, parsed

PUBLIC = frozenset({"load_source", "load_module", "find_module", "reload", "new_module", "PY_SOURCE", "PKG_DIRECTORY", "get_suffixes"})


def found(source: str) -> tuple[list[str], list[str]]:
    """Return what needs an imp, and what is guarded, each as its line and text."""
    imports, uses, _ = scan_tree(ast.parse(source), PUBLIC)
    entries: list[Import | Use] = [*uses, *(entry for entry in imports if not entry.used)]
    told = [
        [f"{entry.place.line} {entry.text}" for entry in sorted(entries, key=lambda entry: entry.place) if bool(entry.guard) is bad]
        for bad in (False, True)
    ]
    return told[0], told[1]


RELOAD = "imp.reload(...)"

FORMS = {
    "import": ("import imp\nimp.reload(m)", [f"2 {RELOAD}"]),
    "import as": ("import imp as x\nx.reload(m)", [f"2 {RELOAD}"]),
    "import among others": ("import os, imp, sys\nimp.reload(m)", [f"2 {RELOAD}"]),
    "from": ("from imp import reload\nreload(m)", [f"2 {RELOAD}"]),
    "from as": ("from imp import reload as r\nr(m)", [f"2 {RELOAD}"]),
    "star": ("from imp import *\nreload(m)\nprint(m)", [f"2 {RELOAD}"]),
    "__import__": ("__import__('imp').reload(m)", [f"1 {RELOAD}"]),
    "__import__ bound": ("x = __import__('imp')\nx.reload(m)", [f"2 {RELOAD}"]),
    "import_module": ("import importlib\nimportlib.import_module('imp').reload(m)", [f"2 {RELOAD}"]),
    "import_module from": ("from importlib import import_module as im\nx = im('imp')\nx.reload(m)", [f"3 {RELOAD}"]),
    "import_module of a name": ("import importlib\nN = 'imp'\nimportlib.import_module(N).reload(m)", [f"3 {RELOAD}"]),
    "sys.modules": ("import sys\nsys.modules['imp'].reload(m)", [f"2 {RELOAD}"]),
    "sys.modules.get": ("from sys import modules\nmodules.get('imp').reload(m)", [f"2 {RELOAD}"]),
    "alias of a function": ("import imp\nf = imp.reload\nf(m)", [f"3 {RELOAD}"]),
    "alias of an alias": ("import imp\nx = imp\ny = x\ny.reload(m)", [f"4 {RELOAD}"]),
    "getattr": ("import imp\ngetattr(imp, 'reload')(m)", [f"2 {RELOAD}"]),
    "getattr computed": ("import imp\ngetattr(imp, name)(m)", ["2 getattr(imp, …)(...)"]),
    "in a function": ("def f():\n    import imp\n    imp.reload(m)", [f"3 {RELOAD}"]),
    "in a method": ("import imp\nclass A:\n    def f(self):\n        imp.reload(m)", [f"4 {RELOAD}"]),
    "in a nested function": ("import imp\ndef f():\n    def g():\n        return imp.reload(m)", [f"4 {RELOAD}"]),
    "global": ("def f():\n    global imp\n    import imp\ndef g():\n    imp.reload(m)", [f"5 {RELOAD}"]),
    "later than the function": ("def f():\n    imp.reload(m)\nimport imp", [f"2 {RELOAD}"]),
    "in a lambda": ("import imp\nf = lambda m: imp.reload(m)", [f"2 {RELOAD}"]),
    "in a comprehension": ("import imp\n[imp.reload(m) for m in ms]", [f"2 {RELOAD}"]),
    "as a default": ("import imp\ndef f(r=imp.reload): pass", ["2 imp.reload"]),
    "as a decorator": ("import imp\n@imp.reload\ndef f(): pass", ["2 imp.reload"]),
    "constant": ("import imp\nx == imp.PY_SOURCE", ["2 imp.PY_SOURCE"]),
    "replaced": ("import imp\nimp.reload = f", ["2 imp.reload"]),
    "passed on": ("import imp\nf(imp)", ["2 imp"]),
    "unused": ("import imp", ["1 import imp"]),
    "unused from": ("from imp import reload as r", ["1 from imp import reload as r"]),
    "deleted": ("import imp\ndel imp\nimp.reload(m)", ["1 import imp"]),
    "walrus": ("import imp\nif (x := imp):\n    x.reload(m)", [f"3 {RELOAD}"]),
    "match": ("import imp\nmatch m:\n    case 1:\n        imp.reload(m)", [f"4 {RELOAD}"]),
    "with": ("import imp\nwith a as b:\n    imp.reload(m)", [f"3 {RELOAD}"]),
    "in a loop": ("import imp\nfor m in ms:\n    imp.reload(m)\nelse:\n    imp.reload(n)", [f"3 {RELOAD}", f"5 {RELOAD}"]),
    "fallback none, not tested": ("try:\n    import imp\nexcept ImportError:\n    imp = None\nimp.reload(m)", [f"5 {RELOAD}"]),
    "fails without": ("try:\n    import imp\nexcept ImportError:\n    raise\nimp.reload(m)", [f"5 {RELOAD}"]),
    "exits without": ("import sys\ntry:\n    import imp\nexcept ImportError:\n    sys.exit(1)\nimp.reload(m)", [f"6 {RELOAD}"]),
    "builtin reload first": ("try:\n    reload\nexcept NameError:\n    from imp import reload\nreload(m)", [f"5 {RELOAD}"]),
    "py3": ("import sys\nif sys.version_info[0] >= 3:\n    from imp import reload\nreload(m)", [f"4 {RELOAD}"]),
    "chain": ("import imp\n" + "x = 1 " + "+ 1 " * 300 + "+ imp.reload(m)", [f"2 {RELOAD}"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_found(form: str) -> None:
    source, expected = FORMS[form]
    assert found(source)[0] == expected


NOT_IMP = {
    "string": "x = 'import imp'\n'imp.reload(m)'",
    "comment": "# import imp\nx = 1  # imp.reload(m)",
    "docstring": '"""import imp\n\nimp.reload(m)\n"""',
    "relative": "from . import imp\nimp.reload(m)",
    "relative module": "from .imp import reload\nreload(m)",
    "another package's": "from tools import imp\nimp.reload(m)",
    "submodule": "import tools.imp\ntools.imp.reload(m)",
    "submodule as": "import tools.imp as imp\nimp.reload(m)",
    "attribute": "self.imp.reload(m)",
    "never imported": "imp.reload(m)",
    "assigned": "imp = object()\nimp.reload(m)",
    "loop variable": "for imp in imps:\n    imp.reload(m)",
    "argument": "f(imp=1)",
    "importlib's": "import importlib\nimportlib.reload(m)",
    "other dynamic": "import importlib\nimportlib.import_module('impala').reload(m)",
    "own __import__": "def __import__(name): ...\n__import__('imp').reload(m)",
    "_imp": "import _imp as imp\nimp.acquire_lock()",
}


@pytest.mark.parametrize("form", NOT_IMP)
def test_nothing_else_is_found(form: str) -> None:
    assert found(NOT_IMP[form]) == ([], [])


@pytest.mark.parametrize(
    "hides",
    [
        "def f(imp): imp.reload(m)",
        "def f():\n    imp = 1\n    imp.reload(m)",
        "lambda imp: imp.reload(m)",
        "[imp.reload(m) for imp in x]",
        "imp = 1\nimp.reload(m)",
    ],
)
def test_a_name_that_hides_imp_is_not_imp(hides: str) -> None:
    assert found(f"import imp\n{hides}") == (["1 import imp"], [])


GUARDED = {
    "version": ("import sys\nif sys.version_info < (3, 12):\n    import imp\n    imp.reload(m)", [f"4 {RELOAD}"]),
    "version else": ("import sys\nif sys.version_info >= (3, 4):\n    pass\nelse:\n    import imp\n    imp.reload(m)", [f"6 {RELOAD}"]),
    "major": ("import sys\nif sys.version_info.major == 2:\n    import imp\n    imp.reload(m)", [f"4 {RELOAD}"]),
    "sys.version": ("import sys\nif sys.version[0] == '2':\n    import imp\n    imp.reload(m)", [f"4 {RELOAD}"]),
    "named test": ("import sys\nOLD = sys.version_info < (3,)\nif OLD:\n    import imp\n    imp.reload(m)", [f"5 {RELOAD}"]),
    "PY2": ("if PY2:\n    import imp\n    imp.reload(m)", [f"3 {RELOAD}"]),
    "six": ("import six\nif not six.PY3:\n    import imp\n    imp.reload(m)", [f"4 {RELOAD}"]),
    "elif": ("import sys\nif x:\n    pass\nelif sys.version_info < (3, 4):\n    import imp\n    imp.reload(m)", [f"6 {RELOAD}"]),
    "type checking": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import imp", ["3 import imp"]),
    "returns first": (
        "import sys\ndef f():\n    if sys.version_info >= (3, 4):\n        return 1\n    import imp\n    imp.reload(m)",
        [f"6 {RELOAD}"],
    ),
    "fallback": ("try:\n    import imp\nexcept ImportError:\n    import mine as imp\nimp.reload(m)", [f"5 {RELOAD}"]),
    "fallback function": ("try:\n    from imp import reload\nexcept ImportError:\n    def reload(m): ...\nreload(m)", [f"5 {RELOAD}"]),
    "is tried last": (
        "try:\n    from importlib import reload\nexcept ImportError:\n    from imp import reload\nreload(m)",
        [f"5 {RELOAD}"],
    ),
    "tested": ("try:\n    import imp\nexcept ImportError:\n    imp = None\ndef f():\n    if imp:\n        imp.reload(m)", [f"7 {RELOAD}"]),
    "flag": ("try:\n    import imp\n    HAS = True\nexcept ImportError:\n    HAS = False\nif HAS:\n    imp.reload(m)", [f"7 {RELOAD}"]),
    "within the try": (
        "def f():\n    try:\n        import imp\n        return imp.reload(m)\n    except Exception:\n        return None",
        [f"4 {RELOAD}"],
    ),
    "returns without": (
        "def f():\n    try:\n        import imp\n    except ImportError:\n        return\n    imp.reload(m)",
        [f"6 {RELOAD}"],
    ),
    "only here": (
        "import sys\nif sys.version_info < (3,):\n    import imp\nelse:\n    imp = None\ndef f():\n    if imp:\n        imp.reload(m)",
        [f"8 {RELOAD}"],
    ),
    "suppress": ("from contextlib import suppress\nwith suppress(ImportError):\n    import imp\n    imp.reload(m)", [f"4 {RELOAD}"]),
    "shim": ("import sys\nsys.modules['imp'] = mine\nimport imp\nimp.reload(m)", [f"4 {RELOAD}"]),
    "shim by setdefault": ("import sys\nsys.modules.setdefault('imp', mine)\nimport imp\nimp.reload(m)", [f"4 {RELOAD}"]),
}


@pytest.mark.parametrize("form", GUARDED)
def test_what_is_guarded_is_no_finding(form: str) -> None:
    source, expected = GUARDED[form]
    assert found(source) == ([], expected)


def test_a_shim_is_told() -> None:
    _, _, shims = scan_tree(ast.parse("import sys\nsys.modules['imp'] = mine"), PUBLIC)
    assert [(shim.place.line, shim.text) for shim in shims] == [(2, "sys.modules['imp'] = …")]


FEATURES = {
    "imp.load_source('a', p)": {"file-omitted", "result-unused"},
    "imp.load_source('a', p, f)": {"file-given", "result-unused"},
    "imp.load_source('a', p, None)": {"file-none", "result-unused"},
    "imp.load_source(name='a.b', pathname='/x/m.cfg')": {"keywords", "name-dotted", "suffix-other", "file-omitted", "result-unused"},
    "x = imp.load_source('a', '/p/__init__.py').__file__": {"init-file", "file-omitted", "result-used", "reads-file"},
    "m = imp.load_source('a', p)\nm.__spec__": {"file-omitted", "result-used", "reads-spec"},
    "imp.load_source('a', p)\nimport a": {"file-omitted", "result-unused", "later-import"},
    "import sys\nimp.load_source(n, p)\nsys.modules[n]": {"file-omitted", "result-unused", "later-lookup"},
    "m = imp.load_source('a', p)\nimp.reload(m)": {"file-omitted", "result-used", "result-reloaded"},
    "try:\n    imp.load_source('a', p)\nexcept (SyntaxError, IOError): pass": {
        "file-omitted",
        "result-unused",
        "syntax-error-caught",
        "os-error-caught",
    },
    "f, p, d = imp.find_module('a')\nf.close()": {"path-omitted", "result-unpacked", "file-used", "file-closed"},
    "p = imp.find_module('a', None)[1]": {"path-none", "pathname-used"},
    "imp.find_module('a', [d])": {"path-given", "result-unused"},
    "imp.load_module('a', *imp.find_module('a'))": {"found", "result-unused"},
    "imp.load_module('a', None, p, ('', '', imp.PKG_DIRECTORY))": {"file-none", "kind-package", "result-unused"},
    "imp.load_module('a', f, p, ('.py', 'r', 1))": {"file-given", "kind-source", "result-unused"},
    "import sys\nimp.reload(sys)": {"module-sys", "result-unused"},
    "g(imp.load_source)": {"passed-on"},
    "imp.load_source = g": {"replaced"},
}


@pytest.mark.parametrize("source", FEATURES)
def test_what_is_seen_of_a_use(source: str) -> None:
    _, uses, _ = scan_tree(ast.parse(f"import imp\n{source}"), PUBLIC)
    assert min(uses, key=lambda use: use.place).features == FEATURES[source]


def test_every_feature_is_explained_and_every_explained_one_exists() -> None:
    assert set(cached_catalogue(catalogue_root()).needs.features) == EMITTED


FRAGMENTS = st.sampled_from(
    [
        *(source for source, _ in [*FORMS.values(), *GUARDED.values()] if len(source) < 500),
        *NOT_IMP.values(),
        "def f(a, *b, c=imp, **d) -> imp:\n    nonlocal_ = 1\n    yield imp",
        "async def f():\n    async with imp as x:\n        await imp.reload(x)\n    async for imp in y: pass",
        "class imp(imp, metaclass=imp): imp = imp",
        "try:\n    pass\nexcept* ValueError as imp:\n    imp",
        "match imp:\n    case imp.reload: pass\n    case {'a': imp, **rest}: pass\n    case [imp, *_]: pass",
        "imp += imp\nimp.a.b[imp]: imp = imp\n(imp, [*imp]), imp[0] = imp",
        "while imp: break\nelse: del imp.x, imp[0]",
        "f'{imp!r:{imp}}'\nprint(*imp, **imp)\nassert imp, imp\nraise imp from imp",
        "import sys\nif sys.version_info[imp:1] < (imp,) or sys.version_info > 3 or not sys.hexversion: pass",
        "sys.modules['imp'][0] = imp.find_module(imp)[99]\nimp.load_module(*imp, **imp)",
    ]
)


@given(st.lists(FRAGMENTS, max_size=6), st.booleans())
def test_any_program_is_walked_through(parts: list[str], indented: bool) -> None:
    source = "\n".join(parts)
    if indented:
        source = "def outer():\n" + "\n".join(f"    {line}" for line in source.splitlines()) + "\n    pass"
    try:
        tree = ast.parse(source)
    except SyntaxError:  # of a star import within a function
        return
    imports, uses, _ = scan_tree(tree, PUBLIC)
    lines = {entry.place.line for entry in imports} | {use.place.line for use in uses}
    assert all(1 <= line <= source.count("\n") + 1 for line in lines)
    assert all(use.features <= EMITTED for use in uses)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_parsed_or_refused_with_a_line(data: bytes) -> None:
    try:
        tree = parsed(data, "a.py")
    except Unreadable as error:
        assert error.problem.line >= 1 and error.problem.file == "a.py"
    else:
        scan_tree(tree, PUBLIC)


def test_the_builtins_that_are_followed_are_there() -> None:
    assert all(hasattr(builtins, name) for name in ("__import__", "getattr", "hasattr"))
