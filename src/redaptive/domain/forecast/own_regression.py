"""The next day by each meter's own regression, with intervals from what it missed lately: needs no trained model."""

from __future__ import annotations

import numpy as np

from redaptive.domain.forecast.fleet_days import HOURS, FleetDays
from redaptive.domain.forecast.load_forecast import (
    BLOCKS,
    CALIBRATION_DAYS,
    LOW_LEVEL,
    MIN_ERRORS,
    PastErrors,
    quantiles,
)
from redaptive.domain.forecast.meter_regression import LEAST_DAYS, MeterRegression
from redaptive.domain.meter_series import Floats, Ints


def next_day(days: FleetDays, day: int) -> tuple[Floats, Floats, Floats] | None:
    """P10, P50 and P90 (meters, 24) kWh of day `day`, issued when it begins; NaN where a meter's past is too short.

    The regression is issued again on each of the last eight weeks, on what was known then; the tails of those errors,
    relative to the forecast, give the interval (split conformal). None where there is no past of fourteen weeks.
    """
    first = day - CALIBRATION_DAYS
    if first < LEAST_DAYS:
        return None
    regression = MeterRegression(days)
    issued = np.stack([regression.line(at, day + 1) for at in range(first, day + 1)], axis=1).astype(np.float64)
    actual = days.energy[:, first:day].astype(np.float64)
    known = np.isfinite(actual)
    usual = np.where(known, actual, 0.0).sum(axis=(1, 2)) / np.maximum(known.sum(axis=(1, 2)), 1)
    size = np.maximum(np.abs(issued), LOW_LEVEL * np.abs(usual)[:, None, None])
    errors = (actual - issued[:, :-1]) / np.where(size > 0, size, 1.0)[:, :-1]
    group = _groups(days, first, day + 1)
    low, high = (np.full((len(errors), HOURS), np.nan) for _ in range(2))
    for meter, mine in enumerate(errors):
        sound = np.isfinite(mine)
        if sound.sum() >= MIN_ERRORS:
            below, _, beyond = quantiles(PastErrors(mine[sound], group[:-1][sound]), group[-1])
            low[meter], high[meter] = np.minimum(below, 0.0), np.maximum(beyond, 0.0)
    point = np.where(np.isfinite(low), issued[:, -1], np.nan)
    found = (point + size[:, -1] * low, point, point + size[:, -1] * high)
    above = np.where(known, actual, 0.0).min(axis=(1, 2)) >= 0
    p10, p50, p90 = (np.where(above[:, None], np.maximum(part, 0.0), part) for part in found)
    return p10, p50, p90


def _groups(days: FleetDays, first: int, end: int) -> Ints:
    """(days, 24): part of the day, on days of work and of rest."""
    part = days.hour * BLOCKS // HOURS
    return np.asarray(days.rest[first:end] * BLOCKS + part[None, :], np.int64)
