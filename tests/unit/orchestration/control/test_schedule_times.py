"""Times of schedules: cron in a zone, through changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.errors import InvalidInput
from redaptive.orchestration.control.schedules import Timing


def _times(cron: str, zone: str, after: datetime, count: int) -> list[str]:
    return [f"{each:%Y-%m-%dT%H:%M}" for each in Timing(cron, zone).times(after, count)]


def test_mondays_at_six_in_chicago_move_in_utc_with_the_clocks() -> None:
    # Daylight saving time of the USA ends on 2026-11-01 and begins on 2027-03-14.
    after = datetime(2026, 10, 25, tzinfo=UTC)
    assert _times("0 6 * * 1", "America/Chicago", after, 3) == [
        "2026-10-26T11:00", "2026-11-02T12:00", "2026-11-09T12:00",
    ]  # fmt: skip
    assert _times("0 6 * * *", "America/Chicago", datetime(2027, 3, 13, 13, tzinfo=UTC), 2) == [
        "2027-03-14T11:00", "2027-03-15T11:00",
    ]  # fmt: skip


def test_the_next_time_is_after_the_moment_not_at_it() -> None:
    assert _times("0 0 * * *", "UTC", datetime(2026, 1, 1, tzinfo=UTC), 1) == ["2026-01-02T00:00"]


def test_times_of_an_hour_that_is_left_out_still_come_once_a_day() -> None:
    # 02:30 does not exist in Chicago on 2027-03-14.
    days = [text[:10] for text in _times("30 2 * * *", "America/Chicago", datetime(2027, 3, 13, tzinfo=UTC), 4)]
    assert days == ["2027-03-13", "2027-03-14", "2027-03-15", "2027-03-16"]


def test_a_time_that_the_clock_shows_twice_comes_once_and_every_hour_comes_each_time() -> None:
    # 01:30 comes twice in Chicago on 2027-11-07: at 06:30 and at 07:30 UTC.
    before = datetime(2027, 11, 7, tzinfo=UTC)
    assert _times("30 1 * * *", "America/Chicago", before, 2) == ["2027-11-07T06:30", "2027-11-08T07:30"]
    assert _times("30 0-2 * * *", "America/Chicago", before, 4) == [
        "2027-11-07T05:30", "2027-11-07T06:30", "2027-11-07T08:30", "2027-11-08T06:30",
    ]  # fmt: skip
    assert _times("30 * 7 11 *", "America/Chicago", before, 4) == [
        "2027-11-07T05:30", "2027-11-07T06:30", "2027-11-07T07:30", "2027-11-07T08:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("61 * * * *", "UTC", "cron"),
        ("* * *", "UTC", "cron"),
        ("* * * * * *", "UTC", "cron"),
        ("0 0 30 2 *", "UTC", "cron"),
        ("often", "UTC", "cron"),
        ("0 0 * * *", "Mars/Base", "timezone"),
    ],
)
def test_what_gives_no_times_is_refused(cron: str, zone: str, field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        Timing(cron, zone).times(datetime(2026, 1, 1, tzinfo=UTC))
    assert error.value.field == field
