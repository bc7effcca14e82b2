"""What the meters of a fleet do together in an interval, known from the past of each and the readings of now.

Idea: two courses. The median distance over all meters, which each follows by slopes of its own, one for each quarter
of the day; and the mean of what is left over those that moved like it so far, by the root of their correlation.
Failure mode: a fault that most meters share is taken for a closure; fewer than five meters share nothing.
Source: ours; constants chosen on development buildings (docs/explanation/detection.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.shared_course import CLIP_Z, LEAST_METERS, MOST_SLOPE
from redaptive.domain.detectors.together.first_days import Floats

QUARTERS: Final = 4
MEMORY: Final = 0.0005
"""Share of what was learned that an hour takes away."""
SLOPE_PRIOR, SLOPE_WEIGHT = 0.7, 10.0
REST_CLIP, REST_WEIGHT, MOST_REST_SLOPE = 3.0, 20.0, 2.0
LIKENESS_POWER: Final = 0.5
MOST_SHARING: Final = 200
"""Meters whose movements the others are compared with, evenly over the fleet."""


class Course:
    """State of `meters` meters, read every `hours` hours; `moved` and `learn` are called in turn."""

    def __init__(self, meters: int, hours: float) -> None:
        self._hours = min(hours, 1.0)
        self._shared_power = np.full((QUARTERS, meters), SLOPE_WEIGHT)
        self._with_shared = SLOPE_PRIOR * self._shared_power
        self._sharing = np.arange(0, meters, max(1, -(-meters // MOST_SHARING)))
        self._together = np.zeros((meters, len(self._sharing)))
        self._rest_power, self._likeness_power = np.full((2, meters), REST_WEIGHT)
        self._with_rest = np.zeros(meters)
        self._likeness = np.zeros_like(self._together)
        self._day, self._today = -1, list[Floats]()
        self._shared, self._rest, self._due = 0.0, np.zeros(meters), np.zeros(meters)

    def moved(self, day: int, quarter: int, z: Floats) -> Floats:
        """By how many of its spreads each meter is away with the others; `z` are distances now, NaN unknown."""
        if day != self._day:
            self._end_day(day)
        known = np.isfinite(z)
        self._shared = float(np.median(np.clip(z[known], -CLIP_Z, CLIP_Z))) if known.sum() >= LEAST_METERS else 0.0
        slope = np.clip(self._with_shared[quarter] / self._shared_power[quarter], 0.0, MOST_SLOPE)
        first: Floats = slope * self._shared
        self._rest = np.where(known, np.clip(z - first, -REST_CLIP, REST_CLIP), 0.0)
        self._due = self._of_likes(known)
        second: Floats = np.clip(self._with_rest / self._rest_power, 0.0, MOST_REST_SLOPE) * self._due
        return first + second

    def learn(self, quarter: int, z: Floats) -> None:
        """Remember what each meter did beside the others."""
        keep, known = 1.0 - MEMORY * self._hours, np.isfinite(z)
        own = np.where(known, np.clip(z, -CLIP_Z, CLIP_Z), 0.0) * self._shared
        lost = (1.0 - keep) * SLOPE_WEIGHT
        for sums, new, prior in (
            (self._with_shared, self._hours * own, SLOPE_PRIOR * lost),
            (self._shared_power, self._hours * known * self._shared**2, lost),
        ):
            sums[quarter] = np.where(known, sums[quarter] * keep + new + prior, sums[quarter])
        self._with_rest = np.where(
            known, self._with_rest * keep + self._hours * self._rest * self._due, self._with_rest
        )
        power = self._rest_power * keep + self._hours * self._due**2 + (1.0 - keep) * REST_WEIGHT
        self._rest_power = np.where(known, power, self._rest_power)
        self._today.append(self._rest)

    def _of_likes(self, known: np.ndarray) -> Floats:
        """Mean of what is left now over the meters that moved alike, by likeness; 0 where there is none."""
        if known.sum() < LEAST_METERS:
            return np.zeros(len(known))
        weight = self._likeness @ known[self._sharing].astype(np.float64)
        total = self._likeness @ self._rest[self._sharing]
        return np.where(weight > 0, total / np.maximum(weight, 1e-9), 0.0)

    def _end_day(self, day: int) -> None:
        """Learn from the day before how alike meters are; within a day it stays."""
        self._day = day
        if not self._today:
            return
        rest = np.stack(self._today)
        self._today = []
        keep = (1.0 - MEMORY * self._hours) ** len(rest)
        self._together = self._together * keep + self._hours * (rest.T @ rest[:, self._sharing])
        power = self._hours * (rest * rest).sum(axis=0)
        self._likeness_power = self._likeness_power * keep + power + (1.0 - keep) * REST_WEIGHT
        scale = np.sqrt(np.outer(self._likeness_power, self._likeness_power[self._sharing]))
        self._likeness = np.maximum(self._together / scale, 0.0) ** LIKENESS_POWER
        self._likeness[self._sharing, np.arange(len(self._sharing))] = 0.0


class Courses:
    """Courses of several files that are judged at once, each of its own columns; other columns share nothing."""

    def __init__(self, meters: int, hours: float, files: Sequence[npt.NDArray[np.int64]]) -> None:
        self._meters, self._files = meters, [(file, Course(len(file), hours)) for file in files]

    def moved(self, day: int, quarter: int, z: Floats) -> Floats:
        """As of a course."""
        found = np.zeros(self._meters)
        for file, course in self._files:
            found[file] = course.moved(day, quarter, z[file])
        return found

    def learn(self, quarter: int, z: Floats) -> None:
        """As of a course."""
        for file, course in self._files:
            course.learn(quarter, z[file])
