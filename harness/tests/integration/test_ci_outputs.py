"""What a CI shows of results, made of results that want to spoil it."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import example, given, settings
from hypothesis import strategies as st

import results_made as made
from conftest import Cli
from imp_conformance.baseline.reading import load_baseline
from imp_conformance.catalogue.model import Catalogue, Level
from imp_conformance.portable.difference import Difference
from imp_conformance.render.badges import _COLORS, Badge, badge_files, make_badge, svg
from imp_conformance.render.junit import junit_xml
from imp_conformance.render.summary import summary_page
from imp_conformance.results.judge import Result, Verdict
from imp_conformance.results.model import TargetResults, count_results
from imp_conformance.results.scores import Matrix, Score, build_matrix
from imp_conformance.results.writing import write_results

HOSTILE = "a]]>b<!--<script>alert(1)</script>--></details> | `x` [a](b) &amp; \x00\x1b[31m\x08\ufffe \ud800 \u202e\u2028\r\n## h"
WRONG = (Verdict.FAIL, Verdict.MISSING, Verdict.CRASH, Verdict.TIMEOUT)
SVG = "{http://www.w3.org/2000/svg}"


def results(
    catalogue: Catalogue, verdicts: Mapping[str, Verdict], text: str = "t", unavailable: str | None = None, digest: str = "", **about: str
) -> TargetResults:
    """Make a target's results, in which every text is the one given."""
    found = {}
    for case, verdict in verdicts.items():
        difference = None if verdict.conforms else Difference.told_as(text)
        texts = (text, text) if difference else ("", "")
        found[case] = Result(case, verdict, *texts, difference, text if verdict is Verdict.NOT_APPLICABLE else "")
    target = made.about("cpython-3.12+shim", release="3.12.1", python="3.12.1", platform="linux", emulates="3.11")
    return TargetResults(
        suite={**made.suite(catalogue), "digest": digest or catalogue.digest},
        target={**target, **about},
        counts=count_results(catalogue, found),
        results=found,
        complete=unavailable is None and len(found) == len(catalogue.cases),
        unavailable=unavailable,
    )


@pytest.fixture(scope="module")
def one_each(catalogue: Catalogue) -> dict[str, Verdict]:
    """Six cases of one subject, with a verdict each."""
    return dict(zip((case for case in catalogue.cases if case.startswith("find_module/")), Verdict, strict=False))


def parsed(catalogue: Catalogue, matrix: Matrix) -> ET.Element:
    return ET.fromstring(junit_xml(catalogue, matrix))


def test_junit_tells_each_verdict(catalogue: Catalogue, one_each: dict[str, Verdict]) -> None:
    target = results(catalogue, one_each, "what happened")
    down = results(catalogue, {}, unavailable="it is not there", id="cpython-3.13")
    old = results(catalogue, {}, id="cpython-3.6", digest="sha256:" + "0" * 64)
    root = parsed(catalogue, build_matrix(catalogue, [target, down, old]))
    assert root.attrib == {"name": "imp-conformance", "tests": "7", "failures": "2", "errors": "3"}
    suite = root[0]
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "cpython-3.12+shim",
        "tests": "6",
        "failures": "2",
        "errors": "2",
        "skipped": "1",
    }
    told = {case.get("name"): [(child.tag, child.get("type"), child.get("message")) for child in case] for case in suite.iter("testcase")}
    tags = dict(zip(Verdict, ["", "failure", "failure", "error", "error", "skipped"], strict=True))
    for case, verdict in one_each.items():
        assert told[case] == ([] if verdict is Verdict.PASS else [(tags[verdict], verdict, "what happened")])
    assert {case.get("classname") for case in suite.iter("testcase")} == {"cpython-3.12+shim/find_module"}
    failure = root.find(".//failure")
    assert failure is not None and "expected: what happened\nobserved: what happened" in (failure.text or "")
    (unavailable,) = root[1].iter("error")
    assert (unavailable.get("type"), unavailable.get("message")) == ("unavailable", "it is not there")
    about = {part.get("name"): part.get("value") for part in root[2].iter("property")}
    assert about["suite-digest"] == "sha256:" + "0" * 64
    assert not list(root.iterfind(".//*[@time]")) and not list(root.iterfind(".//*[@timestamp]"))


