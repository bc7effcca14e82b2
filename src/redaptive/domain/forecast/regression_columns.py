"""What the regression of a meter sees of each day: its own days before it, the calendar, temperature that had been.

Arrays lie as (meters, 24, days), so that the days of one hour of one meter are together. Nothing of a day itself or of
a later one enters its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.forecast.base_settings import LEVEL_DAMPING, LIKE_DECAY, MAX_RATIO, SCALE_DAYS
from redaptive.domain.forecast.fleet_days import F32, HOURS, FleetDays
from redaptive.domain.meter_series import SUNDAY, Ints

CLASS_DECAY: Final = 0.85
MISS_DECAY: Final = 0.8
FAR_COLUMN: Final = 1.5
CELSIUS: Final = 10.0
WARM_C: Final = 16.0
MILD_C: Final = 10.0
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """`x` (meters, 24, columns, days) in mean loads, 0 where unknown; `target` (meters, 24, days) distance of the
    reading from `base` (kWh) in mean loads `scale` (meters, 1, days), NaN where unknown."""

    x: F32
    target: F32
    base: F32
    scale: F32

    def span(self, days: slice) -> Columns:
        """The same of some days."""
        return Columns(*(part[..., days] for part in (self.x, self.target, self.base, self.scale)))


@dataclass(frozen=True)
class _Calendar:
    """(24, days) each; `before` and `after` say whether the neighbouring days are days of rest."""

    kind: Ints
    rest: Bools
    before: Bools
    after: Bools
    holiday: Bools


def columns(days: FleetDays, meters: slice, span: slice) -> Columns:
    """The columns of some meters over days `span` of the grid; a day early in the span knows only the span's days."""
    energy = np.ascontiguousarray(days.energy[meters, span].transpose(0, 2, 1))
    calendar = _calendar(days, span)
    known = np.isfinite(energy)
    held = np.where(known, energy, np.float32(0))
    scale = _rolled(np.abs(held), known, SCALE_DAYS)
    scale = np.asarray(np.where(scale > 0, scale, np.nan), np.float32)
    classes = _mean_before(energy, calendar.rest.astype(np.int64), CLASS_DECAY)
    like = _mean_before(energy, calendar.kind, LIKE_DECAY)
    like = np.where(np.isfinite(like), like, classes)
    levels = [_level(energy, like, n) for n in (1, 3, 7)]
    base = np.asarray(like * levels[1] ** LEVEL_DAMPING, np.float32)
    parts = _own(energy, base, [like, classes]) + _levels(levels, base, calendar.rest != calendar.before)
    parts += _misses(energy, base, like, calendar.rest)
    shared = _shared(calendar, days.temperature_c[span])
    x = np.empty((base.shape[0], HOURS, len(parts) + len(shared), base.shape[-1]), np.float32)
    for place, part in enumerate(parts):
        np.divide(part, scale, out=x[:, :, place])
    for place, row in enumerate(shared, len(parts)):
        x[:, :, place] = row
    np.clip(x, -FAR_COLUMN, FAR_COLUMN, out=x)
    np.copyto(x, 0, where=np.isnan(x))
    return Columns(x, (energy - base) / scale, base, scale)


def _calendar(days: FleetDays, span: slice) -> _Calendar:
    """The days of a span; the days before and after the grid are plain weekdays as far as is known."""
    first, last = days.kind[:1], days.kind[-1:]
    kind = np.concatenate([(first - 1) % 7, days.kind, (last + 1) % 7])
    rest = (kind >= SUNDAY - 1).T
    own = np.arange(days.n_days)[span] + 1
    return _Calendar(kind.T[:, own], rest[:, own], rest[:, own - 1], rest[:, own + 1], days.holiday[span].T)


def _own(energy: F32, base: F32, means: list[F32]) -> list[F32]:
    """Last days, weeks and means, as distance from the base; the shape of the base itself."""
    known = np.isfinite(energy)
    held = np.where(known, energy, np.float32(0))
    day = np.nan_to_num(base).mean(axis=1, keepdims=True)
    near = [_before(energy, back) - base for back in (1, 2, 7, 14)] + [mean - base for mean in means]
    whole = [np.broadcast_to(_rolled(held, known, n) - day, base.shape) for n in (1, 7)]
    return [*near, *whole, base - day]


