"""Verdicts of sensors: each point within its range, each measurement moving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np

from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.domain.equipment.points import POINTS
from redaptive.domain.equipment.runs import Counts, counts, merged, unit_runs
from redaptive.domain.equipment.sensors import SensorCheck
from redaptive.domain.equipment.trend import Bools, Trend
from redaptive.domain.equipment.verdict import Episode, Episodes, Outcome, Verdict, Verdicts

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


def sensor_verdicts(
    checked: SensorCheck, trend: Trend, starts: Sequence[int], e: Limits, verdicts: Verdicts
) -> list[list[Verdict]]:
    """RANGE-<POINT> of each point of `trend` (as it came) and FLATLINE-<POINT> of each sensor, in order of points.

    One list a check, of one verdict a unit; `starts`: first second of each unit's trend.
    """
    made = []
    alarm = max(1, trend.rows_in(e["alarm_min"]))
    for name, values in trend.columns.items():
        known = counts(np.isfinite(values))
        found = (checked.out_of_range.get(name), alarm), (checked.flat.get(name), 1)
        for check, (bad, least) in zip(_checks(name), found, strict=False):
            one = _Judged(check, name, trend, starts, e, verdicts)
            made.append(one.by_unit(bad, least, known))
    return made


def _made(
    check: _Check, e: Limits, hours: float, outcome: Outcome, seen: int, hits: int, episodes: Episodes
) -> Verdict:
    """The verdict of samples of so many hours each."""
    limits = e.chosen(check.names) + check.own_limits
    return Verdict(check.rule_id, check.title, STANDARD, outcome, (), seen * hours, hits * hours, limits, episodes)


@dataclass(frozen=True)
class _Judged:
    check: _Check
    name: str
    trend: Trend
    starts: Sequence[int]
    e: Limits
    verdicts: Verdicts

    def by_unit(self, bad: Bools | None, least: int, known: Counts) -> list[Verdict]:
        """One a unit."""
        made = partial(_made, self.check, self.e, self.trend.step_s / 3600.0)
        if bad is None:
            return self.verdicts.by_unit(self.check.rule_id, known, np.zeros_like(known), {}, made)
        gap = self.trend.rows_in(60.0 * self.e["merge_h"])
        faults = {
            unit: tuple(self._episode(unit, bad, int(a), int(b)) for a, b in merged(own, gap))
            for unit, own in unit_runs(bad, least)
        }
        return self.verdicts.by_unit(self.check.rule_id, known, counts(bad), faults, made)

    def _episode(self, unit: int, bad: Bools, first: int, last: int) -> Episode:
        rows = first + np.flatnonzero(bad[unit, first:last])
        mean = float(self.trend.columns[self.name][unit][rows].mean())
        start, step = self.starts[unit], self.trend.step_s
        return Episode(start + first * step, start + last * step, rows.size * step / 3600.0, None, ((self.name, mean),))
