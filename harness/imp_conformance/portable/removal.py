"""Delete a directory, whatever a case has made of it.

The agent and the host share it: standard library only, CPython 3.4 syntax.
"""

import binascii
import os
import stat


def remove_tree(top: str) -> None:
    """Delete a directory, however deep it is and whatever permissions it has; links are not followed."""
    try:
        os.rmdir(top)
        return
    except OSError:
        pass
    # What is deep comes up before it is looked into, so that no path grows too long and nothing recurses.
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                os.unlink(folder)
                continue
            os.chmod(folder, 0o700)
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            try:
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    os.chmod(path, 0o700)
                    moved = os.path.join(top, "trash-" + binascii.hexlify(os.urandom(8)).decode("ascii"))
                    if folder != top:
                        os.rename(path, moved)
                    pending.append(path if folder == top else moved)
                else:
                    os.unlink(path)
            except OSError:
                continue
        if folder != top:
            _remove_directory(folder)
    _remove_directory(top)


def _remove_directory(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        pass  # it is gone, or something in it refuses to go
