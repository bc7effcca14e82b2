"""Verdicts of sensors: each point within its range, each measurement moving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.domain.equipment.points import POINTS
from redaptive.domain.equipment.runs import counts, merged, unit_runs
from redaptive.domain.equipment.sensors import SensorCheck
from redaptive.domain.equipment.trend import Bools, Trend
from redaptive.domain.equipment.verdict import Episode, Episodes, Outcome, Verdict, by_unit

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


def sensor_verdicts(checked: SensorCheck, trend: Trend, starts: Sequence[int], e: Limits) -> list[list[Verdict]]:
    """RANGE-<POINT> of each point of `trend` (as it came) and FLATLINE-<POINT> of each sensor, in order of points.

    One list a check, of one verdict a unit; `starts`: first second of each unit's trend.
    """
    made = []
    alarm = max(1, trend.rows_in(e["alarm_min"]))
    for name, values in trend.columns.items():
        known = counts(np.isfinite(values))
        found = (checked.out_of_range.get(name), alarm), (checked.flat.get(name), 1)
        for check, (bad, least) in zip(_checks(name), found, strict=False):
            one = _Judged(check, name, trend, starts, e)
            made.append(one.verdicts(bad, least, known))
    return made


@dataclass(frozen=True)
class _Judged:
    check: _Check
    name: str
    trend: Trend
    starts: Sequence[int]
    e: Limits

    def verdicts(self, bad: Bools | None, least: int, known: list[int]) -> list[Verdict]:
        """One a unit."""
        if bad is None:
            return by_unit(known, [0] * len(known), {}, self._verdict)
        gap = self.trend.rows_in(60.0 * self.e["merge_h"])
        faults = {
            unit: tuple(self._episode(unit, bad, int(a), int(b)) for a, b in merged(own, gap))
            for unit, own in unit_runs(bad, least)
        }
        return by_unit(known, counts(bad), faults, self._verdict)

    def _verdict(self, outcome: Outcome, seen: int, hits: int, episodes: Episodes) -> Verdict:
        hours = self.trend.step_s / 3600.0
        limits = self.e.chosen(self.check.names) + self.check.own_limits
        return Verdict(self.check.rule_id, self.check.title, STANDARD, outcome, (), float(seen) * hours,
                       float(hits) * hours, limits, episodes)  # fmt: skip

    def _episode(self, unit: int, bad: Bools, first: int, last: int) -> Episode:
        rows = first + np.flatnonzero(bad[unit, first:last])
        mean = float(np.nanmean(self.trend.columns[self.name][unit][rows]))
        start, step = self.starts[unit], self.trend.step_s
        return Episode(start + first * step, start + last * step, rows.size * step / 3600.0, None, ((self.name, mean),))
