"""Decide the verdict on an observation: find the first difference from what is expected; nothing is started here.

Repro scripts bundle this file: it uses CPython 3.4's syntax and the standard library alone.

What is expected is a mapping with the keys of a case's ``expect``, only those that it mentions: ``value`` and the
``attributes`` of ``raises`` as values with matchers in them, all else as it is written.
"""

import re
import signal

from imp_conformance.portable.difference import Difference
from imp_conformance.portable.observation import ascii_repr, describe, describe_exception
from imp_conformance.portable.values import Bindings, compare, show

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from collections.abc import Container, Iterable, Mapping, Sequence  # novm
    from typing import Any  # novm

    from imp_conformance.portable.observation import Observation
    from imp_conformance.portable.values import Where

_PROCESS = ("process",)
_PLACEHOLDER = re.compile(r"\{facts\.(\w*)\}")


def on_platform(platforms: "Container[str]", platform: str) -> bool:
    """Say whether a platform, as sys.platform names it, is among those that are named; posix stands for all but Windows."""
    return platform in platforms or ("posix" in platforms and platform != "win32")


def facts_named(text: str) -> "list[str]":
    """Return the names in the ``{facts.NAME}`` of a text."""
    return _PLACEHOLDER.findall(text)


def fill_facts(text: str, facts: "Mapping[str, Any]") -> str:
    """Put facts in the place of ``{facts.NAME}``."""
    if "{facts." not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: str(facts[found.group(1)]), text)


def decide(
    wanted: "Mapping[str, Any]",
    seen: "Observation",
    facts: "Mapping[str, Any]",
    limit: float,
    given: "str | None",
) -> "tuple[str, str, Difference | None]":
    """Return a verdict, what was observed in words, and the difference; a pass has no text and no difference.

    Args:
        wanted: what is expected.
        seen: what came of the case.
        facts: of the target's interpreter, and cwd, the directory of the case.
        limit: seconds that the case had.
        given: the snippet that must come to True before the case counts, if any.
    """
    if seen.how == "timeout":
        return "timeout", "no answer", Difference(_PROCESS, "timeout", "", "no answer within {:g} s".format(limit))
    if seen.how != "exit" or seen.number != 0 or seen.answer is None:
        return _crash(_ending(seen))
    if "failed" in seen.answer:
        return _undescribed(wanted, str(seen.answer["failed"]), facts)
    try:
        difference = find_difference(wanted, seen.answer, seen.output, facts, given)
        if difference is None:
            return "pass", "", None
        held = difference.kind != "given"
        observed = describe_answer(seen.answer, seen.output) if held else "what is given does not hold"
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        return _crash("its answer is not one that the agent gives ({})".format(type(error).__name__))
    return "fail", observed, difference


def find_missing(names: "Iterable[str]", present: "Container[str]") -> "Difference | None":
    """Return the difference of a case that is not run because imp lacks names that it uses; None where imp has them.

    Args:
        names: the attributes of imp that the case uses.
        present: those that the candidate has.
    """
    absent = sorted(name for name in names if name not in present)
    return Difference(("names",), "missing", ", ".join(absent), "") if absent else None


def _undescribed(wanted: "Mapping[str, Any]", why: str, facts: "Mapping[str, Any]") -> "tuple[str, str, Difference]":
    """Return what comes of a case that has done what nothing can be said of."""
    text = "something that cannot be described: " + why
    if "raises" in wanted:
        return "fail", text, Difference(("exception",), "returned", describe_raises(wanted["raises"], facts), text)
    return "fail", text, Difference(("value",), "value", show(wanted["value"]) if "value" in wanted else "what is watched", text)


def _crash(how: str) -> "tuple[str, str, Difference]":
    return "crash", how, Difference(_PROCESS, "crash", "", how)


def _ending(seen: "Observation") -> str:
    if seen.how == "signal":
        return "ended by signal {} ({})".format(seen.number, _signal_name(seen.number))
    if seen.how == "exit":
        return "ended with exit status {} before it answered".format(seen.number)
    if seen.how == "not-run":
        return seen.detail
    if seen.how == "forkserver-lost":
        return "ended the process that holds the candidate"
    return "ended the target: {}".format(seen.detail)


def _signal_name(number: "int | None") -> str:
    names = [name for name in dir(signal) if name.startswith("SIG") and "_" not in name and getattr(signal, name) == number]
    return min(names) if names else "an unknown one"


def find_difference(
    wanted: "Mapping[str, Any]",
    answer: "Mapping[str, Any]",
    output: "Mapping[str, str]",
    facts: "Mapping[str, Any]",
    given: "str | None",
) -> "Difference | None":
    """Return the first difference between what is expected and an answer, or None.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, RuntimeError: for an answer that the agent did not give.
    """
    if not answer.get("given", True):
        return Difference(("given",), "given", given_in_words(given or ""), "")
    if "status" in answer:
        return _find_side_difference(dict(wanted, status=wanted.get("status", 0)), answer, output, facts)
    raised = answer.get("raised")
    if "raises" in wanted:
        if raised is None:
            return Difference(("exception",), "returned", describe_raises(wanted["raises"], facts), describe(answer["value"]))
        difference = _compare_exception(wanted["raises"], raised, facts)
    elif raised is not None:
        return Difference(("exception",), "raised", "", describe_exception(raised))
    else:
        bindings = Bindings.of(answer["value"], facts)
        difference = compare(wanted["value"], answer["value"], bindings, ("value",)) if "value" in wanted else None
    return _find_side_difference(wanted, answer, output, facts) if difference is None else difference


