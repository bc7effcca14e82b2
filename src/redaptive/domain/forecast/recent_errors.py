"""What day-ahead forecasts of the last like days were off, hour by hour, and how much of it is carried on.

A schedule or a plant that changed this week is in no column yet; the errors of the last days show it. Four days of the
same class (working or resting) among the last ten, the newest first, shrunk as if five days without error were added.
On 2018 of the public data this lowered the median WAPE of the third quarter from 0.0751 to 0.0718 and that of the
fourth from 0.0788 to 0.0764; the second lost a little (docs/explanation/forecasts.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from redaptive.domain.forecast.fleet_days import F32, HOURS
from redaptive.domain.meter_series import SUNDAY, Floats, Ints

BACK: Final = 4
AMONG_DAYS: Final = 10
DECAY: Final = 0.8
PRIOR_DAYS: Final = 5.0
MOST: Final = 0.3
"""An error counts as at most this share of the mean load."""


class RecentErrors:
    """Errors of day-ahead medians by day, each forecast once.

    `median(day)`: (meters, 24) kWh of a day from the days before it.
    """

    def __init__(self, energy: F32, kind: Ints, median: Callable[[int], Floats]) -> None:
        self._energy, self._rest, self._median = energy, kind[:, 0] >= SUNDAY - 1, median
        self._known: dict[int, Floats] = {}

    def carried(self, target: int, last: int, scale: F32) -> Floats:
        """(meters, 24) what to add to the forecast of day `target`, in mean loads `scale` (meters,).

        By days up to and with `last`, which had ended at the issue; 0 where no error is known.
        """
        total = np.zeros((len(self._energy), HOURS))
        weight = np.full(total.shape, PRIOR_DAYS)
        for place, day in enumerate(self._like_days(target, last)):
            error = np.clip(self._error(day) / scale[:, None], -MOST, MOST)
            known = np.isfinite(error)
            total += DECAY**place * np.where(known, error, 0.0)
            weight += DECAY**place * known
        return np.asarray(total / weight)

    def _like_days(self, target: int, last: int) -> list[int]:
        days = range(last, max(0, last - AMONG_DAYS), -1)
        return [day for day in days if self._rest[day] == self._rest[target]][:BACK]

    def _error(self, day: int) -> Floats:
        if day not in self._known:
            self._known[day] = self._energy[:, day] - self._median(day)
        return self._known[day]
