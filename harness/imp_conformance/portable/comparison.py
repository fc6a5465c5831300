"""Compare an observation with what was expected and say the verdict; nothing is started here.

The scripts of `imp-conformance repro` carry this file, so it is standard library only, CPython 3.4 syntax.

What is expected is a mapping with the keys of a case's ``expect``, only those that it mentions: ``value`` and the
``attributes`` of ``raises`` as values with matchers in them, all else as it is written.
"""

import re
import signal

from imp_conformance.portable.matchers import Bindings, compare, show
from imp_conformance.portable.observation import ascii_repr, describe, describe_exception

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Mapping, Sequence  # novm
    from typing import Any  # novm

    from imp_conformance.portable.observation import Observation

_PLACEHOLDER = re.compile(r"\{facts\.(\w*)\}")


def facts_named(text: str) -> "list[str]":
    """Return the names in the ``{facts.NAME}`` of a text."""
    return _PLACEHOLDER.findall(text)


def fill_facts(text: str, facts: "Mapping[str, Any]") -> str:
    """Put facts in the place of ``{facts.NAME}``."""
    if "{facts." not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: str(facts[found.group(1)]), text)


def decide(
    wanted: "Mapping[str, Any]", seen: "Observation", facts: "Mapping[str, Any]", absent: "Sequence[str]", limit: float
) -> "tuple[str, str, str]":
    """Return a verdict, what was observed and the reason, the latter two empty for a pass.

    Args:
        wanted: what is expected.
        seen: what came of the case.
        facts: of the target's interpreter, and cwd, the directory of the case.
        absent: the attributes of imp that the case uses and the candidate does not have.
        limit: seconds that the case had.
    """
    if seen.how == "timeout":
        return "timeout", "no answer", "no answer within {:g} s".format(limit)
    if seen.how != "exit" or seen.number != 0 or seen.answer is None:
        how = _ending(seen)
        return "crash", how, how
    if "failed" in seen.answer:
        how = "what it did cannot be described: {}".format(seen.answer["failed"])
        return "crash", how, how
    try:
        difference = find_difference(wanted, seen.answer, seen.output, facts)
        if difference is None:
            return "pass", "", ""
        observed = describe_answer(seen.answer)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        how = "its answer is not one that the agent gives ({})".format(type(error).__name__)
        return "crash", how, how
    if absent:
        return "missing", observed, "imp has no " + ", ".join(absent)
    return "fail", observed, difference


def _ending(seen: "Observation") -> str:
    if seen.how == "signal":
        return "ended by signal {} ({})".format(seen.number, _signal_name(seen.number))
    if seen.how == "exit":
        return "ended with exit status {} before it answered".format(seen.number)
    if seen.how == "not-run":
        return seen.detail
    if seen.how == "nursery-lost":
        return "ended the process that holds the candidate"
    return "ended the target: {}".format(seen.detail)


def _signal_name(number: "int | None") -> str:
    names = [name for name in dir(signal) if name.startswith("SIG") and "_" not in name and getattr(signal, name) == number]
    return min(names) if names else "an unknown one"


def find_difference(
    wanted: "Mapping[str, Any]", answer: "Mapping[str, Any]", output: "Mapping[str, str]", facts: "Mapping[str, Any]"
) -> "str | None":
    """Return the first difference between what is expected and an answer, in words, or None.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, RuntimeError: for an answer that the agent did not give.
    """
    if not answer.get("given", True):
        return "what is given does not hold: the function does not even do its work"
    raised = answer.get("raised")
    if "raises" in wanted:
        if raised is None:
            return "expected {}, observed the value {}".format(describe_raises(wanted["raises"], facts), describe(answer["value"]))
        difference = _compare_exception(wanted["raises"], raised, facts)
    elif raised is not None:
        return "raised {}".format(describe_exception(raised))
    else:
        bindings = Bindings.of(answer["value"], facts["cwd"])
        difference = compare(wanted["value"], answer["value"], bindings, "value") if "value" in wanted else None
    return _find_side_difference(wanted, answer, output, facts) if difference is None else difference


def _find_side_difference(
    wanted: "Mapping[str, Any]", answer: "Mapping[str, Any]", output: "Mapping[str, str]", facts: "Mapping[str, Any]"
) -> "str | None":
    """Compare what a case expects beside its value or exception."""
    if "warnings" in wanted:
        difference = _compare_warnings(wanted["warnings"], answer["warnings"], facts)
        if difference is not None:
            return difference
    for place in ("modules", "files"):
        for kind, names in wanted.get(place, {}).items():
            filled, found = sorted(fill_facts(name, facts) for name in names), answer[place][kind]
            if filled != found:
                return "{} {}: expected {}, observed {}".format(place, kind, filled, found)
    if "open_files" in wanted and sorted(wanted["open_files"]) != answer["open_files"]:
        return "files left open: expected {}, observed {}".format(sorted(wanted["open_files"]), answer["open_files"])
    for stream in ("stdout", "stderr"):
        if stream in wanted:
            text = fill_facts(wanted[stream], facts)
            if text != output[stream]:
                return "{}: expected {}, observed {}".format(stream, ascii_repr(text), ascii_repr(output[stream]))
    return None


