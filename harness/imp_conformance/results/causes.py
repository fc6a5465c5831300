"""Group what differs on a target by its cause, so that a reader sees ten faults and not four hundred cases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.portable.difference import Difference, describe_difference
from imp_conformance.results.judge import Result

TEXT_SHOWN = 90
"""Characters of what is expected, and of what is observed, that a heading shows."""

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
# What tells one case from the next and not one cause from another: texts, paths, numbers, and how many alike there are.
_VARIABLE = (
    (re.compile(r"""(?<!\w)(b?)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""), rf"\1'{_ELLIPSIS}'"),
    (re.compile(r"[^\s'\"(),\[\]]*/[^\s'\"(),\[\]:]*"), _ELLIPSIS),
    (re.compile(r"(?<![\w.])-?\d[\d.]*\b"), "N"),
    (re.compile(r"([^,\s()\[\]{}]+)(?:, \1)+"), rf"\1, {_ELLIPSIS}"),
)
_NAMED = re.compile(rf"\[?(?:b?'{_ELLIPSIS}'|\bN\b|\bNone\b)\]?")
"""A value that a message names."""
_SIGNS = ("N", _ELLIPSIS, f"'{_ELLIPSIS}'", f"b'{_ELLIPSIS}'")
"""Shapes that say nothing to a reader."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Cases of one subject that differ in the same way."""

    subject: str
    what: str
    """What is wrong, in one line of words that a candidate may have had a say in."""
    cases: tuple[str, ...]
    """Their ids, in the order of the catalogue; the first serves as an example."""
    level: Level
    """The most binding level of a case among them."""

    @property
    def heading(self) -> str:
        """What is wrong, and in how many cases."""
        return f"{self.what}: {len(self.cases)} case{'' if len(self.cases) == 1 else 's'}"


def causes(catalogue: Catalogue, results: Mapping[str, Result]) -> list[Cause]:
    """Return the causes of all that differs, the most binding level first, then what more callers use, then those of many cases.

    Cases that differ are of one cause where they have the same subject and the same kind of difference in the same place,
    and what is expected and observed has the same shape. Where imp lacks names, those alone make the cause.

    Args:
        catalogue: where the cases are.
        results: of one target, by the id of the case; those of cases that the catalogue does not have are left out.
    """
    groups: dict[tuple[object, ...], dict[str, Difference]] = {}
    for case in catalogue.cases.values():
        result = results.get(case.id)
        if result is not None and result.difference is not None:
            groups.setdefault(_key(case.subject, result.difference), {})[case.id] = result.difference
    found = [_cause(catalogue, group) for group in groups.values()]
    return sorted(found, key=lambda cause: importance(catalogue, cause))


def importance(catalogue: Catalogue, cause: Cause) -> tuple[int, int, int, str, str]:
    """Return what causes are sorted by, the most important first."""
    return list(Level).index(cause.level), -catalogue.use.share(cause.subject), -len(cause.cases), cause.subject, cause.heading


def _key(subject: str, difference: Difference) -> tuple[object, ...]:
    if difference.kind == "missing":
        return difference.kind, difference.expected
    if difference.kind == "given":
        return subject, difference.kind
    return subject, difference.kind, difference.where, shape(difference.expected), _observed_shape(difference)


def _cause(catalogue: Catalogue, group: Mapping[str, Difference]) -> Cause:
    cases = [catalogue.cases[case] for case in group]
    subject = Counter(case.subject for case in cases).most_common(1)[0][0]
    one = next(iter(group.values()))
    expected = _common([difference.expected for difference in group.values()], shape(one.expected))
    observed = _common([difference.observed for difference in group.values()], _observed_shape(one))
    what = _sentence(subject, Difference(one.where, one.kind, expected, observed))
    order = list(Level)
    level = min((catalogue.level(case) for case in cases), key=order.index)
    return Cause(subject, what, tuple(group), level)


def _common(texts: Sequence[str], shared: str) -> str:
    """Return the text where there is one, or else the shape that texts share, cut short where it is long."""
    text = texts[0] if len(set(texts)) == 1 else f"{texts[0]} or the like" if shared in _SIGNS else shared
    return text if len(text) <= TEXT_SHOWN else text[: TEXT_SHOWN - 1] + _ELLIPSIS


def shape(text: str) -> str:
    """Return a text with signs in the place of all that tells one case from the next."""
    for pattern, sign in _VARIABLE:
        text = pattern.sub(sign, text)
    return text


def _observed_shape(difference: Difference) -> str:
    """Return the shape of what was observed; which value the message of an exception names makes no other cause."""
    found = shape(difference.observed)
    return _NAMED.sub(_ELLIPSIS, found) if difference.kind in ("raised", "class") else found


def _sentence(subject: str, difference: Difference) -> str:
    match difference.kind, difference.where:
        case "missing", _:
            return describe_difference(difference)
        case "given", _:
            return f"{subject}: what is given does not hold"
        case "raised", _:
            return f"{subject} raises {difference.observed}"
        case "returned", _:
            return f"{subject} gives {difference.observed} and must raise {difference.expected}"
        case "class", ("exception",):
            return f"{subject} raises {difference.observed} and must raise {difference.expected}"
    return f"{subject}: {describe_difference(difference)}"
