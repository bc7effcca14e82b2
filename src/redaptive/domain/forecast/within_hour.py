"""A meter's hourly forecast spread over the shorter intervals that it is read in.

The hour's energy is divided as the meter's own seasonal forecast divides it. The interval of a quarter hour is wider
than that of its hour: the distance of P10 and P90 from the median is the root of the squares of the hour's and of the
usual scatter of a quarter hour's share, as for independent errors. It fails where a load is switched in blocks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from redaptive.domain.forecast.load_forecast import Forecast
from redaptive.domain.meter_series import Floats, Ints, MeterSeries

HOUR_S: Final = 3_600
PAST_DAYS: Final = 56
TAILS: Final = (0.1, 0.9)


def by_interval(own: Forecast, past: MeterSeries, hours: Floats, first_hour_s: int, method: str) -> Forecast:
    """The forecast of `hours` (3, n) P10, P50, P90 in Wh from `first_hour_s`, in the intervals of `own`.

    Intervals of an hour that `own` covers only in part, or that `hours` says nothing of, stay as in `own`.
    """
    per_hour = HOUR_S // own.step_s
    starts = own.start_s + own.step_s * np.arange(own.p50.size, dtype=np.int64)
    hour = (starts - first_hour_s) // HOUR_S
    inside = (hour >= 0) & (hour < hours.shape[1])
    place = np.where(inside, hour, 0)
    share = _shares(own.p50, hour, per_hour)
    low, middle, high = hours[:, place]
    use = inside & np.isfinite(share) & np.isfinite(middle)
    below, above = _scatter(past, per_hour)
    p50 = middle * share
    width = np.abs(p50)
    p10 = p50 - np.hypot((middle - low) * share, below * width)
    p90 = p50 + np.hypot((high - middle) * share, above * width)
    if float(np.nanmin(past.energy, initial=0.0)) >= 0.0:
        p10 = np.maximum(p10, 0.0)
    parts = (np.where(use, new, old) for new, old in ((p10, own.p10), (p50, own.p50), (p90, own.p90)))
    p10, p50, p90 = parts
    return replace(own, method=method, p10=p10, p50=p50, p90=p90, errors_used=0)


def _shares(energy: Floats, hour: Ints, per_hour: int) -> Floats:
    """Each interval's share of its hour, even where the hour is zero; NaN where an interval of the hour is lacking."""
    row = hour - hour.min(initial=0)
    count = np.bincount(row, np.isfinite(energy))
    total = np.bincount(row, np.nan_to_num(energy))
    whole = count[row] == per_hour
    share = np.divide(energy, total[row], out=np.full(energy.size, 1.0 / per_hour), where=total[row] > 0)
    return np.where(whole, share, np.nan)


def _scatter(past: MeterSeries, per_hour: int) -> tuple[float, float]:
    """How far below and above an interval's usual share of its hour one in ten lies, over that share."""
    if per_hour == 1:
        return 0.0, 0.0
    skip = -(past.start_s // past.step_s) % per_hour
    line = past.energy[skip:]
    line = line[: line.size // per_hour * per_hour].reshape(-1, per_hour)[-PAST_DAYS * 24 :]
    total = line.sum(axis=1, keepdims=True)
    known = np.isfinite(total[:, 0]) & (total[:, 0] > 0)
    if not known.any():
        return 0.0, 0.0
    over = line[known] / total[known] * per_hour
    low, high = np.quantile(over - np.median(over, axis=0), TAILS)
    return max(0.0, -float(low)), max(0.0, float(high))
