"""Points of different cadence on one regular grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.trend import Trend
from redaptive.errors import InvalidInput

STEPS_S: Final = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Cadences that trends are put on: each divides a day."""
MAX_ROWS: Final = 20_000_000
Seconds = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """Samples of one point: seconds since 1970 UTC, ascending or not, and values; NaN is missing."""

    at_s: Seconds
    values: Floats


def usual_step_s(at_s: Seconds) -> int:
    """The cadence of `STEPS_S` that is nearest to the usual distance of samples (in the ratio)."""
    apart = np.diff(np.unique(at_s))
    if not apart.size:
        return STEPS_S[-1]
    usual = float(np.median(apart))
    return min(STEPS_S, key=lambda step: abs(np.log(step / usual)))


def on_grid(
    equipment_id: str, points: Mapping[str, Samples], step_s: int | None = None, hold_min: float = 0.0
) -> Trend:
    """The points on a common grid: the mean of the samples of each step; the longest usual cadence without `step_s`.

    `hold_min`: a point that is reported on change keeps its value for so long.
    :raises InvalidInput: no samples at all, or a grid of more than `MAX_ROWS` rows.
    """
    given = {name: samples for name, samples in points.items() if samples.at_s.size}
    if not given:
        raise InvalidInput(f"{equipment_id} has no samples.", field="points", fix="Give at least one sample.")
    step = step_s or max(
        usual_step_s(samples.at_s) for samples in given.values() if samples.at_s.size > 1 or len(given) == 1
    )
    first = min(int(samples.at_s.min()) for samples in given.values()) // step * step
    rows = (max(int(samples.at_s.max()) for samples in given.values()) - first) // step + 1
    if rows > MAX_ROWS:
        raise InvalidInput(
            f"{equipment_id}: the samples span {rows:,} steps of {step} s.", field="points", fix="Check the times."
        )
    held = int(hold_min * 60.0 // step)
    columns = {name: _held(_binned(samples, first, step, rows), held) for name, samples in given.items()}
    return Trend(equipment_id, first, step, columns)


def constant_points(trend: Trend, constants: Mapping[str, float]) -> Trend:
    """The trend with points that never change put beside."""
    return trend.with_columns({name: np.full(trend.rows, float(value)) for name, value in constants.items()})


def coarser(values: Floats, factor: int) -> Floats:
    """Means of `factor` values each; NaN where all are missing. The length must be a multiple."""
    groups = values.reshape(-1, factor)
    known = np.isfinite(groups)
    count = known.sum(axis=1)
    total = np.where(known, groups, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _binned(samples: Samples, first: int, step: int, rows: int) -> Floats:
    known = np.isfinite(samples.values)
    place = (samples.at_s[known] - first) // step
    total = np.bincount(place, samples.values[known], rows)
    count = np.bincount(place, minlength=rows)
    if count.max(initial=0) <= 1:
        found = np.full(rows, np.nan)
        found[place] = samples.values[known]
        return found
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _held(values: Floats, rows: int) -> Floats:
    """Gaps filled with the last value for at most `rows` rows."""
    if rows < 1:
        return values
    places = np.arange(values.size)
    last = np.maximum.accumulate(np.where(np.isfinite(values), places, -1))
    near = (last >= 0) & (places - last <= rows)
    return np.where(near, values[np.maximum(last, 0)], np.nan)
