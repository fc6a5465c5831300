"""What the plugin uses of pytest and pytest-xdist that they do not promise to keep: each use is a function that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from _pytest.junitxml import xml_key

from imp_conformance.resources import replacing

_CRASHED = "???"
_DEFAULT_SUMMARY = "fE"


def replace_arguments(config: pytest.Config, convert: Callable[[str], str], default: str) -> None:
    """Replace the arguments that say what is collected: each by its conversion, or all by the default where none is given.

    Users give case ids. No hook can turn them into paths before pytest reads ``config.args``, and only ``args_source``
    tells an argument from the current directory, which pytest puts there itself.
    """
    given = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args[:] = [convert(argument) for argument in given] or [default]


def show_whole_node_ids(config: pytest.Config) -> None:
    """Let pytest show node ids as they are, not relative to the current directory.

    Node ids are what people pass to run and note in their issues, and no option turns this off.
    """
    config.cwd_relative_nodeid = lambda nodeid: nodeid  # type: ignore[method-assign]


def node_id_as_text(collector: pytest.Collector, name: str) -> str:
    """Return the node id of an item, to be given to its constructor, which pytest advises against.

    Left alone, pytest builds an id in which brackets belong to the name. It reads the same text in its cache as name and
    parameters, so that --lf would not find the item again.
    """
    return f"{collector.nodeid}::{name}"


def summarise_failures_shortly(config: pytest.Config) -> None:
    """Let the summary tell each failure in one line: in CI pytest would tell it again from its first word to its last.

    The option --force-short-summary exists, but what holds for it depends on -v, which is known only now.
    """
    config.option.force_short_summary = config.get_verbosity() < 2


def tell_failures_elsewhere(config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
    """Let the summary list no failure, where nobody asked for that with -r: no option takes a letter out of the default."""
    if config.option.reportchars == _DEFAULT_SUMMARY:
        terminal.reportchars = terminal.reportchars.replace("f", "")


def leave_out_failure(report: pytest.TestReport) -> None:
    """Let the terminal tell nothing more of a report: it takes a failure that a debugger has shown for told.

    --tb=no would leave out those too that are none of a case's, such as a worker that crashes.
    """
    report._pdbshown = True  # type: ignore[attr-defined]


def hide_file_names(terminal: pytest.TerminalReporter) -> None:
    """Let the terminal show no file before its items' dots: there are no dots either."""
    terminal.showfspath = False


def forget_passed(
    terminal: pytest.TerminalReporter, report: pytest.TestReport, first: pytest.TestReport | None
) -> pytest.TestReport | None:
    """Put the first report that passed in the place of this one, where the terminal has just counted it; return the first.

    The terminal keeps every report to the end, only to count them. Its lists are the only place to let go of them.
    """
    passed = terminal.stats.get("passed")
    if not passed or passed[-1] is not report:
        return first
    passed[-1] = first or report
    return first or report


@contextmanager
def junit_file_whole(config: pytest.Config) -> Iterator[None]:
    """Let what pytest writes in the block for --junitxml take its place at the end, or leave the file that is there as it is.

    Raises:
        FileUnwritable: where it cannot be written.
    """
    writer = config.stash.get(xml_key, None)
    if writer is None:
        yield
        return
    path = Path(writer.logfile)
    with suppress(OSError):  # that it is not there, is told next
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with replacing(path) as fresh:
            writer.logfile = str(fresh)
            yield
    finally:
        writer.logfile = str(path)


def is_crash_of_worker(report: pytest.TestReport) -> bool:
    """Whether pytest-xdist made a report because a worker did not survive the item: its phase is then no phase of pytest's."""
    return str(report.when) == _CRASHED
