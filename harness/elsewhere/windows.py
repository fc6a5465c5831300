"""Genuine CPythons for Windows under Debian's wine: in a root of its own, with a server that lasts as long as the measurement.

Wine is not Windows. What it does otherwise: it makes symbolic links that cannot be read, and it has no rights but those of Unix.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from elsewhere.fetching import Unfetchable, cache, debian_tree, maven_file

RELEASES = {
    "3.7.9": ("1.5.4", "6c92ec3af6463c474d154948043c09d3c9d7dc1a1970185c7827ca53fbd61bdb"),
    "3.9.6": ("1.5.6", "84935ae94d433b806265d01c0e14562ba3e5de73d21c9bb5d5b9e4e7a792d4a7"),
    "3.10.8": ("1.5.8", "1e7d342425c87184fbedd8754045db556c63765678a0f11b4539465642ab018b"),
    "3.11.3": ("1.5.9", "3263a50b256447bb7b9e604d6587627e419891370fc33b94469e6a06ff4de834"),
}
"""Releases of CPython for Windows that are packed as they were built, with the packer's own version and the SHA-256."""

_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")
_SERVER_SECONDS = 120.0
"""Seconds that wine may take to make its folder, and to end."""

# The interpreter's standard error has to be a pipe: it cannot start with one that is a file, which wine passes on as something else.
_STARTER = """\
#!/bin/bash
{exports}
exec {wine} {python} "$@" 2> >(exec cat >&2)
"""


@contextmanager
def windows(release: str) -> Iterator[str]:
    """Provide the command line of a CPython for Windows.

    Raises:
        Unfetchable: where it or wine cannot be had.
    """
    python = _unpacked(release)
    tree = _wine_tree()
    environment = {
        "LD_LIBRARY_PATH": ":".join(str(tree / place) for place in _LIBRARIES),
        "WINEPREFIX": str(cache() / "wine-prefix"),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "explorer.exe,winemenubuilder.exe,mscoree,mshtml=",
    }
    programs = tree / "usr/lib/wine"
    starter = cache() / f"windows-python-{release}"
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
    starter.write_text(_STARTER.format(exports=exports, wine=shlex.quote(str(programs / "wine64")), python=shlex.quote(str(python))))
    starter.chmod(0o755)
    whole = {**os.environ, **environment}
    try:
        # Both last, and so are started here with nothing of a target's: its output would not end before theirs.
        _quietly([programs / "wineserver64", "--persistent"], whole)
        _quietly([programs / "wine64", "wineboot", "--init"], whole)
        shutil.copy(tree / "usr/x86_64-w64-mingw32/lib/zlib1.dll", Path(environment["WINEPREFIX"], "drive_c/windows/system32"))
        yield str(starter)
    finally:
        _quietly([programs / "wineserver64", "--kill"], whole)


def _unpacked(release: str) -> Path:
    """Return the file of a CPython for Windows."""
    packed, digest = RELEASES[release]
    folder = cache() / f"windows-{release}"
    if not folder.is_dir():
        file = maven_file(f"org.bytedeco:cpython:{release}-{packed}:jar:windows-x86_64", digest)
        part = folder.with_suffix(".part")
        with zipfile.ZipFile(file) as archive:
            archive.extractall(part)
        part.rename(folder)
    return folder / "org/bytedeco/cpython/windows-x86_64/python.exe"


def _wine_tree() -> Path:
    """Return a folder with wine, in which what Debian's scripts would have set up is set up."""
    tree = debian_tree("wine", ["wine64", "libwine"], "amd64")
    server = tree / "usr/lib/wine/wineserver"
    if not server.is_symlink():  # it is a script, which looks for the server where the package would be installed
        server.unlink()
        server.symlink_to("wineserver64")
    library = tree / "usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll"
    if not library.is_symlink():
        library.symlink_to("../../../../x86_64-w64-mingw32/lib/zlib1.dll")
    return tree


def _quietly(command: list[str | Path], environment: Mapping[str, str]) -> None:
    nothing = subprocess.DEVNULL
    try:
        subprocess.run(
            list(map(str, command)),
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            env=dict(environment),
            timeout=_SERVER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unfetchable(f"wine does not start: {error}") from None
