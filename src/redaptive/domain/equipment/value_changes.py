"""Points that are logged when they change: which ones they are, and what they were in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from redaptive.domain.equipment.points import POINTS, Floats
from redaptive.domain.equipment.samples import Samples, Seconds, coarser, distances

REPEATS: Final = 0.01
"""Share of samples that repeat the one before, up to which a point may be logged on change."""
FEWER: Final = 0.5
"""A setpoint or a position on change has less than this share of the samples of the busiest point."""
UNEVEN: Final = 2.0
"""How many times the usual distance of samples the 90th percentile is, above which they come unevenly."""
FEW: Final = 3
SENSOR_HOLD_S: Final = 24 * 3600
"""A measurement that says nothing for longer is missing; setpoints, switches and positions stay as they were."""
PARTS: Final = 5


def on_change(points: Mapping[str, Samples]) -> frozenset[str]:
    """Roles that are logged on change: no sample repeats the one before, and they come unevenly.

    Setpoints, switches and positions show it, as they rest in between and are still never repeated; measurements
    are taken so only where one of those is. Failure mode: a speed that never rests, most of whose samples are lost.
    """
    most = max((samples.at_s.size for samples in points.values()), default=0)
    if most < FEW:
        return frozenset()
    resting = {role for role, samples in points.items() if not POINTS[role].sensor and _rests(samples, most)}
    changing = {role for role in resting if points[role].at_s.size > 1}
    if not changing:
        return frozenset(resting)
    sensors = {
        role
        for role, samples in points.items()
        if POINTS[role].sensor and samples.at_s.size >= FEW and _never_repeats(samples) and _uneven(samples)
    }
    return frozenset(resting | sensors)


def held_on_grid(role: str, samples: Samples, first: int, step: int, rows: int) -> Floats:
    """The point on a grid, each value kept until the next one: the mean over each step, NaN before the first value."""
    order = np.argsort(samples.at_s, kind="stable")
    at_s, values = samples.at_s[order], samples.values[order]
    parts = PARTS if step % PARTS == 0 else 1
    moments: Seconds = first + np.arange(rows * parts, dtype=np.int64) * (step // parts)
    place = np.searchsorted(at_s, moments, side="right") - 1
    known = place >= 0
    if POINTS[role].sensor:
        known &= moments - at_s[np.maximum(place, 0)] <= SENSOR_HOLD_S
    return coarser(np.where(known, values[np.maximum(place, 0)], np.nan), parts)


def _rests(samples: Samples, most: int) -> bool:
    if samples.at_s.size == 1:
        return True
    return _never_repeats(samples) and (samples.at_s.size < FEWER * most or _uneven(samples))


def _never_repeats(samples: Samples) -> bool:
    values = samples.values[np.argsort(samples.at_s, kind="stable")]
    return bool((values[1:] == values[:-1]).mean() <= REPEATS)


def _uneven(samples: Samples) -> bool:
    apart = distances(samples.at_s)
    return bool(apart.size and np.quantile(apart, 0.9) > UNEVEN * np.median(apart))
