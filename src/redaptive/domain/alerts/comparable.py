"""The meters of one commodity and place hour by hour, from which any of them is assessed beside the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np

from redaptive.domain.alerts.assessment import (
    BEFORE_H,
    DAY_H,
    Assessment,
    Basis,
    Floats,
    Hours,
    Ints,
    basis,
    usual_week,
)
from redaptive.domain.alerts.kinds import HOUR_S
from redaptive.domain.detectors.history.known_values import median

LEAST_PEERS: Final = 5
"""Meters of other buildings below which nothing is taken off as shared."""
REACH_H: Final = 100 * DAY_H
"""Hours of an episode for which what is shared is known."""
MOST_KEPT: Final = 2_000
HEATING_BELOW_C: Final = 15.0
COOLING_ABOVE_C: Final = 18.0
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Comparable:
    """Energy in kWh (hours, meters) from hour `first_h` since 1970 on, NaN where not read.

    `buildings` names each meter's building; only `peers` (one a building at best, its main meter) are compared with.
    `slot` is the local hour of the week, `air_c` the temperature of each hour, NaN where unknown.
    """

    first_h: int
    kwh: Floats
    slot: Ints
    buildings: Sequence[object]
    peers: Sequence[int]
    air_c: Floats
    _shares: dict[tuple[int, int], Floats] = field(default_factory=dict, repr=False, compare=False)
    _bases: dict[tuple[int, int], Basis | None] = field(default_factory=dict, repr=False, compare=False)
    _courses: dict[tuple[object, int], Floats] = field(default_factory=dict, repr=False, compare=False)

    def assess(self, meter: int, since_h: int, until_h: int) -> Assessment | None:
        """The episode of the meter (a column) from `since_h` up to `until_h` (not included); None: cannot be said."""
        at, until = since_h - self.first_h, min(until_h - self.first_h, len(self.kwh))
        found = self._basis(meter, since_h)
        return found.assess(self._hours(meter, since_h, slice(at, until))) if found and until > at else None

    def known(self, meter: int, since_h: int) -> bool:
        """Whether enough was read before that hour to say anything of an episode that begins then."""
        return self._basis(meter, since_h) is not None

    def _basis(self, meter: int, since_h: int) -> Basis | None:
        at = min(since_h - self.first_h, len(self.kwh))
        if at <= 0:
            return None
        rows = slice(max(0, at - BEFORE_H), at)
        return _kept(self._bases, (meter, since_h), lambda: basis(self._hours(meter, since_h, rows)))

    def _hours(self, meter: int, since_h: int, rows: slice) -> Hours:
        shared = np.stack([self._course(meter, since_h, rows), *self._degrees(rows)], axis=1)
        return Hours(self.kwh[rows, meter], self.slot[rows], shared)

    def _degrees(self, rows: slice) -> tuple[Floats, Floats]:
        air = self.air_c[rows]
        return np.maximum(HEATING_BELOW_C - air, 0.0), np.maximum(air - COOLING_ABOVE_C, 0.0)

    def _course(self, meter: int, since_h: int, rows: slice) -> Floats:
        """Median over the other buildings' meters of how far each was off its usual week, as a share of its size."""
        course = np.full(rows.stop - rows.start, np.nan)
        own, day = self.buildings[meter], since_h // DAY_H
        whole = _kept(self._courses, (own, day), lambda: self._median(own, day))
        skipped = rows.start - self._first(day)
        known = whole[skipped : skipped + len(course)]
        course[: len(known)] = known
        return course

    def _median(self, own: object, day: int) -> Floats:
        others = [k for k in self.peers if self.buildings[k] != own]
        if len(others) < LEAST_PEERS:
            return np.empty(0)
        shares = np.stack([self._share(k, day) for k in others], axis=1)
        return np.where(np.isfinite(shares).sum(1) >= LEAST_PEERS, median(shares, axis=1), np.nan)

    def _first(self, day: int) -> int:
        return max(0, day * DAY_H - BEFORE_H - self.first_h)

    def _share(self, meter: int, day: int) -> Floats:
        """A meter's distance from its usual week before that day over its mean, from eight weeks before the day on."""
        first, at = self._first(day), max(0, day * DAY_H - self.first_h)
        rows = slice(first, at + REACH_H)
        return _kept(self._shares, (meter, day), lambda: _distance(self.kwh[rows, meter], self.slot[rows], at - first))


@dataclass(frozen=True)
class Episode:
    """One episode of one meter among comparable ones (its column), from `since_s` (epoch seconds) on."""

    among: Comparable
    meter: int
    since_s: int

    @property
    def known(self) -> bool:
        """Whether enough was read before it."""
        return self.among.known(self.meter, self.since_s // HOUR_S)

    def assess(self, until_s: int) -> Assessment | None:
        """It up to that time; None: cannot be said."""
        return self.among.assess(self.meter, self.since_s // HOUR_S, until_s // HOUR_S)


def _distance(kwh: Floats, slot: Ints, at: int) -> Floats:
    """How far each hour is off the usual week of the hours up to the `at`-th, over the mean of that week."""
    if at <= 0 or not np.isfinite(kwh[:at]).any():
        return np.full(len(kwh), np.nan)
    usual = usual_week(kwh[:at], slot[:at])
    size = float(np.mean(np.abs(usual)))
    return (kwh - usual[slot]) / size if size > 0 else np.full(len(kwh), np.nan)


def _kept(known: dict[K, V], key: K, made: Callable[[], V]) -> V:
    """What is known by the key, else what is made now and kept; all is forgotten where too much was."""
    if key not in known:
        if len(known) >= MOST_KEPT:
            known.clear()
        known[key] = made()
    return known[key]
