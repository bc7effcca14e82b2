"""The hours of one site calendar and one weather station, as the hourly baseline sees them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.meter_series import Ints, local_places
from redaptive.errors import InvalidInput

F64 = npt.NDArray[np.float64]
HOUR_S: Final = 3_600
SLOTS: Final = 168
WEEKS: Final = 53
MEMORY_H: Final = 168
"""How far back the weather of an hour counts: walls and heating remember a week (docs/explanation/baselines.md)."""
EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class SiteHours:
    """`n` consecutive hours from `start_s` (UTC seconds): where each lies in local time, and how warm it was.

    `slot`: local hour of the week, Monday 0:00 is 0, a holiday has Sunday's; `week`: week of the local year, 0 to 52.
    `day`: local day since 1970. `temperature_c` (n,), NaN where unknown; `mean_24h_c`, `mean_week_c`: means of
    the last 24 and 168 hours up to and with this one.
    """

    start_s: int
    slot: Ints
    week: Ints
    day: Ints
    temperature_c: F64
    mean_24h_c: F64
    mean_week_c: F64

    @property
    def n(self) -> int:
        """Number of hours."""
        return self.slot.size

    @property
    def starts_s(self) -> Ints:
        """Start of every hour, UTC seconds."""
        return self.start_s + HOUR_S * np.arange(self.n, dtype=np.int64)

    @property
    def end_s(self) -> int:
        """End of the last hour, UTC seconds."""
        return self.start_s + HOUR_S * self.n

    @property
    def weather_known(self) -> npt.NDArray[np.bool_]:
        """Hours whose temperature and recent temperatures are known."""
        return np.isfinite(self.temperature_c) & np.isfinite(self.mean_week_c)


def site_hours(
    start_s: int,
    temperature_c: F64,
    timezone: str,
    holidays: Collection[date] = (),
    *,
    before_c: F64 | None = None,
) -> SiteHours:
    """The hours from `start_s` (a full UTC hour) with one temperature each.

    `before_c`: up to `MEMORY_H` hourly temperatures just before, for the recent means; without them the first hours
    use what there is. Means skip unknown hours; they are NaN when more than half of their hours are unknown.

    >>> site_hours(0, np.array([1.0, 3.0]), "UTC").mean_24h_c.tolist()
    [1.0, 2.0]
    """
    if start_s % HOUR_S:
        raise InvalidInput(f"{start_s} is no full hour.", field="start_s", fix="Give hourly data.")
    starts = start_s + HOUR_S * np.arange(temperature_c.size, dtype=np.int64)
    places = local_places(starts, HOUR_S, timezone, holidays)
    warm = np.concatenate([_from_first_known(before_c), temperature_c])
    recent = [_running_mean(warm, hours)[warm.size - temperature_c.size :] for hours in (24, MEMORY_H)]
    slot = places.kind * 24 + places.slot
    warm_c = np.asarray(temperature_c, np.float64)
    return SiteHours(start_s, slot, _week_of_year(places.day), places.day, warm_c, *recent)


def _from_first_known(before_c: F64 | None) -> F64:
    """The last `MEMORY_H` hours, without those before the record begins."""
    if before_c is None or not np.isfinite(before_c).any():
        return np.empty(0)
    recent = before_c[-MEMORY_H:]
    return recent[int(np.isfinite(recent).argmax()) :]


def _week_of_year(day: Ints) -> Ints:
    dates = day.astype("datetime64[D]")
    since = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    week: Ints = since // 7
    return week


def _running_mean(value: F64, hours: int) -> F64:
    """Mean of the last `hours` values that are known; NaN when fewer than half of those that should be there are."""
    known = np.isfinite(value)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, value, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    end = np.arange(1, value.size + 1)
    first = np.maximum(end - hours, 0)
    there = count[end] - count[first]
    with np.errstate(invalid="ignore"):
        mean = (total[end] - total[first]) / there
    return np.where(2 * there >= end - first, mean, np.nan)
