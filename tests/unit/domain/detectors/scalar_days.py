"""The detectors of whole days in the scalar reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

SPIKE, LEVEL_SHIFT, DRIFT, STUCK, GAP, BAD_VALUE, OFF_HOURS, NIGHT_BASE, WEEKEND, SETBACK, MULTIPLIER, CLOCK = range(12)
Read = tuple[float, float, int, tuple[float, float, float]]
"""Energy, expectation, local hour, and levels of the hour, the one before and the one after."""


class Compares(Protocol):
    """Says whether one number is over another."""

    def over(self, a: float, b: float) -> bool:
        """Whether a > b."""


class Day:
    """What a day's readings add up to; a reading without energy counts for nothing."""

    def __init__(self, readings: Sequence[Read], hours: float, rest: bool) -> None:
        known = [r for r in readings if not math.isnan(r[0])]
        night = [r for r in known if 1 <= r[2] < 5]
        self.hours, self.rest = hours, rest
        self.energy, self.expected = math.fsum(r[0] for r in known), math.fsum(r[1] for r in known)
        self.read_h, self.night_h = len(known) * hours, len(night) * hours
        self.night_wh = math.fsum(r[0] for r in night)
        self.complete = self.read_h >= 24 * 0.9 - 1e-6
        self.miss, self.earlier, self.later = (math.fsum(abs(r[0] - r[3][k]) for r in known) for k in range(3))


class Days:
    """State of the detectors of days, of one meter."""

    def __init__(self) -> None:
        self.drift = self.drift_noise = self.drift_days = 0.0
        self.night, self.nights, self.night_run = 0.0, 0.0, 0.0
        self.work, self.works, self.rest, self.rests = 0.0, 0.0, 0.0, 0.0
        self.ratio, self.ratios, self.setback_run = 0.0, 0.0, 0.0
        self.clock_run = 0.0

    def judge(
        self, readings: Sequence[Read], hours: float, rest: bool, on: set[int], doubt: Compares
    ) -> dict[int, bool]:
        """Alarms of days after this one."""
        day = Day(readings, hours, rest)
        return {
            DRIFT: self._drift(day, DRIFT in on, doubt),
            NIGHT_BASE: self._night_base(day, NIGHT_BASE in on, doubt),
            WEEKEND: self._weekend(day, WEEKEND in on, doubt),
            SETBACK: self._setback(day, SETBACK in on, doubt),
            MULTIPLIER: self._multiplier(day, MULTIPLIER in on, doubt),
            CLOCK: self._clock(day, CLOCK in on, doubt),
        }

    def _drift(self, day: Day, was: bool, doubt: Compares) -> bool:
        if day.complete and day.expected > 1:
            share = min(max((day.energy - day.expected) / day.expected, -0.5), 0.5)
            off = share - self.drift
            self.drift += 0.1 * off
            self.drift_noise += max(0.05, 1 / (self.drift_days + 1)) * (off * off - self.drift_noise)
            self.drift_days += 1
        size, error = abs(self.drift), math.sqrt(self.drift_noise * 0.1 / 1.9)
        if was:
            return doubt.over(size, 0.02)
        return doubt.over(size, 0.04) and doubt.over(size, 4 * error) and self.drift_days >= 14

    def _night_base(self, day: Day, was: bool, doubt: Compares) -> bool:
        if day.night_h < 3:
            return was
        watts = day.night_wh / max(day.night_h, 1)
        limit = self.night * (1.15 if was else 1.3) + (0 if was else 250)
        above = self.nights >= 14 and doubt.over(watts, limit)
        self.night_run = self.night_run + 1 if above else 0
        self.night += max(0.01 if above else 0.05, 1 / (self.nights + 1)) * (watts - self.night)
        self.nights += 1
        return self.night_run >= (1 if was else 2)

    def _weekend(self, day: Day, was: bool, doubt: Compares) -> bool:
        if not day.complete:
            return was
        if not day.rest:
            self.work += max(0.1, 1 / (self.works + 1)) * (day.energy - self.work)
            self.works += 1
            return was
        span = self.work - self.rest
        above = self.rests >= 4 and doubt.over(span, 0.15 * self.work)
        above = above and doubt.over((day.energy - self.rest) / max(span, 1), 0.5)
        self.rest += max(0.03 if above else 0.15, 1 / (self.rests + 1)) * (day.energy - self.rest)
        self.rests += 1
        return above

    def _setback(self, day: Day, was: bool, doubt: Compares) -> bool:
        if not day.complete or day.rest or day.night_h < 3 or day.energy <= 1:
            return was
        ratio = day.night_wh / max(day.night_h, 1) / max(day.energy / max(day.read_h, 1), 1)
        known = self.ratios >= 10 and doubt.over(0.8, self.ratio)
        above = known and doubt.over((ratio - self.ratio) / max(1 - self.ratio, 0.1), 0.5)
        self.setback_run = self.setback_run + 1 if above else 0
        self.ratio += max(0.02 if above else 0.1, 1 / (self.ratios + 1)) * (ratio - self.ratio)
        self.ratios += 1
        return self.setback_run >= (1 if was else 2)

    def _multiplier(self, day: Day, was: bool, doubt: Compares) -> bool:
        if not day.complete or not doubt.over(day.expected, 1000):
            return was
        ratio = day.energy / day.expected
        large = 1 / max(ratio, 1e-6) if ratio < 1 else ratio
        off = min(abs(large - f) / f for f in (10, 40, 60, 80, 100, 120, 1000))
        return doubt.over(0.15, off)

    def _clock(self, day: Day, was: bool, doubt: Compares) -> bool:
        if not day.complete or not day.expected > 1:
            return was
        share = min(day.earlier, day.later) / max(day.miss, 1)
        better = doubt.over(0.6, share) and doubt.over(day.miss, 0.03 * day.energy)
        self.clock_run = self.clock_run + 1 if better else 0
        return self.clock_run >= (1 if was else 3)
