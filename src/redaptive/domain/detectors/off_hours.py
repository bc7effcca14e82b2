"""Use while the building is closed.

Idea: in closed hours, energy well above the expectation for as long as `least_h`. Where opening hours are unknown,
hours whose expectation lies in the lowest quarter of the meter's usual range count as closed. Failure mode: a building
that always runs at night has no low hours to learn from. Source: streams 7; learning closed hours is ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Detector, Evidence, Reading, f4, pick
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)


class Config(NamedTuple):
    """Shares of the usual range low to high; spreads; hours; `follow` is how fast the range is forgotten per hour."""

    closed_below_share: np.float32 = np.float32(0.25)
    above_share: np.float32 = np.float32(0.4)
    above_spreads: np.float32 = np.float32(4.0)
    least_h: np.float32 = np.float32(1.0)
    follow_per_h: np.float32 = np.float32(0.001)


class State(NamedTuple):
    """The usual range of the expectation (Wh per interval), hours above the limit so far, and their excess (Wh)."""

    low: Column = f4()
    high: Column = f4()
    hours: Column = f4()
    excess: Column = f4()


def step(c: Config, x: Reading, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open after `least_h` hours of closed use, close with the first reading that is not."""
    usable = x.z == x.z
    known = s.high > s.low
    back = np.minimum(c.follow_per_h * x.hours, _1) * (s.high - s.low)
    low = pick(known, np.minimum(s.low + back, x.expected), x.expected)
    high = pick(known, np.maximum(s.high - back, x.expected), x.expected + _1)
    low, high = pick(usable, low, s.low), pick(usable, high, s.high)
    span = high - low
    quiet = x.expected < low + c.closed_below_share * span
    closed = (x.hours_known & x.closed) | (~x.hours_known & quiet)
    limit = np.maximum(c.above_share * span, c.above_spreads * x.spread)
    over = usable & closed & (x.energy > x.expected + limit)
    above = x.energy - x.expected
    runs = over.astype(np.float32)
    hours = pick(usable, (s.hours + x.hours) * runs, s.hours)
    excess = pick(usable, (s.excess + above) * runs, s.excess)
    score = np.float32(10.0) * above / np.maximum(limit, _1) * (closed & usable).astype(np.float32)
    on = pick(usable, hours >= np.maximum(c.least_h, x.hours), was)
    return State(low, high, hours, excess), on, score


def evidence(_: Config, x: Reading, s: State) -> Evidence:
    """Began with the first reading over the limit; the excess is what came so far."""
    return Evidence(np.maximum(s.hours / x.hours - _1, _0), x.energy, x.expected, s.excess)


DETECTOR: Final = Detector(
    id="off_hours",
    kind=Kind.OFF_HOURS,
    stage="reading",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=0.2,
)
