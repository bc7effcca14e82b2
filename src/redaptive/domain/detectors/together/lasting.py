"""Changes that last: how much has gathered of what is unusual about a meter, though each hour of it may be small.

Idea: a one-sided cumulative sum (Page 1954) of the logarithms of the scores above a drift. What one reading adds has a
most, so that a change is told after four hours at the earliest; the sum has one too, so that it ends some hours after
the last unusual reading. It tells when it left zero, which is where the change began. Failure mode: a meter that is
often odd is often said to change; an event of an hour is seen by its score, not here. Drift, limits and most were
chosen on development buildings of two years (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.together.first_days import Floats

DRIFT_PER_H: Final = 0.8
"""The logarithm of 1 + score from which a reading adds."""
ADDS_FROM: Final = float(np.expm1(DRIFT_PER_H))
"""The score from which it does: 1.23."""
MOST_OF_ONE: Final = 1.8
"""What the logarithm counts at most: a score of 5."""
MOST: Final = 5.0
LASTS_FROM: Final = 3.5
"""A sum from which a change is told, until the sum is zero again: four hours at a score of 5 and more, six at 3, twelve
at 2."""
Times = npt.NDArray[np.int64]


class Gathered:
    """State of `meters` meters that are read every `hours` hours; `add` is called once an interval, in order."""

    def __init__(self, meters: int, hours: float) -> None:
        self._visit = min(hours, 1.0)
        self._sum = np.zeros(meters)
        self._since = np.full(meters, -1, np.int64)

    def add(self, time: int, score: Floats) -> tuple[Floats, Times]:
        """The sum of each meter (0 to `MOST`) and the time at which it left zero, -1 at zero.

        `score` by meter (0 to 100), NaN where nothing was read: that counts as usual. `time` in any unit.
        """
        strange = np.minimum(np.log1p(np.nan_to_num(score)), MOST_OF_ONE)
        adds = self._visit * (strange - DRIFT_PER_H)
        found = np.minimum(np.maximum(self._sum + adds, 0.0), MOST)
        self._since = np.where(found > 0, np.where(self._sum > 0, self._since, time), -1)
        self._sum = found
        return found, self._since.copy()

    def skip(self, intervals: int) -> None:
        """Let intervals pass in which no meter was read."""
        self._sum = np.maximum(self._sum - intervals * self._visit * DRIFT_PER_H, 0.0)
        self._since = np.where(self._sum > 0, self._since, -1)
