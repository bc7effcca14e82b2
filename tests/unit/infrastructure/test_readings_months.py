"""Site-local months against a walk through every quarter hour with zoneinfo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings.months import (
    expected_intervals,
    local_start,
    month_cuts,
    month_starts,
    piece_months,
    shift_month,
    utc_months_of,
    utc_start,
)

ZONES = [
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]


def _quarters(month: date) -> list[datetime]:
    low, high = utc_start(shift_month(month, -1)), utc_start(shift_month(month, 2))
    return [low + timedelta(minutes=15 * k) for k in range(int((high - low) / timedelta(minutes=15)))]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("month", [date(2024, 2, 1), date(2025, 3, 1), date(2025, 4, 1), date(2025, 11, 1)])
def test_expected_intervals_equal_a_count_of_local_quarter_hours(zone: str, month: date) -> None:
    local = (t.astimezone(ZoneInfo(zone)) for t in _quarters(month))
    assert expected_intervals(zone, month, 900) == sum((t.year, t.month) == (month.year, month.month) for t in local)


def test_clock_changes_of_new_york_cost_and_give_an_hour() -> None:
    hours = [expected_intervals("America/New_York", m, 3600) for m in (date(2025, 3, 1), date(2025, 11, 1))]
    assert hours == [31 * 24 - 1, 30 * 24 + 1]


def test_pieces_give_every_quarter_hour_its_local_month() -> None:
    for month in (date(2025, 3, 1), date(2025, 10, 1), date(2025, 11, 1)):
        cuts, table = month_cuts(ZONES, month), piece_months(ZONES, month)
        lookup = {(z, p): m for z, p, m in table.iter_rows()}
        inside = [t for t in _quarters(month) if utc_start(month) <= t < utc_start(shift_month(month, 1))]
        for t in inside:
            piece = sum(t >= cut for cut in cuts)
            for zone in ZONES:
                local = t.astimezone(ZoneInfo(zone))
                assert lookup[zone, piece] == date(local.year, local.month, 1), (zone, t)


def test_utc_months_cover_the_local_months_and_no_more() -> None:
    span = date(2025, 1, 1), date(2025, 3, 1)
    assert utc_months_of(["UTC"], *span) == [date(2025, 1, 1), date(2025, 2, 1)]
    assert utc_months_of(["America/New_York"], *span) == [date(2025, k, 1) for k in (1, 2, 3)]
    assert utc_months_of(["Asia/Kolkata"], *span) == [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]


def test_local_start_of_kolkata_is_half_past_six_in_the_evening() -> None:
    assert local_start("Asia/Kolkata", date(2025, 1, 1)) == datetime(2024, 12, 31, 18, 30, tzinfo=UTC)


def test_month_starts_include_both_ends() -> None:
    assert month_starts(date(2024, 12, 31), date(2025, 1, 1)) == [date(2024, 12, 1), date(2025, 1, 1)]


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Mars"):
        local_start("Mars/Olympus", date(2025, 1, 1))
