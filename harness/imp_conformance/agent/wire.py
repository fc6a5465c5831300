"""Lines of JSON to and from the host, and the encoding of plain data that no patch of json reaches."""

import json
import os

from imp_conformance.agent.captured import real_read, real_write
from imp_conformance.agent.describing import class_name

MYPY = False
if MYPY:  # what type checkers take for True; there is no typing in 3.4
    from typing import Any  # novm


class HostGone(Exception):
    """The host closed its end: nobody is left to answer to."""


def escape_text(text: str) -> str:
    """Return a str as JSON in ASCII."""
    pieces = []
    for char in text:
        number = ord(char)
        if 32 <= number < 127 and char not in '"\\':
            pieces.append(char)
        elif number < 0x10000:
            pieces.append("\\u%04x" % number)
        else:
            number -= 0x10000
            pieces.append("\\u%04x\\u%04x" % (0xD800 | number >> 10, 0xDC00 | number & 0x3FF))
    return '"' + "".join(pieces) + '"'


quote = escape_text  # type: Any
try:
    from _json import encode_basestring_ascii as quote

    quote("\ud800")
except (ImportError, UnicodeError):  # there is no accelerator, or one that refuses lone surrogates, as RustPython's
    quote = escape_text


def encode_plain(value: "Any") -> str:
    """Encode plain data."""
    kind = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return repr(value)
    if kind is str:
        return str(quote(value))
    if kind is list or kind is tuple:
        return "[" + ",".join([encode_plain(item) for item in value]) + "]"
    if kind is dict:
        return "{" + ",".join([quote(key) + ":" + encode_plain(item) for key, item in value.items()]) + "}"
    raise TypeError("not plain data: " + class_name(kind))


# The json module is not used for it, because the candidate shares that one and may patch it.
try:
    from _json import make_encoder

    plain_encoder = make_encoder(None, str, quote, None, ":", ",", False, False, True)  # type: Any

    def to_json(value: "Any") -> str:
        """Encode plain data."""
        return "".join(plain_encoder(value, 0))

except ImportError:
    to_json = encode_plain


class HostLink:
    """Lines of JSON to and from the host."""

    def __init__(self, source: int, sink: int) -> None:
        self.source, self.sink, self.buffer = source, sink, b""

    def fill(self) -> None:
        """Take in what the host has sent, at least a byte.

        Raises HostGone.
        """
        data = os.read(self.source, 1 << 16)
        if not data:
            raise HostGone
        self.buffer += data

    def pending(self) -> bool:
        """Say whether a whole message has come already."""
        return b"\n" in self.buffer

    def receive_line(self) -> str:
        """Return the next line.

        Raises HostGone.
        """
        while not self.pending():
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("ascii")

    def receive(self) -> "dict[str, Any]":
        """Return the next message.

        Raises HostGone.
        """
        return dict(json.loads(self.receive_line()))

    def send(self, message: "dict[str, Any]", left: "bytes | None" = None) -> None:
        """Send a message; what a case left follows in a line of its own, since only the host finds out what it is.

        Raises HostGone.
        """
        data = to_json(message).encode("ascii")
        self.send_lines(data if left is None else data + b"\n" + left)

    def send_lines(self, data: bytes) -> None:
        """Send lines; the end of the last one is added.

        Raises HostGone.
        """
        data += b"\n"
        while data:
            try:
                data = data[real_write(self.sink, data) :]
            except BrokenPipeError:
                raise HostGone


def read_exactly(source: int, count: int) -> "bytes | None":
    """Read so many bytes from a descriptor, or None at its end."""
    data = b""
    while len(data) < count:
        more = real_read(source, count - len(data))
        if not more:
            return None
        data += more
    return data
