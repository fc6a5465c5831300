"""What an interpreter is, from its agent's greeting: its identity, and its releases as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imp_conformance.portable.observation import decode
from imp_conformance.portable.printable import printable
from imp_conformance.portable.protocol import PROTOCOL
from imp_conformance.targets.names import IMPLEMENTATIONS


def releases(text: str) -> tuple[str, str]:
    """Return the release of Python and the implementation's own, such as ("3.9.16", "7.3.11") of ``3.9.16 (PyPy 7.3.11)``.

    A text without parentheses names both. Suffixes such as ``rc1`` stay.
    """
    both = re.fullmatch(r"(\S+) \(\S+ (\S+)\)", text)
    return (both[1], both[2]) if both is not None else (text, text)


def releases_text(implementation: str, python: str, release: str) -> str:
    """Return both releases as one text for people."""
    return python if release == python else f"{python} ({IMPLEMENTATIONS.get(implementation, implementation)} {release})"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an interpreter says of itself."""

    implementation: str
    version: str
    release: str
    platform: str
    forks: bool
    facts: Mapping[str, Any] = field(repr=False)
    lacking: Mapping[str, str | None] = field(repr=False)
    places: tuple[str, ...] = field(default=(), repr=False)
    """Paths of its machine, which are to stand in no result."""
    build: str = ""
    """What tells its build from the release's usual one, such as ``debug`` or ``freethreaded-debug``."""
    stamp: str = field(default="", repr=False)
    """Its sys.version, in which two builds of one release differ."""
    without: tuple[str, ...] = ()
    """What the agent does without there, such as fork: what, why, and what is done in its place."""

    @property
    def system(self) -> str:
        """Its sys.platform."""
        return self.platform.partition("-")[0]

    @property
    def name(self) -> str:
        """Its name and release, for people."""
        python, release = releases(self.release)
        name = "CPython" if self.implementation == "cpython" else "Python"
        return f"{name} {releases_text(self.implementation, python, release)}"

    @property
    def series(self) -> str:
        """Its X.Y."""
        return ".".join(self.version.split(".")[:2])

    @classmethod
    def from_hello(cls, message: Mapping[str, Any]) -> Identity:
        """Read the agent's first message.

        Raises:
            ValueError: where it is not one, or one of another protocol; the text says so.
        """
        protocol = message.get("protocol")
        if protocol != PROTOCOL and isinstance(protocol, int):
            raise ValueError(
                f"it speaks protocol {protocol}, and this imp-conformance speaks {PROTOCOL}: update the program that answers for the "
                "target, or run the release of imp-conformance that it was written for"
            )
        names = ("implementation", "version", "release", "platform")
        texts = {**{name: message.get(name) for name in names}, "stamp": message.get("stamp", "")}
        facts, lacking = message.get("facts"), message.get("lacking")
        places, build = message.get("places", []), message.get("build", [])
        without = message.get("without", [])
        if (
            protocol != PROTOCOL
            or not all(isinstance(text, str) for text in texts.values())
            or not re.fullmatch(r"\d+\.\d+\.\d+", str(texts["version"]), re.ASCII)
            or not isinstance(facts, dict)
            or not isinstance(lacking, dict)
            or not all(reason is None or isinstance(reason, str) for reason in lacking.values())
            or not all(isinstance(found, list) and all(isinstance(text, str) for text in found) for found in (places, build, without))
        ):
            raise ValueError("what it says is not the agent's greeting")
        try:
            decoded = {name: decode(tree) for name, tree in facts.items()}
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"its facts cannot be read ({type(error).__name__})") from None
        return cls(
            **{name: printable(str(text)) for name, text in texts.items()},
            forks=message.get("forks") is True,
            facts=decoded,
            lacking={name: None if reason is None else printable(reason) for name, reason in lacking.items()},
            places=tuple(places),
            build="-".join(map(printable, build)),
            without=tuple(map(printable, without)),
        )
