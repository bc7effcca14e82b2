"""Sensors that cannot be right: samples outside the plausible range, and measurements that never move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from redaptive.domain.equipment.limits import Limits
from redaptive.domain.equipment.points import POINTS, Floats
from redaptive.domain.equipment.runs import counts, flagged, unit_runs
from redaptive.domain.equipment.trend import Bools, Trend


@dataclass(frozen=True)
class SensorCheck:
    """`clean`: the trend without the bad samples; and by point where they were. Points without any are left out."""

    clean: Trend
    out_of_range: Mapping[str, Bools]
    flat: Mapping[str, Bools]

    @property
    def bad_samples(self) -> list[int]:
        """Samples of each unit that were taken away."""
        taken = np.zeros(self.clean.shape[0], np.int64)
        for flags in (*self.out_of_range.values(), *self.flat.values()):
            taken += counts(flags)
        found: list[int] = taken.tolist()
        return found


def check_sensors(trend: Trend, running: Bools | None, e: Limits) -> SensorCheck:
    """The trends of units, columns (units, rows), without samples that no rule should judge.

    A sample is flat where a measurement has not moved at all for `flatline_h`, of which the equipment ran for an
    hour or more (`running`, None where that is unknown); zero is no flat value, as flows and power rest at zero.
    Failure mode: a coarse sensor in a steady room looks flat; raise `flatline_h`.
    """
    wrong, flat, clean = {}, {}, {}
    for name, values in trend.columns.items():
        point = POINTS[name]
        outside = (values < point.low) | (values > point.high)
        if outside.any():
            wrong[name] = outside
            values = np.where(outside, np.nan, values)
        if point.sensor:
            still = _flat(values, trend, running, e)
            if still is not None:
                flat[name] = still
                values = np.where(still, np.nan, values)
        if name in wrong or name in flat:
            clean[name] = values
    return SensorCheck(trend.with_columns(clean), wrong, flat)


def _flat(values: Floats, trend: Trend, running: Bools | None, e: Limits) -> Bools | None:
    same = np.zeros(values.shape, bool)
    np.equal(values[:, 1:], values[:, :-1], out=same[:, 1:])
    same &= values != 0.0
    flat = None
    for unit, found in unit_runs(same, trend.rows_in(60.0 * e["flatline_h"]) - 1):
        if running is not None:
            ran = np.concatenate(([0], np.cumsum(running[unit])))
            found = found[ran[found[:, 1]] - ran[found[:, 0]] >= trend.rows_in(60.0)]
        if not len(found):
            continue
        found[:, 0] -= 1  # the first sample of a run equals the next one, not the one before
        flat = np.zeros(values.shape, bool) if flat is None else flat
        flat[unit] = flagged(found, trend.rows)
    return flat
