"""What the catalogue knows of a build, whatever that says of itself: ``builds.NAME`` of expected values.

Repro scripts bundle this file: it uses CPython 3.4's syntax and the standard library alone.
"""

import re

from imp_conformance.portable.comparison import on_platform
from imp_conformance.portable.matchers import Matches

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Mapping, Sequence  # novm
    from typing import Any  # novm

BUILDS = ("magic", "tag", "source_hash", "source_suffixes", "bytecode_suffixes", "extension_suffixes", "builtin_names", "frozen_names")
"""What ``builds.NAME`` may name."""

OWN_WAY = ("dev", "nogil", "stackless")
"""Builds that have other numbers than their release."""

_FINAL = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def known_build(table: "Mapping[str, Any]", about: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> "dict[str, Any]":
    """Return what is expected of a build: values where the table has them, else the form of one.

    Args:
        table: what specs/builds.yaml has; empty where there is none.
        about: release, platform, build and stamp, as a target greets with them.
        facts: of the interpreter. They say which implementation it is and whether it runs with -O. Its suffixes stand where the table
            has none: then only what importlib.machinery says can be asked.
    """
    python, build = about["release"].partition(" ")[0], about["build"]
    exact = _FINAL.match(python)
    release = (0, 0, 0) if exact is None else tuple(map(int, exact.groups()))
    genuine = facts.get("implementation") == "cpython"
    final = genuine and exact is not None and exact.end() == len(python) and not any(name in OWN_WAY for name in build)
    found = {
        "magic": Matches(rb"..\r\n"),
        "tag": Matches(r"[^./\\]+"),
        "source_hash": Matches(rb".{8}"),
        "builtin_names": ["builtins", "sys"],
        "frozen_names": [],
    }  # type: dict[str, Any]
    for name in ("source_suffixes", "bytecode_suffixes", "extension_suffixes"):
        found[name] = facts.get(name)
    if genuine and release[0] == 3:
        digits = "%d%d" % release[:2]
        found["tag"] = "cpython-" + digits if final else Matches("cpython-" + digits + r"[^./\\]*")
        found.update(_suffixes(table, release, about, facts))
    if final:
        magic = _reached(table.get("magic", {}), release, within=True)
        if magic is not None:
            found["magic"] = magic.to_bytes(2, "little") + b"\r\n"
        hashed = _reached(table.get("source_hash", {}), release, within=True)
        if hashed is not None:
            found["source_hash"] = bytes.fromhex(hashed)
        for name in ("builtin_names", "frozen_names"):
            found[name] = _reached(table.get(name, {}), release) or found[name]
    return found


def _reached(by_release: "Mapping[str, Any]", release: "tuple[int, ...]", within: bool = False) -> "Any":
    """Return the value of the last release that one has reached, where asked of its own series; None where there is none."""
    reached = [(_numbers(since), value) for since, value in by_release.items() if _numbers(since) <= release]
    if within:
        reached = [item for item in reached if item[0][:2] == release[:2]]
    return max(reached, key=lambda item: item[0])[1] if reached else None


def _numbers(text: str) -> "tuple[int, ...]":
    return tuple(map(int, text.split(".")))


def _suffixes(
    table: "Mapping[str, Any]", release: "tuple[int, ...]", about: "Mapping[str, Any]", facts: "Mapping[str, Any]"
) -> "dict[str, Any]":
    (system, _, machine), build = about["platform"].partition("-"), about["build"]
    found = {}  # type: dict[str, Any]
    if system == "win32" and "MSC" not in about["stamp"]:
        return found  # MinGW's builds have suffixes of their own
    for name in ("source_suffixes", "bytecode_suffixes", "extension_suffixes"):
        entries = [entry for entry in table.get(name, ()) if on_platform(entry["platforms"], system)]
        entries = [entry for entry in entries if _numbers(entry["since"]) <= release]
        if entries:
            last = max(entries, key=lambda entry: _numbers(entry["since"]))
            found[name] = list(last.get("optimized", last["suffixes"]) if facts.get("optimize") else last["suffixes"])
    if "extension_suffixes" in found:
        patterns = found["extension_suffixes"]
        if "freethreaded" in build:
            patterns = [pattern for pattern in patterns if "abi3" not in pattern]
        filled = {"digits": "%d%d" % release[:2], "abi": _letters(release, build), "machine": _machines(machine)}
        found["extension_suffixes"] = [] if "nodynload" in build else [Matches(_filled(pattern, filled)) for pattern in patterns]
    return found


def _filled(pattern: str, values: "Mapping[str, str]") -> str:
    return re.sub(r"\{(digits|abi|machine)\}", lambda found: values[found.group(1)], pattern)


def _letters(release: "tuple[int, ...]", build: "Sequence[str]") -> str:
    """Return a pattern for the letters of the ABI."""
    letters = "t" if "freethreaded" in build else ""
    letters += "d" if "debug" in build else ""
    if release < (3, 8) and "nopymalloc" not in build:
        letters += "m"
    return letters


def _machines(machine: str) -> str:
    """Return a pattern for the names of a machine: a build of 32 bits may run on one of 64, and distributions have names of their own."""
    names = {"armhf": "arm", "armel": "arm", "ppc64le": "powerpc64le", "ppc64": "powerpc64", "arm64": "aarch64", "AMD64": "x86_64"}
    own = re.escape(names.get(machine, machine))
    return r"i\d86" if machine == "i386" else "(?:{}|{})".format(own, re.escape(machine)) if own else r"\w+"
