"""What a case expects, as values: a value or an exception, and what else is watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from imp_conformance.catalogue.expression import Expression


@dataclass(frozen=True, slots=True)
class Text:
    """An expected text: exact, with facts filled in, or a regular expression for all of it."""

    exact: str | None = None
    pattern: str | None = None

    def resolved(self) -> dict[str, Any]:
        """Return what is said of the text, as comparison.py takes it."""
        found = {"message": self.exact, "pattern": self.pattern}
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Raises:
    """An expected exception."""

    type: str
    exact: bool
    message: Text
    attributes: Mapping[str, Expression]

    def resolved(self, evaluate: Callable[[Expression], Any]) -> dict[str, Any]:
        """Return what is expected, as comparison.py takes it."""
        found: dict[str, Any] = {"type" if self.exact else "kind_of": self.type, **self.message.resolved()}
        if self.attributes:
            found["attributes"] = {name: evaluate(expression) for name, expression in self.attributes.items()}
        return found


@dataclass(frozen=True, slots=True)
class Warned:
    """An expected warning."""

    category: str
    message: Text
    file: str | None

    def resolved(self) -> dict[str, Any]:
        """Return what is expected, as comparison.py takes it."""
        found = {"category": self.category, **self.message.resolved()}
        return found if self.file is None else {**found, "file": self.file}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects; None is what it says nothing about."""

    value: Expression | None = None
    raises: Raises | None = None
    warnings: tuple[Warned, ...] | None = None
    modules: Mapping[str, tuple[str, ...]] | None = None
    files: Mapping[str, tuple[str, ...]] | None = None
    open_files: tuple[str, ...] | None = None
    stdout: str | None = None
    stderr: str | None = None
    status: int | None = None
    """The exit status of a program."""
    _constant: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What resolved() returns where that is the same for all targets."""

    def expressions(self) -> list[Expression]:
        """Return every expected value in it."""
        found = [] if self.value is None else [self.value]
        return found if self.raises is None else [*found, *self.raises.attributes.values()]

    def resolved(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is expected of a target with these facts, as comparison.py takes it."""
        if self._constant:
            return self._constant
        found = self.resolved_by(lambda expression: expression.evaluate(facts))
        if all(expression.constant for expression in self.expressions()):
            self._constant.update(found)
        return found

    def resolved_by(self, evaluate: Callable[[Expression], Any]) -> dict[str, Any]:
        """Return what is expected with whatever a function makes of the expected values in it."""
        found: dict[str, Any] = {}
        if self.value is not None:
            found["value"] = evaluate(self.value)
        if self.raises is not None:
            found["raises"] = self.raises.resolved(evaluate)
        if self.warnings is not None:
            found["warnings"] = [entry.resolved() for entry in self.warnings]
        for name in ("modules", "files", "open_files", "stdout", "stderr", "status"):
            given = getattr(self, name)
            if given is not None:
                found[name] = given
        return found

    def changed(self, change: Expectation) -> Expectation:
        """Return this expectation with what the other one mentions in place of the same here."""
        given = {item.name: getattr(change, item.name) for item in fields(change) if item.init}
        given = {name: value for name, value in given.items() if value is not None}
        if "value" in given or "raises" in given:  # one outcome replaces the other
            given = {"value": None, "raises": None, **given}
        return replace(self, **given)
