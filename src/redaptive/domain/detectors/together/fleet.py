"""Meters of one commodity and cadence judged together, interval by interval, each reading by what came before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.together.closure import SUNDAY, Closure
from redaptive.domain.detectors.together.course import Course, Courses
from redaptive.domain.detectors.together.first_days import DAY_H, Floats
from redaptive.domain.detectors.together.strangeness import Strangeness
from redaptive.domain.detectors.together.traits import Traited, Traits
from redaptive.domain.detectors.together.usual import Usual

FLAG_SCORE: Final = 8.0
"""A reading with this score or more is worth a look; see docs/explanation/detection.md."""
SUSPECT, HOLD = 3.5, 0.41
"""A reading with a higher score is learned at this share of the usual rate, so that an episode keeps its score."""
LEARNED_ALONE: Final = 0.5
"""Share of what the others explain that a meter's own expectation does not learn."""
QUARTER_H: Final = 6


class Judged(NamedTuple):
    """By meter: expectation (units of energy, NaN unknown), distance from it in spreads (NaN), score (0 to 100).

    The score is the hand-made one; `traits` (traits, meters) are what `learned` makes the score of files of.
    """

    expected: Floats
    z: Floats
    score: Floats
    traits: Traited


class Fleet:
    """State of `meters` meters that are read every `hours` hours at the same times; readings in any unit of energy.

    `files` are meters (their numbers) that stand beside each other, where many files are judged at once.
    """

    def __init__(self, meters: int, hours: float, files: Sequence[npt.NDArray[np.int64]] | None = None) -> None:
        self.meters, self.hours = meters, hours
        self._usual = Usual(meters, hours)
        self._course = Course(meters, hours) if files is None else Courses(meters, hours, files)
        self._closure = Closure(meters)
        self._strangeness = Strangeness(meters, hours)
        self._traits = Traits(meters, hours)

    def judge(self, day: int, slot: int, energy: Floats, temperature_c: float = np.nan) -> Judged:
        """Judge the readings of one interval by the intervals before, then learn them. Call in order of time.

        `energy` by meter, NaN where nothing was read; `day` any number of the local day; `slot` the local hour of the
        week, Monday 0:00 is 0; NaN °C: no weather. Without five meters nothing is shared.
        """
        quarter = slot % DAY_H // QUARTER_H
        begun = self._usual.begun(energy)
        energy = np.where(begun, energy, np.nan)
        due = self._usual.due(slot, temperature_c)
        raw = self._usual.distance(slot, energy, due)
        moved = self._course.moved(day, quarter, raw)
        expected, seen_h = due.expected + moved * due.spread, self._usual.seen_h.copy()
        closed_z = (energy - self._usual.at(SUNDAY + slot % DAY_H)) / due.spread
        z = self._closure.left(day, slot, raw - moved, closed_z) * due.trust
        score = self._strangeness.score(quarter, energy, z, expected / due.spread, seen_h)
        traits = self._traits.of(slot, energy, self._usual, due, raw, moved, z, self._strangeness, score)
        hold = np.where(score > SUSPECT, HOLD, 1.0)
        self._strangeness.learn(np.isfinite(z) & (due.visits > 0), hold)
        self._usual.learn(slot, energy, begun, LEARNED_ALONE * moved * due.spread, hold, due)
        self._course.learn(quarter, raw)
        return Judged(np.where(due.known, expected, np.nan), z, score, traits)
