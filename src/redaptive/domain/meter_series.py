"""The readings of one meter on its grid, and where each interval lies in local time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from redaptive.domain.intervals import zone
from redaptive.domain.quality.flags import SUSPECT
from redaptive.errors import InvalidInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY_S: Final = 86_400
SUNDAY: Final = 6
EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class MeterSeries:
    """Interval i is [start_s + i step_s, + step_s) UTC; `energy` in Wh (litres of water), NaN where missing."""

    start_s: int
    step_s: int
    energy: Floats
    quality: npt.NDArray[np.int8]

    @property
    def end_s(self) -> int:
        """End of the last interval."""
        return self.start_s + self.step_s * self.energy.size

    @property
    def starts_s(self) -> Ints:
        """Start of every interval, UTC seconds."""
        return self.start_s + self.step_s * np.arange(self.energy.size, dtype=np.int64)

    def at(self, index: int) -> datetime:
        """Start of interval `index`, UTC; the index may lie beyond the end."""
        return datetime.fromtimestamp(self.start_s + self.step_s * index, UTC)

    def until(self, end_s: int) -> MeterSeries:
        """The intervals that have ended by `end_s`."""
        n = max(0, min(self.energy.size, (end_s - self.start_s) // self.step_s))
        return MeterSeries(self.start_s, self.step_s, self.energy[:n], self.quality[:n])

    def without_suspects(self) -> MeterSeries:
        """The series with readings marked suspect taken as missing."""
        sound = np.where((self.quality & int(SUSPECT)) == 0, self.energy, np.nan)
        return MeterSeries(self.start_s, self.step_s, sound, self.quality)


def on_grid(
    ts_s: Ints, value: Floats, quality: npt.NDArray[np.int8], step_s: int, start_s: int, end_s: int
) -> MeterSeries:
    """Readings laid on the grid of [start_s, end_s); what is off the grid or outside is left out.

    >>> on_grid(np.array([3600]), np.array([5.0]), np.zeros(1, np.int8), 3600, 0, 7200).energy.tolist()
    [nan, 5.0]
    """
    if step_s <= 0 or start_s % step_s:
        raise InvalidInput(f"{start_s} does not lie on a grid of {step_s} s.", field="start")
    n = max(0, -(-(end_s - start_s) // step_s))
    energy, bits = np.full(n, np.nan), np.zeros(n, dtype=np.int8)
    index, off = np.divmod(ts_s - start_s, step_s)
    inside = (off == 0) & (index >= 0) & (index < n)
    energy[index[inside]], bits[index[inside]] = value[inside], quality[inside]
    return MeterSeries(start_s, step_s, energy, bits)


@dataclass(frozen=True)
class LocalPlaces:
    """For every interval: `day` (days since 1970, local), `slot` (interval of the local day) and `kind` of the day.

    `kind` is the weekday, Monday 0, and Sunday's 6 on a holiday. The repeated hour of a clock change shares its slots
    with the first pass.
    """

    day: Ints
    slot: Ints
    kind: Ints
    slots_per_day: int

    @property
    def rest(self) -> npt.NDArray[np.bool_]:
        """Saturdays, Sundays and holidays."""
        return self.kind >= SUNDAY - 1


def local_places(starts_s: Ints, step_s: int, timezone: str, holidays: Collection[date] = ()) -> LocalPlaces:
    """Where the intervals lie; raises InvalidInput for a step that does not divide a day."""
    if step_s <= 0 or DAY_S % step_s:
        raise InvalidInput(f"An interval of {step_s} s does not divide a day.", field="interval_s")
    wall = starts_s + utc_offsets_s(starts_s, timezone)
    day, second = np.divmod(wall, DAY_S)
    return LocalPlaces(day, second // step_s, day_kinds(day, holidays), DAY_S // step_s)


def day_kinds(day: Ints, holidays: Collection[date]) -> Ints:
    """Weekday (Monday 0) of days since 1970; a holiday counts as a Sunday."""
    closed = np.array(sorted(d.toordinal() - EPOCH for d in holidays), dtype=np.int64)
    kind = (day + 3) % 7  # 1970-01-01 was a Thursday
    return np.where(np.isin(day, closed), SUNDAY, kind)


def utc_offsets_s(starts_s: Ints, timezone: str) -> Ints:
    """Seconds to add to UTC to get the local clock at each instant."""
    zone(timezone)
    utc = pl.from_epoch(pl.Series(starts_s, dtype=pl.Int64), "s").dt.replace_time_zone("UTC")
    local = utc.dt.convert_time_zone(timezone).dt.replace_time_zone("UTC")
    return (local.dt.epoch("s") - utc.dt.epoch("s")).to_numpy()
