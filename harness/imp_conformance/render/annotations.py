"""A scan as GitHub's annotations: commands in the log that put a message beside a line."""

from __future__ import annotations

from collections.abc import Iterator

from imp_conformance.render.plain import plain
from imp_conformance.render.scanned import finding_lines, where
from imp_conformance.scan.model import Import, Use
from imp_conformance.scan.report import Report


def annotation_lines(report: Report) -> Iterator[str]:
    """Give an error for what would break, a warning for what could not be read, and a notice for what is not used."""
    for file in report.scanned:
        if file.problem is not None:
            problem = file.problem
            yield _command("warning", problem.file, problem.line or 1, 1, f"{problem.what}: {problem.todo}")
        for finding in file.findings:
            breaks = report.breaks(finding)
            if breaks or isinstance(finding, Import):
                lines = finding_lines(report, file, finding)
                yield _command("error" if breaks else "notice", file.file, *_place(finding), _message(f"{where(file, finding)}: ", lines))


def _place(finding: Import | Use) -> tuple[int, int]:
    return finding.place.line, finding.place.column


def _message(place: str, lines: Iterator[str]) -> str:
    return "\n".join(line.removeprefix(place) for line in lines)


def _command(kind: str, file: str, line: int, column: int, message: str) -> str:
    text = "%0A".join(plain(part).replace("%", "%25") for part in message.split("\n"))
    return f"::{kind} file={_property(file)},line={line},col={column},title=imp-conformance::{text}"


def _property(text: str) -> str:
    for character, escape in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(character, escape)
    return text
