"""Totals of forecasts over meters, and the days that may set a new peak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from redaptive.domain.meter_series import Floats, Ints

Risk = Literal["none", "possible", "likely"]
LOOK_BACK_H: Final = 28 * 24


@dataclass(frozen=True)
class PeakDay:
    """The highest hour of a forecast day, kWh in that hour, beside the highest of the four weeks before the issue.

    `likely`: the median forecast exceeds it; `possible`: only the P90 does. `hour`: place of the hour in the forecast.
    """

    day: int
    hour: int
    expected_kwh: float
    high_kwh: float
    past_peak_kwh: float
    risk: Risk


def total(p10: Floats, p50: Floats, p90: Floats, likeness: Floats) -> tuple[Floats, Floats, Floats]:
    """(hours,) P10, P50, P90 of the sum of (meters, hours) forecasts; hours that a meter lacks are left out of its sum.

    Distances from the median add up as errors with one correlation `likeness` (hours,) do: fully at 1, as the root of
    the sum of squares at 0. The sum of the P90 of many meters would be too high.
    """
    middle = np.nansum(p50, axis=0)
    low, high = (_spread(np.abs(np.nan_to_num(tail - p50)), likeness) for tail in (p10, p90))
    return middle - low, middle, middle + high


def _spread(distance: Floats, likeness: Floats) -> Floats:
    shared, own = distance.sum(axis=0) ** 2, (distance**2).sum(axis=0)
    return np.asarray(np.sqrt(likeness * shared + (1.0 - likeness) * own))


def peak_days(past: Floats, p50: Floats, p90: Floats, day: Ints) -> list[PeakDay]:
    """One entry per local day of the forecast (`day` (hours,) since 1970); `past`: kWh of the hours before the issue.

    >>> found = peak_days(np.array([5.0, 9.0]), np.array([4.0, 10.0]), np.array([6.0, 12.0]), np.array([1, 1]))
    >>> found[0].risk, found[0].hour
    ('likely', 1)
    """
    recent = past[-LOOK_BACK_H:]
    known = recent[np.isfinite(recent)]
    highest = float(known.max()) if known.size else float("nan")
    found = []
    for number in np.unique(day):
        mine = np.flatnonzero((day == number) & np.isfinite(p50))
        if not mine.size:
            continue
        top, high = mine[np.argmax(p50[mine])], float(p90[mine].max())
        risk: Risk = "likely" if p50[top] > highest else "possible" if high > highest else "none"
        found.append(PeakDay(int(number), int(top), float(p50[top]), high, highest, risk))
    return found
