"""Local calendar of a time zone over the whole horizon: which hour, day type and month each UTC hour is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt
import polars as pl

SLOTS_PER_MONTH = 72  # three day types (weekday, Saturday, Sunday or holiday) of 24 hours


def hour_of(day: date, timezone: str) -> int:
    """UTC hours since 1970 at local midnight of `day`; United States zones are whole hours from UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).timestamp()) // 3600


@dataclass(frozen=True)
class LocalCalendar:
    """For UTC hour `first_hour + i`: `slot[i]` = month (0-11) * 72 + day type * 24 + local hour."""

    timezone: str
    first_hour: int
    slot: npt.NDArray[np.int64]

    def slots(self, first_hour: int, last_hour: int) -> npt.NDArray[np.int64]:
        """Slots of the UTC hours [first_hour, last_hour)."""
        return self.slot[first_hour - self.first_hour : last_hour - self.first_hour]


@lru_cache(maxsize=32)
def local_calendar(timezone: str, start: date, end: date) -> LocalCalendar:
    """The calendar of a zone from two days before `start` to two days after `end`, with US federal holidays."""
    first = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(days=2)
    last = datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=2)
    stamps = pl.datetime_range(first, last, "1h", closed="left", eager=True, time_unit="us")
    local = stamps.dt.convert_time_zone(timezone)
    closed = pl.Series(sorted(holidays.country_holidays("US", years=range(first.year, last.year + 1))), dtype=pl.Date)
    weekday = local.dt.weekday().to_numpy().astype(np.int64)
    is_closed = local.dt.date().is_in(closed.implode()).to_numpy()
    kind = np.where(is_closed | (weekday == 7), 2, np.where(weekday == 6, 1, 0))
    month, hour = local.dt.month().to_numpy().astype(np.int64), local.dt.hour().to_numpy().astype(np.int64)
    return LocalCalendar(timezone, int(first.timestamp()) // 3600, (month - 1) * SLOTS_PER_MONTH + kind * 24 + hour)
