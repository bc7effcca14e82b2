"""Points of different cadence on one regular grid."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

import numpy as np

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.samples import Samples, Seconds, distances
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.value_changes import held_on_grid
from redaptive.errors import InvalidInput

STEPS_S: Final = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Cadences that trends are put on: each divides a day."""
MAX_ROWS: Final = 20_000_000
BRIDGE_MIN: Final = 10.0
"""Minutes without a sample that the last value is taken to stand for."""
NEAR_GRID: Final = 0.2
"""Samples that usually come within this share of a step of its beginning belong to the nearest step."""
CHANGES_STEP_S: Final = 300
"""The grid of equipment of which every point is logged on change: the time that rules average over."""


def usual_step_s(at_s: Seconds) -> int:
    """The cadence of `STEPS_S` that is nearest to the usual distance of samples (in the ratio)."""
    apart = distances(at_s)
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
    lags = {name: 0 if name in changing else _lag(samples, step) for name, samples in given.items()}
    wavering = any(lags.values())
    if wavering:  # a sample may fall into the step beside its own
        first, rows = first - step, rows + 2
    held = int(hold_min * 60.0 // step)
    columns = {
        name: held_on_grid(name, samples, first, step, rows)
        if name in changing and not hold_min
        else _held(_binned(samples, first - lags[name], step, rows), held)
        for name, samples in given.items()
    }
    trend = Trend(equipment_id, first, step, columns)
    return _trimmed(trend) if wavering else trend


def _trimmed(trend: Trend) -> Trend:
    """Without rows at both ends of which nothing is known."""
    known = np.flatnonzero(np.any([np.isfinite(values) for values in trend.columns.values()], axis=0))
    low, high = (int(known[0]), int(known[-1]) + 1) if known.size else (0, trend.rows)
    columns = {name: values[low:high] for name, values in trend.columns.items()}
    return Trend(trend.equipment_id, trend.start_s + low * trend.step_s, trend.step_s, columns)


def bridged(trend: Trend) -> tuple[Trend, int]:
    """The trend with holes of at most `BRIDGE_MIN` filled with the value before them, and how many samples that made.

    A few lost samples would otherwise end every fault that must last, and look like a change of operating state.
    """
    rows = int(BRIDGE_MIN * 60.0 // trend.step_s)
    filled = {name: _bridged(values, rows) for name, values in trend.columns.items()}
    count = sum(int((np.isfinite(filled[n]) & ~np.isfinite(v)).sum()) for n, v in trend.columns.items())
    return (trend.with_columns(filled), count) if count else (trend, 0)


def constant_points(trend: Trend, constants: Mapping[str, float]) -> Trend:
    """The trend with points that never change put beside."""
    return trend.with_columns({name: np.full(trend.rows, float(value)) for name, value in constants.items()})


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


def _lag(samples: Samples, step: int) -> int:
    """Seconds to add, so that samples which come once a step and waver fall into one step each; 0 for finer ones."""
    at_s = samples.at_s[np.isfinite(samples.values)]
    if at_s.size < 2 or usual_step_s(at_s) != step:
        return 0
    half = step // 2
    off = (at_s - at_s[0] + half) % step - half
    if not off.any():
        return 0
    phase = int(at_s[0] + np.median(off)) % step
    near = min(phase, step - phase) <= NEAR_GRID * step
    return half if near else half - phase


def _bridged(values: Floats, rows: int) -> Floats:
    """Holes of at most `rows` rows filled with the value before them; longer ones are left whole."""
    known = np.isfinite(values)
    if rows < 1 or known.all() or not known.any():
        return values
    places = np.arange(values.size)
    before = np.maximum.accumulate(np.where(known, places, -1))
    after = np.minimum.accumulate(np.where(known, places, 2 * values.size)[::-1])[::-1]
    short = (before >= 0) & (after < values.size) & (after - before - 1 <= rows)
    return np.where(short, values[np.maximum(before, 0)], np.nan)


def _held(values: Floats, rows: int) -> Floats:
    """Gaps filled with the last value for at most `rows` rows."""
    if rows < 1:
        return values
    places = np.arange(values.size)
    last = np.maximum.accumulate(np.where(np.isfinite(values), places, -1))
    near = (last >= 0) & (places - last <= rows)
    return np.where(near, values[np.maximum(last, 0)], np.nan)