def _levels(levels: list[F32], base: F32, turn: Bools) -> list[F32]:
    """Recent levels, and that of the last day again where work follows rest or rest work."""
    return [*((level - 1) * base for level in levels), (levels[0] - 1) * base * turn]


def _misses(energy: F32, base: F32, like: F32, rest: Bools) -> list[F32]:
    """How far the last hours and day lay from the like days, and the last days of the class from their bases."""
    last = np.nan_to_num(_before(energy - like, 1))
    ends = [np.broadcast_to(last[:, -n:].mean(axis=1, keepdims=True), last.shape) for n in (1, 3, 6, 12)]
    return [*ends, last, _mean_before(energy - base, rest.astype(np.int64), MISS_DECAY)]


def _shared(calendar: _Calendar, temperature_c: F32) -> list[npt.NDArray[np.floating]]:
    """Columns that all meters share: one, weekdays, holidays, days beside rest, temperature of past days."""
    kind, rest = calendar.kind, calendar.rest
    bridges = (calendar.before & (kind != 0), calendar.after & (kind != SUNDAY - 2))
    marks = [*(kind == day for day in (0, 4, 5, 6)), calendar.holiday, *(bridge & ~rest for bridge in bridges)]
    known = np.isfinite(temperature_c)
    warm = np.where(known, temperature_c, 0).T[None].astype(np.float32)
    day, two, week = (_rolled(warm, known.T[None], n)[0] for n in (1, 2, 7))
    ago = _before(day[None], 6)[0]
    near = [day - ago, day - week, day - two, np.maximum(day - WARM_C, 0), week - MILD_C]
    return [np.ones(kind.shape), *(mark.astype(np.float32) for mark in marks), *(part / CELSIUS for part in near)]


def _before(values: F32, back: int) -> F32:
    """The values `back` days earlier."""
    moved = np.full(values.shape, np.nan, np.float32)
    moved[..., back:] = values[..., :-back] if back < values.shape[-1] else moved[..., back:]
    return moved


def _summed(values: npt.NDArray[np.generic], count: int) -> npt.NDArray[np.float64]:
    """(rows, 1, days) sum over all hours of the last `count` days before each day."""
    total = np.zeros((values.shape[0], 1, values.shape[-1] + 1))
    np.cumsum(values.sum(axis=1, keepdims=True, dtype=np.float64), axis=-1, out=total[..., 1:])
    place = np.arange(values.shape[-1])
    return total[..., place] - total[..., np.maximum(place - count, 0)]


def _rolled(held: F32, known: Bools, count: int) -> F32:
    """(rows, 1, days) mean of what is known in the last `count` days before each day; NaN where nothing is."""
    hours = _summed(known, count)
    found = np.full(hours.shape, np.nan)
    np.divide(_summed(held, count), hours, out=found, where=hours > 0)
    return found.astype(np.float32)


def _level(energy: F32, like: F32, count: int) -> F32:
    """(meters, 1, days) energy over like days, of the last `count` days before each day."""
    both = np.isfinite(energy) & np.isfinite(like)
    top, bottom = (_summed(np.where(both, part, np.float32(0)), count) for part in (energy, like))
    ratio = np.divide(top, bottom, out=np.ones_like(top), where=(bottom > 0) & (top > 0))
    return np.clip(ratio, 1 / MAX_RATIO, MAX_RATIO).astype(np.float32)


def _mean_before(values: F32, group: Ints, decay: float) -> F32:
    """Mean of earlier days of the same group by hour, each known one weighing `decay` times the next; NaN without."""
    place = np.arange(HOURS)
    known = np.isfinite(values)
    held = np.where(known, values, np.float32(0))
    fade = np.where(known, np.float32(decay), np.float32(1))
    total = np.zeros((2, values.shape[0], HOURS, int(group.max(initial=0)) + 1), np.float32)
    found = np.full(values.shape, np.nan, np.float32)
    for day in range(values.shape[-1]):
        own = group[:, day]
        sums, weight = total[0][:, place, own], total[1][:, place, own]
        np.divide(sums, weight, out=found[..., day], where=weight > 0)
        total[0][:, place, own] = sums * fade[..., day] + held[..., day]
        total[1][:, place, own] = weight * fade[..., day] + known[..., day]
    return found
