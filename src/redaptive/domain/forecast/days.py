"""A meter's past as local days by slots: the form in which seasonal methods look at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from redaptive.domain.meter_series import Floats, Ints, LocalPlaces, MeterSeries


@dataclass(frozen=True)
class LoadDays:
    """`energy[d, s]` Wh in slot s of day `first_day + d`, NaN where unknown; `kind[d]` the kind of the day.

    `end_s[d, s]` is when the cell's last interval ended, so that a forecast can be issued in the past.
    """

    first_day: int
    energy: Floats
    end_s: Ints
    kind: Ints

    def known_at(self, issue_s: int) -> LoadDays:
        """The days as they were known at `issue_s`: every later reading is missing."""
        energy = np.where(self.end_s <= issue_s, self.energy, np.nan)
        return LoadDays(self.first_day, energy, self.end_s, self.kind)


@dataclass(frozen=True)
class Targets:
    """Intervals to forecast: row and slot in `LoadDays`, and the kind of their day."""

    row: Ints
    slot: Ints
    kind: Ints


def load_days(series: MeterSeries, places: LocalPlaces, n_days: int) -> LoadDays:
    """The series by day and slot over `n_days` from its first day; in a repeated hour the mean of both passes."""
    first = int(places.day[0])
    n = series.energy.size
    cell = (places.day[:n] - first) * places.slots_per_day + places.slot[:n]
    size = n_days * places.slots_per_day
    known = ~np.isnan(series.energy)
    sums = np.bincount(cell[known], series.energy[known], minlength=size)
    counts = np.bincount(cell[known], minlength=size)
    ends = np.zeros(size, dtype=np.int64)
    np.maximum.at(ends, cell, series.starts_s + series.step_s)
    kind = np.zeros(n_days, dtype=np.int64)
    kind[places.day - first] = places.kind
    with np.errstate(invalid="ignore"):
        energy = np.where(counts > 0, sums / counts, np.nan)
    shape = (n_days, places.slots_per_day)
    return LoadDays(first, energy.reshape(shape), ends.reshape(shape), kind)
