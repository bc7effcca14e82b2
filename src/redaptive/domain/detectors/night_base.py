"""A risen night load: a leak, or plant left running.

Idea: the mean of 1:00 to 5:00 against a slow reference of the same; decided once a night. Failure mode: a rise that
stays becomes the reference after about three weeks of reference rate; weather-driven night heating rises in autumn.
Source: streams 7 (night minimum over 1.5 reference + 0.25 kWh).
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
    """Limits as a multiple of the reference and in W above it; rates per night."""

    open_times: np.float32 = np.float32(1.3)
    close_times: np.float32 = np.float32(1.15)
    least_w: np.float32 = np.float32(250.0)
    rate: np.float32 = np.float32(0.05)
    rate_when_on: np.float32 = np.float32(0.01)
    least_nights: np.float32 = np.float32(14.0)
    nights: np.float32 = np.float32(2.0)


class State(NamedTuple):
    """Reference of the night's mean power (W), nights seen, nights above the limit in a row."""

    reference_w: Column = f4()
    seen: Column = f4()
    run: Column = f4()


def step(c: Config, x: Day, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open after `nights` nights above the limit; nights without readings change nothing."""
    usable = (x.night_readings * x.hours >= np.float32(3.0)) & (x.night_wh == x.night_wh)
    night_w = pick(usable, x.night_wh / np.maximum(x.night_readings * x.hours, _1), s.reference_w)
    known = s.seen >= c.least_nights
    limit = s.reference_w * pick(was, c.close_times, c.open_times) + pick(was, _0, c.least_w)
    above = usable & known & (night_w > limit)
    run = pick(usable, pick(above, s.run + _1, _0), s.run)
    rate = np.maximum(pick(above, c.rate_when_on, c.rate), _1 / (s.seen + _1))
    reference = pick(usable, s.reference_w + rate * (night_w - s.reference_w), s.reference_w)
    seen = pick(usable, s.seen + _1, s.seen)
    score = pick(usable & known, np.float32(10.0) * (night_w - s.reference_w) / np.maximum(limit, _1), _0)
    return State(reference, seen, run), pick(usable, run >= pick(was, _1, c.nights), was), score


def evidence(_: Config, x: Day, s: State) -> Evidence:
    """Began with the first night above; the excess runs round the clock, as a leak does."""
    night_w = x.night_wh / np.maximum(x.night_readings * x.hours, _1)
    interval = x.hours
    excess = (night_w - s.reference_w) * np.float32(24.0)
    return Evidence(np.maximum(s.run - _1, _0), night_w * interval, s.reference_w * interval, excess)


DETECTOR: Final = Detector(
    id="night_base",
    kind=Kind.NIGHT_BASE,
    stage="day",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=1.0,
)