def _compare_exception(wanted: "Mapping[str, Any]", seen: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> "str | None":
    name, classes = (wanted["type"], seen["bases"][:1]) if "type" in wanted else (wanted["kind_of"], seen["bases"])
    if name not in classes:
        return "expected {}, observed {}".format(describe_raises(wanted, facts), describe_exception(seen))
    difference = _compare_text(wanted, seen["message"], facts, "message")
    if difference is not None:
        return difference
    for attribute, value in wanted.get("attributes", {}).items():
        place = "{} of the {}".format(attribute, seen["type"])
        tree = seen["attributes"].get(attribute)
        if tree is None:
            return "{}: expected {}, observed no such attribute".format(place, show(value))
        difference = compare(value, tree, Bindings.of(tree, facts["cwd"]), place)
        if difference is not None:
            return difference
    return None


def _compare_text(wanted: "Mapping[str, Any]", seen: str, facts: "Mapping[str, Any]", place: str) -> "str | None":
    """Compare a text with the message, or else the pattern, that is expected, if any."""
    if "message" in wanted:
        exact = fill_facts(wanted["message"], facts)
        return None if exact == seen else "{}: expected {}, observed {}".format(place, ascii_repr(exact), ascii_repr(seen))
    if "pattern" in wanted and not re.fullmatch(wanted["pattern"], seen, re.DOTALL):
        return "{}: expected text matching {}, observed {}".format(place, ascii_repr(wanted["pattern"]), ascii_repr(seen))
    return None


def _compare_warnings(wanted: "Sequence[Mapping[str, Any]]", seen: "Any", facts: "Mapping[str, Any]") -> "str | None":
    if len(wanted) != len(seen):
        shown = ", ".join("{}: {}".format(entry["category"], entry["message"]) for entry in seen) or "none"
        return "warnings: expected {}, observed {}".format(", ".join(entry["category"] for entry in wanted) or "none", shown)
    for index, (entry, found) in enumerate(zip(wanted, seen)):
        place = "warnings[{}]".format(index)
        if entry["category"] != found["category"]:
            return "{}: expected a {}, observed {}: {}".format(place, entry["category"], found["category"], found["message"])
        difference = _compare_text(entry, found["message"], facts, place + ".message")
        if difference is not None:
            return difference
        if "file" in entry and entry["file"] != found["file"]:
            return "{} points to {}, expected to {}".format(place, found["file"], entry["file"])
    return None


def describe_raises(wanted: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> str:
    """Say which exception is expected."""
    name = str(wanted["type"]) if "type" in wanted else "{} or a kind of it".format(wanted["kind_of"])
    if "message" in wanted:
        return "{}: {}".format(name, fill_facts(wanted["message"], facts))
    return "{} matching {!r}".format(name, wanted["pattern"]) if "pattern" in wanted else name


def describe_expectation(wanted: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> str:
    """Say all that is expected, one part after the other."""
    parts = []
    if "raises" in wanted:
        parts.append("raises " + describe_raises(wanted["raises"], facts))
        for attribute, value in wanted["raises"].get("attributes", {}).items():
            parts.append("its {}: {}".format(attribute, show(value)))
    if "value" in wanted:
        parts.append(show(wanted["value"]))
    if "warnings" in wanted:
        parts.append("warnings: " + (", ".join(entry["category"] for entry in wanted["warnings"]) or "none"))
    for place in ("modules", "files"):
        for kind, names in wanted.get(place, {}).items():
            parts.append("{} {}: {}".format(place, kind, ", ".join(fill_facts(name, facts) for name in names) or "none"))
    if "open_files" in wanted:
        parts.append("files left open: " + (", ".join(wanted["open_files"]) or "none"))
    for stream in ("stdout", "stderr"):
        if stream in wanted:
            parts.append("{}: {}".format(stream, ascii_repr(fill_facts(wanted[stream], facts))))
    return "; ".join(parts)


def describe_answer(answer: "Mapping[str, Any]") -> str:
    """Say the value or exception that was observed."""
    raised = answer.get("raised")
    return describe(answer["value"]) if raised is None else "raises " + describe_exception(raised)
