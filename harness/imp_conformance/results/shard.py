"""A shard: one of N contiguous parts of a matrix, so that machines can share it and each starts few targets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from imp_conformance.errors import UnknownShard

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Shard:
    """The index-th (from 1) of a number of parts."""

    index: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``I/N``.

        Raises:
            UnknownShard: where it names no part.
        """
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if match is None:
            raise UnknownShard(f"--shard {text}: not of the form I/N: write 1/3, 2/3 and 3/3 for three machines")
        shard = cls(int(match.group(1)), int(match.group(2)))
        if not 1 <= shard.index <= shard.of:
            raise UnknownShard(f"--shard {text}: there is no part {shard.index} of {shard.of}: parts are counted from 1 to {shard.of}")
        return shard

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"

    def span(self, items: int) -> tuple[int, int]:
        """Return where the part of a number of items begins and ends; sizes differ by one at most."""
        return (self.index - 1) * items // self.of, self.index * items // self.of

    def size(self, items: int) -> int:
        """Return how many of a number of items are in the part."""
        start, end = self.span(items)
        return end - start

    def part(self, items: Sequence[_Item]) -> Sequence[_Item]:
        """Return the part of the items themselves."""
        start, end = self.span(len(items))
        return items[start:end]


@dataclass(frozen=True, slots=True)
class Plan:
    """What all shards of a run have in common: how many items the whole has, and a digest of which."""

    items: int
    matrix: str

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Plan:
        """Make the plan of a whole run of (target id, case id), in whatever order they are given."""
        lines = sorted(f"{target}\0{case}\n" for target, case in pairs)
        return cls(len(lines), "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest())

    def about(self, shard: Shard) -> dict[str, Any]:
        """Return what the result files of a shard say of it."""
        return {"index": shard.index, "of": shard.of, "items": self.items, "matrix": self.matrix}

    @staticmethod
    def read(about: Mapping[str, Any]) -> tuple[Shard, Plan]:
        """Undo about."""
        return Shard(about["index"], about["of"]), Plan(about["items"], about["matrix"])
