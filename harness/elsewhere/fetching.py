"""Brings what a measurement elsewhere needs onto this machine, once: trees of Debian's packages, files of Maven."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import platformdirs

SUITE = "bookworm"
"""The release of Debian that all packages are taken from."""


class Unfetchable(Exception):
    """What is needed cannot be had on this machine; the text says why and what to do."""


def cache() -> Path:
    """Return the folder that what was fetched stays in."""
    return platformdirs.user_cache_path("imp-conformance") / "elsewhere"


def run(command: Sequence[str | Path], *, given: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it printed.

    Raises:
        Unfetchable: where it is not there or fails, with its last line.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, input=given, capture_output=True, text=True, env=environment, check=False)
    except OSError as error:
        raise Unfetchable(f"{words[0]} cannot be started: {error.strerror}") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
        why = next((line for line in reversed(said) if line.startswith("E:") or "ERROR" in line), said[-1])
        raise Unfetchable(f"{words[0]} fails: {why}")
    return done.stdout


def needed(*programs: str) -> None:
    """Check that programs are there.

    Raises:
        Unfetchable: with what to install where one is not.
    """
    packages = {"mmdebstrap": "mmdebstrap", "mvn": "maven", "qemu": "qemu-user-static"}
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        named = [packages.get(name.partition("-")[0], name) for name in missing]
        raise Unfetchable(f"not on PATH: {', '.join(missing)}; on Debian, install {', '.join(named)}")


def debian_tree(name: str, packages: Sequence[str], architecture: str) -> Path:
    """Return a folder with packages of Debian and all that they depend on, unpacked and not configured.

    apt checks each package by the digests that Debian has signed.

    Args:
        name: of the folder.
        packages: names of Debian's packages.
        architecture: Debian's name of it.

    Raises:
        Unfetchable: where it cannot be made.
    """
    tree = cache() / name
    if tree.is_dir():
        return tree
    needed("mmdebstrap", "apt-get")
    where = run(["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"])
    mirrors = [line.split()[2] for line in where.splitlines() if line.startswith(f"{SUITE} main ")]
    if not mirrors:
        raise Unfetchable(f"apt knows no mirror of Debian {SUITE} here: add one to its sources, and run apt-get update")
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as folder:
        made = Path(folder, "tree")
        options = ["--mode=unshare", "--variant=extract", f"--architectures={architecture}", f"--include={','.join(packages)}"]
        if _is_root():
            options[0] = "--mode=root"
        run(["mmdebstrap", *options, SUITE, made, "-"], given=f"deb {mirrors[0]} {SUITE} main\n")
        made.rename(tree)
    return tree


def maven_file(artifact: str, digest: str) -> Path:
    """Return a file of Maven's.

    Args:
        artifact: its coordinates, as ``group:name:version:type:classifier``.
        digest: its SHA-256, in hex digits.

    Raises:
        Unfetchable: where it cannot be had, or is another one.
    """
    _, name, version, kind, classifier = artifact.split(":")
    file = cache() / f"{name}-{version}-{classifier}.{kind}"
    if not file.is_file():
        needed("mvn")
        cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            run(["mvn", "-B", "-q", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"])
            fetched = Path(folder, file.name)
            found = hashlib.sha256(fetched.read_bytes()).hexdigest()
            if found != digest:
                raise Unfetchable(f"{artifact} has the SHA-256 {found}, and {digest} is wanted: it is another file")
            fetched.rename(file)
    return file


def _is_root() -> bool:
    return run(["id", "-u"]).strip() == "0"
