"""What a meter should read now: level and spread of the local hour of the week, and a response to temperature.

Idea: each meter keeps a level and a spread for its 168 local hours of the week, learned from its own past only
(energy-science 3.1), and two slopes on heating and cooling degrees, learned by normalised least mean squares against
degrees of the last weeks. Failure mode: a change that lasts becomes the expectation after about five weeks; a first
fortnight that is itself wrong is learned as right. NaN and missing readings leave everything as it was; nothing is
said before `warm_h` hours have been seen and the slot has been seen before.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, f4, pick
from redaptive.domain.detectors.rows import F32, Bool

ID: Final = "expectation"
_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)


class Config(NamedTuple):
    """Rates are per visit of an hour-of-week slot; temperatures in °C, times in hours."""

    level_rate: np.float32 = np.float32(0.2)
    spread_rate: np.float32 = np.float32(0.15)
    sd_per_mean_deviation: np.float32 = np.float32(1.25)
    clip_spreads: np.float32 = np.float32(3.0)
    floor_share_of_scale: np.float32 = np.float32(0.05)
    first_spread_share: np.float32 = np.float32(0.25)
    warm_h: np.float32 = np.float32(336.0)
    scale_memory_h: np.float32 = np.float32(672.0)
    degree_memory_h: np.float32 = np.float32(840.0)
    heating_below_c: np.float32 = np.float32(15.0)
    cooling_above_c: np.float32 = np.float32(18.0)
    slope_rate_per_h: np.float32 = np.float32(0.002)
    slope_ridge_k2: np.float32 = np.float32(25.0)


class State(NamedTuple):
    """Hours seen, mean size of a reading (Wh), slopes (Wh per K), and mean heating and cooling degrees (K)."""

    seen_h: Column = f4()
    scale: Column = f4()
    heating: Column = f4()
    cooling: Column = f4()
    mean_heating_k: Column = f4()
    mean_cooling_k: Column = f4()


class Slot(NamedTuple):
    """Level and spread of one local hour of the week, Wh per interval; spread 0: not seen yet."""

    level: Column = f4()
    spread: Column = f4()


class Expected(NamedTuple):
    """Expectation of each reading, Wh; `z` is NaN where not warm."""

    expected: F32
    spread: F32
    z: F32
    warm: Bool


CONFIG: Final = Config()


def step(c: Config, energy: F32, temperature: F32, hours: F32, s: State, slot: Slot) -> tuple[State, Slot, Expected]:
    """Judge each reading by what was known before it, then learn from it; NaN energy learns nothing."""
    known = temperature == temperature
    heat = pick(known, np.maximum(c.heating_below_c - temperature, _0), s.mean_heating_k)
    cool = pick(known, np.maximum(temperature - c.cooling_above_c, _0), s.mean_cooling_k)
    started = s.seen_h > _0
    dh = (heat - s.mean_heating_k) * started.astype(np.float32)
    dc = (cool - s.mean_cooling_k) * started.astype(np.float32)
    weather = s.heating * dh + s.cooling * dc
    seen = slot.spread > _0
    expected = slot.level + weather
    spread = np.maximum(slot.spread, c.floor_share_of_scale * s.scale)
    warm = seen & (s.seen_h >= c.warm_h)
    residual = energy - expected
    z = pick(warm, residual / np.maximum(spread, _1), np.float32(np.nan))
    limit = c.clip_spreads * spread
    clipped = np.minimum(np.maximum(residual, -limit), limit)
    visit = np.minimum(hours, _1)
    level_new = pick(seen, slot.level + c.level_rate * visit * clipped, energy - weather)
    deviation = c.sd_per_mean_deviation * np.abs(clipped)
    size = np.abs(energy)
    spread_new = pick(
        seen, slot.spread + c.spread_rate * visit * (deviation - slot.spread), c.first_spread_share * size
    )
    usable = energy == energy
    power = c.slope_ridge_k2 + dh * dh + dc * dc
    gain = pick(
        usable & seen & known,
        c.slope_rate_per_h * c.slope_ridge_k2 * visit * clipped / power,
        _0,
    )
    seen_h = s.seen_h + hours
    rate = hours / np.minimum(seen_h, c.degree_memory_h)
    scale_rate = hours / np.minimum(seen_h, c.scale_memory_h)
    usual = pick(started, np.minimum(size, np.float32(4.0) * s.scale + _1), size)
    state = State(
        pick(usable, seen_h, s.seen_h),
        pick(usable, s.scale + scale_rate * (usual - s.scale), s.scale),
        s.heating + gain * dh,
        s.cooling + gain * dc,
        s.mean_heating_k + rate * (heat - s.mean_heating_k),
        s.mean_cooling_k + rate * (cool - s.mean_cooling_k),
    )
    slots = Slot(pick(usable, level_new, slot.level), pick(usable, np.maximum(spread_new, _1), slot.spread))
    return state, slots, Expected(expected, spread, z, warm)
