"""Anomalies with known truth, put into real hourly readings: kinds, sizes and places are drawn from one seed.

The original values stay beside the changed ones, so the excess energy of an event is exact. A value is NaN where
no reading exists. An event begins where at least 90 % of its hours have a reading, and ends before the next one
begins; events of one meter keep apart (four weeks, `ALL`), so that a detector's memory of one does not judge the next.
About 3 % of the hours are labelled. One event in five is too small to matter (`minor`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Hours = npt.NDArray[np.int64]
DAY, WEEK = 24, 168
REST_H = 28 * DAY


@dataclass(frozen=True)
class Kind:
    """A kind of event: length in hours, sizes that matter, sizes of its minor form (None: it has none)."""

    name: str
    hours: tuple[int, int]
    sizes: tuple[float, float]
    minor: tuple[float, float] | None
    either_way: bool = False


KINDS = (
    Kind("spike", (1, 3), (3.0, 10.0), (1.1, 1.4)),
    Kind("dropout", (6, 72), (0.0, 0.0), None),
    Kind("stuck", (6, 72), (0.0, 0.0), None),
    Kind("level", (7 * DAY, 21 * DAY), (0.10, 0.50), (0.02, 0.06), either_way=True),
    Kind("ramp", (120 * DAY, 120 * DAY), (0.15, 0.15), (0.04, 0.06)),
    Kind("short", (6, 48), (0.10, 0.50), (0.02, 0.06), either_way=True),
    Kind("off_hours", (5 * DAY, 21 * DAY), (0.4, 1.0), (0.02, 0.10)),
    Kind("night_base", (7 * DAY, 28 * DAY), (0.2, 1.0), (0.02, 0.08)),
    Kind("weekend", (14 * DAY, 28 * DAY), (0.6, 1.0), (0.02, 0.15)),
    Kind("setback", (7 * DAY, 21 * DAY), (0.6, 1.0), (0.02, 0.15)),
    Kind("multiplier", (2 * DAY, 14 * DAY), (10.0, 10.0), None),
    Kind("clock_shift", (7 * DAY, 28 * DAY), (1.0, 1.0), None, either_way=True),
)


@dataclass(frozen=True)
class Mix:
    """Kinds drawn with equal chance, events a meter-year, and hours that two events of a meter keep apart."""

    name: str
    kinds: tuple[Kind, ...]
    per_year: float
    rest_h: int


ALL = Mix("all kinds", KINDS, 2.0, REST_H)
SHORT = Mix(
    "short events",
    (
        *(KINDS[0], KINDS[0], KINDS[1], KINDS[2], KINDS[5], KINDS[5]),
        Kind("level", (3 * DAY, 7 * DAY), KINDS[3].sizes, KINDS[3].minor, either_way=True),
        Kind("off_hours", (DAY, 4 * DAY), KINDS[6].sizes, KINDS[6].minor),
        Kind("multiplier", (3, 48), (10.0, 10.0), None),
    ),
    8.0,
    7 * DAY,
)
"""Events of hours and days, many of them: nearer to the labelled sets that are published."""


@dataclass(frozen=True)
class Event:
    """One injected event on a meter: hours [first, last), signed size, hours changed and their relative change."""

    number: int
    meter: int
    kind: str
    first: int
    last: int
    size: float
    minor: bool
    changed_h: int
    effect: float
    excess_kwh: float


@dataclass(frozen=True)
class Injected:
    """Readings (hours, meters) with events; `truth` holds the event's number + 1 in changed hours, else 0."""

    original: Matrix
    values: Matrix
    truth: npt.NDArray[np.int32]
    events: tuple[Event, ...]

    def counted(self, *, with_ramps: bool = False) -> npt.NDArray[np.bool_]:
        """Readings that say something about ranking: those of minor changes and, unless told, of ramps do not."""
        ramp = np.array([False, *(e.kind == "ramp" for e in self.events)])[self.truth]
        unclear = (self.truth > 0) & ~self.labels()
        return np.isfinite(self.values) & ~unclear & (with_ramps | ~ramp)

    def labels(self, least: float = 0.10) -> npt.NDArray[np.bool_]:
        """Readings that exist and differ from their original by `least` of it or stand still in a stuck event."""
        stuck = np.array([False, *(e.kind == "stuck" for e in self.events)])[self.truth]
        far = np.abs(self.values - self.original) >= np.maximum(least * self.original, 1e-9)
        return (self.truth > 0) & np.isfinite(self.values) & (far | stuck)


