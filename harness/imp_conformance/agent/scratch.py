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
        why = error.strerror or str(error)
        sys.exit("it has no directory for temporary files (" + why + "): make /tmp writable there, or name another in TMPDIR")


def make_folders(path: str) -> None:
    """Make a directory and those above it, unless it is there."""
    if not os.path.isdir(path):  # not exist_ok, which 3.4.0 takes for an error where the mode is another one
        os.makedirs(path)