@given(st.text(st.characters(codec=None, categories=None)))
@example(HOSTILE)
@settings(deadline=None)  # how long a page of all targets takes depends on the machine
def test_any_text_gives_xml_and_markdown_that_say_nothing_else(catalogue: Catalogue, one_each: dict[str, Verdict], text: str) -> None:
    target = results(catalogue, one_each, text, id=f"t{text}", emulates=f"3.11{text}")
    matrix = build_matrix(catalogue, [target, results(catalogue, {}, unavailable=text, id="other")])
    plain = build_matrix(catalogue, [results(catalogue, one_each), results(catalogue, {}, unavailable="x", id="other")])
    root = parsed(catalogue, matrix)
    assert [element.tag for element in root.iter()] == [element.tag for element in parsed(catalogue, plain).iter()]
    page = summary_page(catalogue, matrix)
    shape = [line.count("|") for line in page.splitlines()]
    assert shape == [line.count("|") for line in summary_page(catalogue, plain).splitlines()]
    assert page.count("<") == summary_page(catalogue, plain).count("<")
    assert "`" not in page and "\x1b" not in page
    for name, content in badge_files(matrix):
        if name.endswith(".svg"):
            drawing = ET.fromstring(content)
            names = [element.tag.removeprefix(SVG) for element in drawing.iter()]
            assert names == ["svg", "title", "clipPath", "rect", "g", "rect", "rect", "g", "text", "text"]
        else:
            assert set(json.loads(content)) == {"schemaVersion", "label", "message", "color"}


@pytest.fixture(scope="module")
def jenkins(tmp_path_factory: pytest.TempPathFactory) -> xmlschema.XMLSchema:
    """The schema of Jenkins's xUnit plugin, which pytest's source distribution carries for its own tests."""
    folder = tmp_path_factory.mktemp("schema")
    pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
    done = subprocess.run([*pip, "--no-binary=pytest", "--dest", folder, "pytest==8.4.2"], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"pytest's source distribution cannot be had: {done.stderr.strip()[-200:]}")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith("/junit-10.xsd")]
        file = archive.extractfile(name)
        assert file is not None
        return xmlschema.XMLSchema(file.read().decode("utf-8"))


def test_junit_is_valid(jenkins: xmlschema.XMLSchema, catalogue: Catalogue, one_each: dict[str, Verdict], tmp_path: Path) -> None:
    text = junit_xml(catalogue, build_matrix(catalogue, [results(catalogue, one_each, HOSTILE, id=HOSTILE)]))
    jenkins.validate(text.decode("utf-8"))
    assert not jenkins.is_valid(text.decode("utf-8").replace("<failure", "<fault").replace("</failure", "</fault"))
    baseline = tmp_path / "known.yaml"
    baseline.write_text("differences:\n- {case: nothing/such, verdict: fail, reason: r}\n", encoding="utf-8")
    matrix = build_matrix(catalogue, [results(catalogue, one_each, HOSTILE)])
    jenkins.validate(junit_xml(catalogue, matrix, load_baseline(baseline)).decode("utf-8"))


def test_what_a_baseline_lists_is_known_and_what_breaks_it_fails(
    catalogue: Catalogue, one_each: dict[str, Verdict], tmp_path: Path
) -> None:
    passing, failing, missing, crashing, *_ = one_each
    path = tmp_path / "known.yaml"
    entry = "- {{case: {}, verdict: {}, reason: It | is <so>., link: 'https://bugs.example/1'}}\n"
    listed = [(passing, "fail"), (failing, "fail"), (missing, "crash"), ("nothing/such", "fail")]
    path.write_text("differences:\n" + "".join(entry.format(*item) for item in listed), encoding="utf-8")
    matrix = build_matrix(catalogue, [results(catalogue, one_each)])
    baseline = load_baseline(path)
    root = ET.fromstring(junit_xml(catalogue, matrix, baseline))
    told = {case.get("name"): [(child.tag, child.get("type")) for child in case] for case in root.iter("testcase")}
    assert told[passing] == [("failure", "baseline")]
    assert told[failing] == [("skipped", "known-difference")]
    assert told[missing] == [("failure", "missing")]
    assert told[crashing] == [("error", "crash")]
    assert told["line 5"] == [("failure", "baseline")]
    page = summary_page(catalogue, matrix, baseline)
    assert "Known differences: 1 as the baseline says, 4 not" in page
    assert "3 of 6 cases differ and are not in the baseline" in page
    assert f"| {failing} |" not in page and f"| {crashing} |" in page
    path.write_text("differences:\n" + "".join(entry.format(*item) for item in one_each.items() if not item[1].conforms), encoding="utf-8")
    root = ET.fromstring(junit_xml(catalogue, matrix, load_baseline(path)))
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    page = summary_page(catalogue, matrix, load_baseline(path))
    assert "The baseline holds." in page and "cases differ" not in page


