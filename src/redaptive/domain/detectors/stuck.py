"""The same value again and again: a frozen meter or gateway.

Idea: count equal readings that are not zero; open when the run is long in readings and hours, and several times the
longest run that is usual for the meter, since coarse meters repeat themselves. Failure mode: a meter stuck at zero is
left to gap and level shift, because zero is a common true value; a steady load read coarsely needs a long run.
Source: domain 6.1 (stuck: N equal values, not zero); the learned usual run is ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Detector, Evidence, Reading, f4, i8
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool


class Config(NamedTuple):
    """Least run in readings and hours, times the usual run; `forget` is the usual run's decay per other value."""

    least_readings: np.float32 = np.float32(8.0)
    least_h: np.float32 = np.float32(4.0)
    times_usual: np.float32 = np.float32(3.0)
    forget: np.float32 = np.float32(0.9995)


class State(NamedTuple):
    """The last value (Wh), how many equal ones there are so far, and the longest run that was no alarm."""

    last_wh: Column = i8(-(2**62))
    run: Column = f4()
    usual: Column = f4()


_1: Final = np.float32(1.0)


def step(c: Config, x: Reading, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open when the run of equal values is too long; close with the first other value."""
    equal = (x.whole_wh == s.last_wh) & (x.whole_wh != 0)
    # A run that was an alarm does not become usual; products of 0 and 1 are cheaper than choices.
    one = equal.astype(np.float32)
    run = np.minimum(s.run, np.float32(60000.0)) * one + _1
    broken = s.run * (_1 - one) * (_1 - was.astype(np.float32))
    usual = np.maximum(s.usual * (one + (_1 - one) * c.forget), broken)
    limit = np.maximum(np.maximum(c.least_readings, c.least_h / x.hours), c.times_usual * usual)
    return State(x.whole_wh, run, usual), equal & (run >= limit), np.float32(10.0) * run / limit


def evidence(_: Config, x: Reading, s: State) -> Evidence:
    """Began with the first of the equal values; the energy is unknown, so no excess is claimed."""
    return Evidence(s.run - _1, x.energy, x.expected, np.zeros_like(x.energy))


DETECTOR: Final = Detector(
    id="stuck",
    kind=Kind.STUCK,
    stage="reading",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=0.05,
)
