"""What many meters do in the same hours, such as a closure or a mild week: no anomaly of any one of them.

Idea: the median over meters of how far each stands from its own expectation, hour by hour. A meter follows it by a
slope of its own, which is fitted and taken off. Failure mode: a fault that most meters share is taken for a closure.
Source: ours (docs/explanation/detection.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.known_values import at_places, group_means, median

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HOUR_S: Final = 3_600
LEAST_METERS: Final = 5
"""An hour in which fewer meters were read has no shared course."""
CLIP_Z: Final = 10.0
MOST_SLOPE: Final = 3.0


@dataclass(frozen=True)
class SharedCourse:
    """Median distance from expectation, in spreads, of hours from `first_h` (since 1970, the clock of the readings)."""

    first_h: int
    level: Floats

    def at(self, start_s: Ints) -> Floats:
        """The course in the hours of these moments; 0 outside of the known ones."""
        return at_places(self.level, start_s // HOUR_S - self.first_h)


NO_COURSE: Final = SharedCourse(0, np.empty(0))


def shared_course(standings: Sequence[tuple[Ints, Floats]]) -> SharedCourse:
    """The course of meters given as moments (seconds) and distances in spreads (NaN unknown).

    >>> hours = np.arange(3) * 3600
    >>> shared_course([(hours, np.array([0.0, -2.0, 0.5]))] * 5).level.tolist()
    [0.0, -2.0, 0.5]
    """
    known = [(start, z) for start, z in standings if start.size]
    if len(known) < LEAST_METERS:
        return NO_COURSE
    first = min(int(start[0]) for start, _ in known) // HOUR_S
    hours = max(int(start[-1]) for start, _ in known) // HOUR_S - first + 1
    by_hour = np.full((len(known), hours), np.nan, np.float32)
    for row, (start, z) in enumerate(known):
        at = np.isfinite(z)
        by_hour[row] = group_means(np.clip(z[at], -CLIP_Z, CLIP_Z), start[at] // HOUR_S - first, hours)
    enough = np.isfinite(by_hour).sum(axis=0) >= LEAST_METERS
    return SharedCourse(first, np.where(enough, median(by_hour, axis=0), 0.0).astype(np.float64))


def followed(z: Floats, course: Floats) -> float:
    """By how many of its own spreads a meter moves with one of the course: least squares of clipped values, 0 to 3."""
    known = np.isfinite(z)
    own, shared = np.clip(z[known], -CLIP_Z, CLIP_Z), course[known]
    power = float((shared * shared).sum())
    return float(np.clip((own * shared).sum() / power, 0.0, MOST_SLOPE)) if power > 1e-9 else 0.0
