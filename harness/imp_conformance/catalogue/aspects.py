"""The table of siblings: every aspect of loading and finding by every function, each cell with its cases or the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imp_conformance.catalogue.source import read_yaml
from imp_conformance.catalogue.structure import checked_source
from imp_conformance.errors import InvalidCatalogue, Problem

ASPECTS = "aspects.yaml"


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a function loads, reloads or finds, such as load_module of a package."""

    id: str
    function: str
    what: str
    """What titles call it."""
    has: frozenset[str]
    """What there is to ask of it, such as code or file."""
    prefix: str
    """What the ids of its cases begin with, after the slash."""
    files: Mapping[str, object]
    before: str
    """The lines of a snippet that come first."""
    load: str
    """The expression that loads."""
    values: Mapping[str, str]
    """What else a family may insert, by name."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing to ask of every form that has what it needs."""

    id: str
    title: str
    of: tuple[str, ...]
    """What a form must have for it."""
    cells: Mapping[str, tuple[str, ...]]
    """The cases, by form, beside those of families."""
    reasons: Mapping[str, str]
    """Why it is not asked, by form, where no rule says it."""
    line: int


@dataclass(frozen=True, slots=True)
class Aspects:
    """Forms, aspects, and the rules that say why an aspect is nothing to ask of a form."""

    file: str = f"specs/{ASPECTS}"
    forms: Mapping[str, Form] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Mapping[str, Aspect] = field(default_factory=dict)
    lacks: Mapping[str, str] = field(default_factory=dict)
    """By what a form can have: what is said of one that has it not."""

    def named(self, name: str) -> tuple[str, ...]:
        """Return the forms that a name stands for: its own, those of a group, or none."""
        return (name,) if name in self.forms else self.groups.get(name, ())

    def asked(self, aspect: Aspect) -> list[Form]:
        """Return the forms of which an aspect is asked by families that name none."""
        return [form for form in self.forms.values() if self.why_not(aspect, form) is None and form.id not in aspect.cells]

    def why_not(self, aspect: Aspect, form: Form) -> str | None:
        """Say why an aspect is nothing to ask of a form; None where it is to be asked."""
        lacking = [thing for thing in aspect.of if thing not in form.has]
        return self.lacks[lacking[0]] if lacking else aspect.reasons.get(form.id)


@dataclass(frozen=True, slots=True)
class Table:
    """The aspects, and what stands in each of their cells."""

    aspects: Aspects = field(default_factory=Aspects)
    families: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """By aspect and form: the cases that families write."""

    def cell(self, aspect: Aspect, form: Form) -> tuple[str, ...] | str:
        """Return the cases of a cell, or why there is none; an empty tuple where it should have some."""
        cases = (*aspect.cells.get(form.id, ()), *self.families.get((aspect.id, form.id), ()))
        return cases or self.aspects.why_not(aspect, form) or ()

    def problems(self, cases: Iterable[str]) -> list[Problem]:
        """Return the cells that are empty, and those that name no case."""
        known = frozenset(cases)
        found = []
        for aspect in self.aspects.rows.values():
            for form in self.aspects.forms.values():
                cell = self.cell(aspect, form)
                if isinstance(cell, str):
                    continue
                what = f"the aspect {aspect.id} has no case for {form.id}" if not cell else None
                todo = "write one, let a family write it, or give a reason under reasons"
                for unknown in [case for case in cell if case not in known]:
                    what, todo = f"the aspect {aspect.id} names {unknown!r} for {form.id}, which is no case", "name one that there is"
                if what is not None:
                    found.append(Problem(self.aspects.file, aspect.line, what, todo))
        return found


def read_aspects(path: Path, subjects: Sequence[str], problems: list[Problem]) -> Aspects:
    """Read forms and aspects; a catalogue without that file has none, and every mistake becomes a problem at its line."""
    name = f"specs/{path.name}"
    if not path.exists():
        return Aspects()
    try:
        source = read_yaml(path, name)
    except InvalidCatalogue as error:
        problems.extend(error.problems)
        return Aspects()
    if checked_source(source, "aspects", problems) is None:
        return Aspects()
    data = source.data

    def problem(place: Sequence[str | int], what: str, known: Iterable[str]) -> None:
        problems.append(Problem(name, source.line(place), what, f"name one of {', '.join(known)}"))

    forms = {}
    for form, item in data["forms"].items():
        if item["function"] not in subjects:
            problem(("forms", form, "function"), f"there is no subject {item['function']!r}", subjects)
        for thing in item["has"]:
            if thing not in data["lacks"]:
                problem(("forms", form, "has"), f"lacks says nothing of {thing!r}", data["lacks"])
        forms[form] = Form(
            form,
            item["function"],
            item.get("what", item["function"]),
            frozenset(item["has"]),
            item.get("prefix", ""),
            item.get("files", {}),
            item.get("before", ""),
            item.get("load", ""),
            item.get("values", {}),
        )
    groups = {group: tuple(members) for group, members in data.get("groups", {}).items()}
    for group, members in groups.items():
        for member in members:
            if member not in forms:
                problem(("groups", group), f"there is no form {member!r}", forms)
    rows = {}
    for index, item in enumerate(data["aspects"]):
        place = ("aspects", index)
        for thing in item["of"]:
            if thing not in data["lacks"]:
                problem((*place, "of"), f"no form has {thing!r}", data["lacks"])
        for form in (*item.get("cells", ()), *item.get("reasons", ())):
            if form not in forms:
                problem(place, f"there is no form {form!r}", forms)
        cells = {form: tuple(cases) for form, cases in item.get("cells", {}).items()}
        rows[item["id"]] = Aspect(item["id"], item["title"], tuple(item["of"]), cells, item.get("reasons", {}), source.line(place))
    return Aspects(name, forms, groups, rows, data["lacks"])
