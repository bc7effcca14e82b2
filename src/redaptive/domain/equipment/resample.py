"""Points of different cadence on one regular grid."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

import numpy as np

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.samples import Samples, Seconds
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.value_changes import held_on_grid
from redaptive.errors import InvalidInput

STEPS_S: Final = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Cadences that trends are put on: each divides a day."""
MAX_ROWS: Final = 20_000_000
CHANGES_STEP_S: Final = 300
"""The grid of equipment of which every point is logged on change: the time that rules average over."""


def usual_step_s(at_s: Seconds) -> int:
    """The cadence of `STEPS_S` that is nearest to the usual distance of samples (in the ratio)."""
    apart = np.diff(np.unique(at_s))
    if not apart.size:
        return STEPS_S[-1]
    usual = float(np.median(apart))
    return min(STEPS_S, key=lambda step: abs(np.log(step / usual)))


def on_grid(
    equipment_id: str,
    points: Mapping[str, Samples],
    step_s: int | None = None,
    hold_min: float = 0.0,
    changing: Set[str] = frozenset(),
) -> Trend:
    """The points on a common grid: the mean of the samples of each step; the longest usual cadence without `step_s`.

    `hold_min`: a point that is reported on change keeps its value for so long. `changing`: roles that are logged on
    change; without `hold_min` they are what they were until their next sample, and they say nothing of the cadence.
    :raises InvalidInput: no samples at all, or a grid of more than `MAX_ROWS` rows.
    """
    given = {name: samples for name, samples in points.items() if samples.at_s.size}
    if not given:
        raise InvalidInput(f"{equipment_id} has no samples.", field="points", fix="Give at least one sample.")
    steady = [s.at_s for name, s in given.items() if name not in changing and (s.at_s.size > 1 or len(given) == 1)]
    step = step_s or max(map(usual_step_s, steady), default=CHANGES_STEP_S)
    first = min(int(samples.at_s.min()) for samples in given.values()) // step * step
    rows = (max(int(samples.at_s.max()) for samples in given.values()) - first) // step + 1
    if rows > MAX_ROWS:
        raise InvalidInput(
            f"{equipment_id}: the samples span {rows:,} steps of {step} s.", field="points", fix="Check the times."
        )
    held = int(hold_min * 60.0 // step)
    columns = {
        name: held_on_grid(name, samples, first, step, rows)
        if name in changing and not hold_min
        else _held(_binned(samples, first, step, rows), held)
        for name, samples in given.items()
    }
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