def test_a_summary_is_cut_at_the_limit_and_says_so(catalogue: Catalogue) -> None:
    everything = dict.fromkeys(catalogue.cases, Verdict.FAIL)
    matrix = build_matrix(catalogue, [results(catalogue, everything, "ü" * 300, id=f"cpython-3.{minor}+shim") for minor in range(12, 16)])
    gated = matrix.gate.gated(catalogue, everything)
    whole = summary_page(catalogue, matrix, limit=10**9)
    assert len(whole.encode("utf-8")) > 1 << 20
    assert "left out here" not in whole
    for limit in (1_000_000, 20_000, 1_200):
        page = summary_page(catalogue, matrix, limit=limit)
        assert len(page.encode("utf-8")) <= limit
        shown = sum(line.startswith("| ") and " | fail | " in line for line in page.splitlines())
        assert f"**{4 * len(gated) - shown} more lines are left out here**" in page
        assert page.count("<details>") == page.count("</details>")


@given(st.integers(0, 10**6), st.integers(1, 10**6))
@example(9999, 10000)
@example(99_949, 100_000)
@example(0, 7)
def test_only_what_is_whole_is_100_percent(passed: int, asked: int) -> None:
    score = Score(min(passed, asked), asked)
    text = score.percent
    assert (text == "100%") == score.whole
    assert (text == "0%") == (score.passed == 0)
    assert float(text.rstrip("%")) <= 100 * score.passed / asked < float(text.rstrip("%")) + 0.1


def test_a_badge_is_green_for_what_was_run_whole(catalogue: Catalogue) -> None:
    passing = dict.fromkeys(catalogue.cases, Verdict.PASS)

    def badge(verdicts: Mapping[str, Verdict], **about: str) -> Badge:
        target = results(catalogue, verdicts, **about)
        return make_badge(build_matrix(catalogue, [target]), target)

    def failing(level: Level) -> dict[str, Verdict]:
        case = next(case for case in catalogue.cases.values() if catalogue.level(case) is level)
        return {**passing, case.id: Verdict.FAIL}

    assert badge(passing) == Badge("imp 3.11", "100% documented, 100% all", "brightgreen")
    assert badge(failing(Level.OBSERVED)) == Badge("imp 3.11", "100% documented, 99.9% all", "green")
    assert badge(failing(Level.DOCSTRING)).color == "yellow"
    assert badge(failing(Level.DOCUMENTED)).color == "red"
    assert badge(dict.fromkeys(catalogue.cases, Verdict.NOT_APPLICABLE)) == Badge("imp 3.11", "- documented, - all", "lightgrey")
    assert badge(dict(list(passing.items())[:-1])) == Badge("imp 3.11", "only a part was run", "lightgrey")
    assert badge({}, unavailable="gone") == Badge("imp 3.11", "unavailable", "lightgrey")


def test_a_drawn_badge_can_be_read(catalogue: Catalogue) -> None:
    drawing = ET.fromstring(svg(Badge("imp 3.11", "100% <all> & more", "green"), "cpython-3.12"))
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == "imp 3.11: 100% <all> & more"
    assert drawing.findtext(f"{SVG}title") == "imp 3.11: 100% <all> & more (cpython-3.12)"
    assert [text.text for text in drawing.iter(f"{SVG}text")] == ["imp 3.11", "100% <all> & more"]
    assert "http" not in svg(Badge("a", "b", "red"), "c").replace("http://www.w3.org/2000/svg", "")
    for color in (*_COLORS.values(), "#444444"):
        assert contrast_with_white(color) >= 4.5, color


def contrast_with_white(color: str) -> float:
    """Return the contrast that WCAG 2 defines."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_the_report_command_writes_them_all(catalogue: Catalogue, one_each: dict[str, Verdict], cli: Cli, tmp_path: Path) -> None:
    target = results(catalogue, one_each, HOSTILE)
    folder = tmp_path / "results"
    folder.mkdir()
    path = write_results(folder, target)
    (tmp_path / "pyproject.toml").write_text('[tool.imp-conformance]\nresults = "results"\n', encoding="utf-8")
    written = []
    for output in ("first", "second"):
        done = cli("report", "--output", output)
        assert done.returncode == 0, done.stderr
        files = sorted(path for path in (tmp_path / output).rglob("*") if path.is_file())
        written.append({str(path.relative_to(tmp_path / output)): path.read_bytes() for path in files})
    badges = {f"badges/cpython-3.12+shim.{kind}" for kind in ("json", "svg")}
    assert written[0].keys() >= {"matrix.md", "summary.md", "junit.xml", *badges}
    assert written[0] == written[1]
    path.write_text(path.read_text(encoding="ascii").replace('"cpython-3.12+shim"', '"../outside"'), encoding="ascii")
    done = cli("report", "--output", "third")
    assert done.returncode == 2
    assert "targets.0.id" in done.stderr and "Traceback" not in done.stderr
