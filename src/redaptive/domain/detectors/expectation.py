"""What a meter should read now: level and spread of the local hour of the week, its recent level, and the weather.

Idea: each meter keeps a level and a spread for its 168 local hours of the week, learned from its own past only
(energy-science 3.1), one shift of all hours together (holidays, terms, slow growth), and two slopes on heating and
cooling degrees, learned by normalised least mean squares against degrees of the last weeks. What looks wrong is learned
more slowly (`hold`). Failure mode: a change that lasts becomes the expectation within weeks; a first fortnight that is
itself wrong is learned as right. NaN and missing readings leave everything as it was; detectors are told nothing
before `warm_h` hours have been seen. An hour not seen yet is judged by the same hour of the day before. The rates were
chosen on development buildings only (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, f4, pick
from redaptive.domain.detectors.rows import F32, Bool

ID: Final = "expectation"
_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)
LEAST_SPREAD: Final = np.float32(1e-3)
"""Of an hour that was seen, Wh."""


class Config(NamedTuple):
    """Rates are per visit of an hour-of-week slot or per hour; temperatures in °C, times in hours."""

    level_rate: np.float32 = np.float32(0.2)
    spread_rate: np.float32 = np.float32(0.006)
    sd_per_mean_deviation: np.float32 = np.float32(1.25)
    clip_spreads: np.float32 = np.float32(5.0)
    floor_share_of_scale: np.float32 = np.float32(0.057)
    first_spread_share: np.float32 = np.float32(0.2)
    warm_h: np.float32 = np.float32(336.0)
    scale_memory_h: np.float32 = np.float32(672.0)
    shift_rate_per_h: np.float32 = np.float32(0.0048)
    shift_decay_per_h: np.float32 = np.float32(0.0018)
    degree_memory_h: np.float32 = np.float32(840.0)
    heating_below_c: np.float32 = np.float32(15.0)
    cooling_above_c: np.float32 = np.float32(18.0)
    slope_rate_per_h: np.float32 = np.float32(0.0002)
    slope_ridge_k2: np.float32 = np.float32(25.0)
    slope_clip_spreads: np.float32 = np.float32(3.0)


class State(NamedTuple):
    """Hours seen, mean size of a reading (Wh), shift of all hours (shares of that size), slopes, mean degrees (K)."""

    seen_h: Column = f4()
    scale: Column = f4()
    shift: Column = f4()
    heating: Column = f4()
    cooling: Column = f4()
    mean_heating_k: Column = f4()
    mean_cooling_k: Column = f4()


class Slot(NamedTuple):
    """Level and spread of one local hour of the week, Wh per interval; spread 0: not seen yet."""

    level: Column = f4()
    spread: Column = f4()


class Expected(NamedTuple):
    """Expectation of each reading, Wh; `z` is NaN where the hour is new, `warm` where detectors may be told of it.

    `heating_k`, `cooling_k` are degrees above their means, `heat_k`, `cool_k` the degrees themselves.
    """

    expected: F32
    spread: F32
    z: F32
    known: Bool
    warm: Bool
    weather: F32
    heating_k: F32
    cooling_k: F32
    heat_k: F32
    cool_k: F32


CONFIG: Final = Config()


def judge(c: Config, energy: F32, temperature: F32, s: State, slot: Slot) -> Expected:
    """Judge each reading by what was known before it."""
    measured = temperature == temperature
    heat = pick(measured, np.maximum(c.heating_below_c - temperature, _0), s.mean_heating_k)
    cool = pick(measured, np.maximum(temperature - c.cooling_above_c, _0), s.mean_cooling_k)
    started = (s.seen_h > _0).astype(np.float32)
    dh = (heat - s.mean_heating_k) * started
    dc = (cool - s.mean_cooling_k) * started
    weather: Column = s.heating * dh + s.cooling * dc
    known = slot.spread > _0
    expected = slot.level + s.shift * s.scale + weather
    spread = np.maximum(np.maximum(slot.spread, c.floor_share_of_scale * s.scale), LEAST_SPREAD)
    z = pick(known, (energy - expected) / spread, np.float32(np.nan))
    return Expected(expected, spread, z, known, known & (s.seen_h >= c.warm_h), weather, dh, dc, heat, cool)


def learn(
    c: Config, energy: F32, hours: F32, hold: F32, s: State, stored: Slot, slot: Slot, e: Expected
) -> tuple[State, Slot]:
    """Learn from the readings; `hold` 1, or less for what looks wrong; NaN energy learns nothing.

    `stored` are the slots as they were, `slot` those that were judged by.
    """
    usable = energy == energy
    weight = pick(usable, np.minimum(hours, _1) * hold, _0)
    size = pick(usable, np.abs(energy), _0)
    seen_h = s.seen_h + hours
    weeks = seen_h / np.float32(168.0)
    residual = pick(usable & e.known, energy - e.expected, _0)
    limit = c.clip_spreads * e.spread
    clipped = np.minimum(np.maximum(residual, -limit), limit)
    level_rate = weight * np.maximum(c.level_rate, _1 / (weeks + _1))
    spread_rate = weight * np.maximum(c.spread_rate, _1 / (weeks + np.float32(2.0)))
    deviation = c.sd_per_mean_deviation * np.abs(clipped)
    level = pick(e.known, slot.level + level_rate * clipped, energy - e.weather)
    spread = pick(e.known, slot.spread + spread_rate * (deviation - slot.spread), c.first_spread_share * size)
    scale_rate = hold * hours / np.minimum(seen_h, c.scale_memory_h)
    usual = pick(s.seen_h > _0, np.minimum(size, np.float32(4.0) * s.scale + _1), size)
    share = clipped / np.maximum(s.scale, np.float32(1e-3))
    shift = (s.shift + weight * c.shift_rate_per_h * share) * (_1 - c.shift_decay_per_h * np.minimum(hours, _1))
    most = c.slope_clip_spreads * e.spread
    power = c.slope_ridge_k2 + e.heating_k * e.heating_k + e.cooling_k * e.cooling_k
    gain = weight * c.slope_rate_per_h * c.slope_ridge_k2 * np.minimum(np.maximum(residual, -most), most) / power
    rate = hours / np.minimum(seen_h, c.degree_memory_h)
    state = State(
        pick(usable, seen_h, s.seen_h),
        pick(usable, s.scale + scale_rate * (usual - s.scale), s.scale),
        pick(usable, shift, s.shift),
        s.heating + gain * e.heating_k,
        s.cooling + gain * e.cooling_k,
        s.mean_heating_k + rate * (e.heat_k - s.mean_heating_k),
        s.mean_cooling_k + rate * (e.cool_k - s.mean_cooling_k),
    )
    kept = Slot(pick(usable, level, stored.level), pick(usable, np.maximum(spread, LEAST_SPREAD), stored.spread))
    return state, kept


def from_yesterday(c: Config, s: State, slot: Slot, yesterday: Slot) -> Slot:
    """The slots, where not seen yet with the same hour of the day before in their place."""
    new = (slot.spread == _0) & (yesterday.spread > _0)
    spread = np.maximum(yesterday.spread, c.floor_share_of_scale * s.scale)
    return Slot(np.where(new, yesterday.level, slot.level), np.where(new, spread, slot.spread))
