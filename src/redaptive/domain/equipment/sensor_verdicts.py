"""Verdicts of sensors: each point within its range, each measurement moving."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.domain.equipment.points import POINTS
from redaptive.domain.equipment.runs import merged, runs
from redaptive.domain.equipment.sensors import SensorCheck
from redaptive.domain.equipment.trend import Bools, Trend
from redaptive.domain.equipment.verdict import Episode, Outcome, Verdict

STANDARD: Final = "sensor check"
RANGES: Final = "plausible ranges of points"


@dataclass(frozen=True)
class _Check:
    """One check of one point: what it is called, and the limits that it prints."""

    rule_id: str
    title: str
    own_limits: tuple[Limit, ...]
    names: tuple[str, ...]


@cache
def _checks(name: str) -> tuple[_Check, ...]:
    point = POINTS[name]
    said = f"{point.label} ({name})"
    bounds = Limit("low", point.low, point.unit, RANGES), Limit("high", point.high, point.unit, RANGES)
    within = _Check(f"RANGE-{name.upper()}", f"Samples of {said} outside of what is plausible", bounds, ("alarm_min",))
    moving = _Check(f"FLATLINE-{name.upper()}", f"The sensor of {said} does not move", (), ("flatline_h",))
    return (within, moving) if point.sensor else (within,)


def sensor_verdicts(checked: SensorCheck, trend: Trend, e: Limits) -> list[Verdict]:
    """RANGE-<POINT> of each point of `trend` (as it came), and FLATLINE-<POINT> of each sensor, in order of points."""
    made, hours = [], trend.step_s / 3600.0
    alarm, gap = max(1, trend.rows_in(e["alarm_min"])), trend.rows_in(60.0 * e["merge_h"])
    for name, values in trend.columns.items():
        known = float(np.count_nonzero(np.isfinite(values))) * hours
        found = (checked.out_of_range.get(name), alarm), (checked.flat.get(name), 1)
        for check, (bad, least) in zip(_checks(name), found, strict=False):
            episodes: tuple[Episode, ...] = ()
            true = 0.0
            if bad is not None:
                spans = merged(runs(bad, least), gap)
                episodes = tuple(_episode(name, trend, bad, int(first), int(last)) for first, last in spans)
                true = float(np.count_nonzero(bad)) * hours
            outcome = Outcome.FAULT if episodes else Outcome.CLEAR if known else Outcome.NOT_APPLICABLE
            limits = e.chosen(check.names) + check.own_limits
            made.append(Verdict(check.rule_id, check.title, STANDARD, outcome, (), known, true, limits, episodes))
    return made


def _episode(name: str, trend: Trend, bad: Bools, first: int, last: int) -> Episode:
    rows = first + np.flatnonzero(bad[first:last])
    mean = float(np.nanmean(trend.columns[name][rows]))
    start, step = trend.start_s, trend.step_s
    return Episode(start + first * step, start + last * step, rows.size * step / 3600.0, None, ((name, mean),))
