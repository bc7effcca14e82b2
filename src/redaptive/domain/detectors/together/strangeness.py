"""The score of each reading of a fleet, from 0 to 100, comparable between meters.

Idea: that of the live ranking (`detectors.ranking`) with a mean over the last hours beside its parts: distance now,
over the last hours, in this quarter of the day and over months, each over what is usual for the meter; or the run of
equal readings over the usual run; or a zero where zeros are rare. Failure mode: a meter always strange looks usual.
Source: ours; weights chosen on development buildings (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors.together.first_days import Bool, Floats
from redaptive.domain.detectors.together.usual import SD_PER_MEAN_DEVIATION

QUARTERS: Final = 4
WEIGHTS: Final = np.array([[0.5], [0.6], [0.32], [0.99]])
"""Of now, the last hours, the quarter of the day, months."""
LEAST_USUAL: Final = np.array([[0.3], [0.12], [0.15], [0.07]])
HOURS_RATE, QUARTER_RATE, MONTHS_RATE, USUAL_RATE = 0.09, 0.08, 0.0006, 0.0034
CLIP_Z, USUAL_CLIP, FIRST_READINGS = 5.0, 3.0, 20.0
REPEAT, RUN_RATE, RUN_CLIP, FIRST_RUN = 2.63, 0.02, 3.0, 2.0
ZERO, ZERO_SPREADS, ZERO_MEMORY_H, NEVER_ZERO, NEVER_AFTER_H = 20.0, 4.0, 2000.0, 0.002, 168.0
OWN, EDGE = 0.4, 2
"""A mean of the past counts for a reading this share of it away the same way, for nearer ones by a power."""
FIRST_H: Final = 24.0
MOST: Final = 100.0


class Strangeness:
    """State of `meters` meters, read every `hours` hours; `score` and `learn` are called in turn."""

    def __init__(self, meters: int, hours: float) -> None:
        self._hours, self._visit = hours, min(hours, 1.0)
        self._quarters = np.zeros((QUARTERS, meters))
        self._lasting, self._months, self._run, self._zeros = np.zeros((4, meters))
        self._usual_run, self._last = np.full(meters, FIRST_RUN), np.full(meters, np.nan)
        self._usual = np.ones((len(WEIGHTS), meters))
        self._away, self._learned_h = np.zeros((len(WEIGHTS), meters)), np.zeros(meters)

    def score(self, quarter: int, energy: Floats, z: Floats, clear: Floats, seen_h: Floats) -> Floats:
        """Scores where `energy` is not NaN, else 0; `z` NaN where nothing is known.

        `clear` is by how many spreads the expectation lies above zero, `seen_h` the hours of readings before.
        """
        given, known = np.isfinite(energy), np.isfinite(z)
        self._take_distance(quarter, np.where(known, z, 0.0), known)
        distance = (WEIGHTS * self._away / self._usual * self._along(quarter, np.where(known, z, 0.0))).sum(axis=0)
        self._take_run(energy, given)
        nothing = given & (energy == 0)
        repeated = np.where(nothing, 0.0, REPEAT * self._run / (self._usual_run + 1.0))
        never = (self._zeros < NEVER_ZERO) & (seen_h > NEVER_AFTER_H)
        vanished = np.where(nothing & known & ((clear > ZERO_SPREADS) | never), ZERO * (1.0 - self._zeros), 0.0)
        memory = np.minimum(seen_h + self._hours, ZERO_MEMORY_H)
        self._zeros += np.where(given, self._visit / memory * (nothing - self._zeros), 0.0)
        score = np.minimum(np.maximum(np.maximum(distance, repeated), vanished), MOST)
        return np.where(given & (seen_h >= FIRST_H), score, 0.0)

    @property
    def run(self) -> Floats:
        """Equal readings in a row before each last one."""
        return self._run

    @property
    def usual_run(self) -> Floats:
        """Of each meter."""
        return self._usual_run

    @property
    def zeros(self) -> Floats:
        """Share of zeros of each meter."""
        return self._zeros

    def parts(self) -> tuple[Floats, ...]:
        """Of the readings just scored: now and months over what is usual, the four usual ones, the drift of months."""
        now, months = self._away[0] / self._usual[0], self._away[-1] / self._usual[-1]
        return now, months, *self._usual, self._months

    def learn(self, known: Bool, hold: Floats) -> None:
        """Learn what is usual for each meter from the distances just scored, where `known`."""
        rate = np.maximum(USUAL_RATE, 1.0 / (self._learned_h + FIRST_READINGS))
        rate = np.where(known, hold * self._visit * rate, 0.0)
        self._learned_h += np.where(known, self._hours, 0.0)
        seen = SD_PER_MEAN_DEVIATION * np.minimum(self._away, USUAL_CLIP * self._usual)
        self._usual = np.maximum(self._usual + rate * (seen - self._usual), np.where(known, LEAST_USUAL, 0.0))

    def _take_distance(self, quarter: int, z: Floats, known: Bool) -> None:
        clipped = np.clip(z, -CLIP_Z, CLIP_Z)
        visit = np.where(known, self._visit, 0.0)
        here = self._quarters[quarter]
        here += QUARTER_RATE * visit * (clipped - here)
        self._lasting += HOURS_RATE * visit * (clipped - self._lasting)
        self._months += MONTHS_RATE * visit * (clipped - self._months)
        self._away = np.abs(np.stack([z, self._lasting, here, self._months]))

    def _along(self, quarter: int, z: Floats) -> Floats:
        """How much each part counts: means of the past only as far as the reading itself goes their way."""
        counts = np.ones_like(self._away)
        for place, mean in ((1, self._lasting), (2, self._quarters[quarter])):
            own = np.maximum(np.sign(mean) * z, 0.0)
            counts[place] = np.minimum(own / np.maximum(OWN * np.abs(mean), 1e-9), 1.0) ** EDGE
        return counts

    def _take_run(self, energy: Floats, given: Bool) -> None:
        same = given & (energy == self._last)
        broke = given & ~same & (self._run > 0)
        step = RUN_RATE * (np.minimum(self._run, RUN_CLIP * self._usual_run) - self._usual_run)
        self._usual_run += np.where(broke, step, 0.0)
        self._run = np.where(same, self._run + 1.0, np.where(given, 0.0, self._run))
        self._last = np.where(given, energy, self._last)
