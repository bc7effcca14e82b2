"""Hours of the week that a meter has not been read in yet: what stands in for them, and how much that says.

Idea: the same hour of the latest day of its kind (working days, weekend) stands in, at a discount until several such
days are known. Where no day of the kind was seen, a reading is only strange far outside of everything seen so far, so
that the first weekend of a file is no anomaly, nor the first Monday. Hours seen once or twice count less too.
Failure mode: an event within the first days of a kind is taken for what they are, unless it is gross.
Source: ours; constants chosen on development meters (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
DAY_H: Final = 24
WEEKDAYS, DAYS = 5, 7
FIRST_TRUST, TRUST_BY_DAY = 0.5, 0.15
"""How far the distance from the first day of the same kind counts, and what each further one adds."""
SEEN_VISITS: Final = 4.0
"""Visits after which the distance from an hour of the week counts in full."""
MOST_RISE: Final = 10.0
"""The first working day may read this many times what the weekend before it read."""


class StandIn(NamedTuple):
    """By meter: level (0 unknown), where there is any, and of how many days of the same kind the hour is known."""

    level: Floats
    known: Bool
    alike: Floats


def stand_in(slot: int, levels: Floats, visits: Floats) -> StandIn:
    """What each meter reads in an hour of the week (Monday 0:00 is 0), by its own hour or by that of other days.

    `levels` and `visits` have a row an hour of the week. Last of all yesterday stands in.
    """
    known = visits[slot] > 0
    level = levels[slot]
    if known.all():
        return StandIn(level, known, np.zeros(known.size))
    day, hour = divmod(slot, DAY_H)
    others = [other * DAY_H + hour for other in _same_kind(day)]
    for other in (*others, (day - 1) % DAYS * DAY_H + hour):
        there = visits[other] > 0
        level, known = np.where(~known & there, levels[other], level), known | there
    return StandIn(level, known, (visits[others] > 0).sum(axis=0).astype(np.float64))


def trust(visits: Floats, alike: Floats) -> Floats:
    """How far a distance counts, up to 1, after so many visits of its hour or, with none, of days of its kind."""
    few = np.sqrt(1.0 + np.maximum(1.0 / np.maximum(visits, 1e-9) - 1.0 / SEEN_VISITS, 0.0))
    other = np.where(alike > 0, np.minimum(FIRST_TRUST + TRUST_BY_DAY * (alike - 1.0), 1.0), 1.0)
    return np.where(visits > 0, 1.0 / few, other)


def _same_kind(day: int) -> list[int]:
    """The other working days or the other day of the weekend, the latest before `day` first."""
    days = range(WEEKDAYS) if day < WEEKDAYS else range(WEEKDAYS, DAYS)
    return sorted((other for other in days if other != day), key=lambda other: (day - other) % DAYS)


class Extent:
    """The lowest and the highest reading of each meter so far, without those that looked wrong."""

    def __init__(self, meters: int) -> None:
        self._low, self._high = np.full(meters, np.inf), np.full(meters, -np.inf)

    def beyond(self, slot: int, energy: Floats) -> Floats:
        """By how much each reading lies far outside of all before it, signed; 0 within or where there was none."""
        some = np.isfinite(self._low)
        low, high = np.where(some, self._low, 0.0), np.where(some, self._high, 0.0)
        rise = (MOST_RISE - 1.0) * np.abs(high) if slot < WEEKDAYS * DAY_H else high - low
        return np.where(some, energy - np.clip(energy, 2.0 * low - high, high + rise), 0.0)

    def learn(self, energy: Floats, usual: Bool) -> None:
        """Take the readings where `usual`."""
        self._low = np.where(usual, np.minimum(self._low, energy), self._low)
        self._high = np.where(usual, np.maximum(self._high, energy), self._high)
