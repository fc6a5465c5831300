"""A difference between what was expected and what was observed, as a value, and the sentence that describes it.

Repro scripts bundle this file: it uses CPython 3.4's syntax and the standard library alone.
"""

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Callable, Mapping  # novm
    from typing import Any  # novm

_SENTENCES = {
    "raised": "raised {observed}",
    "returned": "expected {expected}, observed the value {observed}",
    "absent": "{place}: expected {expected}, observed no such attribute",
    "place": "{place} points to {observed}, expected to {expected}",
    "given": "what is given does not hold: {expected}",
    "missing": "imp has no {expected}",
    "crash": "{observed}",
    "timeout": "{observed}",
}
_OTHERWISE = "{place}: expected {expected}, observed {observed}"
_WITHOUT_PLACE = "expected {expected}, observed {observed}"
UNTOLD = ("reason",)
"""Where a difference is of which only the sentence is known."""


class Difference:
    """Where an observation differs from what is expected, and how. Differences with equal fields are equal.

    where is a tuple of steps. The first names the part: ``value``, ``exception``, ``message``, ``attribute``, ``warnings``,
    ``modules``, ``files``, ``open_files``, ``stdout``, ``stderr``, ``status``, ``given``, ``process``, ``names``, or ``reason`` where
    only the sentence is known. The others lead into it: the number of an item or a warning, or else a text: a key as it is
    shown, the name of an attribute or of a matcher's field, ``added``, ``removed``, ``replaced`` or ``changed``.

    kind says what differs: ``value``; ``type`` (another type than expected); ``identity`` (not the same object); ``raised``
    (an exception, where a value was expected); ``returned`` (a value, where an exception was expected); ``class`` (another
    class of exception or warning); ``text``; ``absent`` (no such attribute); ``count`` (of warnings); ``place`` (that a
    warning points to); ``names`` (of modules or files); ``given`` (the precondition does not hold); ``missing`` (names that
    imp does not have); ``crash``; ``timeout``.

    expected and observed are texts, empty where there is nothing to say.
    """

    __slots__ = ("expected", "kind", "observed", "where")

    def __init__(self, where: "tuple[int | str, ...]", kind: str, expected: str, observed: str) -> None:
        """Keep what is given."""
        self.where, self.kind, self.expected, self.observed = where, kind, expected, observed

    def __eq__(self, other: object) -> bool:
        """Compare the fields."""
        return isinstance(other, Difference) and self._fields() == other._fields()

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self._fields())

    def __repr__(self) -> str:
        """Show the fields."""
        return "Difference{!r}".format(self._fields())

    def _fields(self) -> "tuple[tuple[int | str, ...], str, str, str]":
        return self.where, self.kind, self.expected, self.observed

    def changed(self, change: "Callable[[str], str]") -> "Difference":
        """Return this difference with every text in it put through a function."""
        where = tuple(change(step) if isinstance(step, str) else step for step in self.where)
        return Difference(where, self.kind, change(self.expected), change(self.observed))

    def to_json(self) -> "dict[str, Any]":
        """Return plain data that from_json takes."""
        return {"where": list(self.where), "kind": self.kind, "expected": self.expected, "observed": self.observed}

    @classmethod
    def from_json(cls, data: "Mapping[str, Any]") -> "Difference":
        """Undo to_json.

        Raises KeyError and TypeError for what is none.
        """
        return cls(tuple(data["where"]), data["kind"], data["expected"], data["observed"])

    @classmethod
    def told_as(cls, sentence: str) -> "Difference":
        """Return a difference of which only the sentence is known."""
        return cls(UNTOLD, "value", "", sentence)


def describe_difference(difference: Difference) -> str:
    """Describe a difference in one sentence."""
    if difference.where == UNTOLD:
        return difference.observed
    expected = in_one_line(difference.expected) if difference.kind == "given" else difference.expected
    sentence = _SENTENCES.get(difference.kind, _WITHOUT_PLACE if difference.where == ("exception",) else _OTHERWISE)
    return sentence.format(place=describe_place(difference.where), expected=expected, observed=difference.observed)


def in_one_line(code: str) -> str:
    """Show lines of code in one line, for people to read."""
    return "; ".join(line.strip() for line in code.splitlines() if line.strip()).replace(":; ", ": ")


def describe_place(where: "tuple[int | str, ...]") -> str:
    """Describe where a difference is, as Python would reach it."""
    part = where[0]
    if part in ("modules", "files"):
        return "{} {}".format(*where)
    if part == "open_files":
        return "files left open"
    if part == "status":
        return "exit status"
    text = "exception" if part == "attribute" else str(part)
    for step in where[1:]:
        text += ".{}".format(step) if is_field(step) else "[{}]".format(step)
    return text


def is_field(step: "int | str") -> bool:
    """Return whether a step leads to an attribute or a field: a key is shown as Python writes it, so a str has quotes."""
    return isinstance(step, str) and step.isidentifier() and step not in ("None", "True", "False")
