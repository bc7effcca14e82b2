"""UTC intervals against the standard library's zoneinfo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redaptive.domain import intervals, local_stamps
from redaptive.errors import InvalidInput

ZONES = ["America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/Phoenix", "UTC"]
days = st.dates(date(1990, 1, 1), date(2036, 12, 31))
zones = st.sampled_from(ZONES)


@pytest.mark.parametrize(
    ("day", "timezone", "hours"),
    [
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 7, 4), "America/New_York", 24),
        (date(2026, 4, 5), "Australia/Lord_Howe", 24.5),
        (date(2011, 12, 30), "Pacific/Apia", 0),  # skipped at the date line
    ],
)
def test_local_days_have_their_real_length(day: date, timezone: str, hours: float) -> None:
    assert intervals.local_day(day, timezone).hours == hours


@settings(deadline=None)
@given(day=days, timezone=zones)
def test_every_interval_of_a_local_day_has_that_local_date(day: date, timezone: str) -> None:
    span = intervals.local_day(day, timezone)
    local = ZoneInfo(timezone)
    assert span.start.astimezone(local).date() == day
    assert (span.end - timedelta(microseconds=1)).astimezone(local).date() == day
    assert (span.start - timedelta(microseconds=1)).astimezone(local).date() < day


@settings(deadline=None)
@given(year=st.integers(1990, 2036), timezone=zones, interval_s=st.sampled_from([300, 900, 1800, 3600]))
def test_months_and_days_sum_to_the_year(year: int, timezone: str, interval_s: int) -> None:
    months = local_stamps.month_calendar(timezone, date(year, 1, 1), date(year + 1, 1, 1), interval_s)
    n_days = 366 if year % 4 == 0 else 365
    assert months.height == 12
    assert months["days"].sum() == n_days
    start, end = (intervals.local_midnight(date(y, 1, 1), timezone) for y in (year, year + 1))
    assert months["n_expected"].sum() == intervals.UtcInterval(start, end).count(interval_s)
    day_counts = (
        intervals.local_day(date(year, 1, 1) + timedelta(days=d), timezone).count(interval_s) for d in range(n_days)
    )
    assert months["n_expected"].sum() == sum(day_counts)


def test_march_and_november_have_one_hour_less_and_more() -> None:
    months = local_stamps.month_calendar("America/New_York", date(2024, 1, 1), date(2025, 1, 1), 3600)
    assert months["n_expected"].to_list()[:3] == [744, 29 * 24, 743]
    assert months["n_expected"].to_list()[10] == 721


def test_hours_start_on_utc_hours_in_a_half_hour_zone() -> None:
    span = intervals.local_day(date(2026, 5, 1), "Asia/Kolkata")
    assert span.start == datetime(2026, 4, 30, 18, 30, tzinfo=UTC)
    assert span.count(3600) == 24
    assert span.start in span
    assert span.end not in span


def test_unknown_zones_and_steps_are_refused() -> None:
    with pytest.raises(InvalidInput, match="Mars"):
        intervals.local_day(date(2026, 1, 1), "Mars/Olympus")
    with pytest.raises(InvalidInput, match="not positive"):
        intervals.local_day(date(2026, 1, 1), "UTC").count(0)


@settings(deadline=None)
@given(day=days, timezone=zones, minutes=st.sampled_from([15, 30, 60]))
@example(day=date(1992, 2, 29), timezone="Australia/Lord_Howe", minutes=60)  # half an hour back: 01:30 once, after it
@example(day=date(2026, 11, 1), timezone="America/New_York", minutes=45)  # 01:15, then 01:00 and 01:45 after it
def test_a_day_of_local_stamps_in_order_comes_back_as_utc(day: date, timezone: str, minutes: int) -> None:
    """zoneinfo makes the local stamps (dropping the offset); localise must find the same UTC moments again."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)
    moments = [start + timedelta(minutes=minutes * i) for i in range(52 * 60 // minutes)]
    local = pl.Series([m.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) for m in moments])
    assert local_stamps.localise(local, timezone)["ts"].to_list() == moments
    newest_first = local_stamps.localise(local.reverse(), timezone, newest_first=True)["ts"]
    assert newest_first.to_list() == moments[::-1]


def test_the_repeated_hour_is_daylight_first_per_meter_and_flagged() -> None:
    stamps = [datetime(2026, 11, 1, h) for h in (0, 1, 1, 2)]
    local, key = pl.Series(stamps + stamps), pl.Series([1] * 4 + [2] * 4)
    found = local_stamps.localise(local, "America/New_York", key=key)
    hours = [datetime(2026, 11, 1, h, tzinfo=UTC) for h in (4, 5, 6, 7)]
    assert found["ts"].to_list() == hours + hours
    assert found["dst_flag"].to_list() == [False, True, True, False] * 2


def test_the_skipped_hour_is_rejected_or_shifted_but_always_flagged() -> None:
    local = pl.Series([datetime(2026, 3, 8, 1), datetime(2026, 3, 8, 2, 30), None])
    rejected = local_stamps.localise(local, "America/New_York")
    assert rejected["ts"].to_list() == [datetime(2026, 3, 8, 6, tzinfo=UTC), None, None]
    assert rejected["dst_flag"].to_list() == [False, True, False]
    shifted = local_stamps.localise(local, "America/New_York", nonexistent="shift")
    assert shifted["ts"][1] == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 03:30 daylight time
