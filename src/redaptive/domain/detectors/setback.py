"""A missing night setback: nights as high as days where they used to be lower.

Idea: ratio of the night's mean power to the whole day's, against its own slow mean; open after `nights` nights more
than half way from the usual ratio to one. Failure mode: a building that never set back has nothing to compare with.
Source: domain 6.2; limits are ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Day, Detector, Evidence, f4, pick
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)


class Config(NamedTuple):
    """Share of the way to ratio 1, the largest usual ratio that counts as a setback, nights, rates per night."""

    open_share: np.float32 = np.float32(0.5)
    usual_below: np.float32 = np.float32(0.8)
    nights: np.float32 = np.float32(2.0)
    rate: np.float32 = np.float32(0.1)
    rate_when_on: np.float32 = np.float32(0.02)
    least_nights: np.float32 = np.float32(10.0)


class State(NamedTuple):
    """Usual ratio of night to day on working days, nights seen, nights above in a row."""

    ratio: Column = f4()
    seen: Column = f4()
    run: Column = f4()


def step(c: Config, x: Day, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Judged on complete working days."""
    night_h = x.night_readings * x.hours
    usable = x.complete & ~x.rest_day & (night_h >= np.float32(3.0)) & (x.energy > _1)
    day_w = x.energy / np.maximum(x.readings * x.hours, _1)
    ratio = pick(usable, x.night_wh / np.maximum(night_h, _1) / np.maximum(day_w, _1), s.ratio)
    known = (s.seen >= c.least_nights) & (s.ratio < c.usual_below)
    position = pick(known & usable, (ratio - s.ratio) / np.maximum(_1 - s.ratio, np.float32(0.1)), _0)
    above = position > c.open_share
    run = pick(usable, pick(above, s.run + _1, _0), s.run)
    rate = np.maximum(pick(above, c.rate_when_on, c.rate), _1 / (s.seen + _1))
    state = State(pick(usable, s.ratio + rate * (ratio - s.ratio), s.ratio), pick(usable, s.seen + _1, s.seen), run)
    on = pick(usable, run >= pick(was, _1, c.nights), was)
    return state, on, np.float32(10.0) * position / c.open_share


def evidence(_: Config, x: Day, s: State) -> Evidence:
    """Began with the first night above; the excess is the night's against its usual share of the day."""
    night_h = np.maximum(x.night_readings * x.hours, _1)
    usual_wh = s.ratio * x.energy / np.maximum(x.readings * x.hours, _1) * night_h
    return Evidence(np.maximum(s.run - _1, _0), x.night_wh, usual_wh, x.night_wh - usual_wh)


DETECTOR: Final = Detector(
    id="setback",
    kind=Kind.SETBACK,
    stage="day",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=1.0,
)
