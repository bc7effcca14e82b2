"""What each meter of a fleet should read now, by its own past: level, spread, recent shift and weather.

Idea: that of the live expectation (`detectors.expectation`), made fit for files that begin nowhere: a meter begins with
its first reading other than zero, its size is that of such readings, and the spread of an hour of the week seen
seldom leans on the spread of all its hours. Failure mode: as there; what lasts for weeks becomes usual.
Source: energy-science 3.1; constants chosen on development buildings (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.together.first_days import DAY_H, DAYS, Bool, Extent, Floats, stand_in, trust

SLOTS: Final = DAYS * DAY_H
LEVEL_RATE, SPREAD_RATE, SIZE_MEMORY_H = 0.2, 0.006, 672.0
SHIFT_RATE, SHIFT_DECAY = 0.0048, 0.0018
CLIP_SPREADS, FLOOR_SHARE, LEAST_SPREAD = 5.0, 0.057, 1e-30
FIRST_SHARE, LEANING_VISITS = 0.2, 2.0
SD_PER_MEAN_DEVIATION: Final = 1.25
SIZE_CLIP: Final = 4.0
HEATING_BELOW_C, COOLING_ABOVE_C, DEGREE_MEMORY_H = 15.0, 18.0, 840.0
SLOPE_RATE, SLOPE_RIDGE_K2, SLOPE_CLIP = 0.0002, 25.0, 3.0


class Due(NamedTuple):
    """Expectation of each meter's reading and its spread (units of energy), and where either is known at all.

    `level` and `visits` are those of the hour of the week, the level of another day where it is new; `strange` is
    where no day of this kind was seen, `trust` how far a distance counts (0 to 1); `degrees_k` degrees of heating and
    cooling above their means.
    """

    expected: Floats
    spread: Floats
    known: Bool
    level: Floats
    visits: Floats
    strange: Bool
    trust: Floats
    degrees_k: tuple[float, float]


class Usual:
    """State of `meters` meters, read every `hours` hours."""

    def __init__(self, meters: int, hours: float) -> None:
        self._hours, self._visit = hours, min(hours, 1.0)
        self._level, self._spread, self._visits, self._compared = (np.zeros((SLOTS, meters)) for _ in range(4))
        self._extent = Extent(meters)
        self._size, self._sizes_h, self._shift, self._all, self._all_h, self.seen_h = np.zeros((6, meters))
        self._slopes = np.zeros((2, meters))
        self._means_k, self._weather_h = [0.0, 0.0], 0.0

    @property
    def size(self) -> Floats:
        """Mean reading other than zero of each meter."""
        return self._size

    @property
    def spread_of_all(self) -> Floats:
        """Spread over all hours of the week."""
        return self._all

    def begun(self, energy: Floats) -> Bool:
        """Where a reading exists of a meter that has read something other than zero, this one included."""
        found: Bool = np.isfinite(energy) & ((self._sizes_h > 0) | (energy != 0))
        return found

    def due(self, slot: int, temperature_c: float) -> Due:
        """What is known before the readings of an hour of the week (Monday 0:00 is 0); NaN °C: no weather."""
        visits, compared = self._visits[slot], self._compared[slot]
        level, known, alike = stand_in(slot, self._level, self._visits)
        degrees = self._degrees(temperature_c)
        weather = self._slopes[0] * degrees[0] + self._slopes[1] * degrees[1]
        leaning = np.where(self._all_h > 0, self._all, FIRST_SHARE * self._size)
        spread = (compared * self._spread[slot] + LEANING_VISITS * leaning) / (compared + LEANING_VISITS)
        wide = np.maximum(np.maximum(spread, FLOOR_SHARE * self._size), LEAST_SPREAD)
        expected, strange = level + self._shift * self._size + weather, (visits == 0) & (alike == 0)
        return Due(expected, wide, known, level, visits, strange, trust(visits, alike), degrees)

    def distance(self, slot: int, energy: Floats, due: Due) -> Floats:
        """By how many spreads each reading lies above what is due; NaN where nothing is known or read."""
        off = energy - due.expected
        if due.strange.any():
            off = np.where(due.strange, self._extent.beyond(slot, energy), off)
        return np.where(np.isfinite(energy) & due.known, off / due.spread, np.nan)

    def at(self, slot: int) -> Floats:
        """The level of an hour of the week with the recent shift, without weather; NaN where it was never seen."""
        level: Floats = np.where(self._visits[slot] > 0, self._level[slot] + self._shift * self._size, np.nan)
        return level

    def learn(self, slot: int, energy: Floats, begun: Bool, moved: Floats, hold: Floats, due: Due) -> None:
        """Learn the readings where `begun`; `moved` is due to the others, `hold` 1 or less for what looks wrong."""
        known = begun & due.known & ~due.strange
        pace = np.where(begun, self._visit * hold, 0.0)
        energy = np.where(begun, energy, 0.0)
        limit = CLIP_SPREADS * due.spread
        residual = np.where(known, np.clip(energy - due.expected - moved, -limit, limit), 0.0)
        self._learn_slot(slot, energy, begun, known, pace, residual, due)
        self._learn_slopes(residual, pace, due)
        self._learn_size(energy, begun, hold)
        step = pace * SHIFT_RATE * residual / np.maximum(self._size, LEAST_SPREAD)
        self._shift = np.where(begun, (self._shift + step) * (1 - SHIFT_DECAY * self._visit), self._shift)
        self._extent.learn(energy, begun & (hold == 1.0))
        self.seen_h += np.where(begun, self._hours, 0.0)

    def _learn_slot(
        self, slot: int, energy: Floats, begun: Bool, known: Bool, pace: Floats, residual: Floats, due: Due
    ) -> None:
        deviation = SD_PER_MEAN_DEVIATION * np.abs(residual)
        rate = pace * np.maximum(LEVEL_RATE, 1.0 / (due.visits + 1.0))
        first = energy - self._extent.beyond(slot, energy) if due.strange.any() else energy
        level = np.where(known, due.level + rate * residual, first)
        self._level[slot] = np.where(begun, level, self._level[slot])
        old, compared = self._spread[slot], self._compared[slot]
        spread_rate = pace * np.maximum(SPREAD_RATE, 1.0 / (compared + 1.0))
        learned = np.where(compared > 0, old + spread_rate * (deviation - old), deviation)
        self._spread[slot] = np.where(known, learned, old)
        self._visits[slot] += np.where(begun, self._visit, 0.0)
        self._compared[slot] += np.where(known, self._visit, 0.0)
        all_rate = np.where(known, pace * np.maximum(SPREAD_RATE, 1.0 / (self._all_h + 1.0)), 0.0)
        self._all += all_rate * (deviation - self._all)
        self._all_h += np.where(known, self._visit, 0.0)

    def _learn_size(self, energy: Floats, begun: Bool, hold: Floats) -> None:
        """The mean of what is not zero: zeros say nothing of a meter's size."""
        some = begun & (energy != 0)
        size = np.abs(energy)
        first = some & (self._sizes_h == 0)
        self._sizes_h += np.where(some, self._visit, 0.0)
        rate = hold * self._visit / np.clip(self._sizes_h, self._visit, SIZE_MEMORY_H)
        grown = self._size + rate * (np.minimum(size, SIZE_CLIP * self._size) - self._size)
        self._size = np.where(first, size, np.where(some, grown, self._size))

    def _degrees(self, temperature_c: float) -> tuple[float, float]:
        """Heating and cooling degrees above their means of the last weeks, which learn them; 0 without weather."""
        if not np.isfinite(temperature_c):
            return 0.0, 0.0
        found = (max(HEATING_BELOW_C - temperature_c, 0.0), max(temperature_c - COOLING_ABOVE_C, 0.0))
        above = tuple(
            degrees - mean if self._weather_h else 0.0 for degrees, mean in zip(found, self._means_k, strict=True)
        )
        self._weather_h += self._visit
        rate = self._visit / min(self._weather_h, DEGREE_MEMORY_H)
        self._means_k = [mean + rate * (degrees - mean) for degrees, mean in zip(found, self._means_k, strict=True)]
        return above[0], above[1]

    def _learn_slopes(self, residual: Floats, pace: Floats, due: Due) -> None:
        if due.degrees_k == (0.0, 0.0):
            return
        power = SLOPE_RIDGE_K2 + sum(degrees * degrees for degrees in due.degrees_k)
        most = SLOPE_CLIP * due.spread
        gain = pace * SLOPE_RATE * SLOPE_RIDGE_K2 * np.clip(residual, -most, most) / power
        for place, degrees in enumerate(due.degrees_k):
            self._slopes[place] += gain * degrees
