"""The directory that all files of a target lie in."""

import os
import sys
import tempfile

from imp_conformance.portable.protocol import MARK


def scratch_directory() -> str:
    """Make a directory for this target's files, or exit with what is wrong."""
    try:
        # The host deletes what this process could not, but only where its own mark is in the name.
        return os.path.realpath(tempfile.mkdtemp(prefix="imp-conformance-{}-".format(os.environ.get(MARK, ""))))
    except OSError as error:
        sys.exit(without_place(error))


def make_folders(path: str) -> None:
    """Make a directory and those above it, unless it is there."""
    if not os.path.isdir(path):  # not exist_ok, which 3.4.0 takes for an error where the mode is another one
        os.makedirs(path)


def without_place(error: OSError) -> str:
    """Say that no file can be made anywhere, and what to do."""
    why = error.strerror or str(error)
    return "it has no directory for temporary files (" + why + "): make /tmp writable there, or name another in TMPDIR"