@dataclass(frozen=True)
class _Place:
    """What an event's rule may look at: the meter's originals, its local hour of the week, and where it lies."""

    original: Matrix
    slot: Hours
    first: int
    last: int
    size: float

    @property
    def part(self) -> Matrix:
        return self.original[self.first : self.last]

    @property
    def hour(self) -> Hours:
        return self.slot[self.first : self.last] % DAY

    @property
    def day(self) -> Hours:
        return self.slot[self.first : self.last] // DAY

    def before(self, mask: Callable[[Hours, Hours], npt.NDArray[np.bool_]]) -> float:
        """Median of the four weeks before the event over the (hour, weekday)s of `mask`."""
        since = max(0, self.first - REST_H)
        slot = self.slot[since : self.first]
        values = self.original[since : self.first][mask(slot % DAY, slot // DAY)]
        return float(np.nanmedian(values)) if np.isfinite(values).any() else np.nan


def inject(original: Matrix, slot: Hours, seed: int, *, since: int, until: int, mix: Mix = ALL) -> Injected:
    """Readings with the events of `mix` drawn between hours `since` and `until`.

    `original` is (hours, meters) kWh with NaN where nothing was read; `slot` the local hour of the week of each
    hour, Monday 0:00 = 0. The same seed and shape give the same events.
    """
    rng = np.random.default_rng(seed)
    values, truth = original.copy(), np.zeros(original.shape, np.int32)
    events: list[Event] = []
    for meter in range(original.shape[1]):
        free = since + int(rng.integers(0, mix.rest_h))
        while free < until:
            event = _try_event(rng, mix, original[:, meter], slot, (free, until), (len(events), meter))
            free += int(rng.exponential(365 * DAY / mix.per_year * 0.8)) + mix.rest_h // 4
            if event is None:
                continue
            made, changed = event
            rows = slice(made.first, made.last)
            values[rows, meter] = changed
            different = ~np.isclose(changed, original[rows, meter], rtol=1e-9, atol=1e-9, equal_nan=True)
            different |= made.kind == "stuck"
            truth[rows, meter] = np.where(different, made.number + 1, 0)
            events.append(made)
            free = max(free, made.last + mix.rest_h)
    return Injected(original, values, truth, tuple(events))


def _try_event(
    rng: np.random.Generator, mix: Mix, column: Matrix, slot: Hours, at: tuple[int, int], name: tuple[int, int]
) -> tuple[Event, Matrix] | None:
    """An event that begins at `at[0]` with its new values, or None where too little was read there."""
    first, until = at
    kind = mix.kinds[int(rng.integers(len(mix.kinds)))]
    length = int(rng.integers(kind.hours[0], kind.hours[1] + 1))
    minor = kind.minor is not None and rng.random() < 0.2
    low, high = kind.minor if minor and kind.minor else kind.sizes
    size = float(rng.uniform(low, high)) * (-1 if kind.either_way and rng.random() < 0.5 else 1)
    coin = float(rng.random())
    last = first + length
    if last > until or np.isfinite(column[first:last]).mean() < 0.9 or not np.nansum(column[first:last]) > 0:
        return None
    place = _Place(column, slot, first, last, size)
    changed = np.where(np.isfinite(column[first:last]), RULES[kind.name](place, coin), np.nan)
    moved = np.abs(np.nan_to_num(changed) - np.nan_to_num(place.part)) > 1e-9
    if not moved.any() and kind.name != "stuck":
        return None
    hours = int(moved.sum())
    usual = float(np.nansum(place.part[moved])) if hours else 0.0
    effect = float(np.abs(np.nan_to_num(changed) - np.nan_to_num(place.part)).sum() / usual) if usual > 0 else 1.0
    excess = float(np.nansum(changed) - np.nansum(np.where(np.isfinite(changed), place.part, np.nan)))
    return Event(name[0], name[1], kind.name, first, last, size, minor, hours, effect, excess), changed


def _closed(hour: Hours, day: Hours) -> npt.NDArray[np.bool_]:
    return (hour < 6) | (hour >= 20) | (day >= 5)


def _working(hour: Hours, day: Hours) -> npt.NDArray[np.bool_]:
    return (hour >= 10) & (hour < 16) & (day < 5)


def _spike(place: _Place, coin: float) -> Matrix:
    return place.part * place.size


def _dropout(place: _Place, coin: float) -> Matrix:
    """Half of them send nothing, half send zeros."""
    return np.full_like(place.part, np.nan if coin < 0.5 else 0.0)


def _stuck(place: _Place, coin: float) -> Matrix:
    seen = place.part[np.isfinite(place.part)]
    return np.full_like(place.part, seen[0])


def _level(place: _Place, coin: float) -> Matrix:
    return place.part * (1 + place.size)


def _ramp(place: _Place, coin: float) -> Matrix:
    return place.part * (1 + place.size * np.linspace(0, 1, len(place.part)))


def _toward(place: _Place, target: Matrix, where: npt.NDArray[np.bool_]) -> Matrix:
    """Values moved up by `size` of the way to `target` where the mask holds; never down."""
    raised = place.part + place.size * np.maximum(np.nan_to_num(target - place.part), 0)
    return np.where(where, raised, place.part)


def _off_hours(place: _Place, coin: float) -> Matrix:
    """Closed hours run toward the level of working hours."""
    return _toward(place, np.full_like(place.part, place.before(_working)), _closed(place.hour, place.day))


def _night_base(place: _Place, coin: float) -> Matrix:
    """A constant load by night, as a share of the night's usual level."""
    base = place.before(lambda hour, day: hour < 5)
    night = (place.hour < 6) | (place.hour >= 22)
    return place.part + np.where(night, place.size * np.nan_to_num(base), 0.0)


def _weekend(place: _Place, coin: float) -> Matrix:
    """Saturday and Sunday run like the Thursday before."""
    back = np.where(place.day == 5, 2 * DAY, 3 * DAY)
    like = place.original[np.maximum(np.arange(place.first, place.last) - back, 0)]
    return _toward(place, like, place.day >= 5)


def _setback(place: _Place, coin: float) -> Matrix:
    """Nights stay at the level of the late afternoon."""
    evening = place.before(lambda hour, day: (hour >= 16) & (hour < 18) & (day < 5))
    night = (place.hour < 6) | (place.hour >= 20)
    return _toward(place, np.full_like(place.part, evening), night & (place.day < 5))


def _multiplier(place: _Place, coin: float) -> Matrix:
    return place.part * place.size


def _clock_shift(place: _Place, coin: float) -> Matrix:
    at = np.arange(place.first, place.last) - round(place.size)
    return place.original[np.clip(at, 0, len(place.original) - 1)]


RULES: dict[str, Callable[[_Place, float], Matrix]] = {
    "spike": _spike, "dropout": _dropout, "stuck": _stuck, "level": _level, "ramp": _ramp, "short": _level,
    "off_hours": _off_hours, "night_base": _night_base, "weekend": _weekend, "setback": _setback,
    "multiplier": _multiplier, "clock_shift": _clock_shift,
}  # fmt: skip