def given_in_words(given: str) -> str:
    """Return the comment that a snippet begins with, which says in words what it asks for, or else all of it."""
    first = given.strip().partition("\n")[0]
    return first[1:].strip() if first.startswith("#") else given.strip()


def _find_side_difference(
    wanted: "Mapping[str, Any]", answer: "Mapping[str, Any]", output: "Mapping[str, str]", facts: "Mapping[str, Any]"
) -> "Difference | None":
    """Return the first difference in what a case expects beside its value or exception."""
    if "warnings" in wanted:
        difference = _compare_warnings(wanted["warnings"], answer["warnings"], facts)
        if difference is not None:
            return difference
    for part in ("modules", "files"):
        for kind, names in wanted.get(part, {}).items():
            filled, found = sorted(fill_facts(name, facts) for name in names), answer[part][kind]
            if filled != found:
                return Difference((part, kind), "names", str(filled), str(found))
    if "open_files" in wanted and sorted(wanted["open_files"]) != answer["open_files"]:
        return Difference(("open_files",), "names", str(sorted(wanted["open_files"])), str(answer["open_files"]))
    for stream in ("stdout", "stderr"):
        if stream in wanted:
            text = fill_facts(wanted[stream], facts)
            if text != output[stream]:
                return Difference((stream,), "text", ascii_repr(text), ascii_repr(output[stream]))
    if "status" in wanted and wanted["status"] != answer["status"]:
        return Difference(("status",), "value", str(wanted["status"]), str(answer["status"]))
    return None


def _compare_exception(wanted: "Mapping[str, Any]", seen: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> "Difference | None":
    name, classes = (wanted["type"], [seen["type"]]) if "type" in wanted else (wanted["kind_of"], seen["bases"])
    if name not in classes:
        return Difference(("exception",), "class", describe_raises(wanted, facts), describe_exception(seen))
    difference = _compare_text(wanted, seen["message"], facts, ("message",))
    if difference is not None:
        return difference
    for attribute, value in wanted.get("attributes", {}).items():
        where = ("attribute", attribute)
        tree = seen["attributes"].get(attribute)
        if tree is None:
            return Difference(where, "absent", show(value), "")
        difference = compare(value, tree, Bindings.of(tree, facts), where)
        if difference is not None:
            return difference
    return None


def _compare_text(wanted: "Mapping[str, Any]", seen: str, facts: "Mapping[str, Any]", where: "Where") -> "Difference | None":
    """Compare a text with the message or the pattern that is expected, if any."""
    if "message" in wanted:
        exact = fill_facts(wanted["message"], facts)
        return None if exact == seen else Difference(where, "text", ascii_repr(exact), ascii_repr(seen))
    if "pattern" in wanted and not re.fullmatch(wanted["pattern"], seen, re.DOTALL):
        return Difference(where, "text", "text matching " + ascii_repr(wanted["pattern"]), ascii_repr(seen))
    return None


def _compare_warnings(wanted: "Sequence[Mapping[str, Any]]", seen: "Any", facts: "Mapping[str, Any]") -> "Difference | None":
    if len(wanted) != len(seen):
        shown = ", ".join(_describe_warning(entry) for entry in seen) or "none"
        return Difference(("warnings",), "count", ", ".join(entry["category"] for entry in wanted) or "none", shown)
    for index, (entry, found) in enumerate(zip(wanted, seen)):
        where = ("warnings", index)
        if entry["category"] != found["category"]:
            return Difference(where, "class", entry["category"], _describe_warning(found))
        difference = _compare_text(entry, found["message"], facts, where + ("message",))
        if difference is not None:
            return difference
        if "file" in entry and entry["file"] != found["file"]:
            return Difference(where, "place", entry["file"], found["file"])
    return None


def _describe_warning(seen: "Mapping[str, str]") -> str:
    return "{}: {}".format(seen["category"], seen["message"])


def describe_raises(wanted: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> str:
    """Describe the exception that is expected."""
    name = str(wanted["type"]) if "type" in wanted else "{} or a kind of it".format(wanted["kind_of"])
    if "message" in wanted:
        return "{}: {}".format(name, fill_facts(wanted["message"], facts))
    return "{} matching {!r}".format(name, wanted["pattern"]) if "pattern" in wanted else name


def describe_expectation(wanted: "Mapping[str, Any]", facts: "Mapping[str, Any]") -> str:
    """Describe all that is expected, one part after the other."""
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
    if "status" in wanted:
        parts.append("exit status: {}".format(wanted["status"]))
    return "; ".join(parts)


def describe_answer(answer: "Mapping[str, Any]", output: "Mapping[str, str]") -> str:
    """Describe the value or exception that was observed, or how a program ended and what it printed."""
    if "status" in answer:
        return "exit status: {status}; stdout: {}; stderr: {}".format(*map(ascii_repr, (output["stdout"], output["stderr"])), **answer)
    raised = answer.get("raised")
    return describe(answer["value"]) if raised is None else "raises " + describe_exception(raised)
