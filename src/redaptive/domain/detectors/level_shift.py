"""A lasting change of level, up or down: two one-sided CUSUM charts over z.

Idea: S = max(0, S + (z - k) hours), in spread-hours, so that cadences agree; the first chart over h opens. Failure
mode: neighbouring residuals are correlated, which shortens the run length between false alarms (energy-science 3.1),
hence a larger k and h than the textbook's; a slow change is left to drift. Source: Page 1954; domain 6.2.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Detector, Evidence, Reading, f4, pick
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

_0: Final = np.float32(0.0)


class Config(NamedTuple):
    """Allowance and clip in spreads, threshold and ceiling in spread-hours, end of an event in spread-hours."""

    k: np.float32 = np.float32(1.0)
    h: np.float32 = np.float32(16.0)
    clip_z: np.float32 = np.float32(4.0)
    ceiling: np.float32 = np.float32(32.0)
    end: np.float32 = np.float32(4.0)


class State(NamedTuple):
    """The charts (spread-hours), readings since the larger one left zero, and their residuals' sum (Wh)."""

    up: Column = f4()
    down: Column = f4()
    run: Column = f4()
    excess: Column = f4()


def chart(s: F32, z: F32, k: np.float32, weight: F32) -> F32:
    """One step of a one-sided CUSUM."""
    return np.maximum(s + (z - k) * weight, _0)


def step(c: Config, x: Reading, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open when a chart passes `h`, close when both fell below `end`; a reading without expectation changes nothing."""
    usable = x.z == x.z
    z = np.minimum(np.maximum(pick(usable, x.z, _0), -c.clip_z), c.clip_z)
    weight = x.hours * usable.astype(np.float32)
    up = np.minimum(chart(s.up, z, c.k, weight), c.ceiling)
    down = np.minimum(chart(s.down, -z, c.k, weight), c.ceiling)
    larger = np.maximum(up, down)
    moving = (larger > _0).astype(np.float32)
    run = (s.run + np.float32(1.0)) * moving
    excess = (s.excess + pick(usable, x.energy - x.expected, _0)) * moving
    on = (larger > c.h) | (was & (larger > c.end))
    return State(up, down, run, excess), on, np.float32(10.0) * larger / c.h


def evidence(_: Config, x: Reading, s: State) -> Evidence:
    """Began when the chart left zero; the excess is the mean residual since."""
    count = np.maximum(s.run, np.float32(1.0))
    return Evidence(count - np.float32(1.0), x.energy, x.expected, s.excess / count * (np.float32(24.0) / x.hours))


DETECTOR: Final = Detector(
    id="level_shift",
    kind=Kind.LEVEL_SHIFT,
    stage="reading",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=0.2,
)
