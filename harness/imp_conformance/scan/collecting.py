"""What is gathered while a file is walked through, until all of it is known."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from imp_conformance.scan.model import Kind, Place, Shim
from imp_conformance.scan.values import Environment, Literal, Value, Values

OLD = "does not run on 3.12 and later"
GOES_ON = "the program goes on without imp"


@dataclass(slots=True)
class Scope:
    """A module or a function: what it has bound so far, which code that runs later may find."""

    bound: list[tuple[str, Values]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """Where in a program a statement stands."""

    scope: Scope
    guard: str = ""
    """Why it does not run where there is no imp; empty where it does."""
    tries: frozenset[int] = frozenset()
    """The try statements around it that go on where imp cannot be imported."""
    caught: frozenset[str] = frozenset()
    """The exceptions that statements around it catch."""
    closure: Environment | None = None
    """In the body of a class: what its methods see in the place of the class's own names."""


@dataclass(slots=True)
class ImportDraft:
    """An import of imp whose uses are still being looked for."""

    place: Place
    text: str
    guard: str
    tries: frozenset[int]
    names: set[str] = field(default_factory=set)
    """The names that it binds."""
    used: bool = False


@dataclass(slots=True)
class UseDraft:
    """A use of a name of imp, of which the rest of the file may say more."""

    node: ast.expr
    place: Place
    name: str
    kind: Kind
    guard: str
    caught: frozenset[str]
    call: ast.Call | None = None
    arguments: dict[str, Values] = field(default_factory=dict)
    """By parameter: what was given for it, where anything is known of that."""
    features: set[str] = field(default_factory=set)
    reasons: dict[str, int] = field(default_factory=dict)

    def note(self, feature: str, line: int | None = None) -> None:
        """Add a feature, and the line that shows it where that is elsewhere."""
        self.features.add(feature)
        if line is not None and line != self.place.line:
            self.reasons.setdefault(feature, line)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A place that takes a module by its name: from sys.modules, or by an import."""

    line: int
    what: str
    """``later-lookup`` or ``later-import``."""
    name: str
    """The name, or the expression that gives it, as same_name() makes it."""


@dataclass(slots=True)
class Collected:
    """All of one file."""

    imports: list[ImportDraft] = field(default_factory=list)
    uses: list[UseDraft] = field(default_factory=list)
    shims: dict[Place, Shim] = field(default_factory=dict)
    lookups: list[Lookup] = field(default_factory=list)
    late: dict[str, Values] = field(default_factory=dict)
    """What functions bind to names of the module."""
    _imports: dict[tuple[ast.AST, int], int] = field(default_factory=dict)
    _uses: dict[ast.AST, int] = field(default_factory=dict)

    @property
    def shim_line(self) -> int:
        """The line of the first shim; 0 where there is none."""
        return min((place.line for place in self.shims), default=0)

    def imported(self, node: ast.AST, number: int, text: str, context: Context) -> int:
        """Return the index of an import, which is taken in where it is new.

        Args:
            node: the statement or call.
            number: which of the statement's names it is.
            text: how it is written.
            context: where it stands.
        """
        key = (node, number)
        if key not in self._imports:
            self._imports[key] = len(self.imports)
            self.imports.append(ImportDraft(place_of(node), text, context.guard, context.tries))
        return self._imports[key]

    def shim(self, node: ast.AST, text: str) -> None:
        """Take in a statement that puts something in imp's place."""
        place = place_of(node)
        self.shims[place] = Shim(place, text)

    def use(self, node: ast.expr, name: str, kind: Kind, guard: str, context: Context) -> UseDraft:
        """Return what is known of a use, which is taken in where it is new."""
        if node not in self._uses:
            self._uses[node] = len(self.uses)
            self.uses.append(UseDraft(node, place_of(node), name, kind, guard, context.caught))
        return self.uses[self._uses[node]]

    def use_index(self, node: ast.AST) -> int | None:
        """Return the index of the use that stands at a node; None where there is none."""
        return self._uses.get(node)


def place_of(node: ast.AST) -> Place:
    """Return where a node begins, counted in characters as far as its line is ASCII."""
    return Place(getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1)


def same_name(node: ast.expr, values: Values) -> str:
    """Return a text that is equal for two expressions that give the same module's name, as far as can be seen."""
    text = literal_text(values)
    return repr(text) if text is not None else ast.dump(node)


def literal_text(values: Values) -> str | None:
    """Return the one text that an expression can only be; None where it may be another or is not known."""
    found = literal(values)
    return found if isinstance(found, str) else None


def literal(values: Values) -> object:
    """Return the one constant that an expression can only be; Ellipsis where it may be another or is not known."""
    only: Value | None = next(iter(values)) if len(values) == 1 else None
    return only.value if isinstance(only, Literal) else ...
