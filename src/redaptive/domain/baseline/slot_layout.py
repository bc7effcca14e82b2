"""Time padded into slots of the week, so that one matrix product per slot serves all meters of a station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64, SLOTS, WEEKS, SiteHours
from redaptive.domain.baseline.weather_basis import BASIS

F32 = npt.NDArray[np.float32]
PAIRS: Final = np.triu_indices(BASIS)
OUTDOOR: Final = 3
HEATING_C: Final = 10.0
COOLING_C: Final = 18.3


@dataclass(frozen=True)
class SlotLayout:
    """Hours arranged as (168 slots, R places); the first 53 places of a slot are the weeks of the year.

    What falls on a week twice (holidays beside their Sunday, repeated hours, a second year) has the places after them.
    `place` (168, R) int: position in time, or n for padding. `known` (168, R): there is such an hour and its weather
    is known. `basis` (168, R, 8), `products` (168, R, 36: upper triangle of b bT), `more_weeks` (168, R - 53, 53:
    one-hot weeks of the places beyond), `outdoor` (168, R, 3): 1, degrees below 10 °C, degrees above 18.3 °C; all
    float32 and 0 where not known.
    """

    n: int
    place: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    basis: F32
    products: F32
    more_weeks: F32
    outdoor: F32

    def arrange(self, by_time: F32) -> F32:
        """(M, n) values of time as (168, M, R); NaN where there is no such hour or its weather is unknown."""
        padded = np.concatenate([by_time, np.full((len(by_time), 1), np.nan, np.float32)], axis=1)
        return np.where(self.known[:, None, :], padded[:, self.place].transpose(1, 0, 2), np.float32(np.nan))

    def by_week(self, value: F32) -> F32:
        """(168, M, R) values summed over the places of each week: (168, M, 53)."""
        if not self.more_weeks.shape[1]:
            return value
        summed: F32 = value[..., :WEEKS] + np.matmul(value[..., WEEKS:], self.more_weeks)
        return summed

    def of_week(self, effect: F32) -> F32:
        """(168, M, 53) effects of weeks laid out over the places: (168, M, R); unknown hours have one too."""
        if not self.more_weeks.shape[1]:
            return effect
        return np.concatenate([effect, np.matmul(effect, self.more_weeks.transpose(0, 2, 1))], axis=2)


def slot_layout(hours: SiteHours, columns: F64) -> SlotLayout:
    """The layout of a fit period; `columns` (n, 8) come from its `WeatherBasis`."""
    place = _places(hours)
    inside = place < hours.n
    known = inside & np.append(hours.weather_known, False)[place]
    at = np.where(inside, place, 0)
    basis = _zeroed(columns[at], known)
    t = hours.temperature_c[at]
    outdoor = np.stack([np.ones_like(t), np.maximum(0.0, HEATING_C - t), np.maximum(0.0, t - COOLING_C)], axis=-1)
    return SlotLayout(
        n=hours.n,
        place=place,
        known=known,
        basis=basis,
        products=np.ascontiguousarray(basis[..., PAIRS[0]] * basis[..., PAIRS[1]]),
        more_weeks=_zeroed(np.eye(WEEKS)[hours.week[at[:, WEEKS:]]], known[:, WEEKS:]),
        outdoor=_zeroed(outdoor, known),
    )


def _places(hours: SiteHours) -> npt.NDArray[np.int64]:
    """(168, R): the first hour of a slot in a week at that week, the others behind the weeks."""
    cell = hours.slot * WEEKS + hours.week
    first = np.unique(cell, return_index=True)[1]
    later = np.setdiff1d(np.arange(hours.n), first)
    order = later[np.argsort(hours.slot[later], kind="stable")]
    count = np.bincount(hours.slot[order], minlength=SLOTS)
    place = np.full((SLOTS, WEEKS + int(count.max(initial=0))), hours.n, dtype=np.int64)
    place[hours.slot[first], hours.week[first]] = first
    place[hours.slot[order], WEEKS + np.arange(order.size) - np.repeat(np.cumsum(count) - count, count)] = order
    return place


def _zeroed(value: F64, known: npt.NDArray[np.bool_]) -> F32:
    return np.where(known[..., None], value, 0.0).astype(np.float32)
