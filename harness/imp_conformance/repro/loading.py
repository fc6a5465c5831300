"""The lines of a plain script that import whose imp is judged: from where it is, or from files that the script holds."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from imp_conformance.repro.literal import literal, quoted
from imp_conformance.targets.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Loading:
    """Lines, and what they import."""

    lines: list[str]
    modules: frozenset[str]
    place: str
    """The expression for the folder that the case has for itself."""


def loading(candidate: Candidate, path: str | None, folder: str, *, imports: bool) -> Loading:
    """Return the lines that make a scratch folder and let an import find the candidate.

    Args:
        candidate: whose imp is judged.
        path: where its file or directory is, None where the script has to hold its files.
        folder: the variable of the scratch folder.
        imports: whether it is imported here and not by the case.
    """
    lines = [f"{folder} = tempfile.TemporaryDirectory()"]
    modules: set[str] = set()
    if candidate.kind == "own":
        lines.append("del sys.path[0]  # this script's own folder, where there might be another imp")
    elif candidate.kind == "module":
        lines.append("sys.path[0] = os.getcwd()")
    elif path is not None and candidate.about["kind"] == "file":
        modules.add("shutil")
        lines += [
            f"sys.path[0] = tempfile.mkdtemp(dir={folder}.name)",
            f'shutil.copy({quoted(path)}, sys.path[0] + "/imp.py")  # the imp that is judged',
        ]
    elif path is not None:
        lines.append(f"sys.path[0] = {quoted(path)}  # where the imp that is judged is")
    else:
        lines += _embedded(candidate.files, folder)
    if imports:
        lines.append("import imp" if candidate.module == "imp" else f"import {candidate.module} as imp")
    place = f"tempfile.mkdtemp(dir={folder}.name)" if any("mkdtemp" in line for line in lines) else f"{folder}.name"
    return Loading(lines, frozenset(modules), place)


def _embedded(files: Mapping[str, str], folder: str) -> list[str]:
    texts: dict[str, str] = {}
    others: dict[str, bytes] = {}
    for name in sorted(files):
        data = base64.b64decode(files[name])
        try:
            texts[name] = data.decode("utf-8")
        except UnicodeDecodeError:
            others[name] = data
    held = {name: text.encode("utf-8") if "\r" in text else text for name, text in texts.items()}
    lines = [f"sys.path[0] = tempfile.mkdtemp(dir={folder}.name)", f"for name, text in {literal({**held, **others})}.items():"]
    return [
        *lines,
        '    os.makedirs(os.path.dirname(sys.path[0] + "/" + name), exist_ok=True)',
        '    with open(sys.path[0] + "/" + name, "wb") as file:',
        '        file.write(text if isinstance(text, bytes) else text.encode("utf-8"))',
    ]
