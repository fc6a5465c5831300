"""Which attributes of imp a snippet uses: those without which it cannot do what it is for."""

from __future__ import annotations

import pytest

from imp_conformance.catalogue.snippet import names_used, parse_snippet

USES = {
    "imp.one(imp.two.three)": {"one", "two"},
    "imp.one = 1": set(),
    "imp.one = 1\nimp.one": {"one"},
    "del imp.one": {"one"},
    "from imp import one, two as three": {"one", "two"},
    "import imp as i\ni.one": {"one"},
    "import os as i\ni.one, imp": set(),
    "i = imp\ni.one": {"one"},
    "imp.__doc__": {"__doc__"},
    "getattr(imp, 'one')": {"one"},
    "getattr(imp, 'one', None)": set(),
    "hasattr(imp, 'one')": set(),
    "getattr(imp, name)": set(),
    "importlib.one": set(),
    "from .imp import one": set(),
    "from imp import *\nfound = one(len('a'))\n[found for more in (two, facts.tag)]": {"one", "two"},
    "import os\nfrom imp import *\ndef f(a, *b): return a, b, f, os, one": {"one"},
    "from imp import *\ntry: one\nexcept ValueError as error: error": {"one"},
}


@pytest.mark.parametrize("code", USES)
def test_names_used(code: str) -> None:
    assert names_used(parse_snippet(code)) == USES[code]
