"""Describe values as plain data: of a class that is not built in, no method of a described object is called but __fspath__."""

from imp_conformance.agent.captured import (
    FILE_KINDS,
    PLAIN_KINDS,
    Module,
    class_mro,
    exact_str,
    module_dict,
    real_fspath,
    real_hexlify,
    real_islice,
)
from imp_conformance.portable.protocol import LIMITS, Limits

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


AGENT_FILE = "<imp-conformance "  # what the names begin with under which the agent's modules are compiled
UNKNOWN = {"kind": "unknown"}
EXCEPTION_ATTRIBUTES = ("name", "path", "msg", "filename", "lineno", "errno", "args")


class Describer:
    """Turn objects into plain data that tells types, contents and identity apart."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seen = {}  # type: dict[int, int]
        self.kept = []  # type: list[object]
        self.count = 0
        self.left = limits.all_text_length

    def cut(self, value: "Any") -> "Any":
        """Return the beginning of a str or bytes, as long as may be told."""
        part = value[: min(self.limits.text_length, self.left)]
        self.left -= len(part)
        return part

    def identity(self, value: "Any") -> int:
        """Number objects in the order in which they are met, so that one object met twice is seen to be one."""
        key = id(value)
        if key not in self.seen:
            self.seen[key] = len(self.seen)
            self.kept.append(value)  # kept alive, so that an id is never given out again
        return self.seen[key]

    def describe(self, value: "Any", depth: int = 0) -> "dict[str, Any]":
        self.count += 1
        kind = type(value)
        if self.count > self.limits.nodes or depth > self.limits.depth:
            return {"kind": "omitted", "type": class_name(kind)}
        if value is None:
            return {"kind": "none"}
        if kind is bool:
            return {"kind": "bool", "value": value}
        if kind is int:
            if value.bit_length() > self.limits.integer_bits:
                return {"kind": "omitted", "type": "int"}
            return {"kind": "int", "value": hex(value) if value.bit_length() > 4096 else str(value)}
        if kind is float or kind is complex:
            return {"kind": kind.__name__, "value": repr(value)}
        if kind is str:
            return {"kind": "str", "value": self.cut(value), "length": len(value)}
        if kind is bytes or kind is bytearray:
            text = real_hexlify(self.cut(value)).decode("ascii")
            return {"kind": kind.__name__, "hex": text, "length": len(value)}
        if value is Ellipsis or value is NotImplemented:
            return {"kind": "constant", "name": "Ellipsis" if value is Ellipsis else "NotImplemented"}
        again = id(value) in self.seen
        number = self.identity(value)
        # Not "in": that asks the metaclass whether it is equal.
        if kind is tuple or kind is list or kind is set or kind is frozenset:
            items = [] if again else self.describe_each(value, depth)
            if kind is set or kind is frozenset:
                items.sort(key=repr)
            return {"kind": kind.__name__, "items": items, "length": len(value), "id": number, "again": again}
        if kind is dict:
            pairs = []
            if not again:
                for pair in real_islice(dict.items(value), self.limits.items):
                    pairs.append(self.describe_each(pair, depth))
            return {"kind": "dict", "items": pairs, "length": len(value), "id": number, "again": again}
        if kind is Module:
            name = module_dict(value).get("__name__")
            return {"kind": "module", "name": name if type(name) is str else None, "id": number}
        if isinstance(kind, type) and issubclass(kind, type):
            return {"kind": "class", "name": class_name(value), "id": number}
        if id(kind) in FILE_KINDS:
            return self.describe_file(value, number)
        return self.describe_object(value, kind, number)

    def describe_object(self, value: "Any", kind: "Any", number: int) -> "dict[str, Any]":
        found = {"kind": "object", "type": class_name(kind), "bases": [class_name(base) for base in class_mro(kind)], "id": number}
        path = path_of(value, kind)
        if path is not None:
            found["path"] = self.describe(path)
        return found

    def describe_each(self, values: "Any", depth: int) -> "list[dict[str, Any]]":
        """Describe what is in a container, also what no variable can hold: a null of Java's leaves it without a value."""
        found = []
        for item in real_islice(values, self.limits.items):
            try:
                found.append(self.describe(item, depth + 1))
            except UnboundLocalError:
                found.append(dict(UNKNOWN))
        return found

    def describe_file(self, value: "Any", number: int) -> "dict[str, Any]":
        file = {"kind": "file", "type": type(value).__name__, "id": number}
        for attribute in ("name", "mode", "encoding", "closed"):
            found = getattr(value, attribute, None)
            if id(type(found)) not in PLAIN_KINDS:
                found = class_name(type(found))
            elif type(found) is int and found.bit_length() > 4096:
                found = "int"
            file[attribute] = self.cut(found) if type(found) is str else found
        try:
            file["position"] = None if file["closed"] else value.tell()
        except (OSError, ValueError):
            file["position"] = None
        return file

    def describe_exception(self, error: BaseException) -> "dict[str, Any]":
        kind = type(error)
        message = text_of(error)
        attributes = {}
        for name in EXCEPTION_ATTRIBUTES:
            try:
                attributes[name] = self.describe(getattr(error, name))
            except BaseException:  # absent, or a property of the candidate's that raises
                continue
        return {
            "type": class_name(kind),
            "bases": [class_name(base) for base in class_mro(kind)],
            "message": self.cut(message),
            "attributes": attributes,
        }


def text_of(value: "Any") -> str:
    """Return str() of an object whose class may be the candidate's."""
    try:
        return exact_str(str(value))
    except BaseException as raised:
        return "<str() raised " + class_name(type(raised)) + ">"


def path_of(value: "Any", kind: "Any") -> "str | None":
    """Return the str by which open() and the like take an object for a path, or None where they refuse it."""
    try:
        if issubclass(kind, str):
            return exact_str(value)
        # It is the object's own class that says what path it is, and any user of the path calls this method.
        path = None if real_fspath is None else real_fspath(value)
        return exact_str(path) if issubclass(type(path), str) else None
    except BaseException:  # no path, or the candidate's class raises
        return None


def class_name(kind: "Any") -> str:
    """Return module.qualname of a class, without the module for a built-in one."""
    try:
        module = type.__getattribute__(kind, "__module__")
        name = type.__getattribute__(kind, "__qualname__")
    except AttributeError:
        return "?"
    if not issubclass(type(name), str):
        return "?"
    if type(module) is not str or module in ("builtins", "exceptions"):
        return exact_str(name)
    return str(module) + "." + exact_str(name)


def describe_failure(error: BaseException) -> str:
    """Return 'Type: message (file, line)' of an exception, without calling anything that could raise in turn."""
    place = ""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    message = text_of(error)[: LIMITS.text_length]
    if isinstance(error, SyntaxError):
        place = " ({}, line {})".format(error.filename, error.lineno) if "line" not in message else ""
    elif trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<"):
        place = " ({}, line {})".format(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return "{}: {}{}".format(class_name(type(error)), message, place)


def describe_own_failure(error: BaseException) -> str:
    """Return 'Type: message (module of the agent, line)' of an exception that the agent's own code has met."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(AGENT_FILE):
            place = " ({}, line {})".format(file[len(AGENT_FILE) : -1], trace.tb_lineno)
        trace = trace.tb_next
    return "{}: {}{}".format(class_name(type(error)), text_of(error)[: LIMITS.text_length], place)
