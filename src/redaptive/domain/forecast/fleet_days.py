"""Hourly energy of many meters as local days that begin at the hour of issue, with the calendar of each hour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.meter_series import EPOCH, SUNDAY, Ints, day_kinds, utc_offsets_s
from redaptive.errors import InvalidInput

F32 = npt.NDArray[np.float32]
HOUR_S: Final = 3_600
HOURS: Final = 24
FAR_DAYS: Final = 15
"""A holiday further away than this says nothing."""


@dataclass(frozen=True)
class FleetDays:
    """Days by hours of meters that share a clock; day d begins at hour `issue_hour` of local day `first_day` + d.

    `energy` (meters, days, 24) kWh, NaN where unknown (the hour that a clock change leaves out, the future); in a
    repeated hour the mean of both passes. `kind` (days, 24): weekday of the local day, Monday 0, 6 on a holiday;
    `holiday` (days, 24); `day_of_year` (days, 24), 0 to 365; `to_holiday`, `since_holiday` (days, 24): at most 15;
    `last_year` (days,): index of the same date a year before, -1 where there is none;
    `temperature_c` (days, 24), NaN where unknown.
    """

    first_day: int
    issue_hour: int
    energy: F32
    kind: Ints
    holiday: npt.NDArray[np.bool_]
    day_of_year: Ints
    to_holiday: Ints
    since_holiday: Ints
    last_year: Ints
    temperature_c: F32

    @property
    def n_days(self) -> int:
        """Days of the grid."""
        return int(self.energy.shape[1])

    @property
    def hour(self) -> Ints:
        """(24,) local hour of each place in a day."""
        return (self.issue_hour + np.arange(HOURS)) % HOURS

    @property
    def rest(self) -> npt.NDArray[np.bool_]:
        """(days, 24): Saturdays, Sundays and holidays."""
        return self.kind >= SUNDAY - 1

    def index(self, day: date) -> int:
        """The place of the day that begins on a local date."""
        return day.toordinal() - EPOCH - self.first_day

    def date(self, index: int) -> date:
        """The local date on which a day begins."""
        return date.fromordinal(self.first_day + index + EPOCH)

    def take(self, meters: slice | Ints) -> FleetDays:
        """The same days of some meters."""
        return replace(self, energy=self.energy[meters])

    def until(self, index: int) -> FleetDays:
        """The days before one day, as they were known when it began."""
        return replace(
            self,
            energy=self.energy[:, :index],
            kind=self.kind[:index],
            holiday=self.holiday[:index],
            day_of_year=self.day_of_year[:index],
            to_holiday=self.to_holiday[:index],
            since_holiday=self.since_holiday[:index],
            last_year=self.last_year[:index],
            temperature_c=self.temperature_c[:index],
        )


def fleet_days(
    start_s: int,
    energy: npt.NDArray[np.floating],
    timezone: str,
    holidays: Collection[date] = (),
    *,
    temperature_c: npt.NDArray[np.floating] | None = None,
    issue_hour: int = 0,
    days_ahead: int = 0,
) -> FleetDays:
    """The days of `energy` (meters, n) kWh of consecutive UTC hours from `start_s`, and `days_ahead` empty ones.

    `temperature_c` (n,) as the energy. Raises InvalidInput where the start is no full hour.

    >>> fleet_days(0, np.ones((2, 48)), "UTC", days_ahead=1).energy.shape
    (2, 3, 24)
    """
    if start_s % HOUR_S or not 0 <= issue_hour < HOURS:
        raise InvalidInput(f"{start_s} is no full hour.", field="start_s", fix="Give hourly data.")
    day, place = cells(start_s, energy.shape[1], timezone, issue_hour)
    first = int(day[0]) if day.size else 0
    n_days = int(day[-1]) - first + 1 + days_ahead if day.size else days_ahead
    at = (day - first) * HOURS + place
    warm = np.full((1, at.size), np.nan) if temperature_c is None else np.asarray(temperature_c)[None, :]
    laid, celsius = _lay(energy, at, n_days), _lay(warm, at, n_days)[0]
    local = first + np.arange(n_days)[:, None] + ((issue_hour + np.arange(HOURS)) >= HOURS)[None, :]
    closed = np.array(sorted(d.toordinal() - EPOCH for d in holidays), np.int64)
    ahead, behind = _holiday_distance(local, closed)
    return FleetDays(
        first, issue_hour, laid, day_kinds(local, holidays), np.isin(local, closed), _day_of_year(local), ahead, behind,
        _last_year(first, n_days), celsius,
    )  # fmt: skip


def cells(start_s: int, n: int, timezone: str, issue_hour: int = 0) -> tuple[Ints, Ints]:
    """Day (since 1970, local, shifted by the hour of issue) and place in the day of n UTC hours from `start_s`."""
    starts = start_s + HOUR_S * np.arange(n, dtype=np.int64)
    wall = (starts + utc_offsets_s(starts, timezone)) // HOUR_S - issue_hour
    day, place = np.divmod(wall, HOURS)
    return day, place


def _lay(values: npt.NDArray[np.floating], at: Ints, n_days: int) -> F32:
    """(rows, n) into (rows, days, 24); cells hit twice take the mean of what is known."""
    out = np.full((values.shape[0], n_days * HOURS), np.nan, np.float32)
    out[:, at] = values
    again = np.flatnonzero(np.diff(at, prepend=-1) <= 0)  # the second pass of a repeated hour
    for hour in again:
        first = int(np.flatnonzero(at[:hour] == at[hour])[-1]) if (at[:hour] == at[hour]).any() else int(hour)
        both = np.stack([values[:, first], values[:, hour]])
        count = np.isfinite(both).sum(axis=0)
        with np.errstate(invalid="ignore"):
            out[:, at[hour]] = np.where(count > 0, np.nansum(both, axis=0) / count, np.nan)
    return out.reshape(values.shape[0], n_days, HOURS)


def _holiday_distance(local: Ints, closed: Ints) -> tuple[Ints, Ints]:
    """Days to the next holiday and since the last one, this day counting as neither."""
    if not closed.size:
        far = np.full(local.shape, FAR_DAYS, np.int64)
        return far, far
    after = np.searchsorted(closed, local, side="right")
    before = np.searchsorted(closed, local, side="left") - 1
    ahead = np.where(after < closed.size, closed[np.minimum(after, closed.size - 1)] - local, FAR_DAYS)
    behind = np.where(before >= 0, local - closed[np.maximum(before, 0)], FAR_DAYS)
    return np.minimum(ahead, FAR_DAYS), np.minimum(behind, FAR_DAYS)


def _day_of_year(local: Ints) -> Ints:
    dates = local.astype("datetime64[D]")
    since: Ints = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    return since


def _last_year(first: int, n_days: int) -> Ints:
    found = np.full(n_days, -1, np.int64)
    for index in range(n_days):
        day = date.fromordinal(first + index + EPOCH)
        # 29 February has no like date; the day before stands for it.
        back = (day if (day.month, day.day) != (2, 29) else day - timedelta(days=1)).replace(year=day.year - 1)
        found[index] = max(-1, back.toordinal() - EPOCH - first)
    return found
