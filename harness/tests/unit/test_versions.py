"""Releases, ranges and change points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imp_conformance.catalogue.expectation import Expectation
from imp_conformance.catalogue.model import Change
from imp_conformance.catalogue.versions import FINAL, FIRST, JUDGED, LAST, ChangePoint, Range, Release

releases = st.builds(Release, st.just(3), st.integers(4, 11), st.integers(0, 20))


def test_two_numbers_are_the_last_release_of_the_series() -> None:
    assert Release.parse("3.10") == Release(3, 10, LAST)
    assert Release.parse("3.10") > Release.parse("3.10.13")
    assert Release.parse("3.10") < Release.parse("3.11.0")
    assert str(Release.parse("3.10")) == "3.10"


@given(releases)
def test_a_release_reads_back_as_written(release: Release) -> None:
    assert Release.parse(str(release)) == release


@pytest.mark.parametrize("text", ["3", "3.x", "", "3.4.5.6", "three", "3.4rc1"])
def test_what_is_no_release(text: str) -> None:
    with pytest.raises(ValueError, match="is no release"):
        Release.parse(text)


@given(st.lists(releases, min_size=1, max_size=4, unique_by=lambda release: release.series), releases)
def test_a_change_stays_once_it_came(points: list[Release], release: Release) -> None:
    """Within a series a change is never undone, and every series after the last named one has it."""
    change = ChangePoint.parse([str(point) for point in points])
    later = Release(release.major, release.minor, release.micro + 1)
    assert change.reached(later) or not change.reached(release)
    assert change.reached(release) == any(
        release >= point if point.series == release.series else False for point in points
    ) or release.series not in {point.series for point in points}
    if release.series > max(points).series:
        assert change.reached(release)
    if release < min(points):
        assert not change.reached(release)


def test_a_change_that_was_brought_to_an_older_series_as_well() -> None:
    change = ChangePoint.parse(["3.5.4", "3.6.3"])
    reached = [str(release) for release in JUDGED if change.reached(release) and release.micro in (0, 2, 3, 4)]
    assert reached == ["3.5.4", "3.6.3", "3.6.4", *(f"3.{minor}.{micro}" for minor in range(7, 12) for micro in (0, 2, 3, 4))]


def test_two_change_points_of_one_series_are_refused() -> None:
    with pytest.raises(ValueError, match="two releases of one series"):
        ChangePoint.parse(["3.5.2", "3.5.4"])


@pytest.mark.parametrize("text", ["<=3.6", ">3.6", "==3.6", "3.6", "three"])
def test_ranges_that_say_something_else_than_they_seem(text: str) -> None:
    with pytest.raises(ValueError, match=r"means 3\.6\.0 alone|is no version range"):
        Range.parse(text)


def test_a_range_takes_the_last_release_of_its_series() -> None:
    assert FINAL in Range.parse(">=3.11.4")
    assert FIRST in Range.parse(">=3.4,<3.5")
    assert FINAL not in Range.parse("<3.11")


def test_a_change_that_was_taken_back() -> None:
    since, until = ChangePoint.parse(["3.8.10", "3.9.5"]), ChangePoint.parse(["3.8.11", "3.9.6"])
    change = Change(since, "w", Expectation(), until)
    assert [str(release) for release in JUDGED if change.holds(release)] == ["3.8.10", "3.9.5"]
    assert until.follows(since)
    assert not since.follows(until)
    assert not ChangePoint.parse(["3.8.11"]).follows(since)
    assert not ChangePoint.parse(["3.8.11", "3.10.0"]).follows(since)
