"""Verdicts of sensors: each point within its range, each measurement moving."""

from __future__ import annotations

import numpy as np

from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.domain.equipment.points import POINTS, Point
from redaptive.domain.equipment.runs import merged, runs
from redaptive.domain.equipment.sensors import SensorCheck
from redaptive.domain.equipment.trend import Bools, Trend
from redaptive.domain.equipment.verdict import Episode, Outcome, Verdict

STANDARD = "sensor check"


def sensor_verdicts(checked: SensorCheck, trend: Trend, e: Limits) -> list[Verdict]:
    """RANGE-<POINT> of each point of `trend` (as it came), and FLATLINE-<POINT> of each sensor, in order of points."""
    made = []
    alarm = max(1, trend.rows_in(e["alarm_min"]))
    for name in trend.columns:
        point = POINTS[name]
        title = f"Samples of {point.label} ({name}) outside of what is plausible"
        limits = (e.limit("alarm_min"), *_bounds(point))
        made.append(
            _verdict(f"RANGE-{name.upper()}", title, name, checked.out_of_range.get(name), trend, e, limits, alarm)
        )
        if point.sensor:
            title = f"The sensor of {point.label} ({name}) does not move"
            flat = (e.limit("flatline_h"),)
            made.append(_verdict(f"FLATLINE-{name.upper()}", title, name, checked.flat.get(name), trend, e, flat, 1))
    return made


def _verdict(
    rule_id: str,
    title: str,
    name: str,
    bad: Bools | None,
    trend: Trend,
    e: Limits,
    limits: tuple[Limit, ...],
    alarm: int,
) -> Verdict:
    hours = trend.step_s / 3600.0
    episodes: tuple[Episode, ...] = ()
    if bad is not None:
        spans = merged(runs(bad, alarm), trend.rows_in(60.0 * e["merge_h"]))
        episodes = tuple(_episode(name, trend, bad, int(first), int(last)) for first, last in spans)
    known = float(np.count_nonzero(np.isfinite(trend.columns[name]))) * hours
    outcome = Outcome.FAULT if episodes else Outcome.CLEAR if known else Outcome.NOT_APPLICABLE
    true = 0.0 if bad is None else float(np.count_nonzero(bad)) * hours
    return Verdict(rule_id, title, STANDARD, outcome, (), known, true, limits, episodes)


def _bounds(point: Point) -> tuple[Limit, Limit]:
    version = "plausible ranges of points"
    return Limit("low", point.low, point.unit, version), Limit("high", point.high, point.unit, version)


def _episode(name: str, trend: Trend, bad: Bools, first: int, last: int) -> Episode:
    rows = first + np.flatnonzero(bad[first:last])
    mean = float(np.nanmean(trend.columns[name][rows]))
    start, step = trend.start_s, trend.step_s
    return Episode(start + first * step, start + last * step, rows.size * step / 3600.0, None, ((name, mean),))
