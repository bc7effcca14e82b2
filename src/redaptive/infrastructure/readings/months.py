"""UTC and site-local months: where they begin in UTC, and how many intervals they should hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import polars as pl

from redaptive.errors import InvalidInput

CALENDAR_COLUMNS: dict[str, pl.DataType] = {"meter_id": pl.Int32(), "timezone": pl.String(), "interval_s": pl.Int32()}


def first_of_month(day: date) -> date:
    """The first day of the month of `day`."""
    return date(day.year, day.month, 1)


def shift_month(day: date, months: int) -> date:
    """The first day of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_starts(first: date, last: date) -> list[date]:
    """First days of all months from that of `first` to that of `last`, both included."""
    n = (last.year - first.year) * 12 + last.month - first.month + 1
    return [shift_month(first, k) for k in range(max(n, 0))]


def month_label(day: date) -> str:
    """'YYYY-MM' of the month of `day`: the name of its partition."""
    return f"{day:%Y-%m}"


def label_date(label: str) -> date:
    """First day of the month with the partition name `label`."""
    return date(int(label[:4]), int(label[5:7]), 1)


def utc_start(month: date) -> datetime:
    """00:00 UTC on the first of the month."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


@lru_cache(maxsize=65_536)
def local_start(timezone: str, month: date) -> datetime:
    """The instant in UTC at which the month begins in `timezone`; raises InvalidInput for an unknown zone."""
    return datetime(month.year, month.month, 1, tzinfo=_zone(timezone)).astimezone(UTC)


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInput(
            f"Unknown time zone {timezone!r}.", field="calendar.timezone", fix="Use an IANA name: America/New_York."
        ) from error


def expected_intervals(timezone: str, month: date, interval_s: int) -> int:
    """Intervals of `interval_s` in the local month: a month with a clock change has an hour less or more."""
    length = local_start(timezone, shift_month(month, 1)) - local_start(timezone, month)
    return int(length.total_seconds()) // interval_s


def boundary_in(timezone: str, utc_month: date) -> tuple[datetime, date]:
    """The local month start nearest to the UTC month: (instant, local month that begins there).

    Offsets are under a day, so of the rows of one UTC month those before the
    instant belong to the local month before, all others to the month returned.
    """
    own = local_start(timezone, utc_month)
    if own > utc_start(utc_month):
        return own, utc_month
    following = shift_month(utc_month, 1)
    return local_start(timezone, following), following


def month_cuts(timezones: Iterable[str], utc_month: date) -> list[datetime]:
    """Instants inside the UTC month at which some zone changes its month, ascending."""
    low, high = utc_start(utc_month), utc_start(shift_month(utc_month, 1))
    return sorted({at for at, _ in (boundary_in(z, utc_month) for z in timezones) if low < at < high})


def piece_months(timezones: Iterable[str], utc_month: date) -> pl.DataFrame:
    """timezone, piece, local_month: which local month the piece between two cuts belongs to."""
    zones = sorted(set(timezones))
    cuts = month_cuts(zones, utc_month)
    rows = []
    for zone in zones:
        at, after = boundary_in(zone, utc_month)
        first_after = bisect_right(cuts, at) if at in cuts else len(cuts) + 1
        before = shift_month(after, -1)
        rows += [(zone, piece, after if piece >= first_after else before) for piece in range(len(cuts) + 1)]
    return pl.DataFrame(rows, schema={"timezone": pl.String, "piece": pl.Int32, "local_month": pl.Date}, orient="row")


def utc_months_of(timezones: Iterable[str], start_month: date, end_month: date) -> list[date]:
    """UTC months that hold any part of the local months [start_month, end_month) of the zones."""
    zones = list(timezones)
    low = min(local_start(z, start_month) for z in zones)
    high = max(local_start(z, end_month) for z in zones) - timedelta(microseconds=1)
    return month_starts(low.date(), high.date())


def checked_calendar(calendar: pl.DataFrame) -> pl.DataFrame:
    """The calendar, one row a meter; raises InvalidInput for a missing column, a repeated meter or interval <= 0."""
    missing = [name for name in CALENDAR_COLUMNS if name not in calendar.columns]
    if missing:
        raise InvalidInput(f"The calendar lacks {missing[0]}.", field=f"calendar.{missing[0]}")
    calendar = calendar.select(pl.col(name).cast(kind) for name, kind in CALENDAR_COLUMNS.items())
    if calendar["meter_id"].is_duplicated().any():
        raise InvalidInput("A meter stands twice in the calendar.", field="calendar.meter_id")
    if calendar.null_count().sum_horizontal().sum() or (calendar["interval_s"] <= 0).any():
        raise InvalidInput("The calendar has nulls or an interval <= 0.", field="calendar")
    return calendar
