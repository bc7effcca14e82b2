"""Intervals arranged by site-local day: days of 23, 24 and 25 hours as rows of one width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from redaptive.domain.local_stamps import local_columns

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True)
class DayGrid:
    """Which intervals make up each local day, for values (n_meters, n_times) on `times_us`.

    `slots` (n_days, width) are indices of times, n_times where a day has fewer; `hour` (n_days, width) is the local
    hour at which each begins, NaN there. `days` (n_days,) count from 1970-01-01; `length_h` (n_days,) is 23 to 25.
    """

    timezone: str
    times_us: Times
    days: Times
    slots: NDArray[np.intp]
    hour: Floats

    @property
    def weekend(self) -> NDArray[np.bool_]:
        """True on Saturdays and Sundays."""
        return (self.days + 3) % 7 >= 5  # 1970-01-01 was a Thursday

    @property
    def length_h(self) -> Floats:
        """Hours of each local day; where the clock changes at midnight it is taken as 24."""
        day = pl.Series("day", self.days.astype(np.int32)).cast(pl.Date).to_frame()
        return (
            day.select(_midnight(self.timezone, "1d") - _midnight(self.timezone, "0d"))
            .to_series()
            .dt.total_hours(fractional=True)
            .fill_null(24.0)
            .to_numpy()
        )

    def by_day(self, values: Floats) -> Floats:
        """Values (n_meters, n_times) as (n_meters, n_days, width); NaN where a day has no such interval."""
        padded = np.full((values.shape[0], self.times_us.size + 1), np.nan)
        padded[:, :-1] = values
        return padded[:, self.slots]


def day_grid(times_us: Times, timezone: str) -> DayGrid:
    """The grid of interval starts (UTC, microseconds since 1970, ascending) in one time zone."""
    stamps = pl.DataFrame({"ts": times_us}).select(pl.col("ts").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    local = stamps.select(*local_columns("ts", timezone))
    days, of = np.unique(local["day"].cast(pl.Int32).to_numpy().astype(np.int64), return_inverse=True)
    counts = np.bincount(of, minlength=days.size)
    order = np.argsort(of, kind="stable")
    place = np.arange(of.size) - np.repeat(np.cumsum(counts) - counts, counts)
    slots = np.full((days.size, int(counts.max(initial=0))), times_us.size, dtype=np.intp)
    slots[of[order], place] = order
    return DayGrid(timezone, times_us, days, slots, np.append(local["hour"].to_numpy(), np.nan)[slots])


def _midnight(timezone: str, later: str) -> pl.Expr:
    moment = pl.col("day").dt.offset_by(later).cast(pl.Datetime("us"))
    return moment.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
